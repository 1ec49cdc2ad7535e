"""Pictures with a marked private zone, for tests of streams: whoever looks at an output sees whether anything of it got out.

Outside of the zone everything is grey, and inside are blocks of strong colours that change with each picture. So one coloured
sample anywhere in an output is a piece of a private zone, wherever a damaged stream may have moved it to. Each picture carries
its own number in a row of black and white blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from tests.video.clips import planes

PRIVATE = (0.30, 0.30, 0.50, 0.60)
"""Left, top, right, bottom of what is private, in fractions of the picture."""

ZONE = "0.2,0.2 0.6,0.2 0.6,0.7 0.2,0.7"
"""The zone that hides it, in the words of `--zone`; it is larger, because coded colours reach a little beyond their place."""

BITS = 12
_BLOCK = 8
_STRANGE = 24
"""Steps of chroma from grey that no coder makes out of grey."""


def marked_picture(index: int, width: int, height: int, fmt: str = "yuv420p") -> av.VideoFrame:
    """Picture number `index`: a slope that moves, its number, and the private blocks."""
    frame = av.VideoFrame(width, height, fmt)
    luma, *chroma = planes(frame)
    rows, columns = np.indices(luma.shape)
    luma[:] = 50 + abs((columns + rows + 4 * index) % 200 - 100)
    _number(luma, index)
    for plane in chroma:
        plane[:] = 128
    for plane, values in zip([luma, *chroma], ((40, 220), (230, 30), (25, 235)), strict=False):
        _blocks(plane, index, values)
    return frame


def number_of(luma: NDArray[Any]) -> int:
    """The number of the picture with these brightnesses, from its blocks."""
    return sum(
        int(luma[2 : _BLOCK - 2, _BLOCK * bit + 2 : _BLOCK * (bit + 1) - 2].mean() > 128) << bit for bit in range(BITS)
    )


def leaks(frame: av.VideoFrame) -> int:
    """How many samples of a decoded 4:2:0 picture show something of the private zone."""
    _, u, v = planes(frame)
    return sum(int((abs(plane.astype(np.int16) - 128) > _STRANGE).sum()) for plane in (u, v))


def hides(frame: av.VideoFrame) -> bool:
    """Whether the middle of the zone is painted over, and nothing of it is to be seen elsewhere."""
    luma = planes(frame)[0]
    height, width = luma.shape
    middle = luma[int(0.35 * height) : int(0.55 * height), int(0.35 * width) : int(0.45 * width)]
    return bool(middle.max() < 40) and leaks(frame) == 0


def encoded(
    indices: Iterable[int], size: tuple[int, int], rate: int, *, gop: int, codec: str = "libx264"
) -> Iterator[bytes]:
    """Access units of marked pictures as a camera sends them: in order, with the parameter sets before each key frame."""
    context: Any = av.CodecContext.create(codec, "w")
    context.width, context.height, context.pix_fmt = *size, "yuv420p" if codec != "mjpeg" else "yuvj420p"
    context.time_base, context.framerate, context.gop_size, context.max_b_frames = Fraction(1, rate), rate, gop, 0
    context.thread_count = 1
    if codec == "libx264":
        context.options = {"preset": "veryfast", "tune": "zerolatency", "crf": "20", "x264-params": "scenecut=0"}
    for number, index in enumerate(indices):
        frame = marked_picture(index, *size, context.pix_fmt)
        frame.pts, frame.time_base = number, context.time_base
        yield from map(bytes, context.encode(frame))
    yield from map(bytes, context.encode(None))


def _number(luma: NDArray[Any], index: int) -> None:
    for bit in range(BITS):
        luma[:_BLOCK, _BLOCK * bit : _BLOCK * (bit + 1)] = 235 if index >> bit & 1 else 16


def _blocks(plane: NDArray[Any], index: int, values: tuple[int, int]) -> None:
    height, width = plane.shape
    left, top, right, bottom = (round(side * full) for side, full in zip(PRIVATE, (width, height) * 2, strict=True))
    rows, columns = np.indices((bottom - top, right - left))
    side = max(2, width // 40)
    plane[top:bottom, left:right] = np.where((rows // side + columns // side + index) % 2, *values)
