"""How a decoded copy differs: outside its masks from the original, inside them from what hiding would paint.

`residual` needs no original. Hiding what is hidden already changes nothing, so a copy that differs from its own hiding by more
than an encoder's loss was not hidden, or was changed since.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from math import inf, log10

import numpy as np
from numpy.typing import NDArray

from privmask.frame import Frame, Samples
from privmask.masks import kernels
from privmask.masks.apart import WorstCell
from privmask.masks.cover import Cover, PlaneCover
from privmask.masks.grid import Grid
from privmask.masks.hiding import check_kind, paint
from privmask.masks.kernels import Ints, Longs

_scratch = threading.local()


@dataclass(frozen=True, slots=True)
class PlaneDifference:
    """Over the public samples of one plane: the sum of squared differences, how many samples, and the greatest difference."""

    squared: int
    samples: int
    greatest: int
    peak: int

    @property
    def psnr(self) -> float:
        """Peak signal-to-noise ratio in dB; infinite where nothing differs or nothing is public."""
        return 10 * log10(self.peak**2 * self.samples / self.squared) if self.squared else inf


@dataclass(frozen=True, slots=True)
class Difference:
    """How the public samples of a copy differ from the original's, plane by plane."""

    planes: tuple[PlaneDifference, ...]

    @property
    def exact(self) -> bool:
        """Whether every public sample is the original's."""
        return not any(plane.greatest for plane in self.planes)

    @property
    def psnr(self) -> float:
        """The lowest of the planes' ratios, in dB."""
        return min(plane.psnr for plane in self.planes)

    @property
    def greatest(self) -> float:
        """The greatest difference of a single sample, in steps of 8 bits."""
        return max(plane.greatest * 255 / plane.peak for plane in self.planes)


@dataclass(frozen=True, slots=True)
class PlaneResidual:
    """Over the hidden samples of one plane: sum of absolute differences from its own hiding, how many, the greatest.

    `worst` is the mean difference of the worst cell of 16 x 16 luma samples. A cell of which less than a quarter
    is hidden counts as if it were a quarter, because few samples beside an edge say little. The cell's first sample lies at
    (`row`, `column`) of the coded picture, in luma samples.
    """

    absolute: int
    samples: int
    greatest: int
    worst: float
    row: int
    column: int

    @property
    def mean(self) -> float:
        """The mean absolute difference, in sample values."""
        return self.absolute / self.samples if self.samples else 0.0


@dataclass(frozen=True, slots=True)
class Residual:
    """How far the hidden samples of a copy are from what hiding would paint, plane by plane."""

    planes: tuple[PlaneResidual, ...]

    @property
    def worst(self) -> PlaneResidual:
        """The plane whose worst cell is the worst."""
        return max(self.planes, key=lambda plane: plane.worst)

    @property
    def exact(self) -> bool:
        """Whether hiding would change no sample."""
        return not any(plane.greatest for plane in self.planes)


def compare(original: Frame, copy: Frame, cover: Cover) -> Difference:
    """Compare the public samples of two frames; neither is changed. Raises UnsupportedFootageError where they do not fit."""
    check_kind(original, cover)
    check_kind(copy, cover)
    pairs = zip(original.planes, copy.planes, cover.planes, strict=True)
    peak = (1 << original.format.depth) - 1
    return Difference(tuple(_difference(one.samples, other.samples, plane, peak) for one, other, plane in pairs))


def worst_cell(original: Frame, copy: Frame, cover: Cover) -> WorstCell:
    """The cell of 16 x 16 luma samples whose public samples differ most between two frames; neither is changed.

    A cell of which less than a quarter is public counts as if it were a quarter. Raises UnsupportedFootageError where the
    frames do not fit the cover.
    """
    check_kind(original, cover)
    check_kind(copy, cover)
    cells = []
    for plane, planned in enumerate(cover.planes):
        ours, theirs, shifts = original.planes[plane].samples, copy.planes[plane].samples, copy.format.shifts(plane)
        public = planned.grid.area - planned.grid.covered
        cells.append(_cells(ours, theirs, planned.public, public, planned.grid, shifts))
    worst = max(cells, key=lambda plane: plane.worst)
    return WorstCell(worst.worst / (1 << (copy.format.depth - 8)), worst.row, worst.column)


def residual(copy: Frame, cover: Cover) -> Residual:
    """Compare the hidden samples of a frame with its own hiding; the frame is not changed.

    Raises UnsupportedFootageError where the frame does not fit the cover.
    """
    check_kind(copy, cover)
    shifts = [copy.format.shifts(plane) for plane in range(len(copy.planes))]
    each = zip(copy.planes, cover.planes, shifts, strict=True)
    return Residual(tuple(_residual(plane.samples, planned, shift) for plane, planned, shift in each))


def _scratch_like(samples: Samples) -> Samples:
    """A plane that nobody else uses in this thread. Kept, because fresh memory costs more than what is painted into it."""
    kept: NDArray[np.uint8] | None = getattr(_scratch, "memory", None)
    if kept is None or kept.nbytes < samples.nbytes:
        kept = _scratch.memory = np.empty(samples.nbytes, np.uint8)
    return kept[: samples.nbytes].view(samples.dtype).reshape(samples.shape)


def _difference(original: Samples, copy: Samples, cover: PlaneCover, peak: int) -> PlaneDifference:
    totals = np.zeros(3, np.int64)
    kernels.sum_differences(totals, np.empty_like(original[0]), original, copy, cover.public)
    squared, samples, greatest = totals.tolist()
    return PlaneDifference(squared, samples, greatest, peak)


def _residual(samples: Samples, cover: PlaneCover, shifts: tuple[int, int]) -> PlaneResidual:
    painted = _scratch_like(samples)  # only its hidden samples are written and read
    paint(painted, samples, cover)
    return _cells(painted, samples, cover.hidden, cover.grid.covered, cover.grid, shifts)


def _cells(
    ours: Samples, theirs: Samples, spans: Ints, counted: Longs, grid: Grid, shifts: tuple[int, int]
) -> PlaneResidual:
    """The differences over `spans`, of which each cell has `counted` samples."""
    totals, line = np.zeros(len(grid.counts), np.int64), np.empty_like(ours[0])
    greatest = kernels.sum_cell_differences(
        totals, np.zeros(line.size, np.uint32), line, ours, theirs, spans, grid.rows.cell, grid.shift, grid.columns
    )
    means = totals / np.maximum(np.maximum(counted, grid.area / 4), 1)
    worst = int(np.argmax(means))
    row, column = grid.place(worst)
    return PlaneResidual(
        int(totals.sum()),
        int(counted.sum()),
        greatest,
        float(means[worst]),
        row << shifts[1],
        column << shifts[0],
    )
