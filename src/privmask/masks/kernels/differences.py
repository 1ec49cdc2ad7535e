"""Differences between the samples of two planes. `line`, one row of such samples, is scratch; so is `sums`, which is all 0."""

from __future__ import annotations

from numba.core.types import int32, int64, uint8, uint16, uint32, void

from privmask.frame import Samples
from privmask.masks.kernels.compiled import READ_PLANES, SPANS, SUMS, TABLE, Cells, Ints, Longs, kernel, part

_LINES = (uint8[::1], uint16[::1])


@part
def _subtract(line: Samples, one: Samples, other: Samples) -> int:
    """Write the absolute differences of two rows; return the greatest. Short loops, each of them in vectors."""
    for k in range(line.size):
        line[k] = max(one[k], other[k]) - min(one[k], other[k])
    greatest = line.dtype.type(0)
    for k in range(line.size):
        greatest = max(greatest, line[k])
    return int(greatest)


@kernel(*(void(SUMS, line, plane, plane, SPANS) for line, plane in zip(_LINES, READ_PLANES, strict=True)))
def sum_differences(totals: Longs, line: Samples, ours: Samples, theirs: Samples, spans: Ints) -> None:
    """Add to `totals`: the sum of squared differences over the spans, how many samples; raise totals[2] to the greatest."""
    for i in range(spans.shape[0]):
        row, x, stop = spans[i, 0], spans[i, 1], spans[i, 2]
        apart = line[x:stop]
        greatest = _subtract(apart, ours[row, x:stop], theirs[row, x:stop])
        squares = int64(0)
        if greatest < 512 and apart.size < 8192:  # their sum fits in 31 bits
            small = int32(0)
            for k in range(apart.size):
                small = int32(small + int32(int32(apart[k]) * int32(apart[k])))
            squares += small
        else:
            for k in range(apart.size):
                squares += int64(apart[k]) * int64(apart[k])
        totals[0] += squares
        totals[1] += apart.size
        totals[2] = max(totals[2], greatest)


@part
def _fold(totals: Longs, sums: Cells, start: int, stop: int, first: int, shift: int) -> None:
    """Add the sums of columns to those of their cells, and leave 0."""
    for x in range(start, stop):
        totals[first + (x >> shift)] += sums[x]
        sums[x] = 0


@kernel(
    *(
        int64(SUMS, uint32[::1], line, plane, plane, SPANS, TABLE, int64, int64)
        for line, plane in zip(_LINES, READ_PLANES, strict=True)
    )
)
def sum_cell_differences(
    totals: Longs,
    sums: Cells,
    line: Samples,
    ours: Samples,
    theirs: Samples,
    spans: Ints,
    row_cell: Ints,
    shift: int,
    columns: int,
) -> int:
    """Add to `totals`, one a cell, the sum of absolute differences over the spans; return the greatest difference.

    Columns are summed up over a row of cells, and only then cells over their columns: so all long loops go along rows.
    """
    greatest, cell_row, start, stop = 0, 0, 0, 0
    for i in range(spans.shape[0]):
        row, x, end = spans[i, 0], int(spans[i, 1]), int(spans[i, 2])
        if row_cell[row] != cell_row:
            _fold(totals, sums, start, stop, cell_row * columns, shift)
            cell_row, start, stop = int(row_cell[row]), x, end
        start, stop = min(start, x), max(stop, end)
        apart, total = line[x:end], sums[x:end]
        greatest = max(greatest, _subtract(apart, ours[row, x:end], theirs[row, x:end]))
        for k in range(apart.size):
            total[k] += apart[k]
    _fold(totals, sums, start, stop, cell_row * columns, shift)
    return greatest
