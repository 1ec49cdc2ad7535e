"""Things that only look like plates: signs, notices, vents, reflectors, text burnt into the picture. Colours are RGB."""

from __future__ import annotations

import cv2
import numpy as np
from chance import AREAS, PAINTS, SLOGANS, STATES, WORDS, pick, shade, some
from glyphs import Colour, Mask, Picture, kanji, latin, write


def draw_decoy(rng: np.random.Generator) -> tuple[Picture, Mask]:
    """Something that is no plate but may look like one: (picture, opacity)."""
    kind = rng.random()
    draw = (
        _sign
        if kind < 0.34
        else _notice
        if kind < 0.5
        else _traffic_sign
        if kind < 0.64
        else _louvre
        if kind < 0.8
        else _empty
    )
    return draw(rng)


def _card(rng: np.random.Generator, wide: float, high: float, colour: Colour) -> tuple[Picture, Mask]:
    picture = np.full((int(high), int(wide), 3), colour, np.uint8)
    if rng.random() < 0.4:
        cv2.rectangle(
            picture, (1, 1), (int(wide) - 2, int(high) - 2), shade(rng, pick(rng, PAINTS), 40), int(rng.integers(1, 5))
        )
    return picture, np.full(picture.shape[:2], 255, np.uint8)


def words(rng: np.random.Generator) -> tuple[str, str]:
    """Words as on shop signs and screens, and a typeface that has them."""
    kind = rng.random()
    if kind < 0.35:
        return "".join(pick(rng, AREAS) for _ in range(int(rng.integers(1, 4)))), pick(rng, kanji())
    if kind < 0.7:
        return " ".join(pick(rng, [*WORDS, *SLOGANS, *STATES]) for _ in range(int(rng.integers(1, 4)))), pick(
            rng, latin()
        )
    return some(
        rng, pick(rng, ["AAAA AAA", "AAAAAAAA", "AAAAA AA AAAAA", "99:99:99", "AAA", "99%", "$9.99", "9"])
    ), pick(rng, latin())


def _sign(rng: np.random.Generator) -> tuple[Picture, Mask]:
    """A shop sign: long, or of several rows, or only a word or two."""
    wide, rows = rng.uniform(140, 460), int(rng.integers(1, 4))
    high = wide * rng.uniform(0.12, 0.3) if rows == 1 else wide * rng.uniform(0.3, 1.2)
    picture, opacity = _card(rng, wide, max(high, 24), shade(rng, pick(rng, PAINTS), 60))
    dark = picture[0, 0].mean() < 128
    row = picture.shape[0] / rows
    for n in range(rows):
        text, face = words(rng)
        ink = shade(rng, (235, 235, 225) if dark else pick(rng, [(25, 25, 25), (170, 30, 30), (30, 50, 140)]), 50)
        inset = row * rng.uniform(0.15, 0.32)
        write(picture, text, face, (wide * 0.05, n * row + inset, wide * 0.95, (n + 1) * row - inset), ink)
    return picture, opacity


def _notice(rng: np.random.Generator) -> tuple[Picture, Mask]:
    """A sheet of paper, a calendar, a poster: many small lines."""
    wide, high = rng.uniform(60, 260), rng.uniform(60, 260)
    picture, opacity = _card(
        rng, wide, high, shade(rng, pick(rng, [(240, 240, 238), (245, 240, 200), (200, 215, 235), (60, 60, 65)]), 30)
    )
    ink = shade(rng, (40, 40, 45) if picture[0, 0].mean() > 128 else (220, 220, 220), 50)
    step = rng.uniform(7, 26)
    top = rng.uniform(6, high / 2)
    calendar = rng.random() < 0.3
    while top + step < high - 4:
        if calendar:
            for x in np.arange(8, wide - step, step * 1.5):
                write(picture, some(rng, "99"), latin()[0], (x, top, x + step * 1.1, top + step * 0.7), ink)
        elif rng.random() < 0.5:
            cv2.line(picture, (8, int(top)), (int(wide * rng.uniform(0.4, 0.95)), int(top)), ink, max(1, int(step / 4)))
        else:
            text, face = words(rng)
            write(picture, text, face, (6, top, wide - 6, top + step * 0.7), ink)
        top += step
    return picture, opacity


def _traffic_sign(rng: np.random.Generator) -> tuple[Picture, Mask]:
    picture, opacity = np.full((100, 100, 3), 255, np.uint8), np.zeros((100, 100), np.uint8)
    colour = shade(rng, pick(rng, [(190, 25, 35), (30, 70, 170), (30, 120, 70), (240, 200, 40)]))
    kind = rng.integers(3)
    if kind == 0:
        cv2.circle(opacity, (50, 50), 49, 255, -1, cv2.LINE_AA)
        cv2.circle(picture, (50, 50), 49, colour, 12 if rng.random() < 0.6 else -1, cv2.LINE_AA)
    elif kind == 1:
        corners = [
            np.asarray([(50, 2), (98, 96), (2, 96)] if rng.random() < 0.5 else [(2, 4), (98, 4), (50, 98)], np.int32)
        ]
        cv2.fillPoly(opacity, corners, 255, cv2.LINE_AA)
        cv2.polylines(picture, corners, True, colour, 14, cv2.LINE_AA)
    else:
        opacity[:] = 255
        picture[:] = colour
    write(
        picture,
        pick(rng, ["30", "50", "P", "40", "80", "STOP", "!", "H", "BUS", "6"]),
        pick(rng, latin()),
        (22, 32, 78, 70),
        shade(rng, (25, 25, 25), 60),
    )
    return picture, opacity


def _louvre(rng: np.random.Generator) -> tuple[Picture, Mask]:
    """A grille, a vent, a ladder, a bar code, a row of windows."""
    wide, high = rng.uniform(80, 320), rng.uniform(30, 160)
    picture, opacity = _card(rng, wide, high, shade(rng, pick(rng, PAINTS), 50))
    colour, step = shade(rng, pick(rng, PAINTS), 50), rng.uniform(5, 34)
    inset = rng.uniform(2, high / 4)
    upright = rng.random() < 0.6
    place = inset
    while place < (wide if upright else high) - inset - step:
        thick = step * rng.uniform(0.2, 0.8) if rng.random() < 0.4 else step * 0.55
        ends = (
            ((place, inset), (place + thick, high - inset))
            if upright
            else ((inset, place), (wide - inset, place + thick))
        )
        cv2.rectangle(picture, (int(ends[0][0]), int(ends[0][1])), (int(ends[1][0]), int(ends[1][1])), colour, -1)
        place += step
    return picture, opacity


def _empty(rng: np.random.Generator) -> tuple[Picture, Mask]:
    """A bare rectangle of a plate's shape: reflector, lamp, mirror, window, sticker, handle."""
    wide = rng.uniform(80, 300)
    picture, opacity = _card(rng, wide, wide / rng.uniform(1.2, 5.5), shade(rng, pick(rng, PAINTS), 60))
    high = picture.shape[0]
    if rng.random() < 0.6:
        slope = np.linspace(rng.uniform(0.4, 1.1), rng.uniform(0.4, 1.1), high, dtype=np.float32)[:, None, None]
        picture = np.clip(picture * slope, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        x = int(rng.uniform(0, wide * 0.7))
        cv2.rectangle(
            picture,
            (x, int(high * 0.2)),
            (int(x + wide * rng.uniform(0.1, 0.4)), int(high * 0.8)),
            shade(rng, pick(rng, PAINTS), 60),
            -1,
        )
    if rng.random() < 0.3:
        cv2.ellipse(opacity, (int(wide / 2), high // 2), (int(wide / 2), high // 2), 0, 0, 360, 128, -1)
        opacity = np.where(opacity == 128, 255, 0).astype(np.uint8)
    return picture, opacity


def burn_in(rng: np.random.Generator, picture: Picture) -> None:
    """The text a recorder writes into the picture: time, camera, place."""
    size = picture.shape[0]
    high = rng.uniform(7, 26)
    text = some(
        rng,
        pick(rng, ["2099-99-99 99:99:99", "99/99/2099 99:99", "CAM 99", "AAAAA 9", "99:99:99.999", "9999 km/h", "AAA"]),
    )
    face = pick(rng, latin())
    x, y = (
        rng.uniform(-20, size * 0.6),
        float(rng.choice([rng.uniform(0, 20), size - high - rng.uniform(2, 20), rng.uniform(0, size - 30)])),
    )
    place = (x, y, x + rng.uniform(60, 260), y + high)
    if rng.random() < 0.4:
        cv2.rectangle(
            picture,
            (int(x - 3), int(y - 3)),
            (int(place[2] + 3), int(place[3] + 3)),
            pick(rng, [(0, 0, 0), (40, 40, 40), (20, 20, 90)]),
            -1,
        )
    elif rng.random() < 0.5:
        write(picture, text, face, (place[0] + 1.5, place[1] + 1.5, place[2] + 1.5, place[3] + 1.5), (0, 0, 0))
    write(
        picture,
        text,
        face,
        place,
        pick(rng, [(255, 255, 255), (255, 255, 255), (255, 230, 0), (240, 120, 30), (0, 0, 0)]),
    )
