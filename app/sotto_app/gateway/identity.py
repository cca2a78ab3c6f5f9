"""A gateway's own key, and the keys of gateways that it has met, in two small files."""

import os
from pathlib import Path

from sotto_app.link.keys import KEY_BYTES, BadKey, KeyPair, Trust, decide, from_text, to_text
from sotto_app.strict_toml import SettingsError


def own_key(path: Path) -> KeyPair:
    """The key in `path`, made on the first start. Raises SettingsError."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(file, "wb") as out:
                out.write(os.urandom(KEY_BYTES))
        return KeyPair(path.read_bytes())
    except (OSError, BadKey) as fault:
        raise SettingsError(str(path), f"no key of a gateway: {fault}") from fault


class Known:
    """Who may be at the other end: a key from the settings, or the first one that was met there.

    The file has a line for each other end: where it is ("10.0.0.2:8701", or "caller" for whoever
    calls here) and its public key.
    """

    def __init__(self, path: Path, where: str, pinned: str) -> None:
        """`pinned` is a public key as text, or empty. Raises SettingsError."""
        self._path, self._where = path, where
        try:
            self._pinned = from_text(pinned) if pinned else None
            self._met = dict(_lines(path))
        except (OSError, BadKey, ValueError) as fault:
            raise SettingsError(str(path), f"no list of gateways: {fault}") from fault

    def trust(self, public: bytes) -> Trust:
        return decide([it for it in (self._pinned or self._met.get(self._where),) if it], public)

    def remember(self, public: bytes) -> None:
        """The key of a first meeting; one that is pinned need not be remembered."""
        if self._pinned or self._where in self._met:
            return
        self._met[self._where] = public
        self._path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{where} {to_text(key)}\n" for where, key in self._met.items())
        part = self._path.with_name(self._path.name + ".part")
        part.write_text(text)
        part.replace(self._path)

    @property
    def remedy(self) -> str:
        """What the operator does when the key has changed."""
        if self._pinned:
            return "the settings pin another key"
        return f"if that is right, remove the line of {self._where} from {self._path}"


def _lines(path: Path) -> list[tuple[str, bytes]]:
    if not path.exists():
        return []
    pairs = (line.split() for line in path.read_text().splitlines() if line.strip())
    return [(where, from_text(key)) for where, key in pairs]
