"""Pictures of a verified copy for a person: its zones, the place that is worst, and where it differs from its original.

Only frames of the copy are drawn. Heat is a scale of few colors, darker to lighter, that also the color-blind and a grey
printer keep in order.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from privmask.differing import Differing, Glimpse
from privmask.frame import Picture
from privmask.geometry import Polygon, Rotation
from privmask.masks import Mask, MaskPlan
from privmask.preview import EDGE, as_displayed, as_image, with_zones
from privmask.report.scale import HATCH, HATCHED, HEAT, LIMITS

_STRENGTH = (0.12, 0.2, 0.35, 0.6, 0.9, 1.0, 1.0)
"""How much of its color shows on the picture behind: little where an encoder's loss is all there is, unless there is none."""

USUAL = 20.0
"""Steps of 255 that an encoder's loss stays below at usual quality, in the worst square of the worst frame: of 25 clips of many
kinds, each masked as privmask does unasked, the worst had 14.7."""

ZONE, RING = (255, 255, 255), (0, 235, 255)
_LEAST_SIDE, _LONGEST_NAME = 720, 32

Rgb = NDArray[np.uint8]


def frame_image(glimpse: Glimpse, plan: MaskPlan, *, ring: bool = False) -> Image.Image:
    """The frame as it is displayed, the zones of `plan` that hold on it outlined and named, and its worst place in a ring."""
    image = with_zones(_enlarged(as_image(glimpse.frame, glimpse.cover.picture)), zones_on(glimpse, plan))
    if ring:
        _draw_ring(image, glimpse)
    return image


def zones_on(glimpse: Glimpse, plan: MaskPlan) -> MaskPlan:
    """The zones of the plan that hold on the frame, under names short enough to be drawn; one that was not checked as well."""
    holding = [mask for mask in plan.enabled if mask.token in glimpse.cover.tokens or _is_lasting(mask)]
    named = tuple(replace(mask, token=_short(mask.token)) for mask in holding)
    return replace(plan, masks=named, dynamic=(), keep=())


def heat_image(seen: Differing, plan: MaskPlan, *, lossless: bool = False) -> Image.Image:
    """Where the copy differs from its original over the whole clip, on the frame that differs most, made dark.

    What is hidden on that frame is hatched, and the worst place is in a ring if it is unusual. Raises ValueError where no
    frame was compared.
    """
    if seen.outside is None or seen.cells is None:
        raise ValueError("no frame was compared with an original")
    worst, picture = seen.outside, seen.outside.cover.picture
    steps = _by_sample(seen.cells.steps, seen.cells.side, picture)
    once_open = _by_sample(seen.cells.open.astype(np.float32), seen.cells.side, picture) > 0
    levels = np.where(steps > 0, np.digitize(steps, LIMITS, right=True) + 1, 0).astype(np.uint8)
    hidden = _hidden(worst) & ~once_open
    behind = np.asarray(_enlarged(as_image(worst.frame, picture)).convert("L"), np.float32)
    shown, hatched = (_displayed(layer, picture) for layer in (levels, hidden.astype(np.uint8)))
    strength = (1.0,) * len(HEAT) if lossless else _STRENGTH
    image = with_zones(Image.fromarray(_blended(behind, shown, strength, hatched > 0)), zones_on(worst, plan), ZONE)
    if is_unusual(seen, lossless=lossless):
        _draw_ring(image, worst)
    return image


def is_unusual(seen: Differing, *, lossless: bool = False) -> bool:
    """Whether the copy differs outside the masks more than an encoder makes it at usual quality."""
    return seen.outside is not None and seen.outside.steps > (0 if lossless else USUAL)


def as_png(image: Image.Image) -> bytes:
    """The picture as a file; nothing is in it but the picture."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _blended(
    behind: NDArray[np.float32], levels: NDArray[np.uint8], strength: Sequence[float], hatched: NDArray[np.bool_]
) -> Rgb:
    """The heat of each point on the picture behind it, and hatching on what is hidden; uint8 (rows, columns, 3)."""
    dark = 14 + behind * 0.36
    colors = np.array([(0, 0, 0), *HEAT], np.float32)
    share = np.array([0.0, *strength], np.float32)[levels][..., None]
    mixed = dark[..., None] * (1 - share) + colors[levels] * share
    stripes = np.add.outer(np.arange(levels.shape[0]), np.arange(levels.shape[1])) % 12 < 2
    mixed[hatched] = HATCHED
    mixed[hatched & stripes] = HATCH
    rounded: Rgb = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
    return rounded


def _by_sample(cells: NDArray[np.float32], side: int, picture: Picture) -> NDArray[np.float32]:
    """What is known of each cell, for each luma sample of the coded picture."""
    size = picture.size
    samples: NDArray[np.float32] = cells.repeat(side, axis=0).repeat(side, axis=1)[: size.height, : size.width]
    return samples


def _hidden(glimpse: Glimpse) -> NDArray[np.bool_]:
    size = glimpse.cover.picture.size
    hidden = np.zeros((size.height, size.width), np.bool_)
    for row, start, stop in glimpse.cover.hidden[0].tolist():
        hidden[row, start:stop] = True
    return hidden


def _displayed(layer: NDArray[np.uint8], picture: Picture) -> NDArray[np.uint8]:
    nearest = Image.Resampling.NEAREST
    return np.asarray(_enlarged(as_displayed(Image.fromarray(layer), picture, nearest), nearest))


def _enlarged(image: Image.Image, resampling: Image.Resampling = Image.Resampling.LANCZOS) -> Image.Image:
    """A small picture made larger by a whole number."""
    times = ceil(_LEAST_SIDE / max(image.size)) if max(image.size) < _LEAST_SIDE else 1
    return image if times == 1 else image.resize((image.width * times, image.height * times), resampling)


def place_shown(glimpse: Glimpse) -> tuple[int, int]:
    """Where the middle of the glimpse's square is on the displayed picture: samples from its left, and from its top."""
    size = glimpse.cover.picture.displayed
    left, top, right, bottom = _shares(glimpse)
    return round((left + right) / 2 * size.width), round((top + bottom) / 2 * size.height)


def _draw_ring(image: Image.Image, glimpse: Glimpse) -> None:
    """A ring around the worst place, wide enough to be seen."""
    if not glimpse.side:
        return
    left, top, right, bottom = _shares(glimpse)
    x, y = (left + right) / 2 * image.width, (top + bottom) / 2 * image.height
    radius = max((right - left) * image.width, (bottom - top) * image.height, max(image.size) / 18)
    draw = ImageDraw.Draw(image)
    for width, color in ((9, EDGE), (5, RING)):
        grown = radius + width / 2
        draw.ellipse((x - grown, y - grown, x + grown, y + grown), outline=color, width=width)


_BACK: dict[Rotation, Rotation] = {0: 0, 90: 270, 180: 180, 270: 90}


def _shares(glimpse: Glimpse) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the glimpse's square, as shares of the displayed picture."""
    picture, size = glimpse.cover.picture, glimpse.cover.picture.size
    ends = ((glimpse.column, glimpse.row), (glimpse.column + glimpse.side, glimpse.row + glimpse.side))
    square = Polygon(tuple((Fraction(x, size.width), Fraction(y, size.height)) for x, y in ends))
    points = square.to_coded(_BACK[picture.rotation]).points
    (left, right), (top, bottom) = (sorted(map(float, sides)) for sides in zip(*points, strict=True))
    return left, top, right, bottom


def _is_lasting(mask: Mask) -> bool:
    return not (mask.start or mask.end or mask.valid or mask.hours)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
