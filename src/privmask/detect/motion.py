"""How boxes move: speed out of a few noisy boxes, and where a box may be some time before or after it was seen."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, sqrt
from operator import mul
from typing import TypeAlias

from privmask.geometry import Box

Velocity: TypeAlias = tuple[float, float]
"""Samples a second, to the right and down."""

_NOISE = 0.05
"""A detector's boxes of a face at rest scatter by about this share of the face's size (deviation)."""
_USUAL = 2.0
"""Sizes a second that things in footage usually move (deviation); someone who walks past makes 3 to 7."""
_RIDGE = (_NOISE / _USUAL) ** 2
_FADING = 0.7
"""Seconds after which a speed that is no longer seen has fallen to a third: people turn and stop."""


def centre(box: Box) -> tuple[float, float]:
    """The middle of a box."""
    return (box.left + box.right) / 2, (box.top + box.bottom) / 2


def extent(box: Box) -> float:
    """The side of a square as large as the box, in samples."""
    return sqrt(max(1.0, (box.right - box.left) * (box.bottom - box.top)))


def hull(*boxes: Box) -> Box:
    """The smallest box around all."""
    return Box(
        min([box.left for box in boxes]),
        min([box.top for box in boxes]),
        max([box.right for box in boxes]),
        max([box.bottom for box in boxes]),
    )


def moved(box: Box, by: tuple[float, float]) -> Box:
    """The box, moved by so many samples."""
    return Box(box.left + by[0], box.top + by[1], box.right + by[0], box.bottom + by[1])


def hull_grown(share: float, *boxes: Box) -> Box:
    """The smallest box around all when each has its sides moved outward by a share of its width or height."""
    return Box(
        min([box.left - share * (box.right - box.left) for box in boxes]),
        min([box.top - share * (box.bottom - box.top) for box in boxes]),
        max([box.right + share * (box.right - box.left) for box in boxes]),
        max([box.bottom + share * (box.bottom - box.top) for box in boxes]),
    )


def between(one: Box, other: Box, share: float) -> Box:
    """The box that has gone `share` (0…1) of the way from one to the other."""
    return Box(
        one.left + share * (other.left - one.left),
        one.top + share * (other.top - one.top),
        one.right + share * (other.right - one.right),
        one.bottom + share * (other.bottom - one.bottom),
    )


def overlap(one: Box, other: Box) -> float:
    """Area of what they share, over that of both together."""
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    if across <= 0 or down <= 0:
        return 0.0
    both = across * down
    areas = sum((box.right - box.left) * (box.bottom - box.top) for box in (one, other))
    return both / (areas - both)


def velocity(times: Sequence[float], across: Sequence[float], down: Sequence[float]) -> Velocity:
    """The speed that boxes with these middles show: the slope of a line through them.

    It is drawn towards rest as far as the boxes' scatter could have made it (ridge regression), so that two boxes on
    neighbouring frames give next to none.
    """
    mean = sum(times) / len(times)
    since = [time - mean for time in times]
    spread = sum([each**2 for each in since]) + _RIDGE
    return sum(map(mul, since, across)) / spread, sum(map(mul, since, down)) / spread


def carried(box: Box, speed: Velocity, seconds: float) -> Box:
    """Where the box is after `seconds` (negative: was before) if nothing is seen of it: its speed fades."""
    way = _FADING * (1 - exp(-abs(seconds) / _FADING)) * (1 if seconds >= 0 else -1)
    return moved(box, (speed[0] * way, speed[1] * way))
