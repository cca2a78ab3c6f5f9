"""Speed is measured in real processes. Bounds that hold on any machine, however busy."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from benchmarks.codecs.results import Speed
from benchmarks.codecs.speed import lap, measure, speed
from benchmarks.codecs.speed_worker import Lap
from benchmarks.codecs.system import System
from sotto_codecs.base import Pcm
from tests.speech import Speech

MS = 1_000_000  # in ns
PLANTED = "tests.test_benchmarks.test_judge.planted_speed"
CODEC2 = System("codec2-1300", "", "", "sotto_codecs.backends.codec2:Codec2", {"rate": "1300"})
OPUS = System("opus-6k", "", "", "sotto_codecs.backends.opus:Opus", {"bitrate_bps": 6000})


def planted(name: str, **settings: str | float | bool) -> System:
    return System(name.lower(), name, name, f"{PLANTED}:{name}", settings)


@pytest.fixture(scope="module")
def talk(speech: Speech) -> Pcm:
    return speech.at_16k[: 2 * 16_000]


@pytest.fixture
def folder(talk: Pcm, tmp_path: Path) -> Path:
    np.save(tmp_path / "talk.npy", talk)
    return tmp_path


def quiet(line: str) -> None:
    pass


def test_systems_take_turns_and_a_slow_one_is_seen_to_be_slow(talk: Pcm) -> None:
    turns: list[str] = []
    systems = [OPUS, CODEC2, planted("Busy", encode_ms=5.0)]
    found = measure(systems, talk, 2, turns.append)
    names = [system.name for system in systems]
    assert [line.split(": ") for line in turns] == [
        *(["speed, round 1 of 2", name] for name in names),
        *(["speed, round 2 of 2", name] for name in reversed(names)),
    ]
    opus, codec2, busy = (found[name] for name in names)
    assert isinstance(opus, Speed) and isinstance(codec2, Speed) and isinstance(busy, Speed)
    assert busy.encode.rtf >= 0.25 and busy.encode.p95_ms >= busy.encode.median_ms >= 5.0
    assert busy.decode.rtf < 0.1 * busy.encode.rtf
    for fast in (opus, codec2):
        assert 0 < fast.encode.rtf < busy.encode.rtf
        assert 0 < fast.decode.rtf < busy.encode.rtf
        assert fast.cold_start_s > 0
        assert 10 < fast.bare_memory_mb < fast.peak_memory_mb


def test_the_process_has_one_core_little_else_loaded_and_its_memory_is_counted(
    folder: Path,
) -> None:
    found = lap(planted("Heavy"), folder)
    assert 100 < found.peak_memory_mb - found.bare_memory_mb < 150


def test_the_first_second_is_not_counted(folder: Path) -> None:
    found = lap(planted("Plain"), folder)
    assert found.sound_s == pytest.approx(1.0)
    assert (len(found.encode_ns), len(found.decode_ns)) == (50 + 1, 50)  # the flush is a step


def test_a_codec_that_holds_frames_back_is_timed_by_the_frames_that_it_gives(folder: Path) -> None:
    found = lap(planted("Events"), folder)
    assert found.sound_s == pytest.approx(1.0)
    assert (len(found.encode_ns), len(found.decode_ns)) == (50 + 1, 52)  # 2 were held back before


def test_what_fails_is_a_sentence_and_the_rest_goes_on(talk: Pcm) -> None:
    turns: list[str] = []
    broken = [planted(name) for name in ("NoWeights", "Raises", "Dies", "Mute")]
    found = measure([*broken, planted("Plain")], talk, 2, turns.append)
    assert isinstance(found.pop("plain"), Speed)
    assert found == {
        "noweights": "the weights are not on disk; to mend it: make weights",
        "raises": "RuntimeError: nothing to hear",
        "dies": "killed by SIGSEGV: the model is damaged",
        "mute": "ValueError: no frame came after the first 1 s of the talk",
    }
    assert len(turns) == 5 + 1  # the second round is for what works


def test_a_talk_that_is_all_warm_up_is_refused(talk: Pcm) -> None:
    found = measure([planted("Plain")], talk[:16_000], 1, quiet)
    assert found == {"plain": "ValueError: the talk is no longer than the 1 s of warm-up"}


def test_a_codec_that_hangs_is_ended(talk: Pcm, tmp_path: Path) -> None:
    hangs = planted("Hangs", pid_file=str(tmp_path / "pid"))
    assert measure([hangs], talk, 1, quiet, patience_s=0.5) == {"hangs": "not done after 0.5 s"}


def test_an_interrupt_leaves_no_process(talk: Pcm, tmp_path: Path) -> None:
    hangs = planted("Hangs", pid_file=str(tmp_path / "pid"), interrupts=True)
    # a shell starts what goes to its background with the signal ignored
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            measure([hangs], talk, 1, quiet, patience_s=30)
    finally:
        signal.signal(signal.SIGINT, before)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_one_round_that_was_disturbed_moves_no_median() -> None:
    laps = [
        Lap(1.0, start_s, 30.0, peak_mb, [time_ns] * 10, [time_ns] * 10)
        for start_s, peak_mb, time_ns in ((0.2, 50.0, MS), (9.0, 52.0, 9 * MS), (0.3, 51.0, MS))
    ]
    found = speed(laps)
    assert found.encode.rtf == found.decode.rtf == pytest.approx(0.01)
    assert (found.encode.median_ms, found.encode.p95_ms) == (1.0, 9.0)
    assert (found.cold_start_s, found.peak_memory_mb, found.bare_memory_mb) == (0.3, 52.0, 30.0)
