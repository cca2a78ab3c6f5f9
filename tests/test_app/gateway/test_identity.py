"""Keys on disk: made once, for nobody else to read; a changed one is refused."""

import stat
from pathlib import Path

import pytest

from sotto_app.gateway.identity import Known, own_key
from sotto_app.link.keys import KeyPair, Trust, to_text
from sotto_app.strict_toml import SettingsError

ONE, OTHER = KeyPair(bytes(31) + b"\1").public, KeyPair(bytes(31) + b"\2").public


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "gateway.key"
    assert own_key(path).public == own_key(path).public
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert own_key(tmp_path / "other.key").public != own_key(path).public


def test_what_is_no_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad.key").write_bytes(b"short")
    with pytest.raises(SettingsError, match="32 bytes, not 5"):
        own_key(tmp_path / "bad.key")


def test_the_first_key_is_remembered_and_another_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "known"
    known = Known(path, "ship:8701", "")
    assert known.trust(ONE) is Trust.FIRST_USE
    known.remember(ONE)
    again = Known(path, "ship:8701", "")
    assert (again.trust(ONE), again.trust(OTHER)) == (Trust.PINNED, Trust.CHANGED)
    assert "ship:8701" in again.remedy and str(path) in again.remedy
    assert Known(path, "shore:8701", "").trust(OTHER) is Trust.FIRST_USE


def test_a_pinned_key_needs_no_memory(tmp_path: Path) -> None:
    known = Known(tmp_path / "known", "ship:8701", to_text(ONE))
    assert (known.trust(ONE), known.trust(OTHER)) == (Trust.PINNED, Trust.CHANGED)
    known.remember(ONE)
    assert not (tmp_path / "known").exists()


@pytest.mark.parametrize("text", ["ship:8701", "ship:8701 tooshort", "a b c"])
def test_a_list_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "known").write_text(text)
    with pytest.raises(SettingsError, match="no list of gateways"):
        Known(tmp_path / "known", "ship:8701", "")
