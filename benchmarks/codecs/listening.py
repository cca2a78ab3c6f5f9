"""What people may hear for themselves on the page: a few sentences through every system."""

from collections.abc import Iterator

from benchmarks.codecs.page import Heard
from benchmarks.codecs.results import ORIGINAL, Run, Sentence
from benchmarks.codecs.scoring import CLEAN, Scorer, Task

WAYS = ("clean", "noisy", "loss-10")
GOOD_S = 4.0  # long enough to judge, short enough to hear twenty times


def recordings(run: Run, task: Task, speakers: int) -> Iterator[Heard]:
    """A system that breaks on a sentence is not heard: the run's faults have told it."""
    scorer, here = Scorer(task), [it.name for it in run.systems if not it.unavailable]
    for sentence in chosen(run.material.sentences, speakers):
        for name in (it for it in WAYS if it in task.ways):
            for system in here:
                way = CLEAN if system == ORIGINAL and task.ways[name].loss else task.ways[name]
                try:
                    coded, _ = scorer.heard(system, sentence.id, way)
                except Exception:  # any codec may be under test, and may raise anything
                    continue
                rate_hz = scorer.codec(system).spec.sample_rate_hz
                yield Heard(system, name, sentence.id, coded.pcm, rate_hz)


def chosen(sentences: tuple[Sentence, ...], speakers: int) -> list[Sentence]:
    """One of each of the first speakers, of a length that is good to hear."""
    by_speaker: dict[str, Sentence] = {}
    for sentence in sorted(sentences, key=lambda it: abs(it.seconds - GOOD_S)):
        by_speaker.setdefault(sentence.speaker, sentence)
    return list(by_speaker.values())[:speakers]
