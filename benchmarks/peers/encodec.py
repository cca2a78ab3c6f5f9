"""EnCodec at 24 kHz (facebook/encodec_24khz; arXiv 2210.13438) at 1.5, 3 and 6 kbit/s.

75 steps of 320 samples in a second; each has one index of 10 bits for each of 2, 4 or 8 books. Two
steps share a frame, so that 1.5 kbit/s fills its bytes as well. The layers run one frame at a time
with their state (seanet.py). The language model that can squeeze EnCodec's indices further is not
in `transformers` and not used.
"""

from pathlib import Path
from typing import Any

from benchmarks.peers.seanet import Chain
from benchmarks.peers.tokens import Decoder, Encoder, Indices, Layout, load_model
from sotto_codecs.base import CodecSpec, Pcm
from sotto_codecs.errors import BadSettings

RATE_HZ = 24_000
STEP_SAMPLES = 320
STEPS = 2
BOOKS = {1500: 2, 3000: 4, 6000: 8}
CONFIG = {
    "sampling_rate": RATE_HZ,
    "hop_length": STEP_SAMPLES,
    "codebook_size": 1024,
    "audio_channels": 1,
    "normalize": False,
}


class EnCodec:
    """The loaded model; `encoder()` and `decoder()` are the streams."""

    def __init__(self, bitrate_bps: int, folder: str) -> None:
        """`folder` as on the model hub. Raises BadSettings, WeightsMissing, BackendUnavailable."""
        if bitrate_bps not in BOOKS:
            rates = ", ".join(map(str, BOOKS))
            raise BadSettings(f"encodec: bitrate_bps is one of {rates}, not {bitrate_bps!r}")
        self._layout = Layout(STEPS, BOOKS[bitrate_bps], index_bits=10)
        self._model = load_model("EncodecModel", Path(folder), "facebook/encodec_24khz", CONFIG)
        fix_weights(self._model)
        self._spec = CodecSpec(
            name="encodec",
            version=1,
            sample_rate_hz=RATE_HZ,
            channels=1,
            frame_samples=STEPS * STEP_SAMPLES,
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
        self._seanet = Chain(model.encoder.layers)
        self._quantisers = model.quantizer.layers[:books]

    def __call__(self, pcm: Pcm) -> Indices:
        import torch

        with torch.inference_mode():
            residual = self._seanet(torch.from_numpy(pcm)[None, None])
            books = []
            for quantiser in self._quantisers:
                books.append(quantiser.encode(residual))
                residual = residual - quantiser.decode(books[-1])
            indices: Indices = torch.cat(books).T.numpy()
        return indices


class Synthesis:
    """One talker's stream at one listener through the model."""

    def __init__(self, model: Any) -> None:
        self._seanet = Chain(model.decoder.layers)
        self._quantiser = model.quantizer

    def __call__(self, indices: Indices) -> Pcm:
        import torch

        with torch.inference_mode():
            codes = torch.from_numpy(indices.T[:, None])
            pcm: Pcm = self._seanet(self._quantiser.decode(codes))[0, 0].numpy()
        return pcm


def fix_weights(model: Any) -> None:
    """Work out the weights that training keeps as direction and length, once for all steps."""
    from torch.nn.utils import parametrize

    for module in model.modules():
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight")
