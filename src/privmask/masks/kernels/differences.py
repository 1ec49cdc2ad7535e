"""Differences between the samples of two planes."""

from __future__ import annotations

from numba.core.types import int32, int64, void

from privmask.frame import Samples
from privmask.masks.kernels.compiled import READ_PLANES, SPANS, SUMS, TABLE, Ints, Longs, kernel


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
