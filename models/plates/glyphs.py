"""Letters as masks: fonts of open licence when they are installed, strokes of our own where a sign has no font."""

from __future__ import annotations

import sysconfig
from functools import cache, lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Mask = NDArray[np.uint8]
Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]
Rectangle = tuple[float, float, float, float]  # left, top, right, bottom

GLYPH_PX = 64
HERSHEY = "strokes"  # OpenCV's own stroke letters: round ends, as on Japanese and American plates
LATIN_FONTS = (
    "font_roboto/files/Roboto-Bold.ttf",
    "font_roboto/files/Roboto-Medium.ttf",
    "font_fjallaone/files/FjallaOne-Regular.ttf",
    "font_source_sans_pro/files/SourceSansPro-Semibold.ttf",
)
KANJI_FONTS = ("japanize_matplotlib/fonts/ipaexg.ttf", "noto_cjk_sans_jp_bold/NotoSansCJKjp-Bold.otf")


@cache
def latin() -> tuple[str, ...]:
    """The typefaces for Latin letters and digits: strokes, and every font of the recipe that is installed."""
    return (HERSHEY, HERSHEY, *_installed(LATIN_FONTS))


@cache
def kanji() -> tuple[str, ...]:
    """The typefaces with Japanese signs that are installed; without any, signs are drawn as made-up strokes."""
    return _installed(KANJI_FONTS) or (HERSHEY,)


def _installed(names: tuple[str, ...]) -> tuple[str, ...]:
    folder = Path(sysconfig.get_paths()["purelib"])
    return tuple(str(folder / name) for name in names if (folder / name).is_file())


@lru_cache(maxsize=4096)
def glyph(face: str, letter: str) -> Mask:
    """The letter as a tight mask (rows, columns) uint8, about `GLYPH_PX` high."""
    if letter in "・.·-":
        return _mark(letter)
    mask = _strokes(letter) if face == HERSHEY else _typeset(face, letter)
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if not len(columns):
        return np.zeros((GLYPH_PX, GLYPH_PX // 3), np.uint8)
    if letter in "一ーto":  # flat signs keep their place in the line
        rows = np.arange(GLYPH_PX // 2, GLYPH_PX * 3 // 2)
    return np.ascontiguousarray(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def _mark(letter: str) -> Mask:
    mask = np.zeros((GLYPH_PX, GLYPH_PX // 3), np.uint8)
    if letter == "-":
        cv2.rectangle(mask, (1, GLYPH_PX // 2 - 4), (GLYPH_PX // 3 - 2, GLYPH_PX // 2 + 4), 255, -1)
    else:
        cv2.circle(mask, (GLYPH_PX // 6, GLYPH_PX // 2), 8, 255, -1, cv2.LINE_AA)
    return mask


def _strokes(letter: str) -> Mask:
    mask = np.zeros((GLYPH_PX * 2, GLYPH_PX * 2), np.uint8)
    if letter.isascii():
        cv2.putText(mask, letter, (16, GLYPH_PX * 3 // 2), cv2.FONT_HERSHEY_DUPLEX, 2.6, 255, 9, cv2.LINE_AA)
        return mask
    rng = np.random.default_rng(ord(letter))
    ends = rng.integers(GLYPH_PX // 2, GLYPH_PX * 3 // 2, (9, 2))
    for x, y in ends:
        across = bool(rng.integers(2))
        end = (int(rng.integers(x, GLYPH_PX * 3 // 2 + 1)), int(y)) if across else (int(x), GLYPH_PX * 3 // 2)
        cv2.line(mask, (int(x), int(y)), end, 255, 5, cv2.LINE_AA)
    return mask


def _typeset(face: str, letter: str) -> Mask:
    picture = Image.new("L", (GLYPH_PX * 2, GLYPH_PX * 2))
    ImageDraw.Draw(picture).text((16, 16), letter, 255, font=_font(face))
    return np.asarray(picture)


@cache
def _font(face: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(face, GLYPH_PX)


def write(
    canvas: Picture, text: str, face: str, place: Rectangle, colour: Colour, *, gap: float = 0.14, stretch: float = 1.0
) -> None:
    """Write `text` in the middle of `place` on the canvas (rows, columns, 3), as high as `place`, squeezed to fit its width."""
    left, top, right, bottom = place
    height = max(int(bottom - top), 2)
    masks = [glyph(face, letter) for letter in text.replace(" ", "  ") if letter != " "] or [glyph(face, "0")]
    words = _spaces(text)
    widths = [max(mask.shape[1] * height / max(mask.shape[0], 1) * stretch, 1.0) for mask in masks]
    total = sum(widths) + gap * height * (len(widths) - 1) + 0.4 * height * sum(words)
    squeeze = min(1.0, (right - left) / total)
    x = (left + right - total * squeeze) / 2
    for mask, width, spaces in zip(masks, widths, words, strict=False):
        x += 0.4 * height * squeeze * spaces
        _stamp(canvas, mask, (int(x), int(top), max(int(width * squeeze), 1), height), colour)
        x += (width + gap * height) * squeeze


def _spaces(text: str) -> list[int]:
    """How many spaces stand before each letter that is none."""
    counts, spaces = [], 0
    for letter in text:
        if letter == " ":
            spaces += 1
        else:
            counts.append(spaces)
            spaces = 0
    return counts or [0]


def _stamp(canvas: Picture, mask: Mask, place: tuple[int, int, int, int], colour: Colour) -> None:
    x, y, width, height = place
    small = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)
    target = canvas[max(y, 0) : max(y + height, 0), max(x, 0) : max(x + width, 0)]
    if not target.size:
        return
    alpha = small[max(-y, 0) :, max(-x, 0) :][: target.shape[0], : target.shape[1], None].astype(np.float32) / 255
    target[:] = (target * (1 - alpha) + np.asarray(colour, np.float32) * alpha).astype(np.uint8)
