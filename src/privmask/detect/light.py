"""The light of a picture: whether it is too dark or too colourless for the fast model, and what helps a model then."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from privmask.detect.picture import Bgr

_SIZE = (64, 36)
_DARK, _BRIGHT = 55.0, 70.0
"""Mean luma, of 255, below which a picture counts as dark, and above which no longer: daylight clips have 100 to 175, the same
clips darkened until a person sees little 13 to 43."""

_GREY, _COLOURED = 8.0, 11.0
"""The same for colour (mean of the largest less the smallest of blue, green, red): infrared has 0 to 7, daylight 13 to 65."""

_FULL = 200.0
"""Levels between the darkest and the brightest 5 % from which a colourless picture is as good as a coloured one: a drawing,
a clear picture of a colourless camera."""

_WEIGHT = 0.2
"""Weight of the newest picture: a flash or a headlight does not change the light."""


class LightMeter:
    """Follows the light from picture to picture; `is_poor` holds with some inertia, so that it does not flicker."""

    def __init__(self) -> None:
        self.is_poor = False
        self._luma: float | None = None
        self._colour = 0.0

    def see(self, bgr: Bgr) -> None:
        """Take the next picture into account; the first one decides by itself."""
        step = max(1, bgr.shape[1] // (4 * _SIZE[0]))
        thinned = cv2.resize(bgr, (-(-bgr.shape[1] // step), -(-bgr.shape[0] // step)), interpolation=cv2.INTER_NEAREST)
        small: Any = cv2.resize(thinned, _SIZE, interpolation=cv2.INTER_AREA)
        luma = float(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).mean())
        blue, green, red = cv2.split(small)
        colour = float((cv2.max(cv2.max(blue, green), red) - cv2.min(cv2.min(blue, green), red)).mean())
        low, high = np.percentile(small, (5, 95))
        if high - low >= _FULL:
            colour = max(colour, _COLOURED)
        if self._luma is None:
            self._luma, self._colour = luma, colour
        self._luma += _WEIGHT * (luma - self._luma)
        self._colour += _WEIGHT * (colour - self._colour)
        dark, grey = (_BRIGHT, _COLOURED) if self.is_poor else (_DARK, _GREY)
        self.is_poor = self._luma < dark or self._colour < grey


def brought_out(bgr: Bgr) -> Bgr:
    """The picture for poor light: without colour, its noise dampened (median of 3x3), its contrast evened out (CLAHE)."""
    grey = cv2.medianBlur(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), 3)
    even = cv2.createCLAHE(2.0, (8, 8)).apply(grey)
    return np.dstack([np.asarray(even, np.uint8)] * 3)
