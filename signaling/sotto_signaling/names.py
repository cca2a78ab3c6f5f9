"""The name that a peer gives itself, made fit to be shown to another."""

import unicodedata

LONGEST = 40  # characters
NAMELESS = "Guest"
_JOINER = "\N{ZERO WIDTH JOINER}"  # a format character, and half of the emoji are made with it


def fit_name(name: str) -> str:
    """Trimmed, one line, at most 40 characters, no control or direction characters; never empty."""
    line = " ".join(name.split())
    kept = "".join(c for c in line if c == _JOINER or unicodedata.category(c) not in ("Cc", "Cf"))
    return kept[:LONGEST].strip(f" {_JOINER}") or NAMELESS
