"""The planes of a frame as a small upright picture, which is what models look at.

Planes are reduced before they are turned and converted, so that a search costs what its own picture costs and not what the
footage's does.
"""

from __future__ import annotations

from math import prod
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from privmask.frame import ColorMatrix, Frame, Picture
from privmask.geometry import Box, Size

Bgr: TypeAlias = NDArray[np.uint8]
"""uint8 (height, width, 3): blue, green, red, 0…255, upright."""

_BAND = 128
"""Rows that are converted at a time: their samples stay in the processor's own memory, and no second picture is needed."""

_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}

# Share of red and of blue in luma: ITU-R BT.601, BT.709 and BT.2020, section 3 each.
_SHARES: dict[ColorMatrix, tuple[float, float]] = {
    "bt601": (0.299, 0.114),
    "bt709": (0.2126, 0.0722),
    "bt2020": (0.2627, 0.0593),
}


def read_bgr(frame: Frame, picture: Picture, size: Size, area: Box | None = None) -> Bgr:
    """`area` of the displayed picture (all of it when None) as `size` samples; `area` is whole samples within the picture.

    Colour is converted by the picture's own matrix and range; more than 8 bits are cut to 8, and alpha is left out.
    """
    place = _coded(area or Box(0, 0, picture.displayed.width, picture.displayed.height), picture)
    target = size.turned(picture.rotation)
    planes = [_reduced(frame, plane, place, target) for plane in range(min(3, len(frame.planes)))]
    bgr = _converted(planes, picture)
    return _turned(bgr, picture)


def read_luma(frame: Frame, picture: Picture, size: Size) -> NDArray[np.uint8]:
    """The first plane (luma, or green) of the whole picture as `size` samples, uint8 (height, width), upright."""
    whole = Box(0, 0, picture.size.width, picture.size.height)
    luma = _reduced(frame, 0, whole, size.turned(picture.rotation))
    return _turned(luma, picture)


def read_blocks(frame: Frame, picture: Picture, side: int) -> NDArray[np.uint8]:
    """The means of the first plane in squares of `side` samples, uint8 (rows, columns), upright.

    Where the picture is not whole squares, its edge is mirrored: to share samples out to squares costs six times as much.
    """
    samples: Any = frame.planes[0].visible
    below, right = -samples.shape[0] % side, -samples.shape[1] % side
    if below or right:
        samples = cv2.copyMakeBorder(samples, 0, below, 0, right, cv2.BORDER_REFLECT)
    blocks = samples.shape[1] // side, samples.shape[0] // side
    means: Any = cv2.resize(samples, blocks, interpolation=cv2.INTER_AREA)
    return _turned(_as_8_bits(means, frame), picture)


class Feed:
    """Gives pictures the shape in which models are fed, in memory of its own: for each model one, and none for two threads."""

    def __init__(self) -> None:
        self._memory = np.empty(0, np.float32)

    def of(self, bgr: Bgr, *, rgb: bool = False) -> NDArray[np.float32]:
        """`bgr` as float32 (1, 3, height, width), 0…255, filled up with 0 on the right and below to whole 32s.

        `rgb` turns the order of the colours round. It may be changed, and holds until the next call.
        """
        height, width = bgr.shape[:2]
        out = self._room(3, -(-height // 32) * 32, -(-width // 32) * 32)
        out[:, height:], out[:, :, width:] = 0, 0
        for number in range(3):
            out[2 - number if rgb else number, :height, :width] = cv2.extractChannel(bgr, number)
        return out[None]

    def _room(self, *shape: int) -> NDArray[np.float32]:
        count = prod(shape)
        if self._memory.size < count:
            self._memory = np.empty(count, np.float32)
        return self._memory[:count].reshape(shape)


def _coded(area: Box, picture: Picture) -> Box:
    """The same place in the coded picture, which is shown after a clockwise turn."""
    width, height = picture.size.width, picture.size.height
    match picture.rotation:
        case 90:
            return Box(area.top, height - area.right, area.bottom, height - area.left)
        case 180:
            return Box(width - area.right, height - area.bottom, width - area.left, height - area.top)
        case 270:
            return Box(width - area.bottom, area.left, width - area.top, area.right)
        case _:
            return area


def _turned(samples: NDArray[np.uint8], picture: Picture) -> NDArray[np.uint8]:
    return np.asarray(cv2.rotate(samples, _TURNS[picture.rotation]), np.uint8) if picture.rotation else samples


def _reduced(frame: Frame, plane: int, place: Box, target: Size) -> NDArray[np.uint8]:
    shift_x, shift_y = frame.format.shifts(plane)
    rows = slice(int(place.top) >> shift_y, -(-int(place.bottom) >> shift_y))
    columns = slice(int(place.left) >> shift_x, -(-int(place.right) >> shift_x))
    samples: Any = frame.planes[plane].visible[rows, columns]
    # Averaging costs several times as much, and only halving or more needs it.
    halved = samples.shape[1] >= 2 * target.width
    way = cv2.INTER_AREA if halved else cv2.INTER_LINEAR
    small: Any = cv2.resize(samples, (target.width, target.height), interpolation=way)
    return _as_8_bits(small, frame)


def _as_8_bits(samples: Any, frame: Frame) -> NDArray[np.uint8]:
    more = frame.format.depth - 8
    return np.asarray(samples >> more if more else samples, np.uint8)


def _converted(planes: list[NDArray[np.uint8]], picture: Picture) -> Bgr:
    if picture.format.is_rgb:
        return np.dstack([planes[picture.format.kinds.index(kind)] for kind in ("B", "G", "R")])
    if len(planes) == 1:
        planes = [planes[0], *[np.full_like(planes[0], 128)] * 2]
    matrix, bgr = _matrix(picture), np.empty((*planes[0].shape, 3), np.uint8)
    for start in range(0, len(bgr), _BAND):
        band = slice(start, start + _BAND)
        cv2.transform(cv2.merge([plane[band] for plane in planes]), matrix, dst=bgr[band])
    return bgr


def _matrix(picture: Picture) -> NDArray[np.float64]:
    """Blue, green and red out of (luma, Cb, Cr, 1), all as 8 bits; (3, 4)."""
    red, blue = _SHARES.get(picture.matrix, _SHARES["bt601"])
    green = 1 - red - blue
    scale, chroma, black = (255 / 219, 255 / 224, 16) if picture.range == "limited" else (1, 1, 0)
    of_blue, of_red = 2 * (1 - blue) * chroma, 2 * (1 - red) * chroma
    rows = [(of_blue, 0.0), (-of_blue * blue / green, -of_red * red / green), (0.0, of_red)]
    return np.array([(scale, u, v, -scale * black - 128 * (u + v)) for u, v in rows])
