"""Sealed datagrams: AES-128-CCM with a tag of 8 bytes (RFC 3610; the tag as in RFC 6655).

Each direction has a chain of keys, one link for 2^20 packets (HKDF-Expand of RFC 5869, SHA-256):

    chain_0 = Expand(session key, "sotto chain")      epoch n = counter >> 20
    key_n = Expand(chain_n, "key", 16 bytes)   iv_n = Expand(chain_n, "iv", 13 bytes)
    chain_n+1 = Expand(chain_n, "next")

so that new keys need no message. The nonce is iv_n XOR the counter, right-aligned; the header in
the clear is covered by the tag.
"""

from collections import Counter
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from sotto_app.link.datagram import (
    COUNTER_BITS,
    TAG_BYTES,
    Drop,
    Dropped,
    SetUpMessage,
    parse,
    sealed_header,
)
from sotto_app.link.packet import unwrap

EPOCH_BITS = 20
KEY_BYTES, IV_BYTES, CHAIN_BYTES = 16, 13, 32
LONG_FIRST = 4  # packets at the start of a session whose counter is long
LONG_EVERY = 32
WINDOW = 1024  # packets behind the highest that may still come
COUNTER_END = 1 << COUNTER_BITS


class CounterEnd(Exception):
    """All 2^30 packets of a session are used up: it must be set up anew."""


class _Epoch:
    """The keys of 2^20 packets, and the chain that leads to the next."""

    def __init__(self, number: int, chain: bytes) -> None:
        self.number = number
        self._cipher = AESCCM(_expand(chain, b"key", KEY_BYTES), tag_length=TAG_BYTES)
        self._iv = int.from_bytes(_expand(chain, b"iv", IV_BYTES), "big")
        self._next = _expand(chain, b"next", CHAIN_BYTES)

    @classmethod
    def first(cls, key: bytes) -> "_Epoch":
        return cls(0, _expand(key, b"sotto chain", CHAIN_BYTES))

    def after(self) -> "_Epoch":
        return _Epoch(self.number + 1, self._next)

    def seal(self, counter: int, plain: bytes, header: bytes) -> bytes:
        return self._cipher.encrypt(self._nonce(counter), plain, header)

    def open(self, counter: int, body: bytes, header: bytes) -> bytes:
        return self._cipher.decrypt(self._nonce(counter), body, header)

    def _nonce(self, counter: int) -> bytes:
        return (self._iv ^ counter).to_bytes(IV_BYTES, "big")


class Sealer:
    """One direction's sending end. `counter` is the number of the next packet."""

    def __init__(self, key: bytes) -> None:
        self.counter = 0
        self._epoch = _Epoch.first(key)

    def seal(self, plain: bytes, unheard: bool = False) -> bytes:
        """The datagram. `unheard`: nothing has come from the other end for a while, which may have
        lost its place, so the whole counter goes along. Raises CounterEnd."""
        counter = self.counter
        if counter >= COUNTER_END:
            raise CounterEnd("the packet counter of this session is used up")
        if counter >> EPOCH_BITS != self._epoch.number:
            self._epoch = self._epoch.after()
        header = sealed_header(
            counter, unheard or counter < LONG_FIRST or counter % LONG_EVERY == 0
        )
        self.counter += 1  # before sealing: a nonce is never used twice, whatever fails
        return header + self._epoch.seal(counter, plain, header)


@dataclass(frozen=True, slots=True)
class Opened:
    """What was in a sealed datagram, and its whole counter."""

    counter: int
    plain: bytes


class Opener:
    """One direction's receiving end. Counts in `dropped` what it drops, by reason."""

    def __init__(self, key: bytes, dropped: Counter[Drop] | None = None) -> None:
        self.highest = -1  # counter accepted so far
        self.dropped: Counter[Drop] = Counter() if dropped is None else dropped
        self._seen = 0  # bit i: highest - i has come
        self._epoch = _Epoch.first(key)
        self._before: _Epoch | None = None
        self._after: _Epoch | None = None

    def open(self, datagram: bytes) -> Opened:
        """Raises Dropped."""
        try:
            return self._open(datagram)
        except Dropped as drop:
            self.dropped[drop.reason] += 1
            raise

    def _open(self, datagram: bytes) -> Opened:
        sealed = parse(datagram)
        if isinstance(sealed, SetUpMessage):
            raise Dropped(Drop.UNEXPECTED)
        # One ahead of the highest in the middle: 63 back, 64 on.
        counter = unwrap(sealed.low, self.highest + 1, sealed.bits)
        self._check_new(counter)
        epoch = self._epoch_of(counter)
        try:
            plain = epoch.open(counter, sealed.body, sealed.header)
        except InvalidTag:
            raise Dropped(Drop.FORGED) from None
        self._accept(counter, epoch)
        return Opened(counter, plain)

    def _check_new(self, counter: int) -> None:
        behind = self.highest - counter
        if behind >= WINDOW:
            raise Dropped(Drop.TOO_OLD)
        if behind >= 0 and self._seen >> behind & 1:
            raise Dropped(Drop.REPLAYED)

    def _epoch_of(self, counter: int) -> _Epoch:
        """At most one epoch ahead: a forged counter must not make us walk the chain for long."""
        ahead = (counter >> EPOCH_BITS) - self._epoch.number
        if ahead == 1 and self._after is None:
            self._after = self._epoch.after()
        epoch = {-1: self._before, 0: self._epoch, 1: self._after}.get(ahead)
        if epoch is None:
            raise Dropped(Drop.FORGED)
        return epoch

    def _accept(self, counter: int, epoch: _Epoch) -> None:
        step = counter - self.highest
        if step <= 0:
            self._seen |= 1 << -step
            return
        self._seen = (self._seen << min(step, WINDOW) | 1) & (1 << WINDOW) - 1
        self.highest = counter
        if epoch is not self._epoch:
            self._before, self._epoch, self._after = self._epoch, epoch, None


def _expand(secret: bytes, info: bytes, size: int) -> bytes:
    return HKDFExpand(SHA256(), size, info).derive(secret)
