"""Number plates, drawn: Japanese here, the others in `draw_abroad`; then worn. Colours are RGB."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from blanks import HEIGHT, blank, bolts
from chance import AREAS, HIRAGANA, pick, shade, some
from draw_abroad import american, european, other, south_american, two_rows
from glyphs import Picture, kanji, latin, write


@dataclass(frozen=True, slots=True)
class Drawn:
    """A plate seen from the front: its region and its picture (rows, columns, 3) uint8 RGB, `HEIGHT` rows."""

    region: str
    picture: Picture


def draw_plate(rng: np.random.Generator, region: str | None = None) -> Drawn:
    """A plate of a region (`REGIONS`), or of one drawn by lot."""
    names = list(REGIONS)
    if region is None:
        region = names[int(rng.choice(len(names), p=[REGIONS[name][0] for name in names]))]
    plate = REGIONS[region][1](rng)
    return Drawn(region, _worn(rng, plate))


def _worn(rng: np.random.Generator, plate: Picture) -> Picture:
    """Rim, bolts, dirt and bends."""
    height, width = plate.shape[:2]
    if rng.random() < 0.5:
        rim = shade(rng, pick(rng, [(20, 20, 20), (120, 120, 120), (235, 235, 235)]))
        cv2.rectangle(plate, (1, 1), (width - 2, height - 2), rim, int(rng.integers(1, 4)))
    if rng.random() < 0.25:
        for _ in range(int(rng.integers(1, 5))):
            centre = (int(rng.integers(width)), int(rng.integers(height)))
            overlay = plate.copy()
            axes = (int(rng.integers(4, 40)), int(rng.integers(3, 20)))
            cv2.ellipse(overlay, centre, axes, float(rng.uniform(0, 180)), 0, 360, shade(rng, (95, 85, 70)), -1)
            cv2.addWeighted(overlay, 0.45, plate, 0.55, 0, plate)
    if rng.random() < 0.4:
        light = np.linspace(rng.uniform(0.65, 1.0), rng.uniform(0.65, 1.0), height, dtype=np.float32)
        plate = (plate * light[:, None, None]).astype(np.uint8)
    return plate


def _japanese(rng: np.random.Generator) -> Picture:
    ground, ink = (
        ((240, 240, 236), (20, 70, 50)),
        ((245, 205, 40), (20, 20, 20)),
        ((25, 25, 25), (235, 200, 50)),
        ((20, 90, 60), (240, 240, 240)),
    )[int(rng.choice(4, p=[0.58, 0.27, 0.06, 0.09]))]
    ink = shade(rng, ink)
    plate = blank(shade(rng, ground), rng.choice([2.0, 2.0, 2.0, 1.84]) * rng.uniform(0.97, 1.03))
    width = plate.shape[1]
    if ground[0] == 240 and rng.random() < 0.15:
        _pastel(rng, plate)
    sign, digits = pick(rng, kanji()), pick(rng, latin())
    write(plate, pick(rng, AREAS), sign, (0.22 * width, 7, 0.56 * width, 31), ink, gap=0.05)
    number = some(rng, pick(rng, ["399", "599", "39A", "99", "59", "4A9", "899", "199"]))
    write(plate, number, digits, (0.58 * width, 8, 0.82 * width, 31), ink, gap=0.1)
    write(plate, pick(rng, HIRAGANA), sign, (0.03 * width, 54, 0.15 * width, 74), ink)
    hidden = int(rng.choice([0, 0, 0, 1, 2, 3]))
    digits4 = "・" * hidden + some(rng, "9" * (4 - hidden))
    text = digits4 if hidden else digits4[:2] + "-" + digits4[2:]
    write(plate, text, digits, (0.17 * width, 39, 0.97 * width, 88), ink, gap=0.16, stretch=rng.uniform(0.9, 1.15))
    bolts(rng, plate, 0.2, 0.14)
    if rng.random() < 0.6:
        cv2.circle(plate, (int(0.14 * width), 19), 7, shade(rng, (190, 190, 190)), -1, cv2.LINE_AA)
    return plate


def _pastel(rng: np.random.Generator, plate: Picture) -> None:
    for _ in range(int(rng.integers(2, 7))):
        centre = (int(rng.integers(plate.shape[1])), int(rng.integers(HEIGHT)))
        colour = (int(rng.integers(150, 256)), int(rng.integers(150, 256)), int(rng.integers(150, 256)))
        cv2.ellipse(
            plate, centre, (int(rng.integers(10, 60)), int(rng.integers(8, 40))), 0, 0, 360, colour, -1, cv2.LINE_AA
        )


REGIONS: dict[str, tuple[float, Callable[[np.random.Generator], Picture]]] = {
    "jp": (0.30, _japanese),
    "eu": (0.20, european),
    "two rows": (0.09, two_rows),
    "us": (0.22, american),
    "br": (0.11, south_american),
    "other": (0.08, other),
}
