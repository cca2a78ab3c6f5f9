"""One sentence through one system, on all ways, before all instruments: the work of one process."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import soxr

from benchmarks.codecs.bits import at_rate
from benchmarks.codecs.coding import Coded, through
from benchmarks.codecs.conditions import Way, Weather, in_noise
from benchmarks.codecs.results import Sentence
from benchmarks.codecs.system import System
from benchmarks.metrics import delay, registry
from benchmarks.metrics.base import RATE_HZ, Instrument, NotApplicable, Score, Take
from sotto_codecs.base import Codec, CodecSpec, Pcm

NEAR_S = 0.006  # a delay that is found this near to the promised one is taken for it
SURE = 0.4  # correlation of envelopes from which on two sounds are taken for the same speech
TAIL_SAMPLES = RATE_HZ // 4  # of silence, so that what comes later than promised is heard too
CLEAN = Way("clean", "clean", "")


@dataclass(frozen=True, eq=False, slots=True)
class Task:
    """All that a process has to know; sent to it once."""

    systems: Mapping[str, System]
    sentences: Mapping[str, Sentence]
    sounds: Mapping[str, Pcm]
    backgrounds: Sequence[Pcm]
    seed: int
    ways: Mapping[str, Way]
    instruments: Mapping[str, Mapping[str, object]]  # key: options


@dataclass(slots=True)
class Marks:
    """Of one system and sentence. A string in the place of a score says why there is none."""

    system: str
    sentence: str
    found_s: float | None = None  # the delay; None where it cannot be found
    scores: dict[str, dict[str, Score | str]] = field(default_factory=dict)
    packets: dict[str, tuple[int, int]] = field(default_factory=dict)  # lost, of all
    faults: list[tuple[str, str]] = field(default_factory=list)  # condition, words


@dataclass(frozen=True, slots=True)
class Lag:
    """How late a sentence came through a system where nothing was lost."""

    samples: int  # at RATE_HZ
    found_s: float | None
    same_timing: bool


class Scorer:
    """Loads codecs and instruments when they are first needed, and keeps them."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._codecs: dict[str, Codec] = {}
        self._instruments: dict[str, Instrument] = {}

    def marks(self, system: str, sentence: str, ways: Sequence[str]) -> Marks:
        """On the named ways. What breaks is a fault in the marks, and the rest goes on."""
        marks = Marks(system, sentence)
        try:
            lag = self._lag(system, sentence)
        except Exception as fault:  # any codec may be under test, and may raise anything
            marks.faults += [(name, in_words(fault)) for name in ways]
            return marks
        marks.found_s = lag.found_s
        for name in ways:
            way = self._task.ways[name]
            try:
                coded, heard = self.heard(system, sentence, way, lag)
            except Exception as fault:  # as above
                marks.faults.append((name, in_words(fault)))
                continue
            marks.packets[name] = (coded.lost, coded.packets)
            said = self._task.sounds[sentence]
            words = self._task.sentences[sentence].transcript
            take = Take(said, heard, words, lag.same_timing)
            marks.scores[name] = dict(self._scores(take, way, marks))
        return marks

    def heard(
        self, system: str, sentence: str, way: Way, lag: Lag | None = None
    ) -> tuple[Coded, Pcm]:
        """What comes out, as it is and at RATE_HZ with the delay taken out; whole where it is
        spoken anew, for nothing can be laid over it."""
        lag = lag or self._lag(system, sentence)
        coded, spec = self._coded(system, sentence, way), self.codec(system).spec
        at_16k = _from_rate(coded.pcm, spec)
        if not spec.keeps_time:
            return coded, at_16k
        return coded, delay.aligned(self._task.sounds[sentence], at_16k, lag.samples)

    def _coded(self, system: str, sentence: str, way: Way) -> Coded:
        said, codec = self._task.sounds[sentence], self.codec(system)
        if way.kind == "noisy":
            said = in_noise(said, self._task.backgrounds, self._task.seed, sentence)
        weather = Weather(way, self._task.seed, sentence)
        pcm = at_rate(np.pad(said, (0, TAIL_SAMPLES)), codec.spec.sample_rate_hz)
        return through(codec, self._task.systems[system].bundle_frames, pcm, weather.loses)

    def _lag(self, system: str, sentence: str) -> Lag:
        """As promised, unless something else is found."""
        said, spec = self._task.sounds[sentence], self.codec(system).spec
        if not spec.keeps_time:
            return Lag(0, None, same_timing=False)
        heard = _from_rate(self._coded(system, sentence, CLEAN).pcm, spec)
        promised_s = spec.delay_samples / spec.sample_rate_hz
        promised = round(promised_s * RATE_HZ)
        shift = delay.found(said, heard)
        if shift.confidence < SURE:  # noise, or other speech: there is nothing to lay over it
            return Lag(promised, None, shift.same_timing)
        found_s = shift.samples / RATE_HZ
        near = abs(found_s - promised_s) <= NEAR_S
        return Lag(promised if near else shift.samples, found_s, shift.same_timing)

    def _scores(self, take: Take, way: Way, marks: Marks) -> Iterator[tuple[str, Score | str]]:
        for key in self._task.instruments:
            entry = registry.INSTRUMENTS[key]
            if way.kind not in entry.conditions:
                continue
            columns = [measure.key for measure in registry.measures(key)]
            try:
                scores = registry.score(entry, self._instrument(key), take)
                yield from scores.items()
            except NotApplicable as why:
                yield from ((column, str(why)) for column in columns)
            except Exception as fault:  # an instrument may choke on any sound
                marks.faults.append((way.name, f"{key}: {in_words(fault)}"))
                yield from ((column, f"broken: {in_words(fault)}") for column in columns)

    def codec(self, system: str) -> Codec:
        if system not in self._codecs:
            self._codecs[system] = self._task.systems[system].load()
        return self._codecs[system]

    def _instrument(self, key: str) -> Instrument:
        if key not in self._instruments:
            self._instruments[key] = registry.load(key, self._task.instruments[key])
        return self._instruments[key]


def _from_rate(pcm: Pcm, spec: CodecSpec) -> Pcm:
    return np.asarray(soxr.resample(pcm, spec.sample_rate_hz, RATE_HZ), np.float32)


def in_words(fault: Exception) -> str:
    """What went wrong, for a table."""
    return f"{type(fault).__name__}: {fault}" if str(fault) else type(fault).__name__


_scorer: Scorer | None = None  # this process's


def start(task: Task) -> None:
    """For the initializer of a process pool."""
    global _scorer  # noqa: PLW0603  # a process of a pool has no other place for it
    _scorer = Scorer(task)


def marks(system: str, sentence: str, ways: Sequence[str]) -> Marks:
    """In a process that was made with `start`."""
    assert _scorer is not None
    return _scorer.marks(system, sentence, ways)
