"""One half of the codec, sound to tokens or tokens to sound, as it runs in a call.

    encoder = Graph(folder / "encoder.onnx")        loaded once, shared by all calls
    stream = encoder.stream()                        one talker's
    tokens = stream.step(sound)                      a chunk at a time

What a stream remembers stands in the file's side data: names, shapes and kinds.
The graph reads the memories where they lie and gives what is new for them; `step` writes it there.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from sotto_codecs.errors import BackendUnavailable, BadWeights, WeightsMissing
from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.room import make_sure
from sotto_codecs.models import pull

ENCODER, DECODER = "encoder.onnx", "decoder.onnx"
SIDE_DATA = "sotto.focal"
POSITION = "position"  # input of what begins otherwise than it goes on: frames until now
FORMAT = 2
Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Remembered:
    """A memory. Time is axis 2."""

    name: str  # of the input; what is new for it comes out as "new." and this
    shape: tuple[int, ...]
    kind: str  # echo, silent or ring: sotto_codecs.focal.network.memory says what they are

    def remember(self, memory: Array, fresh: Array, position: int) -> None:
        """Write into `memory` what is new from frame `position` on."""
        if self.kind == "ring":
            start = position % memory.shape[2]
            memory[:, :, start : start + fresh.shape[2]] = fresh
        else:
            if self.kind == "echo" and position == 0:
                memory[:] = fresh[:, :, :1]
            _append(memory, fresh)

    def blank(self) -> Array:
        return np.zeros(self.shape, np.float32)


@dataclass(frozen=True, slots=True)
class SideData:
    config: FocalConfig
    memories: tuple[Remembered, ...]
    weights: str = ""  # a digest of the network's: both files of one network have the same

    def text(self) -> str:
        return json.dumps({"format": FORMAT} | asdict(self))

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises ValueError, KeyError, TypeError."""
        found = json.loads(text)
        if found["format"] != FORMAT:
            raise ValueError(f"its format is {found['format']}, not {FORMAT}")
        memories = (
            Remembered(it["name"], tuple(it["shape"]), it["kind"]) for it in found["memories"]
        )
        return cls(FocalConfig.of(found["config"]), tuple(memories), str(found["weights"]))


class Graph:
    takes_less = False  # it needs all bits of its tokens

    def __init__(self, file: Path, threads: int = 1) -> None:
        """Raises BackendUnavailable, WeightsMissing, BadWeights."""
        self.session = _session(file, threads)
        try:
            side = self.session.get_modelmeta().custom_metadata_map[SIDE_DATA]
            self.side = SideData.read(side)
        except (ValueError, KeyError, TypeError) as fault:
            raise _refused(file, f"it is none of ours: {fault!r}") from fault
        names = [str(it.name) for it in self.session.get_inputs()]
        self.takes, self.takes_position = names[0], POSITION in names

    def stream(self) -> "Stream":
        """Before the first chunk."""
        return Stream(self, 0, [memory.blank() for memory in self.side.memories])

    @property
    def config(self) -> FocalConfig:
        return self.side.config

    @property
    def state_bytes(self) -> int:
        """What a stream remembers."""
        return sum(4 * prod(memory.shape) for memory in self.side.memories)


class Stream:
    """One per talker, or per listener and talker."""

    def __init__(self, graph: Graph, position: int, memories: Sequence[Array]) -> None:
        self._graph, self._position, self._memories = graph, position, memories

    def step(self, chunk: Array, carried: int = 0) -> Array:
        """A chunk of sound (samples,) -> tokens (frames,), or the other way round; all bits of
        tokens are `carried`."""
        graph = self._graph
        described = graph.side.memories
        given = {it.name: memory for it, memory in zip(described, self._memories, strict=True)}
        given[graph.takes] = chunk[np.newaxis]
        if graph.takes_position:
            given[POSITION] = np.array(self._position, np.int64)
        y, *fresh = graph.session.run(None, given)
        for it, memory, new in zip(described, self._memories, fresh, strict=True):
            it.remember(memory, new, self._position)
        self._position += graph.side.config.chunk
        return np.asarray(y[0])

    def fork(self) -> "Stream":
        """The same stream once more; from here on they do not touch each other."""
        return Stream(self._graph, self._position, [memory.copy() for memory in self._memories])


def _append(memory: Array, fresh: Array) -> None:
    """Move all rows up by those of `fresh`, and put it last."""
    flat, values = memory.reshape(-1), fresh.shape[2] * prod(memory.shape[3:])
    # one move for all: what crosses from one row of axis 1 into the one before is overwritten next
    flat[:-values] = flat[values:]
    memory[:, :, -fresh.shape[2] :] = fresh


def _session(file: Path, threads: int) -> Any:
    try:
        import onnxruntime
    except ImportError as fault:
        remedy = "pip install 'sotto-call[media]'"
        raise BackendUnavailable("the package onnxruntime is missing", remedy) from fault
    if not file.exists():
        mend = _export(file) if file.parent.exists() else pull(file.parent.name)
        raise WeightsMissing(f"there is no {file}", mend)
    make_sure(file)
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads, options.intra_op_num_threads = 1, threads
    # threads that wait by spinning: on a busy machine 2.7 times the work, and 5 times as long
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(file), options, ["CPUExecutionProvider"])
    except Exception as fault:  # onnxruntime's own, which share no base; a broken file
        raise _refused(file, str(fault)) from fault


def _refused(file: Path, why: str) -> BadWeights:
    return BadWeights(f"{file} cannot be loaded: {why}", _export(file))


def _export(file: Path) -> str:
    return f"sotto models export {file.parent.name}"
