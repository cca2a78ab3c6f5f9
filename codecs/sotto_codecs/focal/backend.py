"""FocalCodec-Stream in a call: 24 kHz mono at the seam, 80 ms of delay, 550, 600 or 800 bit/s.

Not registered yet: the published weights are no part of Sotto, and a small member of the family is
not trained. A folder of what `sotto models export` wrote is all that it wants.

What is lost is guessed, by saying the last token on; the guess fades after 0.12 s. After silence,
and after a loss that has faded, the stream begins anew.
"""

from copy import copy
from functools import cache
from pathlib import Path
from typing import Self

import numpy as np

from sotto_codecs.base import CodecSpec, Frame, Pcm
from sotto_codecs.errors import BadSettings, BadWeights
from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.graph import DECODER, ENCODER, Array, Graph, Stream
from sotto_codecs.focal.thirds import DELAY_SAMPLES, Thirds
from sotto_codecs.focal.tokens import chunks_of, packed, size_of, unpacked
from sotto_codecs.models import pull
from sotto_codecs.pcm import checked
from sotto_codecs.tiny.fading import Fading

RATES = {"550": 11, "600": 12, "800": 16}  # bits of a token
NOTHING = 1 / 32768  # digital silence


class Focal:
    """The codec; `encoder()` and `decoder()` are the streams."""

    def __init__(self, rate: str = "600", models_dir: str = "", threads: int = 1) -> None:
        """`models_dir` holds a folder for each rate: focal-600.

        Raises BadSettings, BackendUnavailable, WeightsMissing, BadWeights.
        """
        if rate not in RATES:
            raise BadSettings(f"focal: rate is {', '.join(RATES)}, not {rate!r}")
        self._graphs = loaded(Path(models_dir) / f"focal-{rate}", threads)
        config = self._graphs[0].side.config
        if config.bits != RATES[rate] or self._graphs[1].side.config != config:
            found = " and ".join(graph.side.config.name for graph in self._graphs)
            raise BadWeights(f"{models_dir}/focal-{rate} holds {found}", pull(f"focal-{rate}"))
        self._spec = CodecSpec(
            name="focal",
            version=1,
            sample_rate_hz=config.out_rate_hz,
            channels=1,
            frame_samples=chunks_of(config) * config.out_samples,
            payload_bps=config.payload_bps,
            delay_samples=DELAY_SAMPLES,
            frame_bytes=size_of(config),
            forkable=True,
        )

    @property
    def spec(self) -> CodecSpec:
        return self._spec

    @property
    def state_bytes(self) -> int:
        """What one direction remembers, both ends together."""
        return sum(graph.state_bytes for graph in self._graphs)

    def encoder(self) -> "Encoder":
        return Encoder(self._spec, self._graphs[0])

    def decoder(self) -> "Decoder":
        return Decoder(self._spec, self._graphs[1])


class Encoder:
    """One talker's stream."""

    def __init__(self, spec: CodecSpec, graph: Graph) -> None:
        self._spec, self._graph = spec, graph
        self._stream: Stream | None = None  # until somebody talks
        self._thirds, self._was_silent = Thirds.blank(), True
        self._start_sample = 0

    def encode(self, pcm: Pcm) -> list[Frame]:
        pcm = checked(pcm, self._spec)
        is_silent = float(np.abs(pcm).max()) <= NOTHING
        if is_silent and self._was_silent:
            payload = b""
            self.flush()
        else:
            payload = self._payload(pcm)
        self._was_silent = is_silent
        frame = Frame(payload, self._start_sample, self._spec.frame_samples)
        self._start_sample += self._spec.frame_samples
        return [frame]

    def flush(self) -> list[Frame]:
        self._stream = None
        self._thirds, self._was_silent = Thirds.blank(), True
        return []

    def _payload(self, pcm: Pcm) -> bytes:
        config, stream = self._graph.side.config, self._stream or self._graph.stream()
        self._stream = stream
        heard, self._thirds = self._thirds.step(pcm)
        chunks = heard.reshape(-1, config.chunk_samples)
        return packed(np.concatenate([stream.step(one) for one in chunks]), config.bits)


class Decoder:
    """One talker's stream at one listener."""

    def __init__(self, spec: CodecSpec, graph: Graph) -> None:
        self._spec, self._graph = spec, graph
        self._stream = graph.stream()
        self._fading = Fading(spec.sample_rate_hz)
        self._last = np.zeros((), np.int64)

    def decode(self, frame: Frame | None) -> Pcm:
        if frame is None or not frame.payload:
            return self._guessed(is_pause=frame is not None)
        chunks = unpacked(frame.payload, self._graph.side.config)
        if self._fading.is_silent:
            self._stream = self._graph.stream()
        sound, self._fading = self._fading.arrived(self._said(chunks))
        self._last = chunks[-1, -1]
        return sound

    def recover(self, following: Frame) -> Pcm:
        return self.decode(None)  # a frame says nothing of the one before it

    def fork(self) -> Self:
        other = copy(self)
        other._stream = self._stream.fork()
        return other

    def _guessed(self, is_pause: bool) -> Pcm:
        if self._fading.is_silent:
            return np.zeros(self._spec.frame_samples, np.float32)
        config = self._graph.side.config
        guess = self._said(np.full((chunks_of(config), config.chunk), self._last))
        fade = self._fading.hushed if is_pause else self._fading.lost
        sound, self._fading = fade(guess)
        return sound

    def _said(self, chunks: Array) -> Pcm:
        return np.concatenate([self._stream.step(chunk) for chunk in chunks])


@cache
def loaded(folder: Path, threads: int) -> tuple[Graph, Graph]:
    """Encoder and decoder, once for all calls, and warm."""
    graphs = Graph(folder / ENCODER, threads), Graph(folder / DECODER, threads)
    config: FocalConfig = graphs[0].side.config
    silence = np.zeros(config.chunk_samples, np.float32)
    graphs[1].stream().step(graphs[0].stream().step(silence))
    return graphs
