"""Keys of gateways: the pair, whether to trust one, and words to read out over the phone.

Nothing here shows a private key: not in a repr, not in an error.
"""

import base64
import hashlib
from collections.abc import Collection
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

KEY_BYTES = 32
WORDS_ROUNDS = 1 << 14  # of PBKDF2: a key with the same words costs 2^74 hashes, not 2^60


class BadKey(ValueError):
    """Bytes or text that are no X25519 key, or one with which no secret can be agreed."""


class Trust(StrEnum):
    """What is known of the other end's key."""

    PINNED = "pinned"
    FIRST_USE = "first use"
    CHANGED = "changed"  # refused until the operator removes the old one


class KeyPair:
    """An X25519 key, static or of one session, made from 32 random or stored bytes."""

    def __init__(self, private: bytes) -> None:
        if len(private) != KEY_BYTES:
            raise BadKey(f"a key has {KEY_BYTES} bytes, not {len(private)}")
        self._private = X25519PrivateKey.from_private_bytes(private)
        self.public = self._private.public_key().public_bytes_raw()

    def agree(self, other_public: bytes) -> bytes:
        """The secret shared with the holder of the other key (RFC 7748 section 6.1)."""
        try:
            return self._private.exchange(X25519PublicKey.from_public_bytes(other_public))
        except ValueError:
            raise BadKey("no secret can be agreed with this public key") from None

    def __repr__(self) -> str:
        return f"KeyPair(public={to_text(self.public)})"


def decide(known: Collection[bytes], key: bytes) -> Trust:
    """Whether `key` is one of those known for this other end, pinned or met before."""
    if key in known:
        return Trust.PINNED
    return Trust.CHANGED if known else Trust.FIRST_USE


def words(one: bytes, other: bytes) -> str:
    """Six groups of four characters: three of each public key, the lower key first, so that both
    ends show the same. One string of 60 bits over both keys would be weak: somebody in between
    chooses a key towards each side, and two that agree are found in 2^30 tries."""
    return " ".join(_words_of(key) for key in sorted((one, other)))


def to_text(public: bytes) -> str:
    """A public key as 52 characters for a configuration file."""
    return base64.b32encode(public).decode().rstrip("=").lower()


def from_text(text: str) -> bytes:
    """The public key that `to_text` wrote. Raises BadKey."""
    try:
        public = base64.b32decode(text.strip().upper() + "====")
    except ValueError:
        public = b""
    if len(public) != KEY_BYTES:
        raise BadKey(f"{text!r} is no public key: 52 letters and digits 2 to 7 are")
    return public


def _words_of(public: bytes) -> str:
    digest = hashlib.pbkdf2_hmac("sha256", public, b"sotto words", WORDS_ROUNDS, 8)
    letters = base64.b32encode(digest).decode()
    return " ".join(letters[at : at + 4] for at in (0, 4, 8))
