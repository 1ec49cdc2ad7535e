"""What is behind the plates: drawn streets, walls and surfaces. Colours are RGB."""

from __future__ import annotations

import cv2
import numpy as np
from chance import PAINTS, pick, shade
from glyphs import Colour, Picture

TOWN: tuple[Colour, ...] = (
    (120, 118, 115),
    (150, 145, 135),
    (90, 90, 95),
    (175, 160, 140),
    (140, 110, 95),
    (200, 200, 195),
    (70, 75, 80),
)


def draw_background(rng: np.random.Generator, size: int) -> Picture:
    """A square picture without plates: street, wall, leaves or a plain surface, with things in it."""
    kind = rng.random()
    if kind < 0.5:
        picture = _street(rng, size)
    elif kind < 0.7:
        picture = _surface(rng, size)
        _pattern(rng, picture)
    else:
        picture = _surface(rng, size)
    for _ in range(int(rng.integers(0, 6))):
        _box(rng, picture)
    return picture


def _surface(rng: np.random.Generator, size: int) -> Picture:
    """A plain colour with a slope of light and two grains of noise."""
    picture = np.empty((size, size, 3), np.float32)
    picture[:] = shade(rng, pick(rng, TOWN + PAINTS), 40)
    for cells, depth in (
        (int(rng.integers(2, 6)), 35),
        (int(rng.integers(8, 60)), 25),
        (int(rng.integers(60, 160)), 25),
    ):
        if rng.random() < 0.7:
            noise = rng.normal(0, rng.uniform(2, depth), (cells, cells, 1 if rng.random() < 0.6 else 3)).astype(
                np.float32
            )
            noise = cv2.resize(noise, (size, size), interpolation=cv2.INTER_CUBIC)
            picture += noise if noise.ndim == 3 else noise[..., None]
    return np.clip(picture, 0, 255).astype(np.uint8)


def _street(rng: np.random.Generator, size: int) -> Picture:
    """Sky, houses with windows, trees, and a road with marks."""
    picture = _surface(rng, size)
    horizon = int(size * rng.uniform(0.15, 0.6))
    sky = pick(rng, [(190, 205, 225), (225, 225, 228), (130, 165, 215), (160, 160, 165), (40, 45, 60)])
    picture[:horizon] = shade(rng, sky)
    x = 0
    while x < size:
        width, top = int(rng.uniform(30, 140)), int(horizon * rng.uniform(0.0, 0.8))
        if rng.random() < 0.7:
            cv2.rectangle(picture, (x, top), (x + width, horizon), shade(rng, pick(rng, TOWN), 40), -1)
            _grid(rng, picture, (x + 4, top + 4, x + width - 4, horizon - 4))
        else:
            _leaves(rng, picture, (x, top, x + width, horizon))
        x += width
    road = shade(rng, (105, 105, 108), 60)
    cv2.rectangle(picture, (0, horizon), (size, size), road, -1)
    picture[horizon:] = np.clip(picture[horizon:] + rng.normal(0, 7, (size - horizon, size, 1)), 0, 255).astype(
        np.uint8
    )
    for _ in range(int(rng.integers(0, 6))):
        _road_mark(rng, picture, horizon)
    return picture


def _grid(rng: np.random.Generator, picture: Picture, place: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = place
    wide, high = int(rng.integers(7, 34)), int(rng.integers(7, 34))
    colour = shade(rng, pick(rng, [(40, 45, 55), (90, 105, 120), (210, 205, 180), (25, 25, 30), (235, 235, 235)]))
    fill = rng.uniform(0.4, 0.85)
    for y in range(top, bottom - high, high):
        for x in range(left, right - wide, wide):
            cv2.rectangle(picture, (x, y), (x + int(wide * fill), y + int(high * fill)), colour, -1)


def _leaves(rng: np.random.Generator, picture: Picture, place: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = place
    green = pick(rng, [(60, 85, 45), (40, 60, 35), (130, 60, 40), (95, 100, 60)])
    for _ in range(int(rng.integers(20, 60))):
        centre = (int(rng.uniform(left, right)), int(rng.uniform(top, max(bottom, top + 2))))
        cv2.ellipse(
            picture, centre, (int(rng.integers(2, 12)), int(rng.integers(2, 10))), 0, 0, 360, shade(rng, green, 50), -1
        )


def _road_mark(rng: np.random.Generator, picture: Picture, horizon: int) -> None:
    size = picture.shape[0]
    paint = shade(rng, pick(rng, [(225, 225, 222), (215, 180, 60)]), 30)
    x, y = rng.uniform(0, size), rng.uniform(horizon, size)
    if rng.random() < 0.3:
        for k in range(int(rng.integers(3, 8))):
            wide = rng.uniform(8, 24)
            corners = np.asarray(
                [
                    (x + k * wide * 2, y),
                    (x + k * wide * 2 + wide, y),
                    (x + k * wide * 2.2 + wide - 12, y + 30),
                    (x + k * wide * 2.2 - 12, y + 30),
                ]
            )
            cv2.fillPoly(picture, [corners.astype(np.int32)], paint, cv2.LINE_AA)
    else:
        end = (int(x + rng.normal(0, 90)), int(y + rng.uniform(10, 120)))
        cv2.line(picture, (int(x), int(y)), end, paint, int(rng.integers(2, 12)), cv2.LINE_AA)


def _pattern(rng: np.random.Generator, picture: Picture) -> None:
    """Bricks, fences, blinds, tiles."""
    size = picture.shape[0]
    step, colour = int(rng.integers(4, 40)), shade(rng, pick(rng, TOWN + PAINTS), 30)
    thick = int(rng.integers(1, max(2, step // 2)))
    kind = rng.integers(4)
    for n, y in enumerate(range(0, size, step)):
        if kind != 1:
            cv2.line(picture, (0, y), (size, y), colour, thick)
        if kind == 0:
            for x in range((n % 2) * step, size, step * 2):
                cv2.line(picture, (x, y), (x, y + step), colour, thick)
        if kind in (1, 2):
            cv2.line(picture, (y, 0), (y, size), colour, thick)


def _box(rng: np.random.Generator, picture: Picture) -> None:
    size = picture.shape[0]
    x, y, wide, high = rng.uniform(0, size), rng.uniform(0, size), rng.uniform(8, 120), rng.uniform(5, 120)
    colour = shade(rng, pick(rng, PAINTS + TOWN), 50)
    if rng.random() < 0.8:
        cv2.rectangle(picture, (int(x), int(y)), (int(x + wide), int(y + high)), colour, -1)
    else:
        cv2.ellipse(picture, (int(x), int(y)), (int(wide / 2), int(high / 2)), 0, 0, 360, colour, -1, cv2.LINE_AA)
