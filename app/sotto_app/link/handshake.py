"""Noise_XX_25519_AESGCM_SHA256 (Noise protocol framework, revision 34): three messages after which
both ends know each other's static key and share two secret keys.

    hello    -> e                 32 bytes, payload in the clear
    welcome  <- e, ee, s, es      32 + 48 bytes, payload and 16 bytes of tag
    finish   -> s, se             48 bytes, payload and 16 bytes of tag

Every state here is immutable: a message that does not open leaves what was there to wait for a
better one, so that forged messages cost time and nothing else.
"""

import hashlib
from dataclasses import dataclass, replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sotto_app.link.keys import KEY_BYTES, BadKey, KeyPair

NAME = b"Noise_XX_25519_AESGCM_SHA256"
PROLOGUE = b"sotto 1"
TAG_BYTES = 16


class HandshakeError(Exception):
    """A message that does not open, or is cut off."""


@dataclass(frozen=True, slots=True, repr=False)
class Own:
    """What one end brings: its static key, a fresh one, and what both must agree on beforehand."""

    static: KeyPair
    ephemeral: KeyPair
    prologue: bytes = PROLOGUE


@dataclass(frozen=True, slots=True, repr=False)
class SessionKeys:
    """32 bytes for each direction, as seen from one end."""

    send: bytes
    receive: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Finished:
    """The listener's end of a handshake: who called, what it said, and the keys."""

    peer: bytes
    payload: bytes
    keys: SessionKeys
    hash: bytes


@dataclass(frozen=True, slots=True, repr=False)
class _Symmetric:
    """The SymmetricState and CipherState of section 5."""

    chain: bytes
    hash: bytes
    key: bytes = b""
    nonce: int = 0

    def mix_hash(self, data: bytes) -> "_Symmetric":
        return replace(self, hash=hashlib.sha256(self.hash + data).digest())

    def mix_key(self, secret: bytes) -> "_Symmetric":
        chain, key = _hkdf(self.chain, secret)
        return replace(self, chain=chain, key=key, nonce=0)

    def encrypt(self, plain: bytes) -> "tuple[_Symmetric, bytes]":
        sealed = AESGCM(self.key).encrypt(self._nonce(), plain, self.hash)
        return replace(self.mix_hash(sealed), nonce=self.nonce + 1), sealed

    def decrypt(self, sealed: bytes) -> "tuple[_Symmetric, bytes]":
        try:
            plain = AESGCM(self.key).decrypt(self._nonce(), sealed, self.hash)
        except InvalidTag:
            raise HandshakeError("a message does not open") from None
        return replace(self.mix_hash(sealed), nonce=self.nonce + 1), plain

    def split(self) -> tuple[bytes, bytes]:
        return _hkdf(self.chain, b"")

    def _nonce(self) -> bytes:
        return bytes(4) + self.nonce.to_bytes(8, "big")


class Initiator:
    """Who calls. `hello` is ready at once; its payload travels in the clear."""

    def __init__(self, own: Own, payload: bytes = b"") -> None:
        self._own = own
        self.hello = own.ephemeral.public + payload
        self._state = _start(own.prologue, own.ephemeral.public, payload)

    def read_welcome(self, message: bytes) -> "Welcomed":
        """Raises HandshakeError."""
        ephemeral, static, payload = _cut(message, KEY_BYTES, KEY_BYTES + TAG_BYTES)
        own = self._own
        state = self._state.mix_hash(ephemeral).mix_key(_agree(own.ephemeral, ephemeral))
        state, peer = state.decrypt(static)
        state, plain = state.mix_key(_agree(own.ephemeral, peer)).decrypt(payload)
        return Welcomed(own, state, (ephemeral, peer), plain)


class Welcomed:
    """Who called and was answered: the other end's static key and payload are known."""

    def __init__(
        self, own: Own, state: _Symmetric, publics: tuple[bytes, bytes], payload: bytes
    ) -> None:
        self._own, self._state = own, state
        self._ephemeral, self.peer = publics
        self.payload = payload

    def finish(self, payload: bytes) -> tuple[bytes, SessionKeys, bytes]:
        """The last message, the keys, and the handshake's hash."""
        state, static = self._state.encrypt(self._own.static.public)
        state = state.mix_key(_agree(self._own.static, self._ephemeral))
        state, sealed = state.encrypt(payload)
        return static + sealed, SessionKeys(*state.split()), state.hash


class Responder:
    """Who is called and has heard a hello. `welcome` is the answer to it.

    Raises HandshakeError where the hello is no public key."""

    def __init__(self, own: Own, hello: bytes, payload: bytes) -> None:
        ephemeral, self.payload = _cut(hello, KEY_BYTES)
        self._own = own
        state = _start(own.prologue, ephemeral, self.payload)
        state = state.mix_hash(own.ephemeral.public).mix_key(_agree(own.ephemeral, ephemeral))
        state, static = state.encrypt(own.static.public)
        state, sealed = state.mix_key(_agree(own.static, ephemeral)).encrypt(payload)
        self._state = state
        self.welcome = own.ephemeral.public + static + sealed

    def read_finish(self, message: bytes) -> Finished:
        """Raises HandshakeError."""
        static, payload = _cut(message, KEY_BYTES + TAG_BYTES)
        state, peer = self._state.decrypt(static)
        state, plain = state.mix_key(_agree(self._own.ephemeral, peer)).decrypt(payload)
        receive, send = state.split()
        return Finished(peer, plain, SessionKeys(send, receive), state.hash)


def _start(prologue: bytes, ephemeral: bytes, payload: bytes) -> _Symmetric:
    """The state of both ends after the first message."""
    name = NAME.ljust(hashlib.sha256().digest_size, b"\0")
    return _Symmetric(name, name).mix_hash(prologue).mix_hash(ephemeral).mix_hash(payload)


def _hkdf(chain: bytes, secret: bytes) -> tuple[bytes, bytes]:
    """Section 4.3's HKDF with two outputs is RFC 5869's with an empty info."""
    both = HKDF(SHA256(), 64, salt=chain, info=b"").derive(secret)
    return both[:32], both[32:]


def _agree(own: KeyPair, other_public: bytes) -> bytes:
    try:
        return own.agree(other_public)
    except BadKey:
        raise HandshakeError("a message holds no usable key") from None


def _cut(message: bytes, *sizes: int) -> list[bytes]:
    """Parts of these sizes, and the rest."""
    if len(message) < sum(sizes):
        raise HandshakeError(f"{len(message)} bytes are too few for a message of the handshake")
    parts = []
    for size in sizes:
        parts.append(message[:size])
        message = message[size:]
    return [*parts, message]
