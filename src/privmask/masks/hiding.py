"""Painting: what makes a frame a masked frame. No hidden sample is read, whatever the type of its mask."""

from __future__ import annotations

import numpy as np

from privmask.errors import UnsupportedFootageError
from privmask.frame import Frame, MaskedFrame, Samples
from privmask.masks import kernels
from privmask.masks.cover import Cover, PlaneCover
from privmask.masks.kernels import Ints

SMOOTHING_PASSES = 4


def hide(frame: Frame, cover: Cover) -> MaskedFrame:
    """Paint what is covered into the frame's planes, in place, and return the frame as a masked one.

    Raises UnsupportedFootageError when the frame is not of the kind that the cover was made for: nothing is painted then.
    """
    check_fits(frame, cover)
    for plane, planned in zip(frame.planes, cover.planes, strict=True):
        paint(plane.samples, plane.samples, planned)
    return MaskedFrame(frame)


def check_fits(frame: Frame, cover: Cover) -> None:
    """Raise UnsupportedFootageError when a cover is not this frame's own."""
    check_kind(frame, cover)
    if frame.interlaced != cover.interlaced or frame.hide_all > cover.whole:
        raise UnsupportedFootageError(f"frame {frame.index} came with another frame's cover; ask FittedMasks.at for its own")


def check_kind(frame: Frame, cover: Cover) -> None:
    """Raise UnsupportedFootageError when a cover was made for frames of another size or layout."""
    picture = cover.picture
    if (frame.size, frame.format) != (picture.size, picture.format):
        came, fitted = (f"{each.size} {each.format.name}" for each in (frame, picture))
        raise UnsupportedFootageError(f"frame {frame.index} is {came}, but its masks were fitted to {fitted}; fit them anew")
    for plane, found in enumerate(frame.planes):
        size = picture.format.plane_size(plane, picture.size)
        rows, stride = found.samples.shape
        if rows < size.height or stride < size.width or found.width != size.width:
            raise UnsupportedFootageError(
                f"frame {frame.index}, plane {plane}: holds {found.width}x{rows} samples, but {size} were expected"
            )


def paint(target: Samples, source: Samples, cover: PlaneCover) -> None:
    """Write every hidden sample of `target`; the public samples that values come from are read from `source`."""
    for value, spans in cover.fills:
        kernels.fill_spans(target, spans, value)
    if not (len(cover.blocks) or len(cover.smooth)):
        return
    grid, rows = cover.grid, cover.grid.rows
    values = cell_values(source, cover)
    if len(cover.blocks):
        lines = np.empty((rows.fields, grid.columns << grid.shift), target.dtype)
        held = np.full(rows.fields, -1)
        kernels.paint_blocks(
            target, lines, held, cover.blocks, values, rows.cell, rows.line, grid.reach, cover.pattern,
            grid.shift, cover.low, cover.high,
        )  # fmt: skip
    if len(cover.smooth):
        wide = np.empty((2 * rows.fields, grid.columns << grid.shift), np.int32)
        held = np.full(2 * rows.fields, -1)
        kernels.paint_smooth(
            target, wide, held, cover.smooth, values, rows.upper, rows.lower, rows.weight, rows.line, grid.reach,
            grid.shift,
        )  # fmt: skip


def cell_values(source: Samples, cover: PlaneCover) -> Ints:
    """The value of every cell that painting asks for, times 256, from public samples alone."""
    grid = cover.grid
    sums = np.zeros(len(grid.counts), np.int64)
    values = np.zeros(len(grid.counts), np.int32)
    kernels.sum_runs(sums, source, grid.runs)
    kernels.mean_cells(values, sums, grid.counts, grid.known, cover.low, cover.high)
    kernels.spread_cells(values, grid.unknown, grid.sources, grid.weights, cover.middle)
    kernels.smooth_cells(values, grid.unknown, grid.neighbours, SMOOTHING_PASSES if len(grid.known) else 0)
    return values
