"""What one frame's masks cover, plane by plane, ready to be painted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from privmask.frame import Picture
from privmask.masks import kernels
from privmask.masks.colors import is_lightness, legal, middle, sample_of
from privmask.masks.grid import Grid, make_grid
from privmask.masks.laying import BLURRED, COLOR, PIXELATED, Fixed, Runs, Shifts, Spans, lay_patches
from privmask.masks.sifting import Patch


@dataclass(frozen=True, slots=True, eq=False)
class PlaneCover:
    """What is hidden in one plane, and how. `hidden` and `public` together are the plane; spans are read-only.

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
    """Everything that is hidden in a frame: `tokens` name the fixed masks, in the plan's order; `moving` counts the patches.

    `whole`: the frame was damaged.
    """

    tokens: tuple[str, ...]
    moving: int
    picture: Picture
    interlaced: bool
    whole: bool
    planes: tuple[PlaneCover, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is hidden."""
        return not (self.tokens or self.moving or self.whole or any(map(len, self.hidden)))

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
    """What planes of one subsampling have in common; `labelled` are the spans of each label that occurs."""

    hidden: Spans
    public: Spans
    labelled: Mapping[int, Spans]
    grid: Grid


def make_cover(fixed: Fixed, patches: Sequence[Patch] = ()) -> Cover:
    """The cover of a frame on which the fixed masks hold and `patches` hide what moves."""
    picture = fixed.picture
    layouts: dict[Shifts, _Layout] = {}
    planes = []
    for plane in range(len(picture.format.kinds)):
        shifts = picture.format.shifts(plane)
        if shifts not in layouts:
            layouts[shifts] = _layout(fixed, plane, shifts, patches)
        planes.append(_plane_cover(fixed, plane, layouts[shifts]))
    tokens = tuple(mask.token for mask in fixed.masks)
    return Cover(tokens, len(patches), picture, fixed.interlaced, fixed.whole, tuple(planes))


def _layout(fixed: Fixed, plane: int, shifts: Shifts, patches: Sequence[Patch]) -> _Layout:
    size = fixed.picture.format.plane_size(plane, fixed.picture.size)
    runs = lay_patches(fixed, shifts, patches)
    labels = np.flatnonzero(np.bincount(runs[:, 3])).tolist()
    labelled = {label: _read_only(runs[runs[:, 3] == label, :3]) for label in labels}
    hidden = labelled[labels[0]] if len(labels) == 1 else _joined(runs)
    public = np.empty((len(hidden) + size.height, 3), np.int32)
    public = _read_only(public[: kernels.gap_spans(public, hidden, size.height, size.width)])
    drawn = not {BLURRED, PIXELATED}.isdisjoint(labels)
    return _Layout(hidden, public, labelled, make_grid(size, shifts, fixed.interlaced, hidden, public, drawn=drawn))


def _joined(runs: Runs) -> Spans:
    """The spans of all labels together."""
    row, start, stop = runs[:, 0], runs[:, 1], runs[:, 2]
    apart = (row[1:] != row[:-1]) | (start[1:] != stop[:-1])
    first, last = np.append(True, apart)[: len(runs)], np.append(apart, True)[: len(runs)]
    return _read_only(np.stack((row[first], start[first], stop[last]), axis=-1))


def _read_only(spans: Spans) -> Spans:
    spans = spans.copy()
    spans.flags.writeable = False
    return spans


def _plane_cover(fixed: Fixed, plane: int, layout: _Layout) -> PlaneCover:
    picture, nothing = fixed.picture, layout.hidden[:0]
    low, high = legal(picture, plane)
    blocks, smooth = (layout.labelled.get(label, nothing) for label in (PIXELATED, BLURRED))
    named = zip(range(COLOR, COLOR + len(fixed.colors)), fixed.colors, strict=True)
    fills = [(sample_of(picture, plane, color), layout.labelled[label]) for label, color in named if label in layout.labelled]
    if picture.format.kinds[plane] == "A":
        fills, smooth, blocks = [(high, layout.hidden)] if len(layout.hidden) else [], nothing, nothing
    pattern = layout.grid.pattern * (is_lightness(picture, plane) << (picture.format.depth - 8))
    return PlaneCover(
        layout.hidden,
        layout.public,
        tuple(fills),
        blocks,
        smooth,
        layout.grid,
        low,
        high,
        middle(picture),
        pattern.astype(np.int16),
    )
