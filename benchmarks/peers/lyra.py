"""Lyra v2 (google/lyra 1.3.2) at 3.2, 6 and 9.2 kbit/s, by its three published TFLite graphs.

Every 20 ms at 16 kHz: `soundstream_encoder` makes 64 features of 320 samples, `quantizer` makes
4-bit indices of them and features of these again, `lyragan` makes 320 samples. The rate is the
number of quantisers: 16, 30 or 46. Their bits fill 8, 15 or 23 bytes without waste.

The C++ library has a way of its own to bridge lost packets, with comfort noise; it is in no graph.
Here the last features are decoded again while the sound fades: plainer, so a figure with losses is
a lower bound of what Lyra can do. Its discontinuous transmission is not in the graphs either.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from benchmarks.peers.indices import pack, unpack
from sotto_codecs.base import CodecSpec, Frame, Pcm
from sotto_codecs.conceal import FALL_S, Concealment
from sotto_codecs.errors import BackendUnavailable, BadFrame, BadSettings, WeightsMissing
from sotto_codecs.pcm import checked

if TYPE_CHECKING:
    from ai_edge_litert.interpreter import Interpreter

RATE_HZ = 16_000
FRAME_SAMPLES = 320
INDEX_BITS = 4
QUANTISERS = {3200: 16, 6000: 30, 9200: 46}
MOST_QUANTISERS = 46  # the graph takes that many indices, the unused ones as -1
FADE_S = 0.12  # of a loss

# Measured on ten sentences at each rate: the cross-correlation of input and output is highest
# within a sample of this lag (0.59 to 0.92), and STOI at it. The graphs only look back.
DELAY_SAMPLES = 0

ENCODER, QUANTISER, DECODER = GRAPHS = ("soundstream_encoder", "quantizer", "lyragan")

Features = npt.NDArray[np.float32]


class Lyra:
    """The three graphs as bytes; every stream builds interpreters of its own from them."""

    def __init__(self, bitrate_bps: int, folder: str) -> None:
        """Raises BadSettings, WeightsMissing, BackendUnavailable."""
        if bitrate_bps not in QUANTISERS:
            rates = ", ".join(map(str, QUANTISERS))
            raise BadSettings(f"lyra: bitrate_bps is one of {rates}, not {bitrate_bps!r}")
        self._quantisers = QUANTISERS[bitrate_bps]
        self._graphs = read_graphs(Path(folder))
        new_interpreter(self._graphs[QUANTISER])  # so that what is missing is known now
        self._spec = CodecSpec(
            name="lyra",
            version=2,
            sample_rate_hz=RATE_HZ,
            channels=1,
            frame_samples=FRAME_SAMPLES,
            payload_bps=bitrate_bps,
            delay_samples=DELAY_SAMPLES,
            frame_bytes=INDEX_BITS * self._quantisers // 8,
        )

    @property
    def spec(self) -> CodecSpec:
        return self._spec

    def encoder(self) -> "Encoder":
        return Encoder(self._spec, self._graphs, self._quantisers)

    def decoder(self) -> "Decoder":
        return Decoder(self._spec, self._graphs, self._quantisers)


class Encoder:
    """One talker's stream."""

    def __init__(self, spec: CodecSpec, graphs: Mapping[str, bytes], quantisers: int) -> None:
        self._spec = spec
        self._quantisers = np.int32(quantisers)
        self._graph = graphs[ENCODER]
        self._features_of = new_interpreter(self._graph).get_signature_runner()
        self._indices_of = new_interpreter(graphs[QUANTISER]).get_signature_runner("encode")
        self._start_sample = 0

    def encode(self, pcm: Pcm) -> list[Frame]:
        samples = checked(pcm, self._spec)[np.newaxis]
        features = self._features_of(input_audio=samples)["output_0"]
        indices = self._indices_of(input_frames=features, num_quantizers=self._quantisers)
        used = indices["output_0"].ravel()[: self._quantisers]
        frame = Frame(pack(used.tolist(), INDEX_BITS), self._start_sample, FRAME_SAMPLES)
        self._start_sample += FRAME_SAMPLES
        return [frame]

    def flush(self) -> list[Frame]:
        # reset_all_variables() of ai-edge-litert 2.3 leaves these graphs' state as it was
        self._features_of = new_interpreter(self._graph).get_signature_runner()
        return []


class Decoder:
    """One talker's stream at one listener."""

    def __init__(self, spec: CodecSpec, graphs: Mapping[str, bytes], quantisers: int) -> None:
        self._spec = spec
        self._quantisers = quantisers
        self._features_of = new_interpreter(graphs[QUANTISER]).get_signature_runner("decode")
        self._sound_of = new_interpreter(graphs[DECODER]).get_signature_runner()
        self._concealment = Concealment(RATE_HZ)
        self._last: Features | None = None

    def decode(self, frame: Frame | None) -> Pcm:
        if frame is None:
            return self._lost(FADE_S)
        if not frame.payload:
            return self._lost(FALL_S)
        self._last = self._features(frame.payload)
        return self._concealment.arrived(self._sound(self._last))

    def recover(self, following: Frame) -> Pcm:
        return self.decode(None)  # a frame of Lyra says nothing of the one before it

    def fork(self) -> Self:
        raise NotImplementedError("an interpreter's state cannot be copied")

    def _features(self, payload: bytes) -> Features:
        if len(payload) != self._spec.frame_bytes:
            size = f"{len(payload)} bytes in a frame of {self._spec.frame_bytes}"
            raise BadFrame(f"lyra: {size}")
        indices = np.full((MOST_QUANTISERS, 1, 1), -1, np.int32)
        indices[: self._quantisers, 0, 0] = unpack(payload, INDEX_BITS, self._quantisers)
        features: Features = self._features_of(encoding_indices=indices)["output_0"]
        return features

    def _sound(self, features: Features) -> Pcm:
        samples: Pcm = self._sound_of(input_audio=features)["output_0"][0]
        return np.clip(samples, -1.0, 1.0)

    def _lost(self, fade_s: float) -> Pcm:
        again = None
        if self._last is not None and not self._concealment.is_silent:
            again = self._sound(self._last)
        return self._concealment.lost(FRAME_SAMPLES, fade_s, again)


def read_graphs(folder: Path) -> dict[str, bytes]:
    """By name. Raises WeightsMissing."""
    try:
        return {name: (folder / f"{name}.tflite").read_bytes() for name in GRAPHS}
    except OSError as fault:
        wanted = ", ".join(f"{name}.tflite" for name in GRAPHS)
        remedy = f"--lyra DIR, where DIR has {wanted} of google/lyra 1.3.2"
        raise WeightsMissing(f"no graphs of Lyra in {folder}", remedy) from fault


def new_interpreter(graph: bytes) -> "Interpreter":
    """At its start state. Raises BackendUnavailable."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as fault:
        raise BackendUnavailable(
            "the package ai-edge-litert is missing", "pip install '.[bench]'"
        ) from fault
    return Interpreter(model_content=graph, num_threads=1)
