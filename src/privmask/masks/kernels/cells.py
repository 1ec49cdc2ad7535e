"""Cells: the coarse grid that Pixelated and Blurred take their values from. Values are sample values times 256."""

from __future__ import annotations

from numba.core.types import int32, int64, uint8, void

from privmask.frame import Samples
from privmask.masks.kernels.compiled import (
    CELL_TABLE,
    CELLS,
    READ_PLANES,
    RUNS,
    SPANS,
    SUMS,
    TABLE,
    VALUES,
    Bytes,
    Cells,
    Ints,
    Longs,
    kernel,
    read,
)


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


@kernel(int64(int32[:, ::1], SPANS, TABLE, int64, int64, read(uint8, 1)))
def cut_runs(runs: Ints, spans: Ints, row_cell: Ints, shift: int, columns: int, wanted: Bytes) -> int:
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


@kernel(*(void(SUMS, plane, RUNS) for plane in READ_PLANES))
def sum_runs(sums: Longs, samples: Samples, runs: Ints) -> None:
    """Add every sample of the runs (row, start, stop, cell) to the sum of its cell."""
    for i in range(runs.shape[0]):
        part = samples[runs[i, 0], runs[i, 1] : runs[i, 2]]
        total = int32(0)
        for x in range(part.size):
            total += int32(part[x])
        sums[runs[i, 3]] += total


@kernel(void(VALUES, read(int64, 1), read(int64, 1), CELLS, int64, int64))
def mean_cells(values: Ints, sums: Longs, counts: Longs, known: Cells, low: int, high: int) -> None:
    """Each known cell's value: the mean of its public samples, held in low…high."""
    for i in range(known.size):
        cell = known[i]
        mean = (sums[cell] * 256 + counts[cell] // 2) // counts[cell]
        values[cell] = min(max(mean, low * 256), high * 256)


@kernel(void(VALUES, CELLS, CELL_TABLE, read(int32, 2), int64))
def spread_cells(values: Ints, unknown: Cells, sources: Cells, weights: Ints, otherwise: int) -> None:
    """Each unknown cell: the mean of its sources, by weights that sum to 4096 (all 0: no sources, `otherwise` * 256)."""
    for i in range(unknown.size):
        total = int64(2048)
        weight = int64(0)
        for k in range(sources.shape[1]):
            total += int64(weights[i, k]) * values[sources[i, k]]
            weight += weights[i, k]
        values[unknown[i]] = total >> 12 if weight else otherwise * 256


@kernel(void(VALUES, CELLS, CELL_TABLE, int64))
def smooth_cells(values: Ints, unknown: Cells, neighbours: Cells, passes: int) -> None:
    """Replace each unknown cell by the mean of its four neighbours, in place, in the order given, `passes` times."""
    for _ in range(passes):
        for i in range(unknown.size):
            upper, lower = values[neighbours[i, 0]], values[neighbours[i, 1]]
            left, right = values[neighbours[i, 2]], values[neighbours[i, 3]]
            values[unknown[i]] = (upper + lower + left + right + 2) >> 2


@kernel(void(SUMS, SUMS, read(uint8, 1), read(int64, 1), int64, int64))
def look_along(found: Longs, far: Longs, seen: Bytes, first: Longs, step: int, length: int) -> None:
    """For each cell of lines that begin at `first` and go on by `step`: the last one seen so far (or -1), and how far back."""
    for line in range(first.size):
        cell = first[line]
        last, since = int64(-1), int64(0)
        for _ in range(length):
            since += 1
            if seen[cell]:
                last, since = cell, int64(0)
            found[cell] = last
            far[cell] = since
            cell += step
