"""The network -> two ONNX files, encoder and decoder apart, each for one chunk at a time.

Memories are named inputs (`focal.0`); what is new for them is a named output (`new.focal.0`). How
they begin is side data of the file: see sotto_codecs.focal.graph, which runs it.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.quant_utils import add_pre_process_metadata
from torch import Tensor, nn

from sotto_codecs.focal.config import FocalConfig
from sotto_codecs.focal.graph import DECODER, ENCODER, SIDE_DATA, Remembered, SideData
from sotto_codecs.focal.network.checkpoint import load
from sotto_codecs.focal.network.memory import kind, named, with_tensors
from sotto_codecs.focal.network.network import FocalCodec, Heard
from sotto_codecs.focal.published import WEIGHTS, read

OPSET = 17
LARGE = 256  # values: what has less is kept as it is


@dataclass(frozen=True, slots=True)
class Store:
    """How matrices are kept."""

    bits: int = 32  # or 8; or 16, which are unfolded when it is loaded


def export(codec: FocalCodec, folder: Path, int8: bool = True) -> None:
    """Write ENCODER and DECODER; with `int8` their matrices take a quarter."""
    folder.mkdir(parents=True, exist_ok=True)
    config = codec.config
    sound = torch.zeros(1, config.chunk_samples)
    tokens = torch.zeros(1, config.chunk, dtype=torch.int64)
    digest = digest_of(codec)
    store = Store(bits=8) if int8 else Store()
    written(folder / ENCODER, codec.encoder, ("sound", sound, "tokens"), digest, store)
    written(folder / DECODER, codec.decoder, ("tokens", tokens, "sound"), digest, store)


def digest_of(codec: nn.Module) -> str:
    """Of the weights, however they are exported: 16 hex digits."""
    whole = sha256()
    for name, value in codec.state_dict().items():
        whole.update(name.encode())
        whole.update(value.detach().contiguous().cpu().numpy().tobytes())
    return whole.hexdigest()[:16]


def export_pulled(folder: Path, int8: bool = True) -> None:
    """What was pulled into a folder, as what a call runs, beside it; raises as `read`, `load`."""
    export(load(folder / WEIGHTS, read(folder)), folder, int8)


class Side(Protocol):
    """A network that goes from one state to the next."""

    config: FocalConfig

    def blank(self, batch: int) -> Any: ...
    def __call__(self, x: Tensor, state: Any) -> tuple[Any, Any]: ...


class _Step(nn.Module):
    """Encoder or decoder, taking and giving single tensors."""

    def __init__(self, side: Side) -> None:
        super().__init__()
        self.side, self.blank = side, side.blank(1)

    def forward(self, x: Tensor, *state: Tensor) -> tuple[Tensor, ...]:
        """What comes out, and what is new: as many rows as a memory has at most; no position."""
        y, fresh = self.side(x, with_tensors(self.blank, list(state)))
        pairs = zip(named(self.blank), named(fresh), strict=True)
        rows = (new[:, :, -old.shape[2] :] for (_, old), (_, new) in pairs if old.dim())
        return y.tokens if isinstance(y, Heard) else y, *rows


def written(
    file: Path, side: Side, given: tuple[str, Tensor, str], digest: str, store: Store
) -> None:
    """One half. `given` is what its input is called, an example, and what its output is called."""
    name, example, gives = given
    blank = list(named(side.blank(1)))
    memories = [Remembered(name, tuple(it.shape), kind(name)) for name, it in blank if it.dim()]
    takes = [name, *(it for it, _ in blank)]
    state = [value for _, value in blank]
    fresh = [f"new.{it.name}" for it in memories]
    _trace(_Step(side), (example, *state), file, takes, [gives, *fresh])
    _fold(file)
    if store.bits == 8:
        _in_eight_bits(file)
    if store.bits == 16:
        _in_sixteen_bits(file)
    graph = onnx.load(file)
    entry = graph.metadata_props.add()
    entry.key, entry.value = SIDE_DATA, SideData(side.config, tuple(memories), digest).text()
    onnx.save(graph, file)


def _in_eight_bits(file: Path) -> None:
    folded = onnx.load(file)
    add_pre_process_metadata(folded)  # or it warns that nothing was folded
    quantize_dynamic(
        folded,
        file,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        weight_type=QuantType.QInt8,
    )


def _in_sixteen_bits(file: Path) -> None:
    model = onnx.load(file)
    held, casts = [], []
    for it in model.graph.initializer:
        if it.data_type == TensorProto.FLOAT and numpy_helper.to_array(it).size >= LARGE:
            half = numpy_helper.to_array(it).astype(np.float16)
            casts.append(helper.make_node("Cast", [f"{it.name}.16"], [it.name], to=it.data_type))
            it = numpy_helper.from_array(half, f"{it.name}.16")
        held.append(it)
    nodes = [*casts, *model.graph.node]
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(held)
    model.graph.node.extend(nodes)
    onnx.save(model, file)


def _fold(file: Path) -> None:
    """What follows from weights alone becomes weights, so that every matrix is seen as one."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(file.with_suffix(".folded"))
    # that fusion flattens each product and shapes it back: nothing once the matrix has 8 bits
    unwanted = ["MatMulAddFusion"]
    onnxruntime.InferenceSession(
        str(file), options, ["CPUExecutionProvider"], disabled_optimizers=unwanted
    )
    file.with_suffix(".folded").replace(file)


def _trace(
    step: _Step, given: tuple[Tensor, ...], file: Path, takes: Sequence[str], gives: Sequence[str]
) -> None:
    with warnings.catch_warnings(), torch.no_grad():
        # it warns that there is a newer one (which needs two more packages), and of fixed sizes
        warnings.simplefilter("ignore")
        torch.onnx.export(
            step.eval(),
            given,
            file,
            input_names=takes,
            output_names=gives,
            opset_version=OPSET,
            dynamo=False,
        )
