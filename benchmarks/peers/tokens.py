"""What EnCodec and Mimi have in common: weights in a folder, and streams of residual indices.

The model turns a frame into some steps of one index per code book, and such steps into sound. A
lost frame is the last one decoded again while it fades: neither model has a concealment of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from benchmarks.peers.indices import pack, unpack
from sotto_codecs.base import CodecSpec, Frame, Pcm
from sotto_codecs.conceal import FADE_S, FALL_S, Concealment
from sotto_codecs.errors import BackendUnavailable, BadFrame, WeightsMissing
from sotto_codecs.pcm import checked

Indices = npt.NDArray[np.int64]  # (steps, books)
Analyse = Callable[[Pcm], Indices]  # one talker's stream
Synthesise = Callable[[Indices], Pcm]  # one talker's stream at one listener

FILES = ("config.json", "model.safetensors")


@dataclass(frozen=True, slots=True)
class Layout:
    """Of the indices in a payload: step after step, in each the coarsest book first."""

    steps: int
    books: int
    index_bits: int

    @property
    def frame_bytes(self) -> int:
        return -(-self.steps * self.books * self.index_bits // 8)

    def pack(self, indices: Indices) -> bytes:
        return pack(indices.ravel().tolist(), self.index_bits)

    def unpack(self, payload: bytes) -> Indices:
        """Raises ValueError."""
        flat = unpack(payload, self.index_bits, self.steps * self.books)
        return np.array(flat, np.int64).reshape(self.steps, self.books)


class Encoder:
    """One talker's stream."""

    def __init__(self, spec: CodecSpec, layout: Layout, start: Callable[[], Analyse]) -> None:
        self._spec = spec
        self._layout = layout
        self._start = start
        self._analyse = start()
        self._start_sample = 0

    def encode(self, pcm: Pcm) -> list[Frame]:
        payload = self._layout.pack(self._analyse(checked(pcm, self._spec)))
        frame = Frame(payload, self._start_sample, self._spec.frame_samples)
        self._start_sample += self._spec.frame_samples
        return [frame]

    def flush(self) -> list[Frame]:
        self._analyse = self._start()
        return []


class Decoder:
    """One talker's stream at one listener."""

    def __init__(self, spec: CodecSpec, layout: Layout, synthesise: Synthesise) -> None:
        self._spec = spec
        self._layout = layout
        self._synthesise = synthesise
        self._concealment = Concealment(spec.sample_rate_hz)
        self._last: Indices | None = None

    def decode(self, frame: Frame | None) -> Pcm:
        if frame is None:
            return self._lost(FADE_S)
        if not frame.payload:
            return self._lost(FALL_S)
        try:
            self._last = self._layout.unpack(frame.payload)
        except ValueError as fault:
            raise BadFrame(f"{self._spec.name}: {fault}") from fault
        return self._concealment.arrived(self._sound(self._last))

    def recover(self, following: Frame) -> Pcm:
        return self.decode(None)  # a frame says nothing of the one before it

    def fork(self) -> Self:
        raise NotImplementedError("the state of the model's layers is not copied")

    def _lost(self, fade_s: float) -> Pcm:
        again = None
        if self._last is not None and not self._concealment.is_silent:
            again = self._sound(self._last)
        return self._concealment.lost(self._spec.frame_samples, fade_s, again)

    def _sound(self, indices: Indices) -> Pcm:
        return np.clip(self._synthesise(indices), -1.0, 1.0)


def load_model(class_name: str, folder: Path, published_as: str, wanted: dict[str, Any]) -> Any:
    """A model of `transformers` from its folder, never from a network, ready to run.

    `wanted` is what its config must say. Raises BackendUnavailable, WeightsMissing.
    """
    remedy = f"put {' and '.join(FILES)} of {published_as} into {folder}"
    if not all((folder / name).is_file() for name in FILES):
        raise WeightsMissing(f"no weights of {published_as} in {folder}", remedy)
    try:
        import torch

        transformers: Any = import_module("transformers")
    except ImportError as fault:
        reason = f"the package {fault.name} is missing"
        raise BackendUnavailable(reason, "pip install '.[torch]'") from fault
    torch.set_num_threads(1)  # of this process: steps are short, and two threads only wait
    transformers.utils.logging.disable_progress_bar()  # it would run through the tables
    try:
        model, found = getattr(transformers, class_name).from_pretrained(
            folder, local_files_only=True, output_loading_info=True
        )
    except Exception as fault:  # what a damaged file raises depends on where it is damaged
        raise WeightsMissing(f"the weights in {folder} cannot be read: {fault}", remedy) from fault
    other = {key: getattr(model.config, key) for key in wanted} != wanted
    if found["missing_keys"] or other:  # the library would go on with random numbers
        raise WeightsMissing(f"what is in {folder} is not {published_as}", remedy)
    return model.eval()
