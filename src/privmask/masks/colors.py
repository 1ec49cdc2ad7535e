"""Colours and ranges: which sample values are legal in a plane, and which ones show a colour.

Formulas: ITU-R BT.601-7, BT.709-6, BT.2020-2 for luma weights; ITU-T H.273 (8.3) for the ranges.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import floor

from privmask.frame import ColorMatrix, Picture, PlaneKind

_WEIGHTS: dict[ColorMatrix, tuple[Fraction, Fraction]] = {  # of red and blue; green has the rest
    "bt601": (Fraction("0.299"), Fraction("0.114")),
    "bt709": (Fraction("0.2126"), Fraction("0.0722")),
    "bt2020": (Fraction("0.2627"), Fraction("0.0593")),
}
_IN_RGB: dict[PlaneKind, int] = {"R": 0, "G": 1, "B": 2, "Y": 1, "U": 2, "V": 0}  # matrix "rgb" stores G, B, R as Y, U, V


def legal(picture: Picture, plane: int) -> tuple[int, int]:
    """The lowest and the highest legal sample value of a plane."""
    depth, kind = picture.format.depth, picture.format.kinds[plane]
    if picture.range == "full" or kind == "A":
        return 0, (1 << depth) - 1
    scale = 1 << (depth - 8)
    return 16 * scale, (240 if _is_chroma(picture, kind) else 235) * scale


def middle(picture: Picture) -> int:
    """Mid grey, in every kind of plane."""
    return 1 << (picture.format.depth - 1)


@lru_cache(maxsize=1024)
def sample_of(picture: Picture, plane: int, color: str) -> int:
    """The legal sample value that shows `color` (#rrggbb) in a plane, rounded to the nearest; alpha is opaque."""
    kind = picture.format.kinds[plane]
    low, high = legal(picture, plane)
    red, green, blue = (Fraction(int(color[i : i + 2], 16), 255) for i in (1, 3, 5))
    if kind == "A":
        return high
    if _stores_rgb(picture):
        return _rounded(low + (high - low) * (red, green, blue)[_IN_RGB[kind]], low, high)
    red_weight, blue_weight = _WEIGHTS["bt601" if picture.matrix == "rgb" else picture.matrix]  # a grey PNG says "rgb"
    luma = red_weight * red + (1 - red_weight - blue_weight) * green + blue_weight * blue
    if kind == "Y":
        return _rounded(low + (high - low) * luma, low, high)
    difference = (blue - luma) / (1 - blue_weight) if kind == "U" else (red - luma) / (1 - red_weight)
    return _rounded(middle(picture) + (high - low) * difference / 2, low, high)


def is_lightness(picture: Picture, plane: int) -> bool:
    """Whether a pattern in this plane is one of light and dark, and not of hue or opacity."""
    kind = picture.format.kinds[plane]
    return kind != "A" and not _is_chroma(picture, kind)


def _is_chroma(picture: Picture, kind: PlaneKind) -> bool:
    return kind in "UV" and not _stores_rgb(picture)


def _stores_rgb(picture: Picture) -> bool:
    return picture.format.is_rgb or (picture.matrix == "rgb" and "U" in picture.format.kinds)


def _rounded(value: Fraction, low: int, high: int) -> int:
    return min(max(floor(value + Fraction(1, 2)), low), high)
