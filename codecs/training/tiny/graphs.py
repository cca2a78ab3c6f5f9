"""The trained layers as ONNX graphs: encoder, pitch, filters. What ONNX holds badly (Fourier
transforms, pulses, overlapping) is numpy's in sotto_codecs.tiny.

All sequences are (time, channels) of one stream. Memories of a stack lie in one tensor, one after
the other in time, named as in `sotto_codecs.tiny.network`; a blank memory is zero.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from sotto_codecs.tiny.config import TinyConfig
from training.tiny.decoder import WAVE_SCALE, Decoder
from training.tiny.encoder import Encoder
from training.tiny.layers import Stack
from training.tiny.synthesis import LOUDEST, QUIETEST

OPSET = 20  # the first with Gelu
FAR = np.iinfo(np.int64).max
Shape = tuple[str | int, ...]


class Graph:
    """Nodes in the order of their work; names are made up."""

    def __init__(self, name: str, store: str) -> None:
        self.name, self.store = name, store
        self.nodes: list[onnx.NodeProto] = []
        self.held: list[onnx.TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []

    def take(self, name: str, shape: Shape, kind: int = TensorProto.FLOAT) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def give(self, name: str, value: str, shape: Shape) -> None:
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def hold(self, array: npt.ArrayLike) -> str:
        name = f"c{len(self.held)}"
        self.held.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def do(self, kind: str, *values: str, **attributes: Any) -> str:
        return self.many(kind, values, 1, **attributes)[0]

    def many(self, kind: str, values: Sequence[str], outputs: int, **attributes: Any) -> list[str]:
        names = [f"n{len(self.nodes)}_{index}" for index in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(values), names, **attributes))
        return names

    def matrix(self, weight: npt.NDArray[np.float32]) -> str:
        """(inputs, outputs) as the file keeps it; the runtime unfolds it once, when it loads."""
        if self.store == "fp16":
            return self.do("Cast", self.hold(weight.astype(np.float16)), to=TensorProto.FLOAT)
        if self.store == "int8":
            small, scale = _whole(weight, 127)
            cast = self.do("Cast", self.hold(small.astype(np.int8)), to=TensorProto.FLOAT)
            return self.do("Mul", cast, self.hold(scale))
        return self.hold(weight)

    def linear(self, x: str, layer: Any) -> str:
        weight = np.ascontiguousarray(_numpy(layer.weight).T)
        if self.store == "dynamic":
            return self.do("Add", self._dynamic(x, weight), self.hold(_numpy(layer.bias)))
        return self.do("Gemm", x, self.matrix(weight), self.hold(_numpy(layer.bias)))

    def _dynamic(self, x: str, weight: npt.NDArray[np.float32]) -> str:
        """Bytes times bytes, the input's scale found anew each time; ONNX Runtime fuses it to one.

        Weights of seven bits: with eight, sums of two overflow on x86 before VNNI.
        """
        small, scale = _whole(weight, 63)
        found, own, zero = self.many("DynamicQuantizeLinear", [x], 3)
        product = self.do("MatMulInteger", found, self.hold(small.astype(np.int8)), zero)
        scales = self.do("Mul", own, self.hold(scale))
        return self.do("Mul", self.do("Cast", product, to=TensorProto.FLOAT), scales)

    def norm(self, x: str, layer: Any) -> str:
        held = self.hold(_numpy(layer.weight)), self.hold(_numpy(layer.bias))
        return self.do("LayerNormalization", x, *held, epsilon=layer.eps)

    def last(self, x: str, count: int, axis: int = 0) -> str:
        parts = (np.array([it], np.int64) for it in (-count, FAR, axis))
        return self.do("Slice", x, *map(self.hold, parts))

    def stack(self, x: str, stack: Stack, memory: str) -> tuple[str, str]:
        spans = [(block.kernel - 1) * block.dilation for block in stack.blocks]
        sizes = self.hold(np.array(spans, np.int64))
        memories = self.many("Split", [memory, sizes], len(spans), axis=0)
        reaches = self._reaches(x, stack)
        left = []
        for block, before, span in zip(stack.blocks, memories, spans, strict=True):
            seen = self.do("Concat", before, x, axis=0)
            reach = reaches[block.dilation]
            taps = self.hold(_numpy(block.taps))
            shifted = self.do("Mul", self.do("Gather", seen, reach, axis=0), taps)
            axis = self.hold(np.array([1], np.int64))
            y = self.norm(self.do("ReduceSum", shifted, axis, keepdims=0), block.norm)
            y = self.linear(self.do("Gelu", self.linear(y, block.widen)), block.narrow)
            x = self.do("Add", x, y)
            left.append(self.last(seen, span))
        return x, self.do("Concat", *left, axis=0)

    def _reaches(self, x: str, stack: Stack) -> dict[int, str]:
        """Of each dilation, (time, kernel): which steps each step sees."""
        zero, one = (self.hold(np.array(it, np.int64)) for it in (0, 1))
        steps = self.do("Squeeze", self.do("Shape", x, start=0, end=1))
        first = self.do("Unsqueeze", self.do("Range", zero, steps, one), self.hold(np.array([1])))
        taps = {it.dilation: np.arange(it.kernel) * it.dilation for it in stack.blocks}
        return {dilation: self.do("Add", first, self.hold(it)) for dilation, it in taps.items()}

    def model(self) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.held)
        opset = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=9)
        onnx.checker.check_model(model)
        return model


def encoder_graph(encoder: Encoder, config: TinyConfig, store: str) -> onnx.ModelProto:
    """rows, fast, slow -> latents, fast, slow."""
    g = Graph("encoder", store)
    rows = g.take("rows", ("rows", config.features))
    fast_shape, slow_shape = (_span(stack) for stack in (encoder.fast, encoder.slow))
    fast, slow = g.take("fast", fast_shape), g.take("slow", slow_shape)
    x, fast = g.stack(g.linear(rows, encoder.enter), encoder.fast, fast)
    backwards = (np.array([it], np.int64) for it in (-1, -config.lags - 1, 1, -1))
    likeness = g.do("Slice", rows, *map(g.hold, backwards))
    trusted = g.do("Mul", likeness, g.hold(_numpy(encoder.trust)))
    pitch = g.do("Add", g.linear(x, encoder.pitch), trusted)
    grid = _numpy(encoder.grid - encoder.grid.mean())[:, None]
    found = g.do("MatMul", g.do("Softmax", pitch, axis=-1), g.hold(grid))
    x = g.do("Concat", x, found, axis=1)
    x = g.do("Reshape", x, g.hold(np.array([-1, encoder.gather.in_features])))
    x, slow = g.stack(g.linear(x, encoder.gather), encoder.slow, slow)
    g.give("latents", g.linear(g.norm(x, encoder.norm), encoder.leave), ("steps", config.latent))
    g.give("fast_after", fast, fast_shape)
    g.give("slow_after", slow, slow_shape)
    return g.model()


def pitch_graph(decoder: Decoder, config: TinyConfig, store: str) -> onnx.ModelProto:
    """latents, carried, slow, fast -> x, pitch (log2 of Hz), slow, fast."""
    g = Graph("pitch", store)
    latents = g.take("latents", ("steps", config.latent))
    carried = g.take("carried", ("steps",), TensorProto.INT64)
    slow_shape, fast_shape = (_span(stack) for stack in (decoder.slow, decoder.pitch_blocks))
    slow, fast = g.take("slow", slow_shape), g.take("fast", fast_shape)
    arrived = g.do("Gather", g.hold(_numpy(decoder.carried.weight)), carried, axis=0)
    x = g.do("Add", g.linear(latents, decoder.enter), arrived)
    x, slow = g.stack(x, decoder.slow, slow)
    x = g.do("Reshape", g.linear(x, decoder.spread), g.hold(np.array([-1, config.decoder_fast])))
    x, fast = g.stack(x, decoder.pitch_blocks, fast)
    raw, _ = g.many("Split", [g.linear(x, decoder.pitch)], 2, axis=1, num_outputs=2)
    low, high = (float(np.log2(hz)) for hz in (config.lowest_hz, config.highest_hz))
    share = g.do("Mul", g.do("Sigmoid", raw), g.hold(np.float32(high - low)))
    g.give("x", x, ("rows", config.decoder_fast))
    g.give("pitch", g.do("Add", share, g.hold(np.float32(low))), ("rows", 1))
    g.give("slow_after", slow, slow_shape)
    g.give("fast_after", fast, fast_shape)
    return g.model()


def filters_graph(decoder: Decoder, config: TinyConfig, store: str) -> onnx.ModelProto:
    """x, seen, fast -> logs and angles of both filters, (2, pieces, bins), wave, fast."""
    g = Graph("filters", store)
    x = g.take("x", ("rows", config.decoder_fast))
    seen = g.take("seen", ("rows", decoder.look.in_features))
    shape = _span(decoder.filter_blocks)
    fast = g.take("fast", shape)
    x, fast = g.stack(g.do("Add", x, g.linear(seen, decoder.look)), decoder.filter_blocks, fast)
    x = g.linear(g.norm(x, decoder.norm), decoder.leave)
    x = g.do("Reshape", x, g.hold(np.array([-1, 3 * config.bins + config.window])))
    sizes = g.hold(np.array([config.bins] * 3 + [config.window], np.int64))
    pulse, turn, noise, wave = g.many("Split", [x, sizes], 4, axis=1)
    limits = [g.hold(np.float32(it)) for it in (QUIETEST, LOUDEST)]
    logs = [
        g.do("Clip", g.do("Sub", log, g.hold(np.float32(level))), *limits)
        for log, level in ((pulse, 4.0), (noise, 5.0))
    ]
    minimum = g.matrix(_numpy(decoder.synthesis.minimum))
    angles = [g.do("MatMul", log, minimum) for log in logs]
    angles[0] = g.do("Add", angles[0], turn)
    bell = WAVE_SCALE * _numpy(decoder.synthesis.bell)
    for name, parts in (("logs", logs), ("angles", angles)):
        g.give(name, g.do("Concat", *parts, axis=1), ("pieces", 2 * config.bins))
    g.give("wave", g.do("Mul", wave, g.hold(bell)), ("pieces", config.window))
    g.give("fast_after", fast, shape)
    return g.model()


def _whole(
    weight: npt.NDArray[np.float32], most: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Whole numbers from -`most` to `most`, and what one counts in each column."""
    scale = np.maximum(np.abs(weight).max(axis=0), 1e-9) / np.float32(most)
    return np.rint(weight / scale), scale


def _span(stack: Stack) -> tuple[int, int]:
    """Of all memories of a stack in one tensor."""
    blocks = list(stack.blocks)
    return sum((it.kernel - 1) * it.dilation for it in blocks), blocks[0].width


def _numpy(tensor: Any) -> npt.NDArray[np.float32]:
    return np.asarray(tensor.detach().float().cpu().numpy())
