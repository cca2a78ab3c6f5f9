"""Measure how much quieter than said the exported decoder speaks, and lift it by that.

In bands, over held speakers of the cache, at 750 bit/s, which lies amid the modes; `export` of
another checkpoint writes one that lifts nothing: run this behind it.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sotto_codecs.base import Pcm
from sotto_codecs.tiny import weights
from sotto_codecs.tiny.lift import EDGES_HZ
from sotto_codecs.tiny.network import Network
from training.tiny.corpus import opened
from training.tiny.evaluate import held_clips

STAGES = 3
TABLE = "\n[level]\ngains_db = "


def measured(network: Network, clips: Sequence[Pcm], stages: int = STAGES) -> list[float]:
    """dB that each band of EDGES_HZ lost, all clips together."""
    said = heard = np.zeros(len(EDGES_HZ) - 1)
    for clip in clips:
        pcm = _whole(clip, network)
        indices, _ = network.encode(pcm, stages, network.new_encoder())
        spoken, _ = network.decode(indices, network.new_decoder())
        said, heard = said + _powers(pcm, network), heard + _powers(spoken, network)
    return [round(float(lost), 2) for lost in 10 * np.log10(said / heard)]


def written(folder: Path, gains_db: Sequence[float]) -> None:
    """Into the manifest, in the place of what stood there."""
    manifest = folder / weights.MANIFEST
    before, _, rest = manifest.read_text().partition(TABLE)
    after = rest.partition("\n")[2]
    manifest.write_text(f"{before}{TABLE}{list(gains_db)}\n{after}")


def _whole(clip: Pcm, network: Network) -> Pcm:
    config = network.config
    return np.pad(clip, (0, config.delay + -(len(clip) + config.delay) % config.step))


def _powers(sound: Pcm, network: Network) -> npt.NDArray[np.float64]:
    power = np.abs(np.fft.rfft(sound.astype(np.float64))) ** 2
    bins_hz = np.fft.rfftfreq(len(sound), 1 / network.config.rate_hz)
    return np.histogram(bins_hz, EDGES_HZ, weights=power)[0]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="of an export")
    parser.add_argument("cache", type=Path, help="made by prepare")


def run(arguments: argparse.Namespace) -> None:
    network = Network(replace(weights.read(arguments.folder), gains_db=()))
    clips = held_clips(opened(arguments.cache), network.config.rate_hz)
    gains_db = measured(network, clips)
    written(arguments.folder, gains_db)
    print(f"lifted by {gains_db} dB between {EDGES_HZ} Hz")
