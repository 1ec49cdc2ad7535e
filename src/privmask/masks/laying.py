"""Who hides which sample: fixed masks laid out plane by plane, and the patches of a frame over them.

Each mask has a label, and a sample has the highest that it is given: 0 for none, then Blurred, Pixelated, and the colours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from privmask.frame import Picture
from privmask.masks import kernels
from privmask.masks.kernels import Ints, Labels
from privmask.masks.moving import DynamicMask
from privmask.masks.plan import Mask
from privmask.masks.sifting import Patch

BLURRED, PIXELATED, COLOR = 1, 2, 3

Spans: TypeAlias = Ints
"""int32 (n, 3): row, start, stop (half-open), disjoint, sorted."""

Runs: TypeAlias = Ints
"""int32 (n, 4): spans with a label; two in a row may touch where their labels differ."""

Shifts: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """What the fixed `masks` that hold on a frame cover: the `runs` of planes by their shifts.

    `dynamic` are the masks that patches belong to. Of all colours, those of `masks` lie above, the earlier above the later.
    """

    masks: tuple[Mask, ...]
    dynamic: tuple[DynamicMask, ...]
    picture: Picture
    interlaced: bool
    whole: bool
    runs: Mapping[Shifts, Runs]

    @property
    def colors(self) -> tuple[str, ...]:
        """The colours from the lowest label on; the last one, above all, is that of a frame hidden whole."""
        every: tuple[Mask | DynamicMask, ...] = (*self.masks, *self.dynamic)
        return (*(mask.color for mask in every[::-1] if mask.type == "Color"), "#000000")


def lay_fixed(
    picture: Picture,
    masks: Sequence[Mask],
    spans: Sequence[Spans],
    dynamic: Sequence[DynamicMask],
    interlaced: bool,
    *,
    whole: bool = False,
) -> Fixed:
    """Lay out the masks that hold on a frame; `spans` are the luma samples that each of them touches."""
    labels = np.zeros((picture.size.height, picture.size.width), np.uint16)
    every: tuple[Mask | DynamicMask, ...] = (*masks, *dynamic)
    for label, touched in sorted(zip(labels_of(every), spans, strict=False), key=lambda paint: paint[0]):
        kernels.fill_spans(labels, touched, label)
    if whole:
        labels[:] = COLOR + sum(mask.type == "Color" for mask in every)
    each = (picture.format.shifts(plane) for plane in range(len(picture.format.kinds)))
    runs = {shifts: _runs(_pooled(picture, labels, shifts, interlaced)) for shifts in dict.fromkeys(each)}
    return Fixed(tuple(masks), tuple(dynamic), picture, interlaced, whole, runs)


def labels_of(masks: Sequence[Mask | DynamicMask]) -> list[int]:
    """The label of each mask, from the front of the plan on: of several colours the first has the highest."""
    color = COLOR + sum(mask.type == "Color" for mask in masks)
    labels = []
    for mask in masks:
        color -= mask.type == "Color"
        labels.append({"Blurred": BLURRED, "Pixelated": PIXELATED, "Color": color}[mask.type])
    return labels


def _pooled(picture: Picture, luma: Labels, shifts: Shifts, interlaced: bool) -> Labels:
    """For each sample of a plane the highest label of the luma samples that share it."""
    if shifts == (0, 0):
        return luma
    height, width = -(-picture.size.height >> shifts[1]), -(-picture.size.width >> shifts[0])
    labels = np.zeros((height, width), np.uint16)
    for rows in _ways_down(picture.size.height, shifts[1], interlaced):
        kernels.pool_labels(labels, luma, rows, shifts[0])
    return labels


@lru_cache(maxsize=16)
def _ways_down(luma_height: int, shift: int, interlaced: bool) -> tuple[Ints, ...]:
    """For each luma row the row of a plane that holds its colour, in one way or two.

    What is called interlaced often is not, or not all of it: then colour is hidden by either way of sharing it.
    """
    return tuple(chroma_rows(luma_height, -(-luma_height >> shift), shift, fields) for fields in {False, interlaced})


def chroma_rows(luma_height: int, height: int, shift: int, interlaced: bool) -> Ints:
    """For each luma row the chroma row that holds its colour; in interlaced pictures that is one of the same field."""
    row = np.arange(luma_height)
    target = ((row // 2) >> shift) * 2 + row % 2 if interlaced and shift else row >> shift
    rows: Ints = np.minimum(target, height - 1).astype(np.int32)
    return rows


def lay_patches(fixed: Fixed, shifts: Shifts, patches: Sequence[Patch]) -> Runs:
    """What is seen in a plane of fixed masks when patches are laid over them."""
    runs = fixed.runs[shifts]
    if not patches:
        return runs
    labels = labels_of((*fixed.masks, *fixed.dynamic))[len(fixed.masks) :]
    boxes = _boxes(fixed, shifts, np.array([(*patch[1:], labels[patch.mask]) for patch in patches], np.int32))
    height, width = -(-fixed.picture.size.height >> shifts[1]), -(-fixed.picture.size.width >> shifts[0])
    room = 2 * (len(runs) + int((boxes[:, 3] - boxes[:, 1]).sum()))  # each run and each row of a box has two ends
    laid = np.empty((room, 4), np.int32)
    return laid[: kernels.overlay_runs(laid, np.empty_like(boxes), runs, boxes, height, width)]


def _boxes(fixed: Fixed, shifts: Shifts, boxes: Ints) -> Ints:
    """The same boxes in a plane: the samples that share their luma samples make up a box again, as these lie on the grid."""
    left, top, right, bottom, label = boxes.T
    ways = _ways_down(fixed.picture.size.height, shifts[1], fixed.interlaced)
    first = np.minimum.reduce([rows[top] for rows in ways])
    last = np.maximum.reduce([rows[bottom - 1] for rows in ways])
    return np.stack((left >> shifts[0], first, -(-right >> shifts[0]), last + 1, label), axis=-1)


def _runs(labels: Labels) -> Runs:
    runs = np.empty((2 * len(labels), 4), np.int32)
    found = kernels.label_runs(runs, labels)
    if found > len(runs):
        runs = np.empty((found, 4), np.int32)
        kernels.label_runs(runs, labels)
    return runs[:found].copy()
