"""Slow, obvious twins of what `privmask.masks` does fast: a sample at a time, in plain Python, by the words of the rules."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privmask.geometry import Point, Polygon, Rotation, Size

Bools = NDArray[np.bool_]
Array = NDArray[Any]


# Places.


def shared_area(ring: tuple[Point, ...], left: Fraction, top: Fraction, right: Fraction, bottom: Fraction) -> Fraction:
    """The area that a ring and a rectangle share: the ring is cut at each of the four sides, then measured."""
    for axis, limit, sign in ((0, left, 1), (0, right, -1), (1, top, 1), (1, bottom, -1)):
        cut: list[Point] = []
        for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True):
            a, b = sign * ((ax, ay)[axis] - limit), sign * ((bx, by)[axis] - limit)
            if a >= 0:
                cut.append((ax, ay))
            if a * b < 0:
                cut.append((ax + (bx - ax) * a / (a - b), ay + (by - ay) * a / (a - b)))
        ring = tuple(cut)
        if not ring:
            return Fraction(0)
    corners = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum((a[0] * b[1] - b[0] * a[1] for a, b in corners), Fraction(0))) / 2


def displayed_place(row: int, column: int, size: Size, rotation: Rotation) -> tuple[int, int]:
    """Row and column at which a viewer sees a coded sample after a clockwise turn by `rotation`."""
    match rotation:
        case 90:
            return column, size.height - 1 - row
        case 180:
            return size.height - 1 - row, size.width - 1 - column
        case 270:
            return size.width - 1 - column, row
        case _:
            return row, column


def touched(polygon: Polygon, size: Size, rotation: Rotation = 0, invert: bool = False) -> Bools:
    """Which coded samples share an area with the polygon (or, inverted, with the rest of the picture)."""
    shown = size.turned(rotation)
    found = np.zeros((size.height, size.width), bool)
    for row in range(size.height):
        for column in range(size.width):
            y, x = displayed_place(row, column, size, rotation)
            square = (
                Fraction(x, shown.width),
                Fraction(y, shown.height),
                Fraction(x + 1, shown.width),
                Fraction(y + 1, shown.height),
            )
            inside = shared_area(polygon.points, *square) - sum(shared_area(hole, *square) for hole in polygon.holes)
            whole = Fraction(1, shown.width * shown.height)
            found[row, column] = whole - inside > 0 if invert else inside > 0
    return found


def chroma(luma: Array, shift_x: int, shift_y: int, interlaced: bool) -> Array:
    """The greatest luma entry that shares each chroma sample; in interlaced pictures the rows are counted within a field."""
    height, width = luma.shape
    found = np.zeros((-(-height >> shift_y), -(-width >> shift_x)), luma.dtype)
    for row in range(height):
        for column in range(width):
            target = row >> shift_y
            if interlaced and shift_y:
                target = min(((row // 2) >> shift_y) * 2 + row % 2, len(found) - 1)
            found[target, column >> shift_x] = max(found[target, column >> shift_x], luma[row, column])
    return found


def mask_of(spans: Array, shape: tuple[int, ...]) -> Bools:
    """The samples of spans, as a picture of booleans."""
    found = np.zeros(shape, bool)
    for row, start, stop in spans:
        for x in range(start, stop):
            found[row, x] = True
    return found


# Kernels, by their names.


def fill_spans(plane: Array, spans: Array, value: int) -> None:
    for row, start, stop in spans:
        for x in range(start, stop):
            plane[row, x] = value


def split_pairs(first: Array, second: Array, pairs: Array) -> None:
    for row, x in np.ndindex(*first.shape):
        first[row, x], second[row, x] = pairs[row, 2 * x], pairs[row, 2 * x + 1]


def join_pairs(pairs: Array, first: Array, second: Array) -> None:
    for row, x in np.ndindex(*first.shape):
        pairs[row, 2 * x], pairs[row, 2 * x + 1] = first[row, x], second[row, x]


def label_runs(labels: Array) -> list[tuple[int, int, int, int]]:
    found: list[tuple[int, int, int, int]] = []
    for (row, x), label in np.ndenumerate(labels):
        if label and found and found[-1][0] == row and found[-1][2] == x and found[-1][3] == label:
            found[-1] = (row, found[-1][1], x + 1, int(label))
        elif label:
            found.append((row, x, x + 1, int(label)))
    return found


def overlay(labels: Array, boxes: Array) -> Array:
    """The labels with boxes (left, top, right, bottom, label) laid over them: each sample takes the highest."""
    laid = labels.copy()
    for left, top, right, bottom, label in boxes.tolist():
        laid[top:bottom, left:right] = np.maximum(laid[top:bottom, left:right], label)
    return laid


def pool_labels(pooled: Array, labels: Array, row_to: Array, shift_x: int) -> None:
    for (row, x), label in np.ndenumerate(labels):
        pooled[row_to[row], x >> shift_x] = max(pooled[row_to[row], x >> shift_x], label)


def count_cells(counts: Array, spans: Array, row_cell: Array, shift: int, columns: int) -> None:
    for row, start, stop in spans:
        for x in range(start, stop):
            counts[row_cell[row] * columns + (x >> shift)] += 1


def cut_runs(spans: Array, row_cell: Array, shift: int, columns: int, wanted: Array) -> list[tuple[int, int, int, int]]:
    found: list[tuple[int, int, int, int]] = []
    for row, start, stop in spans.tolist():
        for x in range(start, stop):
            cell = int(row_cell[row]) * columns + (x >> shift)
            if not wanted[cell]:
                continue
            if found and found[-1][0] == row and found[-1][2] == x and found[-1][3] == cell:
                found[-1] = (row, found[-1][1], x + 1, cell)
            else:
                found.append((row, x, x + 1, cell))
    return found


def look_along(line: list[bool]) -> list[tuple[int, int]]:
    """For each place of a line the last one seen so far (-1: none) and how far back it is (from before the line, if none)."""
    found = []
    for place in range(len(line)):
        last = max((k for k in range(place + 1) if line[k]), default=-1)
        found.append((last, place - last))
    return found


def sum_runs(sums: Array, samples: Array, runs: Array) -> None:
    for row, start, stop, cell in runs:
        for x in range(start, stop):
            sums[cell] += int(samples[row, x])


def mean_cells(values: Array, sums: Array, counts: Array, known: Array, low: int, high: int) -> None:
    for cell in known.tolist():
        mean = (int(sums[cell]) * 256 + int(counts[cell]) // 2) // int(counts[cell])
        values[cell] = min(max(mean, low * 256), high * 256)


def spread_cells(values: Array, unknown: Array, sources: Array, weights: Array, otherwise: int) -> None:
    for cell, near, shares in zip(unknown.tolist(), sources.tolist(), weights.tolist(), strict=True):
        if sum(shares) == 0:
            values[cell] = otherwise * 256
        else:
            total = sum(share * int(values[source]) for source, share in zip(near, shares, strict=True))
            values[cell] = (Fraction(total, 4096) + Fraction(1, 2)).__floor__()


def smooth_cells(values: Array, unknown: Array, neighbours: Array, passes: int) -> None:
    order = list(zip(unknown.tolist(), neighbours.tolist(), strict=True))
    for _ in range(passes):
        for cell, around in order:
            values[cell] = (sum(int(values[each]) for each in around) + 2) // 4


def paint_blocks(plane: Array, spans: Array, value_at: Array, pattern_at: Array, low: int, high: int) -> None:
    """`value_at` and `pattern_at` are the value (times 256) and the pattern of the cell that each sample lies in."""
    for row, start, stop in spans:
        for x in range(start, stop):
            rounded = (int(value_at[row, x]) + 128) // 256
            plane[row, x] = min(max(rounded + int(pattern_at[row, x]), low), high)


def smooth_at(cells: Array, row: int, column: int, cell_height: int, cell_width: int) -> int:
    """The bilinear mean at one sample of one field, from the middles of the cells (values times 256), edges held."""

    def near(position: int, length: int, count: int) -> tuple[int, int, Fraction]:
        place = Fraction(2 * position + 1, 2 * length) - Fraction(1, 2)
        before = place.__floor__()
        return min(max(before, 0), count - 1), min(max(before + 1, 0), count - 1), place - before

    top, bottom, down = near(row, cell_height, cells.shape[0])
    left, right, across = near(column, cell_width, cells.shape[1])
    upper = int(cells[top, left]) * (1 - across) + int(cells[top, right]) * across
    lower = int(cells[bottom, left]) * (1 - across) + int(cells[bottom, right]) * across
    return ((upper * (1 - down) + lower * down) / 256 + Fraction(1, 2)).__floor__()


def differences(ours: Array, theirs: Array, mask: Bools) -> Array:
    """Absolute differences of the samples where `mask` holds, as Python would take them."""
    return np.abs(ours.astype(np.int64) - theirs.astype(np.int64))[mask]
