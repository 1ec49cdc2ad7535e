"""One picture with its time: what travels from the decoder, past the masks, to the encoder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, NewType, TypeAlias

import numpy as np
from numpy.typing import NDArray

from privmask.geometry import Rotation, Size

Samples: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]
PlaneKind: TypeAlias = Literal["Y", "U", "V", "G", "B", "R", "A"]
ColorRange: TypeAlias = Literal["limited", "full"]
ColorMatrix: TypeAlias = Literal["bt601", "bt709", "bt2020", "rgb"]


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """A planar layout that privmask can paint. `name` is FFmpeg's; shifts are log2 of the chroma subsampling."""

    name: str
    depth: int
    kinds: tuple[PlaneKind, ...]
    shift_x: int = 0
    shift_y: int = 0

    @property
    def dtype(self) -> type[np.uint8] | type[np.uint16]:
        """Type of a stored sample; more than 8 bits are stored in 16, little-endian, in the low bits."""
        return np.uint8 if self.depth == 8 else np.uint16

    @property
    def is_rgb(self) -> bool:
        """Whether the planes are green, blue and red, as in screen recordings and stills."""
        return "G" in self.kinds

    def shifts(self, plane: int) -> tuple[int, int]:
        """log2 of (horizontal, vertical) subsampling of that plane."""
        return (self.shift_x, self.shift_y) if self.kinds[plane] in "UV" else (0, 0)

    def plane_size(self, plane: int, size: Size) -> Size:
        """Samples of that plane in a picture of `size`; chroma is rounded up, as FFmpeg stores it."""
        shift_x, shift_y = self.shifts(plane)
        return Size(-(-size.width >> shift_x), -(-size.height >> shift_y))


def _known_formats() -> Iterator[PixelFormat]:
    yuv: tuple[PlaneKind, ...] = ("Y", "U", "V")
    for depth, suffix in ((8, ""), (10, "10le"), (12, "12le")):
        for name, shift_x, shift_y in (("420", 1, 1), ("422", 1, 0), ("444", 0, 0)):
            yield PixelFormat(f"yuv{name}p{suffix}", depth, yuv, shift_x, shift_y)
        yield PixelFormat(f"gray{suffix}", depth, ("Y",))
        yield PixelFormat(f"gbrp{suffix}", depth, ("G", "B", "R"))
    yield PixelFormat("yuv440p", 8, yuv, 0, 1)
    yield PixelFormat("yuv411p", 8, yuv, 2, 0)
    yield PixelFormat("yuv410p", 8, yuv, 2, 2)
    yield PixelFormat("gbrap", 8, ("G", "B", "R", "A"))


PIXEL_FORMATS = {known.name: known for known in _known_formats()}
"""The layouts that kernels paint, by FFmpeg's name. Others are brought to one of them without loss, or refused, in `video`."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What the pictures of a stream have in common; the masks are fitted to this.

    `size` is that of the coded picture after cropping; it is displayed after a clockwise turn by `rotation`, its samples
    `sample_aspect` times as wide as high.
    """

    size: Size
    format: PixelFormat
    rotation: Rotation = 0
    sample_aspect: Fraction = Fraction(1)
    range: ColorRange = "limited"
    matrix: ColorMatrix = "bt601"

    @property
    def displayed(self) -> Size:
        """Size of the picture as a viewer holds it, in samples (the sample aspect is not applied)."""
        return self.size.turned(self.rotation)


@dataclass(frozen=True, slots=True)
class Plane:
    """One component. `samples` is C-contiguous (rows, stride), and only its first `width` columns are picture."""

    samples: Samples
    width: int

    @property
    def visible(self) -> Samples:
        """View of the picture's samples, (rows, width)."""
        return self.samples[:, : self.width]


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture that nobody else refers to: its planes may be painted in place.

    It is shown from `pts` until `end` (the next frame's pts; None when nobody knows), both in units of `time_base` seconds.
    `carrier` owns the memory of the planes and is opaque outside the room that made it. `hide_all` marks a frame that was
    damaged and must be hidden whole. `passed` marks one that travels as it is in the original: it was not decoded and has no
    planes, so nothing may have to be hidden on it.
    """

    index: int
    pts: int
    end: int | None
    time_base: Fraction
    size: Size
    format: PixelFormat
    planes: tuple[Plane, ...]
    interlaced: bool = False
    hide_all: bool = False
    carrier: Any = None
    passed: bool = False

    @property
    def start_time(self) -> Fraction:
        """Seconds at which this frame appears."""
        return self.pts * self.time_base

    @property
    def end_time(self) -> Fraction | None:
        """Seconds at which the next frame appears, or None when nobody knows."""
        return None if self.end is None else self.end * self.time_base


MaskedFrame = NewType("MaskedFrame", Frame)
"""A frame that `privmask.masks.hide` has been through: the only thing that a sink takes."""
