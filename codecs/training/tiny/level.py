"""Measure how much quieter than said the exported decoder speaks, and lift it by that.

In bands, over held speakers of the cache, at 750 bit/s, which lies amid the modes; `export` of
another checkpoint writes one that lifts nothing: run this behind it.
"""

import argparse
from collections.abc import Iterable, Sequence
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
    return lost(((pcm, _heard(pcm, network, stages)) for pcm in clips), network.config.rate_hz)


def lost(pairs: Iterable[tuple[Pcm, Pcm]], rate_hz: int) -> list[float]:
    """dB of what was said that each band of what was heard is without, all pairs together."""
    said = heard = np.zeros(len(EDGES_HZ) - 1)
    for one, other in pairs:
        said, heard = said + _powers(one, rate_hz), heard + _powers(other, rate_hz)
    return [round(float(it), 2) for it in 10 * np.log10(said / heard)]


def written(folder: Path, gains_db: Sequence[float]) -> None:
    """Into the manifest, in the place of what stood there."""
    manifest = folder / weights.MANIFEST
    before, _, rest = manifest.read_text().partition(TABLE)
    after = rest.partition("\n")[2]
    manifest.write_text(f"{before}{TABLE}{list(gains_db)}\n{after}")


def _heard(clip: Pcm, network: Network, stages: int) -> Pcm:
    config = network.config
    pcm = np.pad(clip, (0, config.delay + -(len(clip) + config.delay) % config.step))
    indices, _ = network.encode(pcm, stages, network.new_encoder())
    return network.decode(indices, network.new_decoder())[0]


def _powers(sound: Pcm, rate_hz: int) -> npt.NDArray[np.float64]:
    power = np.abs(np.fft.rfft(sound.astype(np.float64))) ** 2
    bins_hz = np.fft.rfftfreq(len(sound), 1 / rate_hz)
    # by its length, for what is heard is longer by the delay
    return np.histogram(bins_hz, EDGES_HZ, weights=power)[0] / len(sound)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="of an export")
    parser.add_argument("cache", type=Path, help="made by prepare")


def run(arguments: argparse.Namespace) -> None:
    network = Network(replace(weights.read(arguments.folder), gains_db=()))
    clips = held_clips(opened(arguments.cache), network.config.rate_hz)
    gains_db = measured(network, clips)
    written(arguments.folder, gains_db)
    print(f"lifted by {gains_db} dB between {EDGES_HZ} Hz")
