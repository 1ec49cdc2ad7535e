"""Planes that hold two components sample by sample, as NV12's chroma does: taken apart, and put together again."""

from __future__ import annotations

from numba.core.types import uint8, void

from privmask.masks.kernels.compiled import Bytes, kernel, read


@kernel(void(uint8[:, ::1], uint8[:, ::1], read(uint8, 2)))
def split_pairs(first: Bytes, second: Bytes, pairs: Bytes) -> None:
    """Write the even columns of `pairs` to `first` and the odd ones to `second`, as many as these have columns."""
    for row in range(first.shape[0]):
        line, one, other = pairs[row], first[row], second[row]
        for x in range(one.size):
            one[x] = line[2 * x]
            other[x] = line[2 * x + 1]


@kernel(void(uint8[:, ::1], read(uint8, 2), read(uint8, 2)))
def join_pairs(pairs: Bytes, first: Bytes, second: Bytes) -> None:
    """The way back; columns of `pairs` past the last pair are not touched."""
    for row in range(first.shape[0]):
        line, one, other = pairs[row], first[row], second[row]
        for x in range(one.size):
            line[2 * x] = one[x]
            line[2 * x + 1] = other[x]
