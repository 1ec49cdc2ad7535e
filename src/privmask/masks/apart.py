"""Where a copy differs from its original over a whole clip: the worst of each cell of the picture, outside the masks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privmask.frame import Frame, Picture, Samples
from privmask.masks import kernels
from privmask.masks.cover import Cover
from privmask.masks.hiding import check_kind
from privmask.masks.kernels import Ints, Longs

_FINEST, _MOST_COLUMNS = 3, 256


@dataclass(frozen=True, slots=True)
class WorstCell:
    """The cell that differs most on one frame: mean absolute difference in steps of 8 bits, and where it begins.

    `row` and `column` are luma samples of the coded picture.
    """

    steps: float
    row: int
    column: int


class CellsApart:
    """Compares frames of one picture cell by cell; a cell is a square of `side` luma samples, of 8 at least.

    Of wide pictures the cells are larger, so that there are at most 256 in a row. `steps` (rows, columns) float32 is each
    cell's worst mean absolute difference of public samples so far, in steps of 8 bits, of the worst plane; it is above 0 where
    a single sample ever differed. A cell of which less than a quarter is public counts as if it were a quarter. `open` (rows,
    columns) bool says which cells were public as a whole on some frame.
    """

    def __init__(self, picture: Picture) -> None:
        size = picture.size
        self._shift = max(_FINEST, (-(-size.width // _MOST_COLUMNS) - 1).bit_length())
        self.side = 1 << self._shift
        rows, self._columns = -(-size.height // self.side), -(-size.width // self.side)
        self._kind = (size, picture.format)
        self._cover: Cover | None = None
        self._planes = [
            _Cells(picture, plane, self._shift, rows * self._columns) for plane in range(len(picture.format.kinds))
        ]
        self.steps = np.zeros((rows, self._columns), np.float32)
        self.open = np.zeros((rows, self._columns), np.bool_)

    def look(self, original: Frame, copy: Frame, cover: Cover) -> WorstCell:
        """Note how far two frames are apart, which are not changed.

        Raises UnsupportedFootageError where they do not fit the cover, ValueError for a cover of another picture.
        """
        if (cover.picture.size, cover.picture.format) != self._kind:
            raise ValueError("these cells are those of another picture")
        check_kind(original, cover)
        check_kind(copy, cover)
        if cover is not self._cover:
            self._settle(cover)
        each = zip(self._planes, original.planes, copy.planes, cover.planes, strict=True)
        steps = np.maximum.reduce(
            [cells.means(one.samples, other.samples, plane.public) for cells, one, other, plane in each]
        )
        np.maximum(self.steps, steps.reshape(self.steps.shape), out=self.steps)
        worst = int(steps.argmax())
        row, column = divmod(worst, self._columns)
        return WorstCell(float(steps[worst]), row << self._shift, column << self._shift)

    def _settle(self, cover: Cover) -> None:
        """A new cover: count what is public in each cell."""
        for cells, plane in zip(self._planes, cover.planes, strict=True):
            cells.count(plane.public)
        luma = self._planes[0]
        self.open |= (luma.public == luma.area).reshape(self.open.shape)
        self._cover = cover


class _Cells:
    """The cells of one plane."""

    def __init__(self, picture: Picture, plane: int, shift: int, cells: int) -> None:
        shift_x, shift_y = picture.format.shifts(plane)
        size = picture.format.plane_size(plane, picture.size)
        self._row_cell = (np.arange(size.height) >> (shift - shift_y)).astype(np.int32)
        self._shift, self._columns = shift - shift_x, -(-picture.size.width >> shift)
        self._step = 1 << (picture.format.depth - 8)
        self._totals, self._sums = np.zeros(cells, np.int64), np.zeros(size.width, np.uint32)
        self._line: Any = np.empty(size.width, picture.format.dtype)
        self.area = self._counted(np.array([(row, 0, size.width) for row in range(size.height)], np.int32))
        self.count(np.empty((0, 3), np.int32))

    def count(self, public: Ints) -> None:
        self.public = self._counted(public)
        self._divisor = np.maximum(np.maximum(self.public, self.area / 4), 1) * self._step

    def means(self, original: Samples, copy: Samples, public: Ints) -> NDArray[np.float32]:
        """Each cell's mean absolute difference, in steps of 8 bits."""
        self._totals[:] = 0
        kernels.sum_cell_differences(
            self._totals, self._sums, self._line, original, copy, public, self._row_cell, self._shift, self._columns
        )
        found: NDArray[np.float32] = (self._totals / self._divisor).astype(np.float32)
        return found

    def _counted(self, spans: Ints) -> Longs:
        counts = np.zeros(len(self._totals), np.int64)
        kernels.count_cells(counts, spans, self._row_cell, self._shift, self._columns)
        return counts
