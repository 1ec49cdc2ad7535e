"""Where the cells that have no public sample of their own take their values from. Arrays are (fields, cell rows, columns)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from privmask.masks import kernels
from privmask.masks.kernels import Cells, Ints, Longs

Bools = NDArray[np.bool_]

_FULL_WEIGHT = 4096
_NOWHERE = -1


def sources_of(known: Bools, unknown: Longs) -> tuple[Cells, Ints]:
    """For each unknown cell the nearest known ones in four directions, and weights by the inverse of their distance."""
    if not len(unknown):
        return np.empty((0, 4), np.uint32), np.empty((0, 4), np.int32)
    looked = [_look(known, axis, back) for axis in (2, 1) for back in (False, True)]
    sources = np.stack([source.ravel()[unknown] for source, _ in looked], axis=-1)
    distances = np.stack([distance.ravel()[unknown] for _, distance in looked], axis=-1)
    lonely = (sources == _NOWHERE).all(axis=-1)
    if lonely.any():
        sources[lonely, 0] = _around_the_corner(*looked[0], *looked[1]).ravel()[unknown[lonely]]
    inverse = np.where(sources == _NOWHERE, 0, 65536 // np.maximum(distances, 1))
    total = np.maximum(inverse.sum(axis=-1, keepdims=True), 1)
    weights = inverse * _FULL_WEIGHT // total
    first = np.argmax(weights, axis=-1)
    rest = np.where(inverse.any(axis=-1), _FULL_WEIGHT - weights.sum(axis=-1), 0)
    weights[np.arange(len(weights)), first] += rest
    return np.maximum(sources, 0).astype(np.uint32), weights.astype(np.int32)


def _look(seen: Bools, axis: int, back: bool) -> tuple[Longs, Longs]:
    """For every cell the index of the nearest seen one before it (or after it) along an axis, and how far away it is."""
    cells = np.arange(seen.size).reshape(seen.shape)
    first = np.take(cells, -1 if back else 0, axis).ravel()
    step = seen.strides[axis] * (-1 if back else 1)  # a boolean is one byte, so strides count cells
    found, far = np.empty((2, seen.size), np.int64)
    kernels.look_along(found, far, seen.ravel().view(np.uint8), first, step, seen.shape[axis])
    return found.reshape(seen.shape), far.reshape(seen.shape)


def _around_the_corner(left: Longs, left_far: Longs, right: Longs, right_far: Longs) -> Longs:
    """For cells with no known one in line with them: up or down to the nearest row that has one, then along that row."""
    along = _nearer(left, left_far, right, right_far)
    corner = _nearer(*_look(along != _NOWHERE, 1, False), *_look(along != _NOWHERE, 1, True))
    return np.where(corner == _NOWHERE, _NOWHERE, along.ravel()[corner])


def _nearer(one: Longs, one_far: Longs, other: Longs, other_far: Longs) -> Longs:
    return np.where((other == _NOWHERE) | ((one != _NOWHERE) & (one_far <= other_far)), one, other)


def neighbours_of(valued: Bools, unknown: Longs) -> Cells:
    """The cells above, below, left and right of each unknown one, or itself where there is none with a value."""
    if not len(unknown):
        return np.empty((0, 4), np.uint32)
    numbers = np.where(valued, np.arange(valued.size).reshape(valued.shape), _NOWHERE)
    padded = np.pad(numbers, ((0, 0), (1, 1), (1, 1)), constant_values=_NOWHERE)
    around = (padded[:, :-2, 1:-1], padded[:, 2:, 1:-1], padded[:, 1:-1, :-2], padded[:, 1:-1, 2:])
    found = np.stack([each.ravel()[unknown] for each in around], axis=-1)
    return np.where(found == _NOWHERE, unknown[:, None], found).astype(np.uint32)
