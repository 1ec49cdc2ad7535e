"""Frames of a made-up stream, out of a picture."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from privmask.frame import PIXEL_FORMATS, Frame, Picture, Plane
from privmask.geometry import Size

RGB = PIXEL_FORMATS["gbrp"]


def picture_of(bgr: NDArray[np.uint8]) -> Picture:
    height, width = bgr.shape[:2]
    return Picture(Size(width, height), RGB, matrix="rgb", range="full")


def frame_of(bgr: NDArray[np.uint8], index: int = 0, seconds: str = "0") -> Frame:
    """A frame that shows `bgr`, uint8 (height, width, 3), from `seconds` on."""
    blue, green, red = (np.ascontiguousarray(bgr[..., n]) for n in range(3))
    size = picture_of(bgr).size
    planes = tuple(Plane(samples, size.width) for samples in (green, blue, red))
    return Frame(index, int(Fraction(seconds) * 1000), None, Fraction(1, 1000), size, RGB, planes)
