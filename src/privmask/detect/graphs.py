"""Edits to the graphs of foreign models, made in memory at each load: the weights on disk stay those of the hash.

The face models were exported for one size of picture, but hold nothing that depends on it: they run at any multiple of 32 once
their declared shapes say so. NanoDet is no ONNX model before it is converted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from privmask.detect.packages import packages_missing
from privmask.errors import DetectorError


def as_it_is(weights: bytes) -> bytes:
    """The model unchanged."""
    return weights


def any_size(weights: bytes) -> bytes:
    """The model for one picture of any height and width; its constants are no longer inputs, so that they can be folded.

    Raises DetectorError for bytes that are no such model, and where the package `onnx` is missing.
    """
    try:
        import onnx
    except ImportError as cause:
        raise packages_missing(cause) from cause
    try:
        model = onnx.load_model_from_string(weights)
        _free(model.graph)
    except Exception as cause:  # protobuf's error for bytes that are no message, or a graph of other shapes
        raise DetectorError(f"the weights are no ONNX model of the expected kind: {type(cause).__name__}") from cause
    made: bytes = model.SerializeToString()
    return made


def _free(graph: Any) -> None:
    del graph.value_info[:]  # the shapes in between
    constants = {constant.name for constant in graph.initializer}
    for value in [value for value in graph.input if value.name in constants]:
        graph.input.remove(value)
    (picture,) = graph.input
    _set_shape(picture, 1, 3, "height", "width")
    for output in graph.output:
        _set_shape(output, 1, *(f"{output.name}_{n}" for n in range(1, len(output.type.tensor_type.shape.dim))))


def _set_shape(value: Any, *shape: int | str) -> None:
    for dim, wanted in zip(value.type.tensor_type.shape.dim, shape, strict=True):
        dim.Clear()
        if isinstance(wanted, int):
            dim.dim_value = wanted
        else:
            dim.dim_param = wanted


def nanodet(weights: bytes, topology: bytes) -> bytes:
    """NanoDet, of its two files, as ONNX; the outputs are those of its heads at 1/8, 1/16 and 1/32 of the picture."""
    from privmask.detect.tfjs import convert

    return convert(weights, topology, [f"PartitionedCall/transpose_{number}" for number in (99, 105, 111)])


# Model -> what its files become before they are loaded.
MADE_BY: dict[str, Callable[..., bytes]] = {
    "yunet": any_size,
    "centerface": any_size,
    "nanodet": nanodet,
}
