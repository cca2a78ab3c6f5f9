"""Hear a cache that training.tiny prepare made with Tiny's ears, and keep the latents: a file that
training.focal code learns from.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from training.focal.network import SMALL, Small
from training.focal.run import ears_and_voice
from training.tiny.run import saved_config
from training.tiny.train import add_material, heard_by, say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_material(parser)
    parser.add_argument("teacher", type=Path, help="a checkpoint of training.tiny")
    parser.add_argument("latents", type=Path, help="the file: .npy")
    parser.add_argument("--batches", type=int, default=500, help="of so many clips")
    parser.add_argument("--clips", type=int, default=32, help="in a batch")
    parser.add_argument("--steps", type=int, default=128, help="of 40 ms in a clip")
    parser.add_argument("--seed", type=int, default=11)


@torch.no_grad()
def run(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    tiny = saved_config(arguments.teacher)
    batches, _ = heard_by(arguments, tiny)
    network = Small(SMALL, tiny)
    ears_and_voice(network, arguments.teacher)
    found, listener = [], network.listener
    for step in range(arguments.batches):
        batch = batches.batch(arguments.seed, step, arguments.clips, arguments.steps)
        sound = torch.from_numpy(batch.sound)
        latents, _ = listener.heard(listener.rows(sound), listener.blank(len(sound)))
        found.append(latents.numpy().astype(np.float16))
        if (step + 1) % 50 == 0:
            say(f"heard {step + 1} of {arguments.batches} batches")
    np.save(arguments.latents, np.concatenate(found))
