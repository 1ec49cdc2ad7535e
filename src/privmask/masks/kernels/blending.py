"""Painting from cells: `lines` is scratch, up to two rows a field; `held` says which cell row each holds (-1: none)."""

from __future__ import annotations

from numba.core.types import int16, int32, int64, void

from privmask.frame import Samples
from privmask.masks.kernels.compiled import PLANES, SPANS, SUMS, TABLE, Ints, Longs, Offsets, kernel, part, read


@kernel(
    *(
        void(plane, plane, SUMS, SPANS, TABLE, TABLE, TABLE, read(int32, 2), read(int16, 1), int64, int64, int64)
        for plane in PLANES
    )
)
def paint_blocks(
    plane: Samples,
    lines: Samples,
    held: Longs,
    spans: Ints,
    values: Ints,
    row_cell: Ints,
    row_line: Ints,
    reach: Ints,
    pattern: Offsets,
    shift: int,
    low: int,
    high: int,
) -> None:
    """Pixelated: each sample takes its cell's value, rounded, plus the cell's pattern, held in low…high."""
    columns = values.size // reach.shape[0]
    for i in range(spans.shape[0]):
        row = spans[i, 0]
        cell_row = row_cell[row]
        line = lines[row_line[row]]
        if held[row_line[row]] != cell_row:
            held[row_line[row]] = cell_row
            for column in range(reach[cell_row, 0] >> shift, ((reach[cell_row, 1] - 1) >> shift) + 1):
                cell = cell_row * columns + column
                value = ((values[cell] + 128) >> 8) + pattern[cell]
                line[column << shift : (column + 1) << shift] = min(max(value, low), high)
        source = line[spans[i, 1] : spans[i, 2]]
        target = plane[row, spans[i, 1] : spans[i, 2]]
        for x in range(target.size):  # a slice assignment would first copy the source, in case the two overlap
            target[x] = source[x]


@part
def _stretch(line: Ints, values: Ints, cell_row: int, reach: Ints, shift: int) -> None:
    """Write one row of cells to full width, times 32: a straight line from the middle of each cell to the next."""
    width = 1 << shift
    columns = values.size // reach.shape[0]
    first = cell_row * columns
    for column in range((reach[cell_row, 0] >> shift) - 1, ((reach[cell_row, 1] - 1) >> shift) + 1):
        left = int64(values[first + max(column, 0)])
        step = (values[first + min(column + 1, columns - 1)] - left) * (16 >> shift)
        middle = column * width + width // 2
        for t in range(max(0, -middle), min(width, line.size - middle)):
            line[middle + t] = left * 32 + step * (2 * t + 1)


@kernel(
    *(
        void(plane, int32[:, ::1], SUMS, SPANS, TABLE, TABLE, TABLE, TABLE, TABLE, read(int32, 2), int64)
        for plane in PLANES
    )
)
def paint_smooth(
    plane: Samples,
    lines: Ints,
    held: Longs,
    spans: Ints,
    values: Ints,
    row_cell: Ints,
    row_next: Ints,
    row_weight: Ints,
    row_line: Ints,
    reach: Ints,
    shift: int,
) -> None:
    """Blurred: each sample lies between the middles of four cells and takes their bilinear mean (weights in 1/32)."""
    for i in range(spans.shape[0]):
        row = spans[i, 0]
        above = row_line[row] * 2 + (row_cell[row] & 1)  # neighbouring cell rows differ in their last bit
        below = row_line[row] * 2 + (row_next[row] & 1)
        if held[above] != row_cell[row]:
            held[above] = row_cell[row]
            _stretch(lines[above], values, row_cell[row], reach, shift)
        if held[below] != row_next[row]:
            held[below] = row_next[row]
            _stretch(lines[below], values, row_next[row], reach, shift)
        upper = lines[above, spans[i, 1] : spans[i, 2]]
        lower = lines[below, spans[i, 1] : spans[i, 2]]
        target = plane[row, spans[i, 1] : spans[i, 2]]
        weight = int32(row_weight[row])
        for x in range(target.size):
            both = int32(int32(upper[x] << 5) + int32(int32(lower[x] - upper[x]) * weight))
            target[x] = int32(both + 131072) >> 18
