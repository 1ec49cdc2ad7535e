"""The coarse grid that Pixelated and Blurred take their values from: cells of 16 x 16 luma samples, without their values.

A cell is *known* when it is hidden in part or lies beside a cell that is, and at least a quarter of it is public: its
value will be the mean of its public samples. A cell with hidden samples that is not known is *unknown*: its value will
come from the nearest known cells to its left and right, above and below. No value ever comes from a hidden sample.

In interlaced pictures each field has a grid of its own, one after the other, so that the fields never mix.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import shake_256

import numpy as np
from numpy.typing import NDArray

from privmask.geometry import Size
from privmask.masks import kernels
from privmask.masks.kernels import Cells, Ints, Longs
from privmask.masks.nearest import Bools, neighbours_of, sources_of

CELL = 16
PATTERN = b"privmask.pixelated.v1"
PATTERN_REACH = 12
"""How far the pattern of Pixelated goes from a cell's value, in steps of 1/256 of the range."""



@dataclass(frozen=True, slots=True)
class Rows:
    """Where the rows of a plane lie in the grid of `count` cell rows in `fields` fields.

    `cell` is the cell row that a row is in; its middle lies between those of `upper` and `lower`, and `weight` is the
    share of `lower` in 1/32. `line` is its field.
    """

    count: int
    fields: int
    cell: Ints
    upper: Ints
    lower: Ints
    weight: Ints
    line: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Cells of one plane. Cell c lies in cell row c // columns; the tables are only read.

    `runs` (n, 4) are the public samples of the known cells as row, start, stop, cell, in every other row of a field: the mean
    of half of them is as good, and half the work. `counts` is how many of these each cell has, `covered` how many hidden
    samples, `area` how many in all. For each of `unknown`, `sources` (n, 4) are known cells, `weights` their share in 1/4096;
    `neighbours` (n, 4) are the cells above, below, left and right of it, or itself where there is none. `reach` (cell rows, 2)
    is from where to where samples of a cell row are asked for.
    """

    rows: Rows
    columns: int
    shift: int
    runs: Ints
    counts: Longs
    covered: Longs
    area: Longs
    known: Cells
    unknown: Cells
    sources: Cells
    weights: Ints
    neighbours: Cells
    reach: Ints
    pattern: NDArray[np.int16]

    def place(self, cell: int) -> tuple[int, int]:
        """Row and column of the cell's first sample in its plane."""
        row = int(np.argmax(self.rows.cell == cell // self.columns))
        return row, cell % self.columns << self.shift


@dataclass(frozen=True, slots=True, eq=False)
class _Raster:
    """The cells of a plane before anything is hidden in it: `area` and `looked_at` are their samples, and every other row's."""

    rows: Rows
    columns: int
    shift: int
    area: Longs
    looked_at: Longs
    pattern: NDArray[np.int16]


def make_grid(
    size: Size, shifts: tuple[int, int], interlaced: bool, hidden: Ints, public: Ints, *, drawn: bool = True
) -> Grid:
    """The grid of a plane of `size` samples whose hidden and public spans are given.

    With `drawn` false nothing will take its value from it, no cell is known or unknown, and its `counts` mean nothing.
    """
    raster = _raster(size, shifts, interlaced)
    rows, shift, columns = raster.rows, raster.shift, raster.columns
    covered = _count(hidden, rows, shift, columns)
    if not drawn:
        return _undrawn(raster, covered)
    covered_there = _count(_every_other(hidden, rows), rows, shift, columns)
    counts = raster.looked_at - covered_there
    partly = covered > 0
    known = _spread(partly) & (counts * 3 >= covered_there) & (counts > 0)
    unknown = _red_and_black(partly & ~known)
    sources, weights = sources_of(known, unknown)
    return Grid(
        rows,
        columns,
        shift,
        _runs(_every_other(public, rows), rows, shift, columns, known),
        counts.ravel(),
        covered.ravel(),
        raster.area.ravel(),
        np.flatnonzero(known).astype(np.uint32),
        unknown.astype(np.uint32),
        sources,
        weights,
        neighbours_of(known | partly, unknown),
        _reach(hidden, rows),
        raster.pattern,
    )


def _undrawn(raster: _Raster, covered: Longs) -> Grid:
    none, fours = np.empty(0, np.uint32), np.empty((0, 4), np.int32)
    return Grid(
        raster.rows,
        raster.columns,
        raster.shift,
        fours,
        raster.looked_at.ravel(),
        covered.ravel(),
        raster.area.ravel(),
        none,
        none,
        fours.astype(np.uint32),
        fours,
        fours.astype(np.uint32),
        _no_reach(raster.rows),
        raster.pattern,
    )


@lru_cache(maxsize=16)
def _raster(size: Size, shifts: tuple[int, int], interlaced: bool) -> _Raster:
    rows = cell_rows(size.height, CELL >> shifts[1], 2 if interlaced else 1)
    shift = 4 - shifts[0]
    columns = -(-size.width >> shift)
    whole = np.array([(row, 0, size.width) for row in range(size.height)], np.int32)
    area, looked_at = (_count(spans, rows, shift, columns) for spans in (whole, _every_other(whole, rows)))
    return _Raster(rows, columns, shift, area, looked_at, _pattern(rows, columns))


def cell_rows(height: int, cell_height: int, fields: int) -> Rows:
    """Where the rows of a plane lie in cells of `cell_height` rows of all fields together.

    The middle of a cell has weight 0, so a row above it lies between its cell and the one before.
    """
    row = np.arange(height)
    line, in_field = row % fields, row // fields
    cell_height = max(cell_height // fields, 1)
    last = (-(-(height - line) // fields) - 1) // cell_height  # a field of an odd picture may end a cell earlier
    count = int(last.max()) + 1
    doubled = 2 * in_field + 1 - cell_height
    before = doubled // (2 * cell_height)
    weight = (doubled % (2 * cell_height)) * (CELL // cell_height)
    first = line * count
    return Rows(
        count * fields,
        fields,
        cell=(first + in_field // cell_height).astype(np.int32),
        upper=(first + np.clip(before, 0, last)).astype(np.int32),
        lower=(first + np.clip(before + 1, 0, last)).astype(np.int32),
        weight=weight.astype(np.int32),
        line=line.astype(np.int32),
    )


def _spread(cells: Bools) -> Bools:
    """The cells and the eight around each, within each field."""
    padded = np.pad(cells, ((0, 0), (1, 1), (1, 1)))
    wide = padded[:, :, :-2] | padded[:, :, 1:-1] | padded[:, :, 2:]
    return wide[:, :-2] | wide[:, 1:-1] | wide[:, 2:]


def _every_other(spans: Ints, rows: Rows) -> Ints:
    looked_at: Ints = spans[spans[:, 0] // rows.fields % 2 == 0]
    return looked_at


def _count(spans: Ints, rows: Rows, shift: int, columns: int) -> Longs:
    """How many samples of the spans each cell has, (fields, cell rows of a field, columns)."""
    counts = np.zeros(rows.count * columns, np.int64)
    kernels.count_cells(counts, spans, rows.cell, shift, columns)
    return counts.reshape(rows.fields, -1, columns)


def _red_and_black(cells: Bools) -> Longs:
    """Indexes of the cells, those of one colour of a chessboard first.

    Smoothing goes through them in this order. Neighbours have the other colour, so no step waits for the one before it, and no
    direction is favoured.
    """
    _, row, column = np.nonzero(cells)
    return np.flatnonzero(cells)[np.argsort((row + column) % 2, kind="stable")]


def _runs(public: Ints, rows: Rows, shift: int, columns: int, known: Bools) -> Ints:
    if not known.any():
        return np.empty((0, 4), np.int32)
    wanted = known.ravel().view(np.uint8)
    empty = np.empty((0, 4), np.int32)
    runs = np.empty((kernels.cut_runs(empty, public, rows.cell, shift, columns, wanted), 4), np.int32)
    kernels.cut_runs(runs, public, rows.cell, shift, columns, wanted)
    return runs


def _no_reach(rows: Rows) -> Ints:
    return np.tile(np.array([np.iinfo(np.int32).max, 0], np.int32), (rows.count, 1))


def _reach(hidden: Ints, rows: Rows) -> Ints:
    reach = _no_reach(rows)
    for table in (rows.cell, rows.upper, rows.lower):
        np.minimum.at(reach[:, 0], table[hidden[:, 0]], hidden[:, 1])
        np.maximum.at(reach[:, 1], table[hidden[:, 0]], hidden[:, 2])
    return reach


def _pattern(rows: Rows, columns: int) -> NDArray[np.int16]:
    """A fixed offset for each cell, the same in every clip and in both fields: what makes Pixelated look like a mosaic."""
    per_field = rows.count // rows.fields
    drawn = b"".join(shake_256(PATTERN + row.to_bytes(4, "big")).digest(columns) for row in range(per_field))
    steps = np.frombuffer(drawn * rows.fields, np.uint8).astype(np.int16)
    return (steps * (2 * PATTERN_REACH + 1) // 256 - PATTERN_REACH).astype(np.int16)
