from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from sotto_app.strict_toml import SettingsError, build, read, read_tables


@dataclass(frozen=True)
class Inner:
    share: float = 0.5

    def __post_init__(self) -> None:
        if self.share > 1:
            raise ValueError("share is at most 1")


@dataclass(frozen=True)
class Outer:
    name: str
    count: int = 3
    open: bool = False
    note: str | None = None
    colour: Literal["red", "blue"] = "red"
    inner: Inner = Inner()
    words: tuple[str, ...] = ()
    options: Mapping[str, str | int | float | bool] | None = None


def test_a_table_becomes_a_dataclass() -> None:
    table = {
        "name": "a",
        "note": "n",
        "colour": "blue",
        "inner": {"share": 1},
        "words": ["x", "y"],
        "options": {"rate": "700C", "bitrate_bps": 6000, "dtx": True},
    }
    built = build(Outer, table, "f.toml")
    assert built == Outer(
        "a",
        note="n",
        colour="blue",
        inner=Inner(1.0),
        words=("x", "y"),
        options={"rate": "700C", "bitrate_bps": 6000, "dtx": True},
    )
    assert type(built.inner.share) is float


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({}, "f.toml: the key 'name' is missing"),
        ({"name": "a", "nmae": 1}, "f.toml: there is no key 'nmae'; known: name, count, "),
        ({"name": 1}, "f.toml: name = 1 is not a string"),
        ({"name": "a", "count": True}, "f.toml: count = True is not a whole number"),
        ({"name": "a", "count": 1.5}, "f.toml: count = 1.5 is not a whole number"),
        ({"name": "a", "open": 1}, "f.toml: open = 1 is not true or false"),
        ({"name": "a", "note": 1}, "f.toml: note = 1 is not a string"),
        ({"name": "a", "colour": "green"}, "f.toml: colour = 'green' is not one of red, blue"),
        ({"name": "a", "colour": []}, "f.toml: colour = [] is not one of red, blue"),
        ({"name": "a", "words": "x"}, "f.toml: words = 'x' is not a list, each a string"),
        ({"name": "a", "words": [1]}, "f.toml: words = 1 is not a string"),
        ({"name": "a", "inner": 1}, "f.toml: inner = 1 is not a table"),
        ({"name": "a", "inner": {"shar": 1}}, "f.toml [inner]: there is no key 'shar'"),
        ({"name": "a", "inner": {"share": 2}}, "f.toml [inner]: share is at most 1"),
        ({"name": "a", "options": {"x": [1]}}, "f.toml: options = {'x': [1]} is not"),
        ({"name": "x" * 99, "count": "y" * 99}, "f.toml: count = 'yyyyyyyyyy"),
    ],
)
def test_what_does_not_fit_is_named(table: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        build(Outer, table, "f.toml")
    assert str(caught.value).startswith(message)
    assert len(str(caught.value)) < 160


def test_given_fields_cannot_be_set_by_the_table() -> None:
    assert build(Outer, {"count": 1}, "f.toml", name="given") == Outer("given", 1)
    with pytest.raises(SettingsError, match="there is no key 'name'"):
        build(Outer, {"name": "mine"}, "f.toml", name="given")


def test_a_file_that_cannot_be_read_or_parsed(tmp_path: Path) -> None:
    path = tmp_path / "f.toml"
    with pytest.raises(SettingsError, match=r"f\.toml: No such file"):
        read(path)
    path.write_text("port = = 1")
    with pytest.raises(SettingsError, match=r"f\.toml: this is not TOML: .*line 1"):
        read(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="this is not TOML"):
        read(path)


def test_named_tables_keep_their_order_and_nothing_stands_outside(tmp_path: Path) -> None:
    path = tmp_path / "f.toml"
    path.write_text("[b]\nx = 1\n[a]\n")
    assert list(read_tables(path)) == ["b", "a"]
    path.write_text("x = 1\n[a]\n")
    with pytest.raises(SettingsError, match="the key 'x' stands outside of any"):
        read_tables(path)
