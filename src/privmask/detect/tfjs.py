"""A TensorFlow.js graph model as ONNX, for NanoDet, which is to be had in this form only.

TensorFlow holds pictures as rows, columns, channels, so the graph turns each picture before and after most operations. Here all
pictures stay as channels, rows, columns: the turns are left out, padding goes into the operation that it was made for, and an
added constant is the bias of the convolution before it. What is not of NanoDet's graph is refused.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privmask.detect.packages import packages_missing
from privmask.errors import DetectorError

Node = Mapping[str, Any]

OPSET, IR_VERSION = 13, 8
TURNS = ([0, 2, 3, 1], [0, 3, 1, 2])


def convert(weights: bytes, topology: bytes, outputs: Sequence[str]) -> bytes:
    """The model as ONNX for a picture of any height and width, with those tensors as outputs, in that order.

    `weights` and `topology` are the model's .bin and .json. Raises DetectorError for a model of another kind, and where the
    package `onnx` is missing.
    """
    try:
        import onnx
    except ImportError as cause:
        raise packages_missing(cause) from cause
    try:
        graph = _Graph(json.loads(topology), weights, onnx.helper)
        for node in graph.nodes:
            graph.add(node)
        return graph.as_bytes(outputs)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as cause:
        raise DetectorError(f"the TensorFlow.js model is not of the expected kind: {cause}") from cause


class _Graph:
    """The ONNX graph as far as it is made. A tensor is known under TensorFlow's name, whatever it is called here."""

    def __init__(self, data: Mapping[str, Any], weights: bytes, helper: Any) -> None:
        self.nodes: list[Node] = [node for node in data["modelTopology"]["node"] if node["op"] != "Const"]
        self.constants = _constants(data["weightsManifest"][0]["weights"], weights)
        self.helper = helper
        self.made: list[Any] = []
        self.kept: list[Any] = []
        self.called: dict[str, str] = {}
        self.rows: dict[str, int] = {}  # at the one size that the model was exported for: tells by how much it resizes
        self.pads: dict[str, list[int]] = {}
        self.without_bias: dict[str, Any] = {}  # convolutions

    def add(self, node: Node) -> None:
        """Add what `node` does. Raises ValueError for an operation that NanoDet has not."""
        op = node["op"]
        if op in _OPERATIONS:
            _OPERATIONS[op](self, node["name"], node.get("input", []), node["attr"])
        elif op not in _AFTER_THE_HEADS:
            raise ValueError(f"operation {op}")

    def _emit(self, op: str, name: str, inputs: Sequence[str], rows: int, **more: Any) -> None:
        self.made.append(self.helper.make_node(op, inputs, [name], name, **more))
        self.called[name], self.rows[name] = name, rows

    def _keep(self, name: str, array: NDArray[np.float32]) -> str:
        self.kept.append(self.helper.make_tensor(name, 1, array.shape, np.ascontiguousarray(array).tobytes(), raw=True))
        return name

    def _same(self, name: str, source: str) -> None:
        self.called[name], self.rows[name] = self.called[source], self.rows[source]

    def _picture(self, name: str, _inputs: list[str], attr: Node) -> None:
        self.called[name], self.rows[name] = "picture", int(attr["shape"]["shape"]["dim"][2]["size"])

    def _turn(self, name: str, inputs: list[str], _attr: Node) -> None:
        if inputs[0] not in self.called:
            return
        if self.constants[inputs[1]].tolist() not in TURNS:
            raise ValueError(f"{name} is not between rows, columns, channels and channels, rows, columns")
        self._same(name, inputs[0])
        if inputs[0] in self.pads:
            self.pads[name] = self.pads[inputs[0]]

    def _pad(self, name: str, inputs: list[str], _attr: Node) -> None:
        self._same(name, inputs[0])
        self.pads[name] = self.constants[inputs[1]][2:].T.ravel().tolist()  # top, left, bottom, right

    def _convolve(self, name: str, inputs: list[str], attr: Node) -> None:
        kernel = self.constants[inputs[1]].transpose(3, 2, 0, 1)  # rows, columns, in, out
        self._slide("Conv", name, inputs[0], attr, kernel.shape[2:], self._keep(inputs[1], kernel))
        self.without_bias[name] = self.made[-1]

    def _take_maximum(self, name: str, inputs: list[str], attr: Node) -> None:
        self._slide("MaxPool", name, inputs[0], attr, _numbers(attr, "ksize")[1:3])

    def _slide(self, op: str, name: str, source: str, attr: Node, window: Sequence[int], *more: str) -> None:
        if base64.b64decode(attr["padding"]["s"]) != b"VALID":
            raise ValueError(f"{name} pads by itself")
        pads, strides = self.pads.get(source, [0, 0, 0, 0]), _numbers(attr, "strides")[1:3]
        rows = (self.rows[source] + pads[0] + pads[2] - window[0]) // strides[0] + 1
        inputs = [self.called[source], *more]
        self._emit(op, name, inputs, rows, kernel_shape=list(window), strides=strides, pads=pads)

    def _sum(self, name: str, inputs: list[str], _attr: Node) -> None:
        first, second = inputs
        if second not in self.constants:
            self._emit("Add", name, [self.called[first], self.called[second]], self.rows[first])
        else:
            self.without_bias.pop(first).input.append(self._keep(second, self.constants[second]))
            self._same(name, first)

    def _leak(self, name: str, inputs: list[str], attr: Node) -> None:
        self._emit("LeakyRelu", name, [self.called[inputs[0]]], self.rows[inputs[0]], alpha=attr["alpha"]["f"])

    def _join(self, name: str, inputs: list[str], _attr: Node) -> None:
        *joined, axis = inputs
        named = [self.called[each] for each in joined]
        self._emit("Concat", name, named, self.rows[joined[0]], axis=int(self.constants[axis]))

    def _resize(self, name: str, inputs: list[str], _attr: Node) -> None:
        rows = int(self.constants[inputs[1]][0])
        ratio = rows / self.rows[inputs[0]]
        scales = self._keep(f"{name}/scales", np.array([1, 1, ratio, ratio], np.float32))
        resized = [self.called[inputs[0]], "", scales]
        self._emit("Resize", name, resized, rows, mode="linear", coordinate_transformation_mode="half_pixel")

    def as_bytes(self, outputs: Sequence[str]) -> bytes:
        helper = self.helper
        picture = helper.make_tensor_value_info("picture", 1, [1, 3, "height", "width"])
        given = [helper.make_tensor_value_info(self.called[name], 1, [1, None, None, None]) for name in outputs]
        graph = helper.make_graph(self.made, "converted", [picture], given, self.kept)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        made: bytes = model.SerializeToString()
        return made


_OPERATIONS = {
    "Placeholder": _Graph._picture,
    "Transpose": _Graph._turn,
    "Pad": _Graph._pad,
    "PadV2": _Graph._pad,  # with a value below any other, which is what ONNX does by itself before a maximum
    "Conv2D": _Graph._convolve,
    "MaxPool": _Graph._take_maximum,
    "Add": _Graph._sum,
    "LeakyRelu": _Graph._leak,
    "ConcatV2": _Graph._join,
    "ResizeBilinear": _Graph._resize,
}

# Splitting the heads' outputs into scores and distances, and laying them out; that is done where they are read.
_AFTER_THE_HEADS = {"SplitV", "Sigmoid", "Reshape", "Identity", "SparseToDense", "AddV2"}


def _numbers(attr: Node, name: str) -> list[int]:
    return [int(number) for number in attr[name]["list"]["i"]]


def _constants(entries: Sequence[Mapping[str, Any]], weights: bytes) -> dict[str, NDArray[Any]]:
    """The constants one after another, as float32 or int32; float32 ones may be stored in half the bytes."""
    constants, place = {}, 0
    for entry in entries:
        stored = np.dtype(entry.get("quantization", entry)["dtype"]).newbyteorder("<")
        count = int(np.prod(entry["shape"], dtype=np.int64))
        constants[entry["name"]] = (
            np.frombuffer(weights, stored, count, place).astype(entry["dtype"]).reshape(entry["shape"])
        )
        place += count * stored.itemsize
    if place != len(weights):
        raise ValueError(f"{len(weights)} bytes of weights, where {place} were expected")
    return constants
