"""Edits to the graphs of foreign models, made in memory at each load: the weights on disk stay those of the hash.

Both face models were exported for one size of picture, but hold nothing that depends on it: they run at any multiple of 32 once
their declared shapes say so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from privmask.detect.packages import packages_missing


def any_size(weights: bytes) -> bytes:
    """The model with one picture of any height and width, outputs of any size, and constants that can be folded.

    Raises DetectorError where the package `onnx` is missing, and what `onnx` raises for bytes that are no model.
    """
    try:
        import onnx
    except ImportError as cause:
        raise packages_missing() from cause
    model = onnx.load_model_from_string(weights)
    graph = model.graph
    del graph.value_info[:]
    constants = {constant.name for constant in graph.initializer}
    for value in [value for value in graph.input if value.name in constants]:
        graph.input.remove(value)
    for picture in graph.input:
        _set_shape(picture, 1, 3, "height", "width")
    for output in graph.output:
        _set_shape(output, 1, *(f"{output.name}_{n}" for n in range(1, len(output.type.tensor_type.shape.dim))))
    made: bytes = model.SerializeToString()
    return made


def _set_shape(value: Any, *shape: int | str) -> None:
    for dim, wanted in zip(value.type.tensor_type.shape.dim, shape, strict=True):
        dim.Clear()
        if isinstance(wanted, int):
            dim.dim_value = wanted
        else:
            dim.dim_param = wanted


EDITS: dict[str, Callable[[bytes], bytes]] = {"yunet": any_size, "centerface": any_size}
