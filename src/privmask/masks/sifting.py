"""Which sightings are hidden, and which samples of the coded picture each of them takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor
from typing import NamedTuple

from privmask.errors import DetectorError, PlanError
from privmask.frame import Picture
from privmask.geometry import Box, Rotation, Size
from privmask.masks.plan import MaskPlan
from privmask.masks.touching import holds, segments_of, touches
from privmask.sighting import Sighting

GRID = 4
"""Patches begin and end at multiples of so many luma samples: where chroma samples do, and the same while little moves."""

LEAST_MARGIN = 2.0
FARTHEST = 1e9  # samples; what is no number is not below it either


class Patch(NamedTuple):
    """What one sighting hides: a rectangle of luma samples of the coded picture, half-open, and the number of its mask.

    `mask` counts the enabled dynamic masks of the plan from 0.
    """

    mask: int
    left: int
    top: int
    right: int
    bottom: int


class Sieve:
    """The dynamic masks of a plan, for pictures of one kind.

    `kept` counts, for each name under which something is left visible on purpose, the sightings that were.
    """

    def __init__(self, plan: MaskPlan, picture: Picture) -> None:
        self.kept = dict.fromkeys((keep.name for keep in plan.keep), 0)
        self._picture = picture
        shown = picture.displayed
        self._masks = {mask.label: mask for mask in plan.dynamic}
        self._numbers = {label: number for number, label in enumerate(plan.labels)}
        self._search = {label: [segments_of(p, shown) for p in mask.search] for label, mask in self._masks.items()}
        self._ignore = {label: [segments_of(p, shown) for p in mask.ignore] for label, mask in self._masks.items()}
        self._kept_tracks = [(keep.name, keep.track) for keep in plan.keep if keep.track is not None]
        self._kept_places = [(keep.name, segments_of(keep.polygon, shown)) for keep in plan.keep if keep.polygon]

    def patches(self, sightings: Sequence[Sighting]) -> tuple[Patch, ...]:
        """What has to be hidden on a frame with these sightings, in a fixed order.

        Raises DetectorError for a box that is none, and PlanError for a label that the plan says nothing about.
        """
        return tuple(sorted(self._hidden(sightings)))

    def _hidden(self, sightings: Sequence[Sighting]) -> Iterator[Patch]:
        for sighting in sightings:
            self._check(sighting)
            label = sighting.label
            if label not in self._numbers:
                continue
            wide = _grown(sighting.box, float(self._masks[label].margin))
            patch = _patch(self._numbers[label], wide, self._picture)
            if patch is not None and self._is_wanted(sighting, wide) and not self._is_kept(sighting):
                yield patch

    def _check(self, sighting: Sighting) -> None:
        box = sighting.box
        sides = (box.left, box.top, box.right, box.bottom)
        if not (all(abs(side) < FARTHEST for side in sides) and box.left < box.right and box.top < box.bottom):
            raise DetectorError(f"track {sighting.track} has the box {sides}, which is none; its place cannot be hidden")
        if sighting.label not in self._masks:
            raise PlanError(
                f"dynamic: track {sighting.track} is labelled {sighting.label!r}, about which the plan says nothing; "
                f"add a [[dynamic]] for it, with enabled = false to leave it visible"
            )

    def _is_wanted(self, sighting: Sighting, wide: Box) -> bool:
        search, ignore = self._search[sighting.label], self._ignore[sighting.label]
        if any(holds(place, self._on_picture(sighting.box)) for place in ignore):
            return False
        return not search or any(touches(place, wide) for place in search)

    def _is_kept(self, sighting: Sighting) -> bool:
        names = [name for name, track in self._kept_tracks if track == sighting.track]
        names += [name for name, place in self._kept_places if holds(place, self._on_picture(sighting.box))]
        for name in names:
            self.kept[name] += 1
        return bool(names)

    def _on_picture(self, box: Box) -> Box:
        """The part of a box that can be seen: a zone drawn up to the picture's edge holds what reaches over it."""
        size = self._picture.displayed
        left, top = min(max(box.left, 0.0), size.width), min(max(box.top, 0.0), size.height)
        return Box(left, top, max(min(box.right, size.width), left), max(min(box.bottom, size.height), top))


def _grown(box: Box, margin: float) -> Box:
    across = max(margin * (box.right - box.left), LEAST_MARGIN)
    down = max(margin * (box.bottom - box.top), LEAST_MARGIN)
    return Box(box.left - across, box.top - down, box.right + across, box.bottom + down)


def _patch(mask: int, box: Box, picture: Picture) -> Patch | None:
    """The box in the coded picture, rounded outward to whole cells of the grid; None when nothing of it can be seen."""
    coded, size = _to_coded(box, picture.displayed, picture.rotation), picture.size
    left, right = _rounded(coded.left, coded.right, size.width)
    top, bottom = _rounded(coded.top, coded.bottom, size.height)
    return Patch(mask, left, top, right, bottom) if left < right and top < bottom else None


def _rounded(start: float, stop: float, most: int) -> tuple[int, int]:
    first, last = max(start, 0.0), min(stop, float(most))
    return floor(first / GRID) * GRID, min(ceil(last / GRID) * GRID, most)


def _to_coded(box: Box, shown: Size, rotation: Rotation) -> Box:
    """The same place in the coded picture, which is shown as `shown` samples after a clockwise turn by `rotation` degrees."""
    match rotation:
        case 90:
            return Box(box.top, shown.width - box.right, box.bottom, shown.width - box.left)
        case 180:
            return Box(shown.width - box.right, shown.height - box.bottom, shown.width - box.left, shown.height - box.top)
        case 270:
            return Box(shown.height - box.bottom, box.left, shown.height - box.top, box.right)
        case _:
            return box
