from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from sotto_codecs.base import Pcm
from sotto_codecs.errors import WeightsMissing
from sotto_codecs.models import Models
from sotto_codecs.text.speakers.flite import Flite
from sotto_codecs.text.speaking import RATE_HZ
from sotto_codecs.text.voice.knowing import (
    PIECE_S,
    Ecapa,
    Embedding,
    Encoder,
    Resemblyzer,
    Statistics,
    Watch,
    known,
)
from sotto_codecs.text.voice.knowing import encoder as encoder_of

pytest.importorskip("pyworld")

TEXTS = (
    """the birch canoe slid on the smooth planks. glue the sheet to the dark blue background.
    it is easy to tell the depth of a well.""",
    """rice is often served in round bowls. the juice of lemons makes fine punch.
    the box was thrown beside the parked truck.""",
    """four hours of steady work faced us. a large size in stockings is hard to sell.
    the boy was there when the sun rose.""",
)


def phrases(voice: str) -> Iterator[Pcm]:
    for text in TEXTS:
        yield np.concatenate([spoken.pcm for spoken in Flite().speak(text, voice)])


@pytest.fixture(
    scope="module",
    params=[
        Statistics,
        pytest.param(
            Resemblyzer,
            marks=pytest.mark.skipif(not find_spec("resemblyzer"), reason="extra torch"),
        ),
    ],
)
def encoder(request: pytest.FixtureRequest) -> Encoder:
    made: Encoder = request.param()
    return made


def embedded(encoder: Encoder, pcm: Pcm) -> Embedding:
    voice = encoder.embed(pcm)
    assert voice is not None
    return voice


def test_a_known_caller_is_told_from_a_new_one(encoder: Encoder) -> None:
    callers = {name: embedded(encoder, next(phrases(name))) for name in ("slt", "rms")}
    for name in callers:
        again = list(phrases(name))[1]
        assert known(embedded(encoder, again), callers, encoder.radius) == name
    del callers["slt"]
    assert known(embedded(encoder, next(phrases("slt"))), callers, encoder.radius) is None
    assert known(embedded(encoder, next(phrases("slt"))), {}, encoder.radius) is None


def test_a_change_of_talker_is_seen_once(encoder: Encoder) -> None:
    watch = Watch(encoder)
    assert [watch.add(pcm) for pcm in phrases("rms")] == [False] * 3
    assert [watch.add(pcm) for pcm in phrases("slt")] == [False, True, False]
    assert watch.voice is not None


def test_what_is_no_speech_is_nobody(encoder: Encoder) -> None:
    watch = Watch(encoder)
    silence, broken = np.zeros(RATE_HZ * 7, np.float32), np.full(RATE_HZ * 7, np.nan, np.float32)
    assert not watch.add(silence) and not watch.add(broken) and watch.voice is None


def test_the_best_that_is_here_is_taken(tmp_path: Path) -> None:
    usual = encoder_of(Models(tmp_path))
    assert type(usual) is (Resemblyzer if find_spec("resemblyzer") else Statistics)
    with pytest.raises(WeightsMissing, match="no hyperparams.yaml") as missing:
        Ecapa(Models(tmp_path))
    assert missing.value.remedy == "sotto models pull ecapa"


class Places:
    """Voices that are where their first sample says."""

    radius = sure = 1.0

    def embed(self, pcm: Pcm) -> Embedding | None:
        return pcm[:1]


def piece(place: float) -> Pcm:
    return np.full(int(PIECE_S * RATE_HZ), place, np.float32)


def test_one_unlike_piece_is_no_change() -> None:
    watch = Watch(Places())
    assert [watch.add(piece(place)) for place in (0, 0.4, 5, 0.2, 5, 0, 5, 5)] == [False] * 7 + [
        True
    ]
    assert watch.voice is not None and watch.voice[0] == 5


def test_a_piece_is_surely_of_the_talker_or_not() -> None:
    watch = Watch(Places())
    assert not watch.knows(piece(0))  # of whom nothing is known
    watch.add(piece(0))
    assert watch.knows(piece(0.9)) and not watch.knows(piece(1.1))


def test_short_phrases_are_gathered() -> None:
    watch = Watch(Places())
    for _ in range(3):
        watch.add(piece(0.5)[: RATE_HZ * 2 - 1])
    assert watch.voice is None
    watch.add(piece(0.5)[:3])
    assert watch.voice is not None
