"""What a heat map says in words, Japanese and English, and the heat map with these words as one picture."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image, ImageDraw, ImageFont

from privmask.differing import Differing
from privmask.preview import font_for
from privmask.report.heatmap import is_unusual, place_shown
from privmask.report.scale import HATCH, HATCHED, HEAT, HIDDEN, labels
from privmask.report.wording import Both

_PAPER, _INK, _PALE, _ALARM = (255, 255, 255), (17, 17, 17), (85, 85, 85), (176, 0, 32)
_MARGIN, _GAP, _TEXT, _HEADING, _SWATCH = 18, 8, 18, 24, 64
_NARROWEST = 720

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


TITLE = Both("原本との違い（隠した所の外）", "Where the copy differs from its original, outside the masks")


def scale_in_words(seen: Differing) -> Both:
    """What a color of the scale is a measure of."""
    side = seen.cells.side if seen.cells else 0
    return Both(
        f"色は、{side}×{side} 画素のそれぞれが最も違ったコマでの、違いの平均です（明るさ 0〜255 のうちの段階）。",
        f"A color says how far off a square of {side} x {side} samples was on its worst frame, on average, in steps of 255.",
    )


def finding(seen: Differing, *, lossless: bool) -> Both:
    """What the comparison found, in a sentence."""
    if seen.outside is None:
        return Both("原本とは比べていません。", "Nothing was compared with the original.")
    if not seen.outside.side:
        return Both(
            f"隠した所の外は、全 {seen.frames} コマとも原本と完全に同じです。",
            f"Outside the masks all {seen.frames} frames are exactly the original's.",
        )
    if not is_unusual(seen, lossless=lossless):
        return Both(
            f"隠した所の外の違いは、全 {seen.frames} コマとも、ふつうの圧縮で生じる程度です。",
            f"Outside the masks all {seen.frames} frames differ no more than compression usually makes them.",
        )
    if lossless:
        return Both(
            "隠した所の外に、原本と違う所があります。可逆圧縮で、違いのないはずの複写です。",
            "Outside the masks the copy differs from its original, though it is said to be lossless.",
        )
    return Both(
        "隠した所の外に、ふつうの圧縮では生じない大きな違いがあります。丸印の所を見てください。",
        "Outside the masks the copy differs more than compression usually makes it. Look where the ring is.",
    )


def worst_place(seen: Differing) -> Both | None:
    """Frame, time and place of the worst difference; None where there is none."""
    worst = seen.outside
    if worst is None or not worst.side:
        return None
    (x, y), index, seconds = place_shown(worst), worst.frame.index, float(worst.frame.start_time)
    return Both(
        f"最も違う所：コマ {index}（{seconds:.3f} 秒）、左から {x}・上から {y} 画素の辺り、平均 {worst.steps:.1f} 段階。",
        f"Worst: frame {index} ({seconds:.3f} s), near {x} from the left and {y} from the top, {worst.steps:.1f} steps.",
    )


def heat_sheet(heat: Image.Image, seen: Differing, *, lossless: bool) -> Image.Image:
    """The heat map with its words above and its legend below; Japanese only where this machine has letters for it."""
    width = max(heat.width, _NARROWEST) + 2 * _MARGIN
    words = _block([(TITLE, _HEADING, _INK), (finding(seen, lossless=lossless), _TEXT, _color(seen, lossless))], width)
    place = worst_place(seen)
    below = _block([(scale_in_words(seen), _TEXT, _PALE), *([(place, _TEXT, _INK)] if place else [])], width)
    parts = [words, heat, _scale(width), below]
    sheet = Image.new("RGB", (width, sum(part.height + _GAP for part in parts) + _MARGIN), _PAPER)
    top = _GAP
    for part in parts:
        sheet.paste(part, (0 if part is not heat else (width - heat.width) // 2, top))
        top += part.height + _GAP
    return sheet


def _color(seen: Differing, lossless: bool) -> tuple[int, int, int]:
    return _ALARM if is_unusual(seen, lossless=lossless) else _INK


def _block(texts: list[tuple[Both, int, tuple[int, int, int]]], width: int) -> Image.Image:
    """Each text in both languages, one below the other, in lines that fit into the width."""
    lines = [(line, font, size, color) for text, size, color in texts for line, font in _lines(text, size, width)]
    block = Image.new("RGB", (width, sum(size + _GAP for _, _, size, _ in lines)), _PAPER)
    draw, top = ImageDraw.Draw(block), 0
    for line, font, size, color in lines:
        draw.text((_MARGIN, top), line, color, font)
        top += size + _GAP
    return block


def _lines(text: Both, size: int, width: int) -> Iterator[tuple[str, Font]]:
    for each in (text.ja, text.en):
        font = font_for(each, size)
        if font is not None:
            yield from ((line, font) for line in _wrapped(each, font, width - 2 * _MARGIN))


def _wrapped(text: str, font: Font, width: int) -> Iterator[str]:
    """The text in lines; Japanese may be broken anywhere, English at its spaces."""
    line = ""
    for word in text.split(" ") if text.isascii() else list(text):
        longer = f"{line} {word}" if line and text.isascii() else line + word
        if line and font.getlength(longer) > width:
            yield line
            longer = word
        line = longer
    yield line


def _scale(width: int) -> Image.Image:
    """The colors of the scale with what they mean, and the hatching of what is hidden."""
    scale = Image.new("RGB", (width, _SWATCH // 2 + _GAP + _TEXT), _PAPER)
    draw, font = ImageDraw.Draw(scale), ImageFont.load_default(_TEXT)
    for place, (color, label) in enumerate(zip(HEAT, labels(), strict=True)):
        left = _MARGIN + place * (_SWATCH + _GAP)
        draw.rectangle((left, 0, left + _SWATCH, _SWATCH // 2), color)
        draw.text((left + _SWATCH / 2, _SWATCH // 2 + 4), label, _INK, font, anchor="ma")
    left = _MARGIN + len(HEAT) * (_SWATCH + _GAP) + _GAP
    _hatch(draw, left)
    draw.text((left + _SWATCH + _GAP, _SWATCH // 4), HIDDEN.en, _INK, ImageFont.load_default(14), anchor="lm")
    return scale


def _hatch(draw: ImageDraw.ImageDraw, left: int) -> None:
    for x in range(_SWATCH + 1):
        for y in range(_SWATCH // 2 + 1):
            draw.point((left + x, y), HATCH if (x + y) % 12 < 2 else HATCHED)
