"""Mimi (kyutai/mimi; arXiv 2410.00037) with 8 and with 4 of its books: 1.1 kbit/s and 550 bit/s.

12.5 steps of 1920 samples at 24 kHz in a second, each with one index of 11 bits per book. With four
books two steps share a frame, so that the bytes are full. The layers run one step at a time with
their state: the convolutions by seanet.py, the transformers by their library's cache of keys and
values, which looks back as far as the model does (10 s).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.peers.seanet import Chain, Step, stream_of
from benchmarks.peers.tokens import Decoder, Encoder, Indices, Layout, load_model
from sotto_codecs.base import CodecSpec, Pcm
from sotto_codecs.errors import BadSettings

if TYPE_CHECKING:
    from torch import Tensor

RATE_HZ = 24_000
STEP_SAMPLES = 1920
LAYOUTS = {550: Layout(2, 4, index_bits=11), 1100: Layout(1, 8, index_bits=11)}
CONFIG = {
    "sampling_rate": RATE_HZ,
    "frame_size": STEP_SAMPLES,
    "codebook_size": 2048,
    "audio_channels": 1,
}


class Mimi:
    """The loaded model; `encoder()` and `decoder()` are the streams."""

    def __init__(self, bitrate_bps: int, folder: str) -> None:
        """`folder` as on the model hub. Raises BadSettings, WeightsMissing, BackendUnavailable."""
        if bitrate_bps not in LAYOUTS:
            rates = ", ".join(map(str, LAYOUTS))
            raise BadSettings(f"mimi: bitrate_bps is one of {rates}, not {bitrate_bps!r}")
        self._layout = LAYOUTS[bitrate_bps]
        self._model = load_model("MimiModel", Path(folder), "kyutai/mimi", CONFIG)
        self._spec = CodecSpec(
            name="mimi",
            version=1,
            sample_rate_hz=RATE_HZ,
            channels=1,
            frame_samples=self._layout.steps * STEP_SAMPLES,
            payload_bps=bitrate_bps,
            delay_samples=0,  # by its layers: all their padding is in the past
            frame_bytes=self._layout.frame_bytes,
        )

    @property
    def spec(self) -> CodecSpec:
        return self._spec

    def encoder(self) -> Encoder:
        return Encoder(self._spec, self._layout, lambda: Analysis(self._model, self._layout.books))

    def decoder(self) -> Decoder:
        return Decoder(self._spec, self._layout, Synthesis(self._model))


class Analysis:
    """One talker's stream through the model."""

    def __init__(self, model: Any, books: int) -> None:
        half = model.encoder
        self._steps: list[Step] = [
            Chain(half.encoder_seanet.layers),
            transformed(half.encoder_transformer),
            stream_of(half.downsample),
        ]
        self._quantiser = model.quantizer
        self._books = books

    def __call__(self, pcm: Pcm) -> Indices:
        import torch

        with torch.inference_mode():
            x = torch.from_numpy(pcm)[None, None]
            for step in self._steps:
                x = step(x)
            indices: Indices = self._quantiser.encode(x, self._books)[:, 0].T.numpy()
        return indices


class Synthesis:
    """One talker's stream at one listener through the model."""

    def __init__(self, model: Any) -> None:
        half = model.decoder
        self._steps: list[Step] = [
            stream_of(half.upsample),
            transformed(half.decoder_transformer),
            Chain(half.decoder_seanet.layers),
        ]
        self._quantiser = model.quantizer

    def __call__(self, indices: Indices) -> Pcm:
        import torch

        with torch.inference_mode():
            x = self._quantiser.decode(torch.from_numpy(indices.T[None]))
            for step in self._steps:
                x = step(x)
            pcm: Pcm = x[0, 0].numpy()
        return pcm


def transformed(transformer: Any) -> Step:
    """One stream through `transformer`, which keeps the keys and values of its past."""
    from transformers import DynamicCache

    cache = DynamicCache(config=transformer.config)

    def step(x: "Tensor") -> "Tensor":
        out = transformer(x.transpose(1, 2), past_key_values=cache, use_cache=True)
        states: Tensor = out.last_hidden_state.transpose(1, 2)
        return states

    return step
