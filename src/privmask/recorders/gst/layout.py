"""Where in the bytes of a buffer the planes lie: strides and offsets, told by GStreamer, and checked here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from privmask.errors import UnsupportedFootageError
from privmask.frame import PIXEL_FORMATS, PixelFormat
from privmask.geometry import Size


@dataclass(frozen=True, slots=True)
class RawFormat:
    """One of GStreamer's raw formats: `stored` says for each stored plane which of `format`'s components it holds."""

    name: str
    format: PixelFormat
    stored: tuple[tuple[int, ...], ...]


RAW_FORMATS = {
    name: RawFormat(name, PIXEL_FORMATS[ours], stored)
    for name, ours, stored in (
        ("I420", "yuv420p", ((0,), (1,), (2,))),
        ("YV12", "yuv420p", ((0,), (2,), (1,))),
        ("NV12", "yuv420p", ((0,), (1, 2))),
        ("GRAY8", "gray", ((0,),)),
    )
}


@dataclass(frozen=True, slots=True)
class StoredPlane:
    """`rows` of `stride` bytes from `offset`, of which the first `width` are picture; the last row ends with these.

    `is_whole`: the buffer goes on to the end of the last row's padding.
    """

    components: tuple[int, ...]
    offset: int
    rows: int
    stride: int
    width: int
    is_whole: bool

    @property
    def end(self) -> int:
        """Where the last row's picture ends."""
        return self.offset + self.stride * (self.rows - 1) + self.width


@dataclass(frozen=True, slots=True)
class Layout:
    """The planes of a buffer, and the bytes (start, stop) before, between and after them that are no picture."""

    planes: tuple[StoredPlane, ...]
    gaps: tuple[tuple[int, int], ...]


@lru_cache(maxsize=16)
def place(raw: RawFormat, size: Size, strides: tuple[int, ...], offsets: tuple[int, ...], length: int) -> Layout:
    """The planes of pictures of `size` in a buffer of `length` bytes.

    Raises UnsupportedFootageError where they would not fit into it, or would lie over each other.
    """
    if len(strides) < len(raw.stored) or len(offsets) < len(raw.stored):
        raise UnsupportedFootageError(f"a buffer with {len(offsets)} planes came; {raw.name} has {len(raw.stored)}")
    planes = []
    for stored, stride, offset in zip(raw.stored, strides, offsets, strict=False):
        wanted = raw.format.plane_size(stored[0], size)
        is_whole = offset + stride * wanted.height <= length
        planes.append(StoredPlane(stored, offset, wanted.height, stride, wanted.width * len(stored), is_whole))
    gaps, at = [], 0
    for plane in sorted(planes, key=lambda plane: plane.offset):
        if plane.stride < plane.width or plane.offset < at or plane.end > length:
            raise UnsupportedFootageError(
                f"a {raw.name} picture of {size} cannot lie in a buffer of {length} bytes with strides {strides} and "
                f"offsets {offsets}"
            )
        gaps.append((at, plane.offset))
        at = plane.end
    return Layout(tuple(planes), tuple(gap for gap in (*gaps, (at, length)) if gap[0] < gap[1]))
