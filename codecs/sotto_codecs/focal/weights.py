"""Which weights speak: the published ones, one network a rate, or the small ones that come with the
code, one network for all rates.

Published ones are a folder each (focal-600) that `sotto models export` wrote. The small ones lie
beside a manifest.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self
from weakref import WeakValueDictionary

import numpy as np

from sotto_codecs.errors import BadWeights
from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.graph import DECODER, ENCODER, Array, Graph
from sotto_codecs.focal.small import DELAY_SAMPLES, read
from sotto_codecs.models import pull
from sotto_codecs.shipped import folder_of, read_manifest

FORMAT = 1  # of the small ones' folder
PUBLISHED = 1 << 64  # versions from here on are digests of weights


class Stream(Protocol):
    """What one direction of a call remembers of one half."""

    def step(self, chunk: Array, carried: int = 0) -> Array:
        """As sotto_codecs.focal.graph.Stream has it."""

    def fork(self) -> Self: ...


class Half(Protocol):
    """Encoder or decoder: shared by all calls."""

    @property
    def config(self) -> FocalConfig: ...
    @property
    def state_bytes(self) -> int: ...
    @property
    def takes_less(self) -> bool:
        """It does without the last bits of tokens, or without all of them."""

    def stream(self) -> Stream: ...


@dataclass(frozen=True)
class Member:
    """A network of the family, loaded once for all calls, and warm."""

    version: int  # of the bit stream: other weights, another version
    encoder: Half
    decoder: Half
    delay_samples: int = 0  # beyond the chunk, at the rate that it speaks

    @property
    def config(self) -> FocalConfig:
        return self.decoder.config

    def serves(self, bits: int) -> bool:
        """Tokens of so many bits, as they are or as the first ones of its own."""
        return bits == self.config.bits or (bits < self.config.bits and self.decoder.takes_less)


_here = WeakValueDictionary[tuple[Path, int], Member]()  # as long as somebody has it


def shipped() -> Path:
    """The folder of the weights that come with the code."""
    return folder_of("focal")


def small(folder: Path, threads: int) -> Member:
    """Raises BackendUnavailable, WeightsMissing, BadWeights."""
    member = _here.get((folder, threads))
    return member or _kept(_beside_manifest(folder, threads), folder, threads)


def published(folder: Path, bits: int, threads: int) -> Member:
    """Of a folder like focal-600. Raises as `small` does."""
    member = _here.get((folder, threads)) or _kept(_exported(folder, threads), folder, threads)
    if member.config.bits != bits:
        raise BadWeights(f"{folder} holds {member.config.name}", pull(folder.name))
    return member


def _kept(member: Member, folder: Path, threads: int) -> Member:
    """The first run of a graph takes longer: here, not in a call."""
    silence = np.zeros(member.config.chunk_samples, np.float32)
    member.decoder.stream().step(member.encoder.stream().step(silence), member.config.bits)
    return _here.setdefault((folder, threads), member)


def _exported(folder: Path, threads: int) -> Member:
    encoder, decoder = Graph(folder / ENCODER, threads), Graph(folder / DECODER, threads)
    if (encoder.side.weights, encoder.config) != (decoder.side.weights, decoder.config):
        raise BadWeights(f"{folder} holds halves of two networks", pull(folder.name))
    return Member(PUBLISHED + int(decoder.side.weights, 16), encoder, decoder)


def _beside_manifest(folder: Path, threads: int) -> Member:
    manifest = read_manifest(folder, FORMAT)
    return Member(manifest.version, *read(manifest, threads), DELAY_SAMPLES)
