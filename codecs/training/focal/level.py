"""Measure how much quieter than said the exported network speaks, and lift it by that.

As training.tiny level does it, at 600 bit/s: run it behind every `export`.
"""

import argparse
from pathlib import Path

import numpy as np

from sotto_codecs.base import Pcm
from sotto_codecs.focal.small import Ears, Mouth, read
from sotto_codecs.focal.weights import FORMAT
from sotto_codecs.shipped import read_manifest
from sotto_codecs.tiny.lift import EDGES_HZ
from training.tiny.corpus import opened
from training.tiny.evaluate import held_clips
from training.tiny.level import lost, written

BITS = 12


def heard(clip: Pcm, ears: Ears, mouth: Mouth) -> Pcm:
    """What comes out, late by the codec's delay."""
    listening, saying, size = ears.stream(), mouth.stream(), ears.config.chunk_samples
    chunks = np.pad(clip, (0, size + -len(clip) % size)).reshape(-1, size)
    return np.concatenate([saying.step(listening.step(chunk), BITS) for chunk in chunks])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="of an export")
    parser.add_argument("cache", type=Path, help="made by training.tiny prepare")


def run(arguments: argparse.Namespace) -> None:
    written(arguments.folder, [])
    ears, mouth = read(read_manifest(arguments.folder, FORMAT))
    clips = held_clips(opened(arguments.cache), ears.config.rate_hz)
    gains_db = lost(((clip, heard(clip, ears, mouth)) for clip in clips), ears.config.rate_hz)
    written(arguments.folder, gains_db)
    print(f"lifted by {gains_db} dB between {EDGES_HZ} Hz")
