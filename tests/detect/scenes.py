"""Drawn places with walls, windows and things in them, and a camera that can be shifted, zoomed and turned before them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privmask.frame import PIXEL_FORMATS, Frame, Picture, Plane
from privmask.geometry import Rotation, Size

Luma = NDArray[np.uint8]


def place(number: int = 0, width: int = 960, height: int = 720) -> NDArray[np.float64]:
    """A place, larger than any picture of it: some 150 boxes of all sizes, one before the other."""
    dice = np.random.default_rng(number)
    out = np.full((height, width), 120.0)
    for size in np.geomspace(width / 3, 12, 150):
        x, y = dice.uniform(-size, width), dice.uniform(-size, height)
        across, down = dice.uniform(0.3, 1.2, 2) * size
        out[max(0, int(y)) : max(0, int(y + down)), max(0, int(x)) : max(0, int(x + across))] = dice.uniform(30, 220)
    return out


def seen(
    place: NDArray[np.float64],
    size: Size = Size(480, 270),
    x: float = 0,
    y: float = 0,
    zoom: float = 1,
    turn: float = 0,
) -> Luma:
    """The middle two thirds of the place; the picture is shifted by samples, larger by `zoom`, turned by degrees clockwise."""
    rows, columns = np.indices((size.height, size.width))
    at = (columns + 0.5 - size.width / 2 - x) + 1j * (rows + 0.5 - size.height / 2 - y)
    at = at / (zoom * np.exp(1j * np.radians(turn))) * (place.shape[1] * 2 / 3 / size.width)
    across, down = at.real + place.shape[1] / 2 - 0.5, at.imag + place.shape[0] / 2 - 0.5
    left, top = np.floor(across).astype(int), np.floor(down).astype(int)
    right, low = across - left, down - top
    upper = place[top, left] * (1 - right) + place[top, left + 1] * right
    lower = place[top + 1, left] * (1 - right) + place[top + 1, left + 1] * right
    return np.asarray(upper * (1 - low) + lower * low + 0.5, np.uint8)


def noisy(luma: NDArray[Any], deviation: float, number: int = 0) -> Luma:
    return np.asarray(np.clip(luma + np.random.default_rng(number).normal(0, deviation, luma.shape), 0, 255), np.uint8)


def frame(luma: NDArray[Any], number: int = 0, format: str = "gray", *, hide_all: bool = False) -> Frame:
    """The picture as the frame `number` of ten a second."""
    layout = PIXEL_FORMATS[format]
    samples = (luma.astype(np.uint16) << (layout.depth - 8)).astype(layout.dtype)
    size = Size(luma.shape[1], luma.shape[0])
    plane = Plane(np.ascontiguousarray(samples), size.width)
    return Frame(number, number, number + 1, Fraction(1, 10), size, layout, (plane,), hide_all=hide_all)


def picture(
    luma: NDArray[Any], format: str = "gray", rotation: Rotation = 0, aspect: Fraction = Fraction(1)
) -> Picture:
    return Picture(Size(luma.shape[1], luma.shape[0]), PIXEL_FORMATS[format], rotation, aspect)
