"""Score a checkpoint of the small member: held-out speakers of a cache, or any folder of speech.

PESQ-WB, STOI and ESTOI at each rate, mean over the clips; DNSMOS OVR with --natural.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from training.focal.codebooks import BITS
from training.focal.network import Small
from training.focal.run import saved
from training.tiny.evaluate import Floats, Scores, clips_of, judged


@torch.no_grad()
def spoken(network: Small, sound: Floats, bits: int, device: str = "cpu") -> Floats:
    """A clip through the codec, its delay taken off again."""
    config, delay = network.config, network.tiny.delay
    samples = -(-(len(sound) + delay) // config.chunk_samples) * config.chunk_samples
    padded = np.zeros((1, samples), np.float32)
    padded[0, : len(sound)] = sound
    clip = torch.from_numpy(padded).to(device)
    carried = torch.full((1, samples // config.chunk_samples), bits, device=device)
    noise = torch.randn(clip.shape, generator=torch.Generator().manual_seed(0)).to(device)
    heard = network(clip, carried, noise).sound[0].float().cpu().numpy()
    return np.asarray(heard[delay:][: len(sound)], np.float32)


def scored(
    network: Small, clips: Sequence[Floats], bits: int, device: str = "cpu", natural: bool = False
) -> Scores:
    """Of a network at so many bits of a token."""
    heard = [spoken(network, clip, bits, device) for clip in clips]
    config = network.config
    return judged(clips, heard, bits * config.rate_hz / config.frame_samples, natural)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("speech", type=Path, help="a cache made by prepare, or a folder of speech")
    parser.add_argument("--bits", type=int, nargs="+", default=BITS)
    parser.add_argument("--natural", action="store_true", help="DNSMOS as well")
    parser.add_argument("--limit", type=int, default=None, help="so many clips at most")


def run(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    network, _ = saved(arguments.checkpoint)
    clips = clips_of(arguments.speech)[: arguments.limit]
    for bits in arguments.bits:
        print(scored(network, clips, bits, natural=arguments.natural))
