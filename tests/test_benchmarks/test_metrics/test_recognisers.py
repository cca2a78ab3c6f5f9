"""Recognisers: the same words whatever came before, none in silence, and what is missing."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.metrics import recognisers
from benchmarks.metrics.base import RATE_HZ, InstrumentMissing
from benchmarks.metrics.recognisers import Recogniser
from sotto_codecs.base import Pcm
from tests.speech import Speech, spoken
from tests.whisper import small_whisper


@pytest.fixture(scope="module")
def sphinx() -> Recogniser:
    return recognisers.load("pocketsphinx")


def test_the_words_do_not_depend_on_what_was_heard_before(
    sphinx: Recogniser, speech: Speech
) -> None:
    one, other = speech.at_16k[: 2 * RATE_HZ], speech.at_16k[6 * RATE_HZ : 8 * RATE_HZ]
    noisy = other + np.random.default_rng(0).normal(0, 0.05, len(other)).astype(np.float32)
    first = sphinx.words(one)
    assert len(first.split()) > 3
    assert sphinx.words(noisy) != first
    assert sphinx.words(one) == first
    assert recognisers.load("pocketsphinx").words(one) == first


def test_more_than_full_scale_is_clipped_not_wrapped(sphinx: Recogniser, tmp_path: Path) -> None:
    pcm = spoken("rms", "four hours of steady work", tmp_path)
    assert sphinx.words(pcm * 2.2).startswith("four hours of")


@pytest.mark.parametrize("samples", [0, 1, 399, RATE_HZ])
def test_silence_has_no_words(sphinx: Recogniser, samples: int) -> None:
    assert sphinx.words(np.zeros(samples, np.float32)) == ""


@pytest.mark.parametrize("samples", [1, 399, 401])
def test_a_click_is_no_crash(sphinx: Recogniser, samples: int) -> None:
    click: Pcm = np.full(samples, 0.5, np.float32)
    assert sphinx.words(click) == ""


def test_it_keeps_quiet(capfd: pytest.CaptureFixture[str]) -> None:
    recognisers.load("pocketsphinx").words(np.full(100, 0.5, np.float32))
    assert capfd.readouterr() == ("", "")


def test_a_folder_without_a_whisper_is_refused_with_the_command(tmp_path: Path) -> None:
    (tmp_path / "model.bin").touch()
    with pytest.raises(InstrumentMissing, match=r"no config.json, tokenizer.json .*--output_dir"):
        recognisers.load(f"faster-whisper:{tmp_path}")
    with pytest.raises(InstrumentMissing, match=r"no model.bin"):
        recognisers.load("faster-whisper")
    with pytest.raises(ValueError, match="takes nothing behind a colon"):
        recognisers.load("pocketsphinx:en-gb")


def test_a_whisper_on_disk_is_loaded_and_asked(tmp_path: Path, speech: Speech) -> None:
    folder = tmp_path / "parrot"
    small_whisper(tmp_path / "source", folder, "Parrot")
    parrot = recognisers.load(f"faster-whisper:{folder}")
    assert parrot.name.startswith("faster-whisper 1.")
    assert parrot.name.endswith(", parrot")
    assert parrot.words(speech.at_16k[: 2 * RATE_HZ]) == "Parrot"
    assert parrot.words(np.zeros(RATE_HZ, np.float32)) == ""
    (folder / "model.bin").write_bytes(b"torn")
    with pytest.raises(InstrumentMissing, match="ct2-transformers-converter"):
        recognisers.load(f"faster-whisper:{folder}")
