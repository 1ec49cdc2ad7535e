"""How kernels are compiled, and the types of what they take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.core.types import Array, Type, int32, int64, uint8, uint16, uint32
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int32]
Cells = NDArray[np.uint32]
Longs = NDArray[np.int64]
Labels = NDArray[np.uint16]
Offsets = NDArray[np.int16]

F = TypeVar("F", bound=Callable[..., Any])


def read(dtype: Type, dimensions: int) -> Array:
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
SPANS = RUNS = read(int32, 2)
TABLE = read(int32, 1)
VALUES = int32[::1]
CELLS, CELL_TABLE = read(uint32, 1), read(uint32, 2)  # unsigned: no code for indexes that count from the end
PLANES = (uint8[:, ::1], uint16[:, ::1])
READ_PLANES = (read(uint8, 2), read(uint16, 2))
