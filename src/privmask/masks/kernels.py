"""All of privmask's numba: plain arrays and numbers in, written arrays first, nothing allocated, nothing raised.

Every kernel works on whole padded planes, (rows, stride) uint8 or uint16 and C-contiguous. Spans, int32 (n, 3) of row, start
and stop (half-open), keep it off the padding. Each has a slow, obvious twin in `tests/naive.py`. Arithmetic is in whole numbers
only, so that every machine paints the same samples.

Considered instead: loops over (row, column) pairs. A loop over one row's slice, counted from 0, lets LLVM leave out the
wrap-around of negative indexes and use vector instructions; it is ten times as fast.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.core.types import Array, Type, int16, int32, int64, uint8, uint16, void
from numpy.typing import NDArray

from privmask.frame import Samples

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Labels = NDArray[np.uint16]
Offsets = NDArray[np.int16]

F = TypeVar("F", bound=Callable[..., Any])


def _read(dtype: Type, dimensions: int) -> Array:
    """An array that the kernel only reads; both writable and read-only ones are taken."""
    return Array(dtype, dimensions, "C", readonly=True)


def kernel(*signatures: Any) -> Callable[[F], F]:
    """Compile for exactly these signatures; kept on disk where numba finds a folder that it may write to."""

    def compiled(function: F) -> F:
        try:
            return cast(F, numba.njit(list(signatures), cache=True, nogil=True)(function))
        except RuntimeError:  # "no locator available": a service without HOME, a read-only install
            return cast(F, numba.njit(list(signatures), nogil=True)(function))

    return compiled


SUMS = int64[::1]
SPANS = RUNS = _read(int32, 2)
TABLE = _read(int32, 1)
VALUES = int32[::1]
PLANES = (uint8[:, ::1], uint16[:, ::1])
READ_PLANES = (_read(uint8, 2), _read(uint16, 2))


# Spans.


@kernel(*(void(plane, SPANS, int64) for plane in PLANES))
def fill_spans(plane: Samples, spans: Ints, value: int) -> None:
    """Every sample of the spans becomes `value`."""
    for i in range(spans.shape[0]):
        plane[spans[i, 0], spans[i, 1] : spans[i, 2]] = value


@kernel(int64(int32[:, ::1], _read(uint16, 2), int64, int64))
def label_spans(spans: Ints, labels: Labels, low: int, high: int) -> int:
    """Write the spans of labels in low…high and return how many there are; only the first `len(spans)` are written."""
    found = 0
    for row in range(labels.shape[0]):
        line = labels[row]
        start = -1
        for x in range(line.size):
            inside = low <= line[x] <= high
            if inside and start < 0:
                start = x
            if start >= 0 and (not inside or x + 1 == line.size):
                if found < spans.shape[0]:
                    spans[found, 0] = row
                    spans[found, 1] = start
                    spans[found, 2] = x + 1 if inside else x
                found += 1
                start = -1
    return found


@kernel(void(uint16[:, ::1], _read(uint16, 2), TABLE, int64))
def pool_labels(pooled: Labels, labels: Labels, row_to: Ints, shift_x: int) -> None:
    """Each pooled sample takes the highest label of the samples that it covers; row r goes to row `row_to[r]`."""
    for row in range(labels.shape[0]):
        line = labels[row]
        target = pooled[row_to[row]]
        for x in range(line.size):
            if line[x] > target[x >> shift_x]:
                target[x >> shift_x] = line[x]


@kernel(void(SUMS, SPANS, TABLE, int64, int64))
def count_cells(counts: Longs, spans: Ints, row_cell: Ints, shift: int, columns: int) -> None:
    """Add to `counts` how many samples of the spans lie in each cell of `columns` cells a row, 2**shift samples wide."""
    for i in range(spans.shape[0]):
        first = row_cell[spans[i, 0]] * columns
        x = int64(spans[i, 1])
        while x < spans[i, 2]:
            stop = min(((x >> shift) + 1) << shift, int64(spans[i, 2]))
            counts[first + (x >> shift)] += stop - x
            x = stop


@kernel(int64(int32[:, ::1], SPANS, TABLE, int64, int64, _read(uint8, 1)))
def cut_runs(runs: Ints, spans: Ints, row_cell: Ints, shift: int, columns: int, wanted: NDArray[np.uint8]) -> int:
    """Cut spans at cell edges: write (row, start, stop, cell) where the cell is wanted; return how many there are."""
    found = 0
    for i in range(spans.shape[0]):
        first = row_cell[spans[i, 0]] * columns
        x = int64(spans[i, 1])
        while x < spans[i, 2]:
            stop = min(((x >> shift) + 1) << shift, int64(spans[i, 2]))
            cell = first + (x >> shift)
            if wanted[cell]:
                if found < runs.shape[0]:
                    runs[found, 0] = spans[i, 0]
                    runs[found, 1] = x
                    runs[found, 2] = stop
                    runs[found, 3] = cell
                found += 1
            x = stop
    return found


# Cells: the coarse grid that Pixelated and Blurred take their values from. Values are sample values times 256.


@kernel(*(void(SUMS, plane, RUNS) for plane in READ_PLANES))
def sum_runs(sums: Longs, samples: Samples, runs: Ints) -> None:
    """Add every sample of the runs (row, start, stop, cell) to the sum of its cell."""
    for i in range(runs.shape[0]):
        part = samples[runs[i, 0], runs[i, 1] : runs[i, 2]]
        total = int32(0)
        for x in range(part.size):
            total += int32(part[x])
        sums[runs[i, 3]] += total


@kernel(void(VALUES, _read(int64, 1), _read(int64, 1), TABLE, int64, int64))
def mean_cells(values: Ints, sums: Longs, counts: Longs, known: Ints, low: int, high: int) -> None:
    """Each known cell's value: the mean of its public samples, held in low…high."""
    for i in range(known.size):
        cell = known[i]
        mean = (sums[cell] * 256 + counts[cell] // 2) // counts[cell]
        values[cell] = min(max(mean, low * 256), high * 256)


@kernel(void(VALUES, TABLE, _read(int32, 2), _read(int32, 2), int64))
def spread_cells(values: Ints, unknown: Ints, sources: Ints, weights: Ints, otherwise: int) -> None:
    """Each unknown cell: the mean of its sources, by weights that sum to 4096 (all 0: no sources, `otherwise` * 256)."""
    for i in range(unknown.size):
        total = int64(2048)
        weight = int64(0)
        for k in range(sources.shape[1]):
            total += int64(weights[i, k]) * values[sources[i, k]]
            weight += weights[i, k]
        values[unknown[i]] = total >> 12 if weight else otherwise * 256


@kernel(void(VALUES, TABLE, _read(int32, 2), int64))
def smooth_cells(values: Ints, unknown: Ints, neighbours: Ints, passes: int) -> None:
    """Replace each unknown cell by the mean of its four neighbours, in place, forwards and backwards by turns."""
    for turn in range(passes):
        for step in range(unknown.size):
            i = step if turn % 2 == 0 else unknown.size - 1 - step
            total = int32(2)
            for k in range(4):
                total += values[neighbours[i, k]]
            values[unknown[i]] = total >> 2


# Painting from cells. `lines` is scratch of two rows a field, `held` says which cell row each of them holds (-1: none).


@kernel(
    *(
        void(plane, plane, SUMS, SPANS, TABLE, TABLE, TABLE, _read(int32, 2), _read(int16, 1), int64, int64, int64)
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


@kernel(void(VALUES, TABLE, int64, _read(int32, 2), int64))
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
        void(plane, int32[:, ::1], SUMS, SPANS, TABLE, TABLE, TABLE, TABLE, TABLE, _read(int32, 2), int64)
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


# Comparing.


@kernel(*(void(SUMS, plane, plane, SPANS) for plane in READ_PLANES))
def sum_differences(totals: Longs, ours: Samples, theirs: Samples, spans: Ints) -> None:
    """Add to `totals`: the sum of squared differences over the spans, how many samples; raise totals[2] to the greatest."""
    for i in range(spans.shape[0]):
        one = ours[spans[i, 0], spans[i, 1] : spans[i, 2]]
        other = theirs[spans[i, 0], spans[i, 1] : spans[i, 2]]
        squares = int64(0)
        greatest = int32(0)
        for x in range(one.size):
            difference = abs(int32(int32(one[x]) - int32(other[x])))
            squares += difference * difference
            greatest = max(greatest, difference)
        totals[0] += squares
        totals[1] += one.size
        totals[2] = max(totals[2], int64(greatest))


@kernel(*(void(int64[:, ::1], plane, plane, SPANS, TABLE, int64, int64) for plane in READ_PLANES))
def sum_cell_differences(
    totals: Longs, ours: Samples, theirs: Samples, spans: Ints, row_cell: Ints, shift: int, columns: int
) -> None:
    """Add to `totals`, a row a cell: the sum of absolute differences over the spans; raise column 1 to the greatest."""
    for i in range(spans.shape[0]):
        first = row_cell[spans[i, 0]] * columns
        x = int64(spans[i, 1])
        while x < spans[i, 2]:
            stop = min(((x >> shift) + 1) << shift, int64(spans[i, 2]))
            one = ours[spans[i, 0], x:stop]
            other = theirs[spans[i, 0], x:stop]
            total = int32(0)
            greatest = int32(0)
            for k in range(one.size):
                difference = abs(int32(int32(one[k]) - int32(other[k])))
                total += difference
                greatest = max(greatest, difference)
            totals[first + (x >> shift), 0] += total
            totals[first + (x >> shift), 1] = max(totals[first + (x >> shift), 1], int64(greatest))
            x = stop
