"""Which of the things that may be a number plate are one: what several models say of a place, weighed together.

All boxes are in samples of the displayed picture. Scores that come out mean what linking takes them for: a find of `SURE` and
more counts by itself, one of less needs company on other frames.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from privmask.detect.boxes import Boxes, areas, suppress
from privmask.geometry import Size

SURE = 0.6
_WEAK = 0.3

OVERLAP = 0.3
"""Intersection over union from which two boxes are the same plate."""

_TRUSTED = 0.5
"""Score of a find of the own model that text on it makes sure when there is no vehicle around it."""

_LEAST_LINE = 0.5
"""Score of a line of text on a vehicle that nobody else takes for a plate."""

_SHARE = 0.5
"""Share of the smaller of two boxes that lies in the other when both show the same plate."""

_LARGEST_LINE = 3
"""Times as large as the plate may be a line that is read on it, for the line to be hidden as well."""


def rescored(own: Boxes, least: float, sure: float) -> Boxes:
    """Boxes whose scores from `least` to `sure` to 1 are spread over those of weak, sure and certain finds."""
    scores = np.interp(own[:, 4], (least, sure, 1), (_WEAK, SURE, 1))
    return np.column_stack([own[:, :4], scores]).astype(np.float32)


def weighed(own: Boxes, lines: Boxes, vehicles: Boxes) -> Boxes:
    """Plates out of the finds of privmask's own model (rescored), lines of text shaped like a plate, and vehicles, best first.

    What is a plate to the model and has text on it is sure, even if the model hardly takes it for one, when it is on a vehicle.
    So is text on a vehicle. Text anywhere else is just that.
    """
    trusted = (own[:, 4] >= _TRUSTED) | within_any(own, vehicles)
    shared = (_shares(own, lines) >= _SHARE) & trusted[:, None]
    read = [_read(box, lines[of]) for box, of in zip(own, shared, strict=True)]
    alone = lines[~shared.any(axis=0) & (lines[:, 4] >= _LEAST_LINE)]
    alone = alone[within_any(alone, vehicles)]
    alone[:, 4] = SURE
    return suppress(np.concatenate([np.array(read, np.float32).reshape(-1, 5), alone]), OVERLAP)


def _read(box: Boxes, lines: Boxes) -> Boxes:
    """One plate with the lines that are read on it: surer, and as large as both."""
    if not len(lines):
        return box
    lines = np.concatenate([box[None], lines[areas(lines) <= _LARGEST_LINE * areas(box[None])]])
    score = max(box[4], SURE + (1 - SURE) * box[4])
    return np.array([*lines[:, :2].min(axis=0), *lines[:, 2:4].max(axis=0), score], np.float32)


def within_any(boxes: Boxes, places: Boxes) -> NDArray[np.bool_]:
    """Whether the middle of each box lies in one of the places, (n,)."""
    x, y = (boxes[:, 0] + boxes[:, 2])[:, None] / 2, (boxes[:, 1] + boxes[:, 3])[:, None] / 2
    inside = (x >= places[:, 0]) & (x <= places[:, 2]) & (y >= places[:, 1]) & (y <= places[:, 3])
    return np.asarray(inside.any(axis=1))


def plate_like(lines: Boxes, size: Size) -> Boxes:
    """The lines in a picture of `size` that may be a plate, by shape; two lines of one plate come as one box as well."""
    lines = np.concatenate([_stacked(lines), lines])
    width, height = lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]
    shaped = (width >= 1.2 * height) & (width <= 8 * height)
    sized = (height >= 6) & (height <= 0.4 * size.height) & (width <= 0.9 * size.width)
    return lines[shaped & sized]


def _stacked(lines: Boxes) -> Boxes:
    """Boxes around a line and the one close above it that is no larger, as Japanese plates have, and mopeds everywhere."""
    left, top, right, bottom, score = lines.T
    width, height = right - left, bottom - top
    middle = (left + right) / 2
    gap = top[:, None] - bottom  # [lower, upper]
    close = (gap <= 0.5 * height[:, None]) & (gap >= -0.5 * height)
    over = (middle >= left[:, None]) & (middle <= right[:, None])
    fitting = (height <= 1.2 * height[:, None]) & (width <= 1.2 * width[:, None]) & (width >= 0.25 * width[:, None])
    below, above = np.nonzero(close & over & fitting & ~np.eye(len(lines), dtype=bool))
    sides = [np.minimum(side[below], side[above]) for side in (left, top)]
    sides += [np.maximum(side[below], side[above]) for side in (right, bottom, score)]
    return np.stack(sides, axis=1)


def _shares(boxes: Boxes, others: Boxes) -> NDArray[np.float32]:
    """For each box and each other the share of the smaller that lies in both, (n, m)."""
    low = np.maximum(boxes[:, None, :2], others[:, :2])
    high = np.minimum(boxes[:, None, 2:4], others[:, 2:4])
    common = np.maximum(high - low, 0).prod(axis=2)
    return np.asarray(common / np.maximum(np.minimum(areas(boxes)[:, None], areas(others)), np.float32(1e-6)))
