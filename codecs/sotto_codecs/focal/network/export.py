"""The network -> two ONNX files, encoder and decoder apart, each for one chunk at a time.

Memories are named inputs (`focal.0`); what is new for them is a named output (`new.focal.0`). How
they begin is side data of the file: see sotto_codecs.focal.graph, which runs it.
"""

import warnings
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.quant_utils import add_pre_process_metadata
from torch import Tensor, nn

from sotto_codecs.focal.graph import DECODER, ENCODER, SIDE_DATA, Remembered, SideData
from sotto_codecs.focal.network.checkpoint import load
from sotto_codecs.focal.network.memory import kind, named, with_tensors
from sotto_codecs.focal.network.network import Decoder, Encoder, FocalCodec, Heard
from sotto_codecs.focal.published import WEIGHTS, read

OPSET = 17


def export(codec: FocalCodec, folder: Path, int8: bool = True) -> None:
    """Write ENCODER and DECODER; with `int8` their matrices take a quarter."""
    folder.mkdir(parents=True, exist_ok=True)
    config = codec.config
    sound = torch.zeros(1, config.chunk_samples)
    tokens = torch.zeros(1, config.chunk, dtype=torch.int64)
    digest = digest_of(codec)
    _write(folder / ENCODER, _Step(codec.encoder), ("sound", sound), digest, int8=int8)
    _write(folder / DECODER, _Step(codec.decoder), ("tokens", tokens), digest, int8=int8)


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


class _Step(nn.Module):
    """Encoder or decoder, taking and giving single tensors."""

    def __init__(self, side: Encoder | Decoder) -> None:
        super().__init__()
        self.side, self.blank = side, side.blank(1)

    def forward(self, x: Tensor, *state: Tensor) -> tuple[Tensor, ...]:
        """What comes out, and what is new: as many rows as a memory has at most; no position."""
        y, fresh = self.side(x, with_tensors(self.blank, list(state)))
        pairs = zip(named(self.blank), named(fresh), strict=True)
        rows = (new[:, :, -old.shape[2] :] for (_, old), (_, new) in pairs if old.dim())
        return y.tokens if isinstance(y, Heard) else y, *rows


def _write(file: Path, step: _Step, given: tuple[str, Tensor], digest: str, *, int8: bool) -> None:
    names = [name for name, _ in named(step.blank)]
    memories = [
        Remembered(name, tuple(value.shape), kind(name))
        for name, value in named(step.blank)
        if value.dim()
    ]
    name, example = given
    gives = ["tokens" if name == "sound" else "sound", *(f"new.{it.name}" for it in memories)]
    state = [value for _, value in named(step.blank)]
    _trace(step, (example, *state), file, [name, *names], gives)
    _fold(file)
    if int8:
        folded = onnx.load(file)
        add_pre_process_metadata(folded)  # or it warns that nothing was folded
        quantize_dynamic(
            folded,
            file,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            weight_type=QuantType.QInt8,
        )
    graph = onnx.load(file)
    entry = graph.metadata_props.add()
    side = SideData(step.side.config, tuple(memories), digest)
    entry.key, entry.value = SIDE_DATA, side.text()
    onnx.save(graph, file)


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
