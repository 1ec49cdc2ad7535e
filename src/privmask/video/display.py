"""How a coded picture is held when it is shown: rotation and the order of its fields."""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import av
import av.filter

from privmask.errors import UnsupportedFootageError
from privmask.geometry import Rotation
from privmask.language import Text

FieldOrder: TypeAlias = Literal["progressive", "tt", "bb"]
"""FFmpeg's letters: both fields, top or bottom first."""

_ONE = 1 << 16

_TURNS: dict[tuple[int, ...], Rotation] = {(1, 0, 0, 1): 0, (0, 1, -1, 0): 90, (-1, 0, 0, -1): 180, (0, -1, 1, 0): 270}
"""(a, b, c, d) of x' = a x + c y, y' = b x + d y, for clockwise turns (y points down)."""


def rotation_of(decoded: Any) -> Rotation:
    """Clockwise degrees to turn the picture for display; raises UnsupportedFootageError for mirrors and odd angles.

    The whole matrix is read, because FFmpeg's "rotation" of a plain mirror is -180.
    """
    try:
        matrix = decoded.side_data.get("DISPLAYMATRIX")
    except ValueError as cause:  # PyAV cannot list side data of a kind newer than itself
        raise UnsupportedFootageError(f"the pictures carry something that this PyAV does not know: {cause}") from cause
    if matrix is None:
        return 0
    values = struct.unpack("=9i", bytes(matrix)[:36])
    linear = tuple(round(values[i] / _ONE, 3) for i in (0, 1, 3, 4))
    turn = _TURNS.get(tuple(int(v) for v in linear)) if all(v == int(v) for v in linear) else None
    if turn is None:
        raise UnsupportedFootageError(_ODD.with_(linear=linear))
    return turn


def display_matrix(rotation: Rotation) -> list[int]:
    """The 3x3 display matrix for a clockwise turn, in FFmpeg's fixed point."""
    a, b, c, d = next(key for key, turn in _TURNS.items() if turn == rotation)
    return [a * _ONE, b * _ONE, 0, c * _ONE, d * _ONE, 0, 0, 0, 1 << 30]


def field_order_of(decoded: av.VideoFrame) -> FieldOrder:
    """Order of the fields by the picture's own flags; headers say "top first" of streams whose pictures are not."""
    if not decoded.interlaced_frame:
        return "progressive"
    return "tt" if _is_top_first(decoded) else "bb"


def _is_top_first(decoded: av.VideoFrame) -> bool:
    """PyAV shows whether a picture is interlaced but not which field is first; the `select` filter knows."""
    graph = av.filter.Graph()
    time_base = Fraction(decoded.time_base or 1)
    source = graph.add_buffer(width=decoded.width, height=decoded.height, format=decoded.format, time_base=time_base)
    select = graph.add("select", "eq(interlace_type,TOPFIRST)")
    sink = graph.add("buffersink")
    source.link_to(select)
    select.link_to(sink)
    graph.configure()
    graph.push(decoded)
    graph.push(None)
    try:
        graph.pull()
    except (av.error.BlockingIOError, av.error.EOFError):
        return False
    return True


_ODD = Text(
    "画面を反転、拡大又は斜めに回して表示する映像です（表示行列 {linear}）。90、180、270度の回転だけに対応しています",
    "the picture is to be shown mirrored, scaled or at an odd angle (display matrix {linear}); "
    "only turns by 90, 180 and 270 degrees are supported",
)
