"""Spans: filling them, finding them, and handing luma labels down to chroma."""

from __future__ import annotations

from numba.core.types import int32, int64, uint16, void

from privmask.frame import Samples
from privmask.masks.kernels.compiled import PLANES, SPANS, TABLE, Ints, Labels, kernel, part, read


@kernel(*(void(plane, SPANS, int64) for plane in PLANES))
def fill_spans(plane: Samples, spans: Ints, value: int) -> None:
    """Every sample of the spans becomes `value`."""
    for i in range(spans.shape[0]):
        plane[spans[i, 0], spans[i, 1] : spans[i, 2]] = value


@kernel(int64(int32[:, ::1], read(uint16, 2)))
def label_runs(runs: Ints, labels: Labels) -> int:
    """Write the runs (row, start, stop, label) of labels above 0; return how many. Only the first `len(runs)` are written."""
    found = 0
    for row in range(labels.shape[0]):
        line = labels[row]
        start = 0
        for x in range(line.size):
            if x + 1 == line.size or line[x + 1] != line[x]:
                if line[x]:
                    if found < runs.shape[0]:
                        runs[found, 0] = row
                        runs[found, 1] = start
                        runs[found, 2] = x + 1
                        runs[found, 3] = line[x]
                    found += 1
                start = x + 1
    return found


@kernel(int64(int32[:, ::1], SPANS, int64, int64))
def gap_spans(gaps: Ints, spans: Ints, height: int, width: int) -> int:
    """Write the spans that are left over in a plane, of which there are at most len(spans) + height; return how many."""
    found = 0
    i = 0
    for row in range(height):
        x = 0
        while x < width:
            here = i < spans.shape[0] and spans[i, 0] == row
            stop = int64(spans[i, 1]) if here else width
            if x < stop:
                gaps[found, 0] = row
                gaps[found, 1] = x
                gaps[found, 2] = stop
                found += 1
            x = int64(spans[i, 2]) if here else width
            i += here
    return found


@part
def _overlay_row(laid: Ints, found: int, boxes: Ints, runs: Ints, row: int, width: int) -> int:
    """Go from one end of a run or box to the next; a stretch with the label of the one before it makes that one longer."""
    first = found
    i = 0
    x = int64(0)
    while x < width:
        label, stop = int32(0), int64(width)
        while i < runs.shape[0] and runs[i, 2] <= x:
            i += 1
        if i < runs.shape[0]:
            under = runs[i, 1] <= x
            label, stop = (runs[i, 3], int64(runs[i, 2])) if under else (label, int64(runs[i, 1]))
        for k in range(boxes.shape[0]):
            if boxes[k, 0] <= x < boxes[k, 2]:
                label, stop = max(label, boxes[k, 4]), min(stop, int64(boxes[k, 2]))
            elif x < boxes[k, 0]:
                stop = min(stop, int64(boxes[k, 0]))
        if label and found > first and laid[found - 1, 2] == x and laid[found - 1, 3] == label:
            laid[found - 1, 2] = stop
        elif label:
            laid[found, 0], laid[found, 1], laid[found, 2], laid[found, 3] = row, x, stop, label
            found += 1
        x = stop
    return found


@kernel(int64(int32[:, ::1], int32[:, ::1], SPANS, SPANS, int64, int64))
def overlay_runs(laid: Ints, active: Ints, runs: Ints, boxes: Ints, height: int, width: int) -> int:
    """Write the runs that are seen when boxes (left, top, right, bottom, label) are laid over runs, the highest label on top.

    `active` is scratch for the boxes of a row, `laid` has room for two runs for each run and each row of a box. Returns how
    many there are.
    """
    found = 0
    first = 0
    for row in range(height):
        count = 0
        for k in range(boxes.shape[0]):
            if boxes[k, 1] <= row < boxes[k, 3]:
                active[count] = boxes[k]
                count += 1
        past = first
        while past < runs.shape[0] and runs[past, 0] == row:
            past += 1
        if count:
            found = _overlay_row(laid, found, active[:count], runs[first:past], row, width)
        else:
            laid[found : found + past - first] = runs[first:past]
            found += past - first
        first = past
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
