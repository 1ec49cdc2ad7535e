"""What one frame's masks cover, plane by plane, ready to be painted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from privmask.frame import Picture
from privmask.masks import kernels
from privmask.masks.colors import is_lightness, legal, middle, sample_of
from privmask.masks.grid import Grid, make_grid
from privmask.masks.kernels import Ints, Labels
from privmask.masks.plan import Mask

Spans = Ints
"""int32 (n, 3): row, start, stop (half-open), disjoint, sorted, read-only."""

_BLURRED, _PIXELATED, _COLOR = 1, 2, 3  # a sample takes the highest label that it is given


@dataclass(frozen=True, slots=True, eq=False)
class PlaneCover:
    """What is hidden in one plane, and how. `hidden` and `public` together are the plane.

    `fills` are the sample values of type Color with their spans; `blocks` are the spans of Pixelated, `smooth` those of
    Blurred, which both take their values from `grid`. Painted values lie within `low`…`high`; `middle` is mid grey.
    """

    hidden: Spans
    public: Spans
    fills: tuple[tuple[int, Spans], ...]
    blocks: Spans
    smooth: Spans
    grid: Grid
    low: int
    high: int
    middle: int
    pattern: kernels.Offsets


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """Everything that is hidden in a frame: `tokens` name the masks, in the plan's order. `whole`: the frame was damaged."""

    tokens: tuple[str, ...]
    picture: Picture
    interlaced: bool
    whole: bool
    planes: tuple[PlaneCover, ...]

    @property
    def hidden(self) -> tuple[Spans, ...]:
        """The hidden spans of each plane, of all masks together."""
        return tuple(plane.hidden for plane in self.planes)

    @property
    def public(self) -> tuple[Spans, ...]:
        """The spans of each plane that no mask touches: all the rest."""
        return tuple(plane.public for plane in self.planes)


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """What planes of one subsampling have in common; `labelled` are the spans of each label from 1 on."""

    hidden: Spans
    public: Spans
    labelled: tuple[Spans, ...]
    grid: Grid


def make_cover(
    picture: Picture, masks: Sequence[Mask], runs: Sequence[Ints], interlaced: bool, *, whole: bool = False
) -> Cover:
    """The cover of a frame on which `masks` hold; `runs` are the luma samples that each of them touches, as spans."""
    colors = [mask.color for mask in masks if mask.type == "Color"]
    luma = _luma_labels(picture, masks, runs, whole)
    layouts: dict[tuple[int, int], _Layout] = {}
    planes = []
    for plane in range(len(picture.format.kinds)):
        shifts = picture.format.shifts(plane)
        if shifts not in layouts:
            layouts[shifts] = _layout(picture, plane, luma, interlaced, _COLOR + len(colors))
        planes.append(_plane_cover(picture, plane, layouts[shifts], colors))
    return Cover(tuple(mask.token for mask in masks), picture, interlaced, whole, tuple(planes))


def _luma_labels(picture: Picture, masks: Sequence[Mask], runs: Sequence[Ints], whole: bool) -> Labels:
    """For each luma sample the label of what hides it, 0 for none. Of several colours the first in the plan has the highest."""
    labels = np.zeros((picture.size.height, picture.size.width), np.uint16)
    color = _COLOR + sum(mask.type == "Color" for mask in masks)
    paints = []
    for mask, spans in zip(masks, runs, strict=True):
        color -= mask.type == "Color"
        paints.append(({"Blurred": _BLURRED, "Pixelated": _PIXELATED, "Color": color}[mask.type], spans))
    for label, spans in sorted(paints, key=lambda paint: paint[0]):
        kernels.fill_spans(labels, spans, label)
    if whole:
        labels[:] = _COLOR + sum(mask.type == "Color" for mask in masks)
    return labels


def _layout(picture: Picture, plane: int, luma: Labels, interlaced: bool, last: int) -> _Layout:
    size, shifts = picture.format.plane_size(plane, picture.size), picture.format.shifts(plane)
    labels = luma
    if shifts != (0, 0):
        labels = np.zeros((size.height, size.width), np.uint16)
        # What is called interlaced often is not, or not all of it: then colour is hidden by either way of sharing it.
        for fields in {False, interlaced}:
            kernels.pool_labels(labels, luma, chroma_rows(picture.size.height, size.height, shifts[1], fields), shifts[0])
    hidden, public = _spans(labels, 1, last), _spans(labels, 0, 0)
    labelled = tuple(_spans(labels, label, label) for label in range(1, last + 1))
    return _Layout(hidden, public, labelled, make_grid(size, shifts, interlaced, hidden, public))


def chroma_rows(luma_height: int, height: int, shift: int, interlaced: bool) -> Ints:
    """For each luma row the chroma row that holds its colour; in interlaced pictures that is one of the same field."""
    row = np.arange(luma_height)
    target = ((row // 2) >> shift) * 2 + row % 2 if interlaced and shift else row >> shift
    rows: Ints = np.minimum(target, height - 1).astype(np.int32)
    return rows


def _spans(labels: Labels, low: int, high: int) -> Spans:
    spans = np.empty((2 * len(labels), 3), np.int32)
    found = kernels.label_spans(spans, labels, low, high)
    if found > len(spans):
        spans = np.empty((found, 3), np.int32)
        kernels.label_spans(spans, labels, low, high)
    spans = spans[:found].copy()
    spans.flags.writeable = False
    return spans


def _plane_cover(picture: Picture, plane: int, layout: _Layout, colors: Sequence[str]) -> PlaneCover:
    low, high = legal(picture, plane)
    smooth, blocks, *colored = layout.labelled
    # Labels rise towards the front of the plan; the last one, above all colours, is that of a frame hidden whole.
    rising = zip((*colors[::-1], "#000000"), colored, strict=True)
    fills = [(sample_of(picture, plane, color), spans) for color, spans in rising]
    if picture.format.kinds[plane] == "A":
        fills, smooth, blocks = [(high, layout.hidden)], layout.hidden[:0], layout.hidden[:0]
    pattern = layout.grid.pattern * (is_lightness(picture, plane) << (picture.format.depth - 8))
    return PlaneCover(
        layout.hidden,
        layout.public,
        tuple((value, spans) for value, spans in fills if len(spans)),
        blocks,
        smooth,
        layout.grid,
        low,
        high,
        middle(picture),
        pattern.astype(np.int16),
    )
