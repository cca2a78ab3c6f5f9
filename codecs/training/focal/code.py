"""Train what understands the code, on the latents that training.focal hear kept. Stop it at any
time; the same line goes on.

It begins with the latents' principal components and books of their means. RUN/last.pt is what it
goes on from, and what training.focal train begins with.
"""

import argparse
from pathlib import Path

import torch

from training.focal.codebooks import BITS
from training.focal.latents import Known, Latents
from training.focal.network import SMALL, Small
from training.focal.run import WARM_UP, CodeLosses, Coding, Sizes
from training.tiny.run import saved_config
from training.tiny.train import Session, add_learning, goes_on, pace_of, say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("latents", type=Path, help="made by hear")
    parser.add_argument("run", type=Path, help="a folder for checkpoints")
    parser.add_argument("teacher", type=Path, help="the checkpoint of training.tiny that heard")
    add_learning(parser, clips=8, steps=128, rate=1e-3)


def run(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    latents = Latents(arguments.latents)
    sizes = Sizes(SMALL, saved_config(arguments.teacher))
    training = Coding(sizes, pace_of(arguments, WARM_UP), arguments.seed)
    if not goes_on(training, arguments.run):
        training.begin(arguments.teacher, latents)
        say("begins with means")
    CodeSession(training, arguments, latents).go(latents)


class CodeSession(Session[Small, Known, CodeLosses]):
    def __init__(self, training: Coding, arguments: argparse.Namespace, latents: Latents) -> None:
        super().__init__(training, arguments)
        self.coding, self.known = training, latents.held()

    def _tell(self, losses: CodeLosses, speed: float) -> None:
        say(
            f"step {self.training.step} left {losses.left.item():.4f} "
            f"guess {losses.guess.item():.4f} "
            f"rate {self.training.pace.at(self.training.step):.1e} {speed:.0f} s/s"
        )

    def _judge(self) -> None:
        left = [f"{bits} bits {self.coding.left(self.known, bits):.4f}" for bits in BITS]
        lost = self.coding.left(self.known, BITS[-1], lost=0.1)
        say(f"step {self.training.step} left of the power: {', '.join(left)}; 10 % lost {lost:.4f}")
