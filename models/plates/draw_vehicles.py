"""Rears and fronts of vehicles, drawn flat, with the place where the plate belongs. Colours are RGB."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from chance import PAINTS, WORDS, pick, shade, some
from draw_camera import uneven_light
from glyphs import Colour, Mask, Picture, Rectangle, latin, write


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle seen flat: picture (rows, columns, 3) uint8, opacity (rows, columns) uint8, the plate's middle and width."""

    picture: Picture
    opacity: Mask
    plate: tuple[float, float, float]


def draw_vehicle(rng: np.random.Generator) -> Vehicle:
    """The rear or front of a car, van, lorry or motorcycle; the plate's place is left empty."""
    width = 400
    height = int(width * rng.uniform(0.62, 1.1))
    paint = pick(rng, PAINTS)
    picture = np.zeros((height, width, 3), np.uint8)
    opacity = np.zeros((height, width), np.uint8)
    _wheels(rng, picture, opacity)
    shoulder = height * (rng.uniform(0.08, 0.3) if height > 330 else rng.uniform(0.34, 0.46))
    _body(rng, picture, opacity, shoulder, shade(rng, paint, 40))
    front = rng.random() < 0.4
    bumper = height * rng.uniform(0.66, 0.8)
    _bumper(rng, picture, opacity, bumper, paint)
    _lamps(rng, picture, shoulder, bumper, front=front)
    middle = (shoulder + bumper) / 2
    plate_y = rng.uniform(bumper, height * 0.9) if front or rng.random() < 0.45 else rng.uniform(middle, bumper)
    if front:
        _grille(rng, picture, (90, middle - 25, 310, min(middle + 40, height - 20)))
    _trim(rng, picture, middle, front=front)
    plate_x = 200.0 if rng.random() < 0.9 else rng.uniform(130, 270)
    plate_width = rng.uniform(75, 125)
    if rng.random() < 0.6:
        _recess(rng, picture, (plate_x, plate_y, plate_width))
    uneven_light(rng, picture)
    return Vehicle(picture, cv2.GaussianBlur(opacity, (3, 3), 0), (plate_x, plate_y, plate_width))


def _polygon(picture: Picture, points: list[tuple[float, float]], colour: Colour) -> None:
    cv2.fillPoly(picture, [np.round(np.asarray(points)).astype(np.int32)], colour, cv2.LINE_AA)


def _body(rng: np.random.Generator, picture: Picture, opacity: Mask, shoulder: float, paint: Colour) -> None:
    height, width = opacity.shape
    roof = rng.uniform(50, 95) if shoulder > 0.32 * height else rng.uniform(12, 40)
    sill = height * rng.uniform(0.86, 0.93)
    outline = [
        (roof, 3),
        (width - roof, 3),
        (width - 22, shoulder),
        (width - 6, shoulder + 40),
        (width - 10, sill),
        (10, sill),
        (6, shoulder + 40),
        (22, shoulder),
    ]
    _polygon(picture, outline, paint)
    cv2.fillPoly(opacity, [np.round(np.asarray(outline)).astype(np.int32)], 255)
    low = shoulder + rng.uniform(-6, 12) if shoulder > 0.32 * height else height * rng.uniform(0.35, 0.45)
    glass = shade(rng, pick(rng, [(25, 28, 32), (60, 66, 72), (110, 125, 140), (15, 15, 18)]))
    _polygon(picture, [(roof + 14, 16), (width - roof - 14, 16), (width - 44, low), (44, low)], glass)
    if rng.random() < 0.6:
        x = rng.uniform(100, 260)
        sheen = shade(rng, (130, 140, 150), 80)
        _polygon(picture, [(x, 18), (x + rng.uniform(10, 70), 18), (x - 10, low - 3), (x - 60, low - 3)], sheen)
    if rng.random() < 0.5:
        cv2.line(
            picture,
            (int(rng.uniform(60, 200)), int(low)),
            (int(rng.uniform(200, 330)), int(low - 14)),
            (12, 12, 12),
            3,
            cv2.LINE_AA,
        )
    if rng.random() < 0.4:
        cv2.line(picture, (170, 24), (230, 24), (230, 30, 40) if rng.random() < 0.5 else (90, 15, 20), 5)


def _wheels(rng: np.random.Generator, picture: Picture, opacity: Mask) -> None:
    height, width = opacity.shape
    for x in (26, width - 82):
        for canvas in (picture, opacity):
            colour = shade(rng, (24, 24, 24)) if canvas is picture else 255
            cv2.rectangle(canvas, (x, int(height * 0.8)), (x + 56, height - 3), colour, -1)
    cv2.rectangle(picture, (40, int(height * 0.85)), (width - 40, int(height * 0.95)), (16, 16, 16), -1)
    cv2.rectangle(opacity, (40, int(height * 0.85)), (width - 40, int(height * 0.95)), 255, -1)


def _bumper(rng: np.random.Generator, picture: Picture, opacity: Mask, top: float, paint: Colour) -> None:
    height, width = opacity.shape
    low = height * rng.uniform(0.84, 0.93)
    colour = shade(rng, paint if rng.random() < 0.55 else pick(rng, [(30, 30, 32), (70, 72, 75), (190, 190, 192)]), 40)
    outline = [
        (8, top),
        (width - 8, top),
        (width - 4, (top + low) / 2),
        (width - 20, low),
        (20, low),
        (4, (top + low) / 2),
    ]
    _polygon(picture, outline, colour)
    cv2.fillPoly(opacity, [np.round(np.asarray(outline)).astype(np.int32)], 255)
    cv2.line(
        picture,
        (8, int(top)),
        (width - 8, int(top)),
        shade(rng, (25, 25, 25), 40),
        int(rng.integers(1, 4)),
        cv2.LINE_AA,
    )
    if rng.random() < 0.5:
        for x in (22, width - 74):
            colour = shade(rng, (180, 30, 30) if rng.random() < 0.6 else (225, 225, 205))
            cv2.rectangle(picture, (x, int(low - 22)), (x + 52, int(low - 10)), colour, -1)
    if rng.random() < 0.3:
        cv2.ellipse(
            picture,
            (int(rng.choice([90, 310])), int(height * 0.94)),
            (16, 8),
            0,
            0,
            360,
            (120, 120, 122),
            3,
            cv2.LINE_AA,
        )


def _lamps(rng: np.random.Generator, picture: Picture, shoulder: float, bumper: float, *, front: bool) -> None:
    width = picture.shape[1]
    top, low = shoulder + rng.uniform(6, 40), bumper - rng.uniform(4, 40)
    low = max(low, top + 26)
    reach, slant = rng.uniform(34, 100), rng.uniform(-18, 18)
    outer = [(8.0, top), (8 + reach, top + slant), (8 + reach * rng.uniform(0.6, 1), low), (12.0, low)]
    colour = shade(
        rng,
        pick(
            rng,
            [(225, 228, 230), (180, 185, 190), (120, 125, 130)]
            if front
            else [(170, 20, 25), (200, 45, 40), (110, 15, 20), (215, 120, 110)],
        ),
    )
    for points in (outer, [(width - x, y) for x, y in outer]):
        _polygon(picture, points, colour)
        centre = np.mean(points, axis=0)
        inner = shade(rng, pick(rng, [(250, 250, 245), (235, 150, 40), (250, 240, 200), (90, 90, 95)]))
        axes = (int(rng.uniform(6, max(7, reach / 3))), int(max(4, (low - top) * rng.uniform(0.12, 0.35))))
        cv2.ellipse(picture, (int(centre[0]), int(centre[1])), axes, 0, 0, 360, inner, -1, cv2.LINE_AA)


def _grille(rng: np.random.Generator, picture: Picture, place: Rectangle) -> None:
    left, top, right, bottom = (int(v) for v in place)
    left += int(rng.integers(0, 50))
    right = picture.shape[1] - left
    cv2.rectangle(picture, (left, top), (right, bottom), shade(rng, (25, 25, 27)), -1)
    bar, step = shade(rng, pick(rng, [(190, 192, 195), (70, 70, 72), (120, 120, 122)])), int(rng.integers(6, 18))
    kind = rng.integers(3)
    if kind != 1:
        for y in range(top, bottom, step):
            cv2.line(picture, (left, y), (right, y), bar, int(rng.integers(1, 4)))
    if kind != 0:
        for x in range(left, right, step):
            cv2.line(picture, (x, top), (x, bottom), bar, int(rng.integers(1, 4)))
    if rng.random() < 0.5:
        cv2.rectangle(picture, (left, top), (right, bottom), shade(rng, (200, 200, 205)), 3, cv2.LINE_AA)


def _trim(rng: np.random.Generator, picture: Picture, middle: float, *, front: bool) -> None:
    """Badges, model words, a chrome bar, the boot's handle and seams."""
    chrome = shade(rng, pick(rng, [(210, 212, 215), (160, 162, 165), (235, 235, 235), (60, 60, 62)]))
    y = middle + rng.uniform(-35, 5)
    if rng.random() < 0.35:
        cv2.rectangle(
            picture,
            (int(rng.uniform(110, 150)), int(y + 14)),
            (int(rng.uniform(250, 290)), int(y + rng.uniform(20, 30))),
            chrome,
            -1,
        )
    if rng.random() < 0.8:
        shape = (int(rng.uniform(8, 19)), int(rng.uniform(7, 13)))
        cv2.ellipse(picture, (200, int(y)), shape, 0, 0, 360, chrome, 2 if rng.random() < 0.6 else -1, cv2.LINE_AA)
        cv2.ellipse(picture, (200, int(y)), (shape[0] // 2, shape[1]), 0, 0, 360, chrome, 2, cv2.LINE_AA)
    for left, right in ((95, 165), (235, 320)):
        if not front and rng.random() < 0.45:
            size = rng.uniform(8, 15)
            write(
                picture,
                pick(rng, WORDS) if rng.random() < 0.7 else some(rng, "A999"),
                pick(rng, latin()),
                (left, y, right, y + size),
                chrome,
            )
    if rng.random() < 0.25:
        write(
            picture,
            some(rng, "AAAAA"),
            pick(rng, latin()),
            (120, y + 14, 280, y + rng.uniform(24, 34)),
            chrome,
            gap=0.6,
        )
    if rng.random() < 0.4:
        cv2.line(picture, (30, int(y - 18)), (370, int(y - 18)), shade(rng, (30, 30, 30), 30), 2, cv2.LINE_AA)
    if rng.random() < 0.15:
        x, size = int(rng.uniform(70, 300)), int(rng.integers(14, 34))
        cv2.rectangle(
            picture,
            (x, int(y - 6)),
            (x + size, int(y - 6 + size * rng.uniform(0.5, 1))),
            shade(rng, pick(rng, PAINTS)),
            -1,
        )


def _recess(rng: np.random.Generator, picture: Picture, plate: tuple[float, float, float]) -> None:
    x, y, width = plate
    half, rise = width * rng.uniform(0.55, 0.9), width * rng.uniform(0.28, 0.42)
    colour = shade(rng, pick(rng, [(18, 18, 20), (45, 45, 48), (90, 92, 95), (150, 150, 150)]))
    _polygon(
        picture,
        [
            (x - half, y - rise),
            (x + half, y - rise),
            (x + half * rng.uniform(0.8, 1), y + rise),
            (x - half * rng.uniform(0.8, 1), y + rise),
        ],
        colour,
    )
    if rng.random() < 0.4:
        cv2.line(
            picture,
            (int(x - half * 0.8), int(y - rise + 3)),
            (int(x + half * 0.8), int(y - rise + 3)),
            shade(rng, (200, 200, 200), 60),
            3,
            cv2.LINE_AA,
        )
