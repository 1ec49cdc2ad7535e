"""Plates of Europe, the Americas and elsewhere, drawn. Colours are RGB."""

from __future__ import annotations

import cv2
import numpy as np
from blanks import HEIGHT, blank, bolts
from chance import AREAS, SLOGANS, STATES, pick, shade, some
from glyphs import Colour, Picture, kanji, latin, write


def european(rng: np.random.Generator) -> Picture:
    """A long plate, mostly with a blue band."""
    ground = pick(rng, [(242, 242, 240)] * 5 + [(245, 195, 30)] * 2)
    ink = (20, 20, 20) if rng.random() < 0.88 else pick(rng, [(170, 25, 30), (25, 50, 140), (20, 100, 50)])
    plate = blank(shade(rng, ground), rng.uniform(4.2, 5.0))
    width, left, right = plate.shape[1], 0.03, 0.97
    band = shade(rng, (20, 60, 165))
    if rng.random() < 0.8:
        left = 0.11
        cv2.rectangle(plate, (0, 0), (int(0.085 * width), HEIGHT), band, -1)
        cv2.circle(plate, (int(0.043 * width), 30), 12, (235, 205, 60), 2, cv2.LINE_AA)
        write(plate, some(rng, pick(rng, ["A", "AA"])), pick(rng, latin()), (3, 60, 0.08 * width, 85), (240, 240, 240))
    if rng.random() < 0.2:
        right = 0.9
        cv2.rectangle(plate, (int(0.915 * width), 0), (width, HEIGHT), band, -1)
    pattern = pick(
        rng,
        [
            "A 99 AAA",
            "AA 99 AAA",
            "AAA 9999",
            "AA-999-AA",
            "AAA-99",
            "AA99 AAA",
            "9999 AAA",
            "99-AA-99",
            "A AA 999",
            "AA 999999",
        ],
    )
    top = rng.uniform(12, 20)
    write(
        plate,
        some(rng, pattern),
        pick(rng, latin()),
        (left * width, top, right * width, HEIGHT - top),
        shade(rng, ink),
        gap=rng.uniform(0.1, 0.25),
    )
    return plate


def two_rows(rng: np.random.Generator) -> Picture:
    """A plate of two rows: motorcycles, lorries, British and Italian rears."""
    ground, ink = pick(
        rng,
        [
            ((242, 242, 240), (20, 20, 20)),
            ((245, 195, 30), (20, 20, 20)),
            ((30, 30, 30), (235, 235, 235)),
            ((240, 240, 240), (170, 20, 30)),
        ],
    )
    plate = blank(shade(rng, ground), rng.uniform(1.15, 2.1))
    width, face, left = plate.shape[1], pick(rng, latin()), 0.06
    if rng.random() < 0.4:
        left = 0.2
        cv2.rectangle(plate, (0, 0), (int(0.16 * width), int(rng.choice([48, HEIGHT]))), shade(rng, (20, 60, 165)), -1)
    upper, lower = pick(
        rng, [("AA", "9999"), ("A 99", "AAA"), ("AA 9", "999"), ("AAA", "9999"), ("99 A", "999 99"), ("AA-99", "9999")]
    )
    split = rng.uniform(40, 50)
    write(plate, some(rng, upper), face, (left * width, 9, 0.94 * width, split), shade(rng, ink))
    write(plate, some(rng, lower), face, (0.06 * width, split + 7, 0.94 * width, 88), shade(rng, ink))
    return plate


def american(rng: np.random.Generator) -> Picture:
    """A plate of a state: header, number, slogan, stickers."""
    grounds: list[Colour] = [(240, 240, 240)] * 5 + [
        (225, 230, 240),
        (240, 225, 180),
        (30, 50, 110),
        (250, 200, 60),
        (190, 215, 200),
    ]
    ground = pick(rng, grounds)
    dark = sum(ground) < 300
    ink = shade(rng, (235, 225, 120) if dark else pick(rng, [(25, 40, 110), (20, 20, 20), (20, 80, 50), (130, 25, 30)]))
    plate = blank(shade(rng, ground), rng.uniform(1.9, 2.1))
    width = plate.shape[1]
    if rng.random() < 0.45:
        tint = np.asarray(
            pick(rng, [(90, 140, 210), (230, 120, 60), (120, 190, 120), (200, 60, 60), (240, 210, 90)]), np.float32
        )
        fall = np.clip(np.linspace(rng.uniform(0.4, 1), -0.3, HEIGHT, dtype=np.float32), 0, 1)[
            :: int(rng.choice([1, -1])), None, None
        ]
        plate = (plate * (1 - fall) + tint * fall).astype(np.uint8)
    if rng.random() < 0.25:
        overlay = plate.copy()
        colour = shade(rng, pick(rng, [(230, 130, 50), (90, 150, 90), (120, 150, 200)]))
        cv2.circle(
            overlay,
            (int(width * rng.uniform(0.3, 0.7)), int(rng.integers(40, 60))),
            int(rng.integers(14, 34)),
            colour,
            -1,
            cv2.LINE_AA,
        )
        cv2.addWeighted(overlay, 0.6, plate, 0.4, 0, plate)
    header = shade(rng, pick(rng, [ink, (170, 30, 35), (25, 50, 130)]))
    write(plate, pick(rng, STATES), pick(rng, latin()), (0.22 * width, 6, 0.78 * width, rng.uniform(18, 24)), header)
    pattern = pick(
        rng,
        [
            "9AAA999",
            "AAA 9999",
            "AAA-9999",
            "999 AAA",
            "AAA 999",
            "AA 99999",
            "A99 9AA",
            "99A-AAA",
            "999999",
            "AAA AAA",
        ],
    )
    top, bottom = rng.uniform(25, 30), rng.uniform(70, 79)
    write(
        plate,
        some(rng, pattern),
        pick(rng, latin()),
        (0.05 * width, top, 0.95 * width, bottom),
        ink,
        gap=rng.uniform(0.08, 0.2),
        stretch=rng.uniform(0.7, 1),
    )
    if rng.random() < 0.6:
        write(plate, pick(rng, SLOGANS), pick(rng, latin()), (0.25 * width, 81, 0.75 * width, 91), header, gap=0.08)
    for x in (0.03, 0.86):
        if rng.random() < 0.4:
            colour = shade(rng, pick(rng, [(220, 190, 60), (60, 120, 190), (200, 60, 60), (90, 160, 90)]))
            cv2.rectangle(plate, (int(x * width), 6), (int((x + 0.1) * width), 22), colour, -1)
    bolts(rng, plate, 0.1, rng.uniform(0.12, 0.2))
    return plate


def south_american(rng: np.random.Generator) -> Picture:
    """A grey Brazilian plate, or one of Mercosur with its blue head."""
    aspect = rng.uniform(2.9, 3.25)
    if rng.random() < 0.4:
        plate = blank(shade(rng, (242, 242, 242)), aspect)
        width = plate.shape[1]
        cv2.rectangle(plate, (0, 0), (width, 24), shade(rng, (20, 50, 150)), -1)
        write(
            plate,
            pick(rng, ["BRASIL", "ARGENTINA", "URUGUAY"]),
            pick(rng, latin()),
            (0.3 * width, 5, 0.7 * width, 19),
            (240, 240, 240),
        )
        text, place = some(rng, pick(rng, ["AAA9A99", "AA 999 AA"])), (0.07 * width, 32.0, 0.95 * width, 88.0)
        ink: Colour = pick(rng, [(20, 20, 20), (20, 20, 20), (170, 30, 30)])
    else:
        ground, ink = pick(
            rng,
            [((185, 187, 190), (20, 20, 20))] * 4
            + [((165, 35, 35), (235, 235, 235)), ((235, 235, 235), (160, 30, 30))],
        )
        plate = blank(shade(rng, ground, 35), aspect)
        width = plate.shape[1]
        write(plate, some(rng, "AA-") + pick(rng, STATES), pick(rng, latin()), (0.2 * width, 5, 0.8 * width, 19), ink)
        text, place = (
            some(rng, pick(rng, ["AAA-9999", "AAA 9999", "AAA·9999"])),
            (0.05 * width, 27.0, 0.95 * width, 86.0),
        )
    write(plate, text, pick(rng, latin()), place, shade(rng, ink), gap=rng.uniform(0.1, 0.2))
    return plate


def other(rng: np.random.Generator) -> Picture:
    """Plates of many colours and shapes, some with a sign at the left."""
    grounds: list[tuple[Colour, Colour]] = [
        ((30, 70, 160), (240, 240, 240)),
        ((240, 190, 40), (20, 20, 20)),
        ((35, 35, 38), (225, 225, 225)),
        ((150, 215, 170), (20, 20, 20)),
        ((30, 100, 60), (240, 240, 240)),
        ((240, 240, 240), (30, 90, 50)),
        ((240, 240, 240), (20, 20, 20)),
        ((240, 240, 240), (25, 60, 150)),
    ]
    ground, ink = pick(rng, grounds)
    plate = blank(shade(rng, ground), rng.uniform(2.2, 4.6))
    width, face = plate.shape[1], pick(rng, latin())
    pattern = pick(
        rng, ["A·99999", "AAA-9999", "99A 9999", "AA 99 AA 9999", "AAA 999", "9999 99", "A 9999 AA", "999·999"]
    )
    text = some(rng, pattern)
    left = 0.05
    if rng.random() < 0.4:
        write(plate, pick(rng, AREAS)[:1], pick(rng, kanji()), (0.03 * width, 18, 0.17 * width, 78), ink)
        left = 0.18
    write(
        plate,
        text,
        face,
        (left * width, rng.uniform(12, 26), 0.96 * width, rng.uniform(74, 84)),
        shade(rng, ink),
        gap=0.18,
    )
    if rng.random() < 0.3:
        write(plate, pick(rng, STATES), face, (0.2 * width, 83, 0.8 * width, 93), ink)
    return plate
