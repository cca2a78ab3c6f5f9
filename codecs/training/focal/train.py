"""Train the small member on a cache that training.tiny prepare made. Stop it at any time; the same
line goes on.

It begins with the ears and the voice of a checkpoint of training.tiny. One thread, or a GPU where
there is one. RUN/last.pt is what it goes on from.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from training.focal.evaluate import BITS, scored
from training.focal.network import SMALL, Small
from training.focal.run import Losses, Run, Sizes
from training.tiny.batches import Batches, surroundings
from training.tiny.corpus import opened
from training.tiny.evaluate import held_clips
from training.tiny.run import Pace, saved_config
from training.tiny.train import Session, say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cache", type=Path, help="made by training.tiny prepare")
    parser.add_argument("run", type=Path, help="a folder for checkpoints")
    parser.add_argument("teacher", type=Path, help="a checkpoint of training.tiny")
    parser.add_argument("--rooms", type=Path, help="a folder of room responses")
    parser.add_argument("--noises", type=Path, help="a folder of background sounds")
    parser.add_argument("--weigh", nargs="*", default=[], metavar="CORPUS=FACTOR")
    parser.add_argument("--clips", type=int, default=12, help="in a batch")
    parser.add_argument("--steps", type=int, default=32, help="of 40 ms in a clip")
    parser.add_argument("--silent", type=int, default=2_000, help="steps without a voice")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=float, default=1e-3, help="of learning")
    parser.add_argument("--until", type=int, help="the last step; the rate falls to nothing there")
    parser.add_argument("--anneal", type=int, default=1_500, help="steps of that fall")
    parser.add_argument("--minutes", type=float, help="stop after that long, with a checkpoint")
    parser.add_argument("--save-every", type=float, default=5, metavar="MINUTES")
    parser.add_argument("--judge-every", type=float, default=20, metavar="MINUTES")
    parser.add_argument("--full-precision", action="store_true", help="no bfloat16")


def run(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    tiny = saved_config(arguments.teacher)
    weights = {name: float(factor) for name, factor in (w.split("=") for w in arguments.weigh)}
    around = surroundings(arguments.rooms, arguments.noises)
    corpus = opened(arguments.cache)
    batches = Batches(corpus, tiny, around, weights)
    pace = replace(
        Pace(), rate=arguments.rate, warm_up=100, until=arguments.until, anneal=arguments.anneal
    )
    device = "cuda" if torch.cuda.is_available() else "cpu"
    training = Run(Sizes(SMALL, tiny), pace, arguments.silent, arguments.seed, device)
    arguments.run.mkdir(parents=True, exist_ok=True)
    last = arguments.run / "last.pt"
    if last.exists():
        training.load(last)
        say(f"goes on from step {training.step}")
    else:
        training.begin(arguments.teacher, batches, arguments.steps)
        say("begins as a transform coder")
    SmallSession(training, arguments, held_clips(corpus, tiny.rate_hz)).go(batches)


class SmallSession(Session[Small, Losses]):
    def _tell(self, losses: Losses, speed: float) -> None:
        say(
            f"step {self.training.step} latent {losses.latent.item():.4f} "
            f"spectral {losses.spectral.item():.4f} "
            f"pitch {losses.pitch.item():.4f} voicing {losses.voicing.item():.3f} "
            f"rate {self.training.pace.at(self.training.step):.1e} {speed:.1f} s/s"
        )

    def _judge(self) -> None:
        for bits in BITS if self.held else ():
            say(f"step {self.training.step} {scored(self.training.averaged, self.held, bits)}")
