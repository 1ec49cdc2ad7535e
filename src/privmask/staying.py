"""What is to stay visible on purpose: only where nobody else could be taken for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from math import hypot, sqrt

from privmask.geometry import Box
from privmask.sighting import Sighting

_NEAR = 1.5
"""So many times as far as the larger of two faces is wide, one may be taken for the other."""


def surely_kept(sightings: Sequence[Sighting], kept: Collection[int | None]) -> Sequence[Sighting]:
    """The sightings of a frame; one that is to stay visible has a number of nobody's, and is hidden, where another is near.

    A file of tracks may have been written by hand, or a detector may look as well: where two come close nobody can tell whose
    face is whose.
    """
    others = [each for each in sightings if each.track not in kept]
    if len(others) == len(sightings) or not others:
        return sightings
    above = max(each.track for each in sightings) + max(number or 0 for number in kept)
    return [
        replace(each, track=each.track + above) if each.track in kept and _is_doubtful(each, others) else each
        for each in sightings
    ]


def _is_doubtful(sighting: Sighting, others: Sequence[Sighting]) -> bool:
    return any(sighting.label == other.label and _are_near(sighting.box, other.box) for other in others)


def _are_near(one: Box, other: Box) -> bool:
    across = (one.left + one.right - other.left - other.right) / 2
    down = (one.top + one.bottom - other.top - other.bottom) / 2
    width = max(one.right - one.left, other.right - other.left)
    height = max(one.bottom - one.top, other.bottom - other.top)
    return hypot(across, down) < _NEAR * sqrt(width * height)
