"""Train the voice of the small member on a cache that training.tiny prepare made, to say what
training.focal code learned. Stop it at any time; the same line goes on.

One thread, or a GPU where there is one. RUN/last.pt is what it goes on from.
"""

import argparse
from pathlib import Path

import torch

from training.focal.codebooks import BITS
from training.focal.evaluate import scored
from training.focal.network import Small
from training.focal.run import WARM_UP, Run, VoiceLosses, saved_sizes
from training.tiny.batches import Batch, Floats
from training.tiny.train import (
    Session,
    add_learning,
    add_material,
    device,
    goes_on,
    heard_by,
    pace_of,
    say,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_material(parser)
    parser.add_argument("run", type=Path, help="a folder for checkpoints")
    parser.add_argument("codes", type=Path, help="a checkpoint of training.focal code")
    add_learning(parser, clips=12, steps=32, rate=4e-4)


def run(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    sizes = saved_sizes(arguments.codes)
    training = Run(sizes, pace_of(arguments, WARM_UP), arguments.seed, device())
    if not goes_on(training, arguments.run):
        training.begin(arguments.codes)
    batches, held = heard_by(arguments, sizes.tiny)
    VoiceSession(training, arguments, held).go(batches)


class VoiceSession(Session[Small, Batch, VoiceLosses]):
    def __init__(self, training: Run, arguments: argparse.Namespace, held: list[Floats]) -> None:
        super().__init__(training, arguments)
        self.held = held

    def _tell(self, losses: VoiceLosses, speed: float) -> None:
        say(
            f"step {self.training.step} spectral {losses.spectral.item():.4f} "
            f"pitch {losses.pitch.item():.4f} voicing {losses.voicing.item():.3f} "
            f"rate {self.training.pace.at(self.training.step):.1e} {speed:.1f} s/s"
        )

    def _judge(self) -> None:
        for bits in BITS if self.held else ():
            say(f"step {self.training.step} {scored(self.training.averaged, self.held, bits)}")
