"""What the tests of this room are made of: pictures, frames of noise, simple polygons."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from privmask.frame import PIXEL_FORMATS, ColorMatrix, ColorRange, Frame, Picture, Plane
from privmask.geometry import Point, Polygon, Rotation, Size, fraction
from privmask.masks import Mask, MaskPlan, MaskType
from privmask.masks.outline import faults

TYPES: tuple[MaskType, ...] = ("Color", "Pixelated", "Blurred")


def polygon(*corners: tuple[float | str | Fraction, float | str | Fraction], holes: tuple[Any, ...] = ()) -> Polygon:
    """A polygon from numbers as people write them."""
    return Polygon(
        tuple((fraction(x), fraction(y)) for x, y in corners),
        tuple(tuple((fraction(x), fraction(y)) for x, y in hole) for hole in holes),
    )


def box(left: float | str, top: float | str, right: float | str, bottom: float | str) -> Polygon:
    """An upright rectangle, in fractions."""
    return polygon((left, top), (right, top), (right, bottom), (left, bottom))


def in_samples(size: Size, *corners: tuple[float | str, float | str]) -> Polygon:
    """A polygon whose corners are given in samples of an unturned picture."""
    return Polygon(tuple((fraction(x) / size.width, fraction(y) / size.height) for x, y in corners))


def picture(
    size: Size,
    layout: str = "yuv420p",
    rotation: Rotation = 0,
    *,
    range: ColorRange = "limited",
    matrix: ColorMatrix = "bt709",
    sample_aspect: Fraction = Fraction(1),
) -> Picture:
    known = PIXEL_FORMATS[layout]
    return Picture(size, known, rotation, sample_aspect, range, "rgb" if known.is_rgb else matrix)


def frame(
    of: Picture, seed: int = 0, index: int = 0, *, interlaced: bool = False, hide_all: bool = False, padding: int = 5
) -> Frame:
    """A frame of noise, with noise in its padding too."""
    noise = np.random.default_rng(seed)
    planes = []
    for plane in range(len(of.format.kinds)):
        size = of.format.plane_size(plane, of.size)
        drawn = noise.integers(0, 1 << of.format.depth, (size.height, size.width + padding))
        planes.append(Plane(drawn.astype(np.uint8) if of.format.depth == 8 else drawn.astype(np.uint16), size.width))
    return Frame(index, index, index + 1, Fraction(1, 25), of.size, of.format, tuple(planes), interlaced, hide_all)


def plan(*masks: Mask) -> MaskPlan:
    return MaskPlan(masks)


def zone(where: Polygon, type: MaskType = "Color", token: str = "zone", **more: Any) -> Mask:
    return Mask(token, where, type, **more)


@st.composite
def stars(draw: st.DrawFn, grid: int = 24) -> Polygon:
    """Simple polygons of 3 to 8 corners on and around the picture, often with corners exactly on samples' edges."""
    number = st.integers(-grid // 4, grid + grid // 4)
    points = draw(st.lists(st.tuples(number, number), min_size=3, max_size=8, unique=True))
    middle = (sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points))
    points.sort(key=lambda p: math.atan2(p[1] - middle[1], p[0] - middle[0]))
    ring: tuple[Point, ...] = tuple((Fraction(x, grid), Fraction(y, grid)) for x, y in points)
    made = Polygon(ring)
    if any(faults(made)):
        return box("1/8", "1/8", "7/8", "3/4")
    return made


SIZES = st.builds(Size, st.integers(1, 23), st.integers(1, 19))
