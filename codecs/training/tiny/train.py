"""Train the network on a cache that `prepare` made. Stop it at any time; the same line goes on.

One thread, or a GPU where there is one. RUN/last.pt is what it goes on from;
RUN/step-N.pt, now and then, and RUN/averaged.pt at its end hold the averaged weights, for evaluate
and --warm-start.
"""

import argparse
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import torch

from sotto_codecs.tiny.config import TinyConfig
from training.tiny.batches import Batch, Batches, Floats, surroundings
from training.tiny.corpus import opened
from training.tiny.evaluate import STAGES, held_clips, scored
from training.tiny.losses import Losses
from training.tiny.network import Tiny
from training.tiny.run import Found, Given, Learning, Network, Pace, Run

Made = TypeVar("Made", covariant=True)
AHEAD = 8  # batches made while the GPU works


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_material(parser)
    parser.add_argument("run", type=Path, help="a folder for checkpoints")
    parser.add_argument("--warm-start", type=Path, help="a checkpoint, of other sizes perhaps")
    add_learning(parser, clips=16, steps=32, rate=Pace().rate)


def add_material(parser: argparse.ArgumentParser) -> None:
    """What every training hears."""
    parser.add_argument("cache", type=Path, help="made by training.tiny prepare")
    parser.add_argument("--rooms", type=Path, help="a folder of room responses")
    parser.add_argument("--noises", type=Path, help="a folder of background sounds")
    parser.add_argument("--weigh", nargs="*", default=[], metavar="CORPUS=FACTOR")


def add_learning(parser: argparse.ArgumentParser, clips: int, steps: int, rate: float) -> None:
    """How every training goes, with what it does unless it is told otherwise."""
    parser.add_argument("--clips", type=int, default=clips, help="in a batch")
    parser.add_argument("--steps", type=int, default=steps, help="of 40 ms in a clip")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=float, default=rate, help="of learning")
    parser.add_argument("--until", type=int, help="the last step; the rate falls to nothing there")
    parser.add_argument("--anneal", type=int, default=Pace().anneal, help="steps of that fall")
    parser.add_argument("--minutes", type=float, help="stop after that long, with a checkpoint")
    parser.add_argument("--save-every", type=float, default=5, metavar="MINUTES")
    parser.add_argument("--judge-every", type=float, default=20, metavar="MINUTES")
    parser.add_argument("--full-precision", action="store_true", help="no bfloat16")


def heard_by(arguments: argparse.Namespace, config: TinyConfig) -> tuple[Batches, list[Floats]]:
    """What `add_material` names: to learn from, and the held clips."""
    weights = {name: float(factor) for name, factor in (w.split("=") for w in arguments.weigh)}
    around = surroundings(arguments.rooms, arguments.noises)
    corpus = opened(arguments.cache)
    return Batches(corpus, config, around, weights), held_clips(corpus, config.rate_hz)


def run(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    training = begun(arguments)
    batches, held = heard_by(arguments, training.config)
    TinySession(training, arguments, held).go(batches)


def begun(arguments: argparse.Namespace) -> Run:
    """From the run's last checkpoint, from a warm start, or from nothing."""
    training = Run(TinyConfig(), pace_of(arguments), arguments.seed, device())
    if not goes_on(training, arguments.run) and arguments.warm_start:
        say(f"warm start; new: {training.warm(arguments.warm_start)}")
    return training


def pace_of(arguments: argparse.Namespace, warm_up: int = Pace().warm_up) -> Pace:
    rate, until, anneal = arguments.rate, arguments.until, arguments.anneal
    return Pace(rate=rate, warm_up=warm_up, until=until, anneal=anneal)


def device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def goes_on(training: Learning[Network, Given, Found], folder: Path) -> bool:
    """From the last checkpoint of a run, where there is one."""
    folder.mkdir(parents=True, exist_ok=True)
    last = folder / "last.pt"
    if last.exists():
        training.load(last)
        say(f"goes on from step {training.step}")
    return last.exists()


class Source(Protocol[Made]):
    def batch(self, seed: int, step: int, clips: int, steps: int) -> Made: ...


class Session(Generic[Network, Given, Found]):
    """One go of the command: steps, a line now and then, checkpoints, scores."""

    def __init__(
        self, training: Learning[Network, Given, Found], arguments: argparse.Namespace
    ) -> None:
        self.training, self.arguments = training, arguments
        self.began = self.saved = self.judged = time.monotonic()
        self.stopping = threading.Event()
        self.mixed = not arguments.full_precision

    def go(self, batches: Source[Given]) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stopping.set())
        stream = self._stream(batches)
        told, heard_s = time.monotonic(), self.training.heard_s
        while not self._finished():
            losses = self.training.learn(next(stream), self.mixed)
            if self.training.step % 50 == 0:
                now = time.monotonic()
                self._tell(losses, (self.training.heard_s - heard_s) / (now - told))
                told, heard_s = now, self.training.heard_s
            self._keep()
        self.stopping.set()
        self.training.save(self.arguments.run / "last.pt")
        self.training.save_averaged(self.arguments.run / "averaged.pt")
        self._judge()

    def _stream(self, batches: Source[Given]) -> Iterator[Given]:
        """Batches from here on; beside a GPU a thread makes them ahead."""
        arguments, first = self.arguments, self.training.step

        def make(step: int) -> Given:
            return batches.batch(arguments.seed, step, arguments.clips, arguments.steps)

        if self.training.device.type == "cpu":
            step = first
            while True:
                yield make(step)
                step += 1
        yield from ahead(make, first, self.stopping)

    def _finished(self) -> bool:
        minutes, until = self.arguments.minutes, self.arguments.until
        late = minutes is not None and time.monotonic() - self.began > 60 * minutes
        return late or self.stopping.is_set() or (until is not None and self.training.step >= until)

    def _keep(self) -> None:
        now = time.monotonic()
        if now - self.saved > 60 * self.arguments.save_every:
            self.training.save(self.arguments.run / "last.pt")
            self.saved = now
        if now - self.judged > 60 * self.arguments.judge_every:
            self.training.save_averaged(self.arguments.run / f"step-{self.training.step}.pt")
            self._judge()
            self.judged = time.monotonic()

    def _tell(self, losses: Found, speed: float) -> None:
        """A line on the last step."""
        raise NotImplementedError

    def _judge(self) -> None:
        """Lines on the held clips."""
        raise NotImplementedError


class TinySession(Session[Tiny, Batch, Losses]):
    def __init__(self, training: Run, arguments: argparse.Namespace, held: list[Floats]) -> None:
        super().__init__(training, arguments)
        self.held = held

    def _tell(self, losses: Losses, speed: float) -> None:
        used = self.training.network.quantiser.used()
        say(
            f"step {self.training.step} loss {losses.spectral.item():.4f} "
            f"pitch {losses.pitch.item():.4f} finding {losses.finding.item():.2f} "
            f"voicing {losses.voicing.item():.3f} "
            f"commitment {losses.commitment.item():.4f} used {used[0]} {used[1]} {used[-1]} "
            f"rate {self.training.pace.at(self.training.step):.1e} {speed:.1f} s/s"
        )

    def _judge(self) -> None:
        for stages in STAGES if self.held else ():
            network, device = self.training.averaged, self.training.device.type
            say(f"step {self.training.step} {scored(network, self.held, stages, device)}")


def ahead(make: Callable[[int], Made], first: int, stopping: threading.Event) -> Iterator[Made]:
    """What `make` gives for first, first + 1, ..., made by a thread of its own."""
    made: queue.Queue[Made] = queue.Queue(AHEAD)

    def work() -> None:
        step = first
        while not stopping.is_set():
            made.put(make(step))
            step += 1

    threading.Thread(target=work, daemon=True).start()
    while True:
        yield made.get()


def say(line: str) -> None:
    print(time.strftime("%H:%M:%S"), line, flush=True)
