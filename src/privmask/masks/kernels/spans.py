"""Spans: filling them, finding them, and handing luma labels down to chroma."""

from __future__ import annotations

from numba.core.types import int32, int64, uint16, void

from privmask.frame import Samples
from privmask.masks.kernels.compiled import PLANES, SPANS, TABLE, Ints, Labels, kernel, read


@kernel(*(void(plane, SPANS, int64) for plane in PLANES))
def fill_spans(plane: Samples, spans: Ints, value: int) -> None:
    """Every sample of the spans becomes `value`."""
    for i in range(spans.shape[0]):
        plane[spans[i, 0], spans[i, 1] : spans[i, 2]] = value


@kernel(int64(int32[:, ::1], read(uint16, 2), int64, int64))
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


@kernel(void(uint16[:, ::1], read(uint16, 2), TABLE, int64))
def pool_labels(pooled: Labels, labels: Labels, row_to: Ints, shift_x: int) -> None:
    """Each pooled sample takes the highest label of the samples that it covers; row r goes to row `row_to[r]`."""
    for row in range(labels.shape[0]):
        line = labels[row]
        target = pooled[row_to[row]]
        for x in range(line.size):
            if line[x] > target[x >> shift_x]:
                target[x >> shift_x] = line[x]
