"""Colour tags: FFmpeg's numbers on one side, what the masks must know on the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from privmask.frame import ColorMatrix, ColorRange, PixelFormat
from privmask.geometry import Size

_RGB, _BT709, _UNSPECIFIED = 0, 1, 2
_BT2020 = (9, 10)
_FULL = 2


@dataclass(frozen=True, slots=True)
class ColorTags:
    """Colour description as FFmpeg numbers it (ISO/IEC 23091-2, and 0/1/2 for an unknown/limited/full range).

    2 means unspecified for `primaries`, `transfer` and `matrix`.
    """

    range: int = 0
    primaries: int = 2
    transfer: int = 2
    matrix: int = 2

    @property
    def is_range_alone(self) -> bool:
        """Whether nothing is said but the range, if that."""
        return (self.primaries, self.transfer, self.matrix) == (_UNSPECIFIED,) * 3


def tags_of(decoded: Any, full: bool) -> ColorTags:
    """The tags of a decoded picture; `full` when the name of its pixel format says full range."""
    return ColorTags(
        range=_FULL if full else int(decoded.color_range),
        primaries=int(decoded.color_primaries),
        transfer=int(decoded.color_trc),
        matrix=int(decoded.colorspace),
    )


def range_of(tags: ColorTags, format: PixelFormat) -> ColorRange:
    """The range a player assumes: full when said or RGB, else limited."""
    return "full" if tags.range == _FULL or (format.is_rgb and tags.range == 0) else "limited"


def matrix_of(tags: ColorTags, format: PixelFormat, size: Size) -> ColorMatrix:
    """The matrix a player assumes; where nothing is said, BT.709 from 720 lines up and BT.601 below."""
    if format.is_rgb:
        return "rgb"
    if tags.matrix in _BT2020:
        return "bt2020"
    if tags.matrix == _BT709 or (tags.matrix == _UNSPECIFIED and size.height >= 720):
        return "bt709"
    return "bt601"
