"""Which networks a machine may talk in; how fast they are comes from a table, not from a clock."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sotto_app.pace import Paces
from sotto_codecs import registry
from sotto_codecs.base import Codec, CodecSpec, Decoder, Encoder
from sotto_codecs.errors import TooSlow


@dataclass(frozen=True)
class Net:
    """A codec of these weights."""

    weights: str
    less: "Net | None" = None
    spec: CodecSpec = CodecSpec("net", 1, 16_000, 1, 320, 400.0, 0, 1)

    def lighter(self) -> "Net | None":
        return self.less

    def encoder(self) -> Encoder:
        raise AssertionError("nobody talks here")

    def decoder(self) -> Decoder:
        raise AssertionError("nobody talks here")


SMALL = Net("small")
LARGE = Net("large", SMALL)


def paces(file: Path, **factors: float) -> tuple[Paces, list[str]]:
    """And which weights were measured, in order."""
    measured = list[str]()

    def measure(codec: Codec) -> float:
        assert isinstance(codec, Net)
        measured.append(codec.weights)
        return factors[codec.weights]

    return Paces(file, measure), measured


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "pace.json"


def test_what_keeps_pace_is_taken_as_it_is(file: Path) -> None:
    here, _ = paces(file, large=0.8)
    assert here.fit(LARGE) is LARGE


def test_what_does_not_gives_way_to_a_lighter_one(file: Path) -> None:
    here, measured = paces(file, large=0.81, small=0.1)
    assert here.fit(LARGE) is SMALL
    assert measured == ["large", "small"]


def test_where_nothing_keeps_pace_the_figure_is_told(file: Path) -> None:
    here, _ = paces(file, large=4.0, small=1.26)
    with pytest.raises(TooSlow, match=r"too slow for net: .* 1\.3 s .* may take 0\.8 s; to mend"):
        here.fit(LARGE)


def test_what_was_fast_enough_is_not_measured_again_what_was_not_is(file: Path) -> None:
    paces(file, large=0.9, small=0.1)[0].fit(LARGE)
    here, measured = paces(file, large=0.5)
    assert here.fit(LARGE) is LARGE and measured == ["large"]
    here, measured = paces(file)
    assert here.fit(LARGE) is LARGE and here.fit(SMALL) is SMALL and measured == []


def test_modes_of_weights_that_are_too_slow_share_one_measurement(file: Path) -> None:
    here, measured = paces(file, large=0.9, small=0.1)
    assert here.fit(LARGE) is SMALL and here.fit(LARGE) is SMALL
    assert measured == ["large", "small"]


def foreign(file: Path) -> None:
    file.write_text("[1, 2")


def a_list(file: Path) -> None:
    file.write_text("[1, 2]")


def words(file: Path) -> None:
    file.write_text(json.dumps({key: "fast" for key in json.loads(file.read_text())}))


def of_another_machine(file: Path) -> None:
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({f"{key} with more cores": value for key, value in kept.items()}))


@pytest.mark.parametrize("spoil", [foreign, a_list, words, of_another_machine])
def test_what_cannot_be_read_or_is_of_another_machine_is_measured_anew(
    file: Path, spoil: Callable[[Path], None]
) -> None:
    paces(file, small=0.2)[0].fit(SMALL)
    spoil(file)
    here, measured = paces(file, small=0.3)
    here.fit(SMALL)
    assert measured == ["small"]
    here, measured = paces(file)
    here.fit(SMALL)
    assert measured == []


def test_where_nothing_can_be_written_it_is_measured_each_time(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("no folder")
    here, measured = paces(tmp_path / "cache" / "pace.json", small=0.2)
    here.fit(SMALL)
    here.fit(SMALL)
    assert measured == ["small", "small"]


def test_codecs_that_every_machine_can_run_are_not_measured(file: Path) -> None:
    codec = registry.load("codec2", {"rate": "700C"})
    assert paces(file)[0].fit(codec) is codec
