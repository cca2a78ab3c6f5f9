"""A whole run: who is here, how fast they are, what they cost, what they score."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context

from benchmarks.codecs import bits, scoring, speed
from benchmarks.codecs.conditions import Way
from benchmarks.codecs.gathering import Found, gathered
from benchmarks.codecs.material import Speech
from benchmarks.codecs.results import ORIGINAL, Bits, Condition, Instrument, Speed, SystemResult
from benchmarks.codecs.scoring import Marks, Task
from benchmarks.codecs.system import System
from benchmarks.metrics import registry
from benchmarks.metrics.base import InstrumentMissing
from sotto_codecs.base import Codec, Pcm
from sotto_codecs.errors import CodecError

Progress = Callable[[str, int, int], None]  # words, done, of
SPEED_TALK_S = 20.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for. `asked` are instruments that were named: absent, they are a fault."""

    systems: Sequence[System]
    conditions: Sequence[tuple[Way, Condition]]
    instruments: Mapping[str, Mapping[str, object]]
    asked: frozenset[str]
    jobs: int
    speed_rounds: int  # 0: not measured


@dataclass(frozen=True, slots=True)
class Present:
    """Who can run here, and why the others cannot."""

    codecs: Mapping[str, Codec]
    absent: Mapping[str, str]


def instruments_of(plan: Plan) -> list[Instrument]:
    """Loads each once to see whether it can run here."""
    found = []
    for key, options in plan.instruments.items():
        entry, name, missing = registry.INSTRUMENTS[key], key, None
        columns = tuple(measure.key for measure in registry.measures(key))
        try:
            name = registry.load(key, options).name
        except InstrumentMissing as fault:
            missing = str(fault)
        required = entry.extra == "bench" or key in plan.asked
        found.append(Instrument(key, name, columns, missing, required))
    return found


def present(systems: Iterable[System]) -> Present:
    """Loads each once."""
    codecs, absent = dict[str, Codec](), dict[str, str]()
    for system in systems:
        try:
            codecs[system.name] = system.load()
        except CodecError as fault:
            absent[system.name] = str(fault)
    return Present(codecs, absent)


def task_of(plan: Plan, speech: Speech, backgrounds: Sequence[Pcm]) -> Task:
    return Task(
        systems={system.name: system for system in plan.systems},
        sentences={sentence.id: sentence for sentence in speech.material.sentences},
        sounds=speech.sounds,
        backgrounds=backgrounds,
        seed=speech.material.seed,
        ways={way.name: way for way, _ in plan.conditions},
        instruments=plan.instruments,
    )


def judged(plan: Plan, task: Task, here: Present, progress: Progress) -> list[SystemResult]:
    """A result per system, in their order. Speed comes first, while nothing else runs."""
    running = [system for system in plan.systems if system.name in here.codecs]
    fast = _speeds(plan, list(task.sounds.values()), running, progress)
    cost = _bits(here, list(task.sounds.values()), running, progress)
    marks = list(_marks(plan, task, running, progress))
    return [
        gathered(
            Found(
                system,
                here.codecs.get(system.name),
                here.absent.get(system.name),
                cost.get(system.name),
                fast.get(system.name),
                [mark for mark in marks if mark.system == system.name],
            ),
            plan.conditions,
            list(plan.instruments),
        )
        for system in plan.systems
    ]


def _speeds(
    plan: Plan, sounds: list[Pcm], running: list[System], progress: Progress
) -> dict[str, Speed | str]:
    contestants = [system for system in running if system.name != ORIGINAL]
    if not plan.speed_rounds:
        return {}
    talk, steps, done = bits.talk(sounds, SPEED_TALK_S), plan.speed_rounds * len(contestants), 0

    def step(words: str) -> None:
        nonlocal done
        progress(words, done, steps)
        done += 1

    return speed.measure(contestants, talk, plan.speed_rounds, step)


def _bits(
    here: Present, sounds: list[Pcm], running: list[System], progress: Progress
) -> dict[str, Bits | str]:
    contestants = [system for system in running if system.name != ORIGINAL]
    streams, cost = bits.streams_of(sounds), dict[str, Bits | str]()
    for done, system in enumerate(contestants):
        progress(f"bits: {system.name}", done, len(contestants))
        try:
            cost[system.name] = bits.count(here.codecs[system.name], system.bundle_frames, streams)
        except Exception as fault:  # any codec may be under test, and may raise anything
            cost[system.name] = scoring.in_words(fault)
    return cost


def _marks(plan: Plan, task: Task, running: list[System], progress: Progress) -> Iterator[Marks]:
    """In as many processes as there are jobs, each on one core."""
    for name, one in speed.ONE_THREAD.items():
        os.environ.setdefault(name, one)  # what the processes start with
    work = list(_work(plan, running))
    processes = ProcessPoolExecutor(
        plan.jobs, get_context("spawn"), initializer=scoring.start, initargs=(task,)
    )
    with processes as pool:
        futures = [pool.submit(scoring.marks, *arguments) for arguments in work]
        for done, future in enumerate(as_completed(futures), 1):
            marks = future.result()
            progress(f"{marks.system}: {marks.sentence}", done, len(work))
            yield marks


def _work(plan: Plan, running: list[System]) -> Iterator[tuple[str, str, list[str]]]:
    """System, sentence and ways; all systems of one sentence, then of the next."""
    sentences = dict.fromkeys(it for _, condition in plan.conditions for it in condition.sentences)
    for sentence in sentences:
        for system in running:
            ways = [
                way.name
                for way, condition in plan.conditions
                if sentence in condition.sentences
                and not (system.name == ORIGINAL and way.loss)  # what is not sent cannot be lost
            ]
            if ways:
                yield system.name, sentence, ways
