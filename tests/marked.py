"""Pictures with a marked private zone, for tests of streams: whoever looks at an output sees whether anything of it got out.

Outside of the zone everything is grey, and inside are blocks of strong colours that change with each picture. So one coloured
sample anywhere in an output is a piece of a private zone, wherever a damaged stream may have moved it to. Each picture carries
its own number in a row of black and white blocks.
"""

from __future__ import annotations

import contextlib
import io
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
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


def marked_clip(path: Path, format: str, frames: int = 40, size: tuple[int, int] = (320, 240), **options: str) -> Path:
    """A clip of marked pictures with uneven times (in milliseconds), or without any in y4m; H.264 with B pictures."""
    raw = format == "yuv4mpegpipe"
    with av.open(f"file:{path}", "w", format=format) as out:
        coder = "wrapped_avframe" if raw else "libx264"
        stream: Any = out.add_stream(
            coder, rate=25, options={} if raw else {"preset": "veryfast", "crf": "20", **options}
        )
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = *size, "yuv420p"
        context.time_base = stream.time_base = Fraction(1, 25) if raw else Fraction(1, 1000)
        context.thread_count = 1
        for index in range(frames):
            picture = marked_picture(index, *size)
            picture.pts, picture.time_base = index if raw else time_of(index), context.time_base
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
    return path


def time_of(index: int) -> int:
    """When picture number `index` of a marked clip appears, in milliseconds."""
    return 40 * index + (7 if index % 3 == 1 else 0)


@dataclass(frozen=True)
class Shown:
    """What an output shows: the number of each picture, the second at which it appears, and which ones leak anything."""

    numbers: list[int]
    times: list[Fraction]
    open: list[int]
    sizes: list[tuple[int, int]]


def shown(data: bytes | Path) -> Shown:
    """Look at each picture of an output; one that is cut is looked at as far as it goes."""
    found = Shown([], [], [], [])
    file: Any = io.BytesIO(data) if isinstance(data, bytes) else str(data)
    with contextlib.suppress(av.error.FFmpegError), av.open(file, "r") as clip:
        for frame in clip.decode(video=0):
            number = number_of(planes(frame)[0])
            found.numbers.append(number)
            found.times.append((frame.pts or 0) * Fraction(frame.time_base or 1))
            found.sizes.append((frame.width, frame.height))
            if not hides(frame):
                found.open.append(number)
    return found


def two_sizes(path: Path, frames: int = 20) -> Path:
    """A stream of H.264 in MPEG-TS whose pictures become smaller on the way, as a camera's that was told to."""
    with av.open(f"file:{path}", "w", format="mpegts") as out:
        stream: Any = out.add_stream("libx264", rate=25)
        stream.codec_context.width, stream.codec_context.height, stream.codec_context.pix_fmt = 320, 240, "yuv420p"
        units = itertools.chain(*(encoded(range(frames), size, 25, gop=10) for size in ((320, 240), (160, 120))))
        for number, unit in enumerate(units):
            packet = av.Packet(unit)
            packet.stream, packet.time_base, packet.pts, packet.dts = stream, Fraction(1, 25), number, number
            packet.is_keyframe = number % frames % 10 == 0
            out.mux(packet)
    return path
