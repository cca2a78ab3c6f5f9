"""Whether a file is what somebody said it is."""

import hashlib
from pathlib import Path

SHA256_LETTERS, GIT_LETTERS = 64, 40


def sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def is_digest(text: str) -> bool:
    """A SHA-256 or an id that git gives to a file's content."""
    return len(text) in (SHA256_LETTERS, GIT_LETTERS) and not set(text) - set("0123456789abcdef")


def matches(file: Path, digest: str) -> bool:
    """By SHA-256, or by git's id: the SHA-1 of its header and the file (small ones only)."""
    if len(digest) == SHA256_LETTERS:
        return sha256(file) == digest
    data = file.read_bytes()
    return (
        hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest() == digest
    )
