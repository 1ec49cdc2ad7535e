"""Plates before anything is written on them."""

from __future__ import annotations

import cv2
import numpy as np
from chance import shade
from glyphs import Colour, Picture

HEIGHT = 96  # px of a drawn plate  # px of a drawn plate


def blank(colour: Colour, aspect: float) -> Picture:
    """An empty plate of that colour, `aspect` times as wide as high."""
    return np.full((HEIGHT, round(HEIGHT * aspect), 3), colour, np.uint8)


def bolts(rng: np.random.Generator, plate: Picture, top: float, sides: float) -> None:
    """Two bolts, `top` of the height down and `sides` of the width in."""
    colour = shade(rng, (150, 150, 150))
    for x in (sides, 1 - sides):
        cv2.circle(plate, (int(x * plate.shape[1]), int(top * HEIGHT)), 3, colour, -1, cv2.LINE_AA)
