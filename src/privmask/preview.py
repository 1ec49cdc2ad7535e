"""Pictures for people: a frame with the zones drawn and named on it, and the same frame masked.

The left half of such a picture shows what is private: it is written for its owner only (mode 0600), and never replaces a file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from privmask.errors import CopyError, CopyExistsError, FootageError
from privmask.evidence import open_once
from privmask.frame import ColorMatrix, Frame, Picture
from privmask.geometry import Polygon, Ring
from privmask.masks import MaskPlan, fit_masks, hide
from privmask.video import Reading, Source, open_video

GAP = 12  # samples between the two halves
LONGEST_SIDE = 1920
LINE, EDGE = (255, 221, 0), (0, 0, 0)

# Weights of red and blue in luma: ITU-R BT.601, BT.709, BT.2020.
_WEIGHTS: dict[ColorMatrix, tuple[float, float]] = {
    "bt601": (0.299, 0.114),
    "bt709": (0.2126, 0.0722),
    "bt2020": (0.2627, 0.0593),
}

# Fonts that have Japanese letters, as Debian, macOS and Windows name them.
_FONTS = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansJP-Regular.otf",
    "ipagp.ttf",
    "ipag.ttf",
    "ipaexg.ttf",
    "TakaoPGothic.ttf",
    "VL-PGothic-Regular.ttf",
    "DroidSansFallbackFull.ttf",
    "unifont.otf",
    "Hiragino Sans GB.ttc",
    "meiryo.ttc",
    "msgothic.ttc",
    "DejaVuSans.ttf",
)


def preview(
    clip: Path,
    plan: MaskPlan,
    at: Fraction = Fraction(0),
    *,
    reading: Reading | None = None,
    recorded_at: datetime | None = None,
) -> Image.Image:
    """The frame shown `at` seconds after the first one, zones drawn and named, and beside it as the plan masks it.

    Nothing is searched: the places where dynamic masks look and what they ignore are drawn, but no face is hidden.
    """
    with open_once(clip) as file, open_video(file, reading or Reading()) as source:
        picture = source.info.picture
        fit_masks(plan, picture, recorded_at)  # refused here if it does not fit, before a long clip is walked
        frame, zero = _frame_at(source, at)
        masks = fit_masks(plan, picture, recorded_at, zero=zero)
        before = as_image(frame, picture)
        after = as_image(hide(frame, masks.at(frame, ())), picture)
    return beside(with_zones(before, plan), after)


def still(clip: Path, at: Fraction = Fraction(0), *, reading: Reading | None = None) -> Image.Image:
    """The frame shown `at` seconds after the first one, as it is displayed."""
    with open_once(clip) as file, open_video(file, reading or Reading()) as source:
        return as_image(_frame_at(source, at)[0], source.info.picture)


def save_new(image: Image.Image, path: Path) -> None:
    """Write `image` as PNG under a name that must be free. Raises CopyExistsError, CopyError."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with open(file, "wb") as sink:
            image.save(sink, "PNG")
    except FileExistsError as error:
        raise CopyExistsError(
            f"{str(path)!r} exists already; privmask never replaces a file: name another one"
        ) from error
    except OSError as error:
        raise CopyError(f"{str(path)!r} could not be written: {error.strerror}") from error


def _frame_at(source: Source, at: Fraction) -> tuple[Frame, Fraction]:
    """The last frame that has appeared `at` seconds after the first one, and the first one's time.

    A clip that is over by then shows its last frame.
    """
    found = start = None
    for frame in source.frames():
        start = frame.start_time if start is None else start
        if found is not None and frame.start_time - start > at:
            break
        found = frame
    if found is None or start is None:
        raise FootageError("the clip holds no frame")
    return found, start


def as_image(frame: Frame, picture: Picture) -> Image.Image:
    """`frame` as it is displayed: sample aspect and rotation applied, no side longer than a large screen."""
    return as_displayed(Image.fromarray(_rgb(frame, picture)), picture)


def as_displayed(
    image: Image.Image, picture: Picture, resampling: Image.Resampling = Image.Resampling.LANCZOS
) -> Image.Image:
    """`image`, which has a point for each sample as it is coded, as `as_image` displays a frame."""
    wide = max(1, round(image.width * picture.sample_aspect))
    shrink = max(1.0, max(wide, image.height) / LONGEST_SIDE)
    size = (max(1, round(wide / shrink)), max(1, round(image.height / shrink)))
    if size != image.size:
        image = image.resize(size, resampling)
    return image.rotate(-picture.rotation, expand=True)


def _rgb(frame: Frame, picture: Picture) -> NDArray[np.uint8]:
    """`frame` as uint8 (rows, columns, 3), in the order it is coded."""
    layout, top = frame.format, float((1 << frame.format.depth) - 1)
    samples = [_full_size(frame, index) for index in range(len(layout.kinds))]
    if layout.is_rgb:
        by_kind = dict(zip(layout.kinds, samples, strict=True))
        rgb = np.stack([by_kind[kind] for kind in ("R", "G", "B")], axis=-1) / top
    else:
        limited, step = picture.range == "limited", float(1 << (layout.depth - 8))
        luma = (samples[0] - 16 * step) / (219 * step) if limited else samples[0] / top
        chroma = [(plane - 128 * step) / (224 * step if limited else top) for plane in samples[1:]]
        rgb = _from_yuv(luma, chroma, picture.matrix)
    rounded: NDArray[np.uint8] = np.clip(rgb * 255 + 0.5, 0, 255).astype(np.uint8)
    return rounded


def _full_size(frame: Frame, index: int) -> NDArray[np.float32]:
    shift_x, shift_y = frame.format.shifts(index)
    plane = frame.planes[index].visible.repeat(1 << shift_y, axis=0).repeat(1 << shift_x, axis=1)
    return plane[: frame.size.height, : frame.size.width].astype(np.float32)


def _from_yuv(
    luma: NDArray[np.float32], chroma: Sequence[NDArray[np.float32]], matrix: ColorMatrix
) -> NDArray[np.float32]:
    """Red, green and blue in 0…1 from luma in 0…1 and chroma in -½…½ (ITU-T H.273, 8.3)."""
    if not chroma:
        return np.stack([luma] * 3, axis=-1)
    blue, red = chroma
    weight_r, weight_b = _WEIGHTS.get(matrix, _WEIGHTS["bt601"])
    r = luma + 2 * (1 - weight_r) * red
    b = luma + 2 * (1 - weight_b) * blue
    g = (luma - weight_r * r - weight_b * b) / (1 - weight_r - weight_b)
    return np.stack([r, g, b], axis=-1)


def with_zones(image: Image.Image, plan: MaskPlan, line: tuple[int, int, int] = LINE) -> Image.Image:
    """A copy of `image` with the outlines of the plan's zones and other places, each named, in the color `line`."""
    image = image.copy()
    draw = ImageDraw.Draw(image)
    height = max(12, min(image.size) // 28)
    for number, (token, polygon) in enumerate(named_places(plan), start=1):
        for ring in polygon.rings:
            corners = corners_of(ring, image)
            for width, color in ((5, EDGE), (2, line)):
                draw.line([*corners, corners[0]], fill=color, width=width, joint="curve")
        _name(draw, corners_of(polygon.points, image), token, number, height, line)
    return image


def named_places(plan: MaskPlan) -> Iterator[tuple[str, Polygon]]:
    """The zones, where dynamic masks look and do not look, and what is kept."""
    yield from ((mask.token, mask.polygon) for mask in plan.masks)
    for mask in plan.dynamic:
        yield from ((f"search: {mask.label}", polygon) for polygon in mask.search)
        yield from ((f"ignore: {mask.label}", polygon) for polygon in mask.ignore)
    yield from ((f"keep: {keep.name}", keep.polygon) for keep in plan.keep if keep.polygon)


def corners_of(ring: Ring, image: Image.Image) -> list[tuple[float, float]]:
    """The corners of a ring as points of `image`."""
    return [(float(x * image.width), float(y * image.height)) for x, y in ring]


def _name(
    draw: ImageDraw.ImageDraw,
    corners: list[tuple[float, float]],
    token: str,
    number: int,
    height: int,
    line: tuple[int, int, int],
) -> None:
    """The zone's token above it (or at the top of it), on a dark ground; its number where no font here has the letters."""
    text, font = _label(token, number, height)
    left, top = max(0.0, min(x for x, _ in corners)) + 4, max(0.0, min(y for _, y in corners)) + 4
    above = top - 2 * height
    if above >= 0:
        top = above  # so that a small zone is seen, and not its name alone
    box = draw.textbbox((left, top), text, font=font)
    draw.rectangle((box[0] - 4, box[1] - 3, box[2] + 4, box[3] + 3), fill=EDGE)
    draw.text((left, top), text, font=font, fill=line)


def _label(token: str, number: int, height: int) -> tuple[str, ImageFont.FreeTypeFont | ImageFont.ImageFont]:
    font = font_for(token, height)
    return (token, font) if font else (f"zone {number}", ImageFont.load_default(height))


def font_for(text: str, height: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont | None:
    """A font of this machine that has all letters of `text`, or None."""
    for name in ("", *_FONTS):
        try:
            font = ImageFont.truetype(name, height) if name else ImageFont.load_default(height)
        except OSError:
            continue  # not on this machine
        if has_letters(font, text):
            return font
    return None


def has_letters(font: ImageFont.FreeTypeFont | ImageFont.ImageFont, text: str) -> bool:
    """Whether `font` can draw each letter; one that it lacks is drawn as the same box as a code that is no letter."""
    lacking = bytes(font.getmask("\U0010fffd"))
    return all(letter.isprintable() and (letter == " " or bytes(font.getmask(letter)) != lacking) for letter in text)


def beside(left: Image.Image, right: Image.Image) -> Image.Image:
    """Two pictures in one, side by side."""
    image = Image.new("RGB", (left.width + GAP + right.width, max(left.height, right.height)), (255, 255, 255))
    image.paste(left, (0, 0))
    image.paste(right, (left.width + GAP, 0))
    return image
