"""Languages as BCP 47 tags: "en", "pt-BR"; and as they travel: kind 2 of what describes a talker.

byte 0   2
     1-  the tag, in ASCII
"""

import re

from sotto_codecs.errors import BadFrame, BadSettings

ENGLISH = "en"  # what is spoken where nothing is said about it
KIND = 2
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")


def primary(language: str) -> str:
    """The language without its region: "en" of "en-GB"."""
    return re.split("[-_]", language.lower(), maxsplit=1)[0]


def checked(language: str) -> str:
    """Raises BadSettings for what is no tag."""
    if not _TAG.fullmatch(language):
        raise BadSettings(f"{language!r} is no language; one is like en, de or pt-BR")
    return language


def encode(language: str) -> bytes:
    """Raises BadSettings."""
    return bytes([KIND]) + checked(language).encode()


def decode(payload: bytes) -> str:
    """Raises BadFrame."""
    tag = payload[1:].decode("ascii", "replace")
    if payload[:1] != bytes([KIND]) or not _TAG.fullmatch(tag):
        raise BadFrame(f"no language: {payload[:12].hex()}")
    return tag
