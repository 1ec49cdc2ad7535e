"""How kernels are compiled, and the types of what they take."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.core.compiler_lock import global_compiler_lock
from numba.core.runtime.nrt import rtsys
from numba.core.types import Array, Type, int32, int64, uint8, uint16, uint32
from numba.core.typing.templates import Signature
from numba.np.numpy_support import as_dtype
from numpy.typing import NDArray

from privmask.memory import give_back_code

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int32]
Cells = NDArray[np.uint32]
Longs = NDArray[np.int64]
Labels = NDArray[np.uint16]
Offsets = NDArray[np.int16]

_LOADER = "libllvmlite"
"""What loads kernels: fifty megabytes of code, of which a kernel that is loaded needs nothing."""

F = TypeVar("F", bound=Callable[..., Any])


def read(dtype: Type, dimensions: int) -> Array:
    """An array that the kernel only reads; both writable and read-only ones are taken."""
    return Array(dtype, dimensions, "C", readonly=True)


class Kernel:
    """A function that is compiled, or loaded from where numba keeps it, when it is first called with such planes.

    A job uses few of the kernels, most of them at one depth: to load all of them took a quarter of a second of every start.
    """

    def __init__(self, function: Callable[..., Any], signatures: Sequence[Signature]) -> None:
        self.__doc__, self.__name__ = function.__doc__, function.__name__
        self._signatures, self._ready, self._lock = signatures, set[tuple[str, ...]](), threading.Lock()
        self._compiled = _kept(function)

    def __call__(self, *arguments: Any) -> Any:
        """Run the function; TypeError if it has no signature for the depth of these planes."""
        depths = tuple([each.dtype.char for each in arguments if isinstance(each, np.ndarray)])
        if depths not in self._ready:
            self._prepare(depths)
        return self._compiled(*arguments)

    @property
    def folder(self) -> str | None:
        """Where the compiled code is kept; None if it is compiled anew in each process."""
        return getattr(self._compiled.stats, "cache_path", None)

    def _prepare(self, depths: tuple[str, ...]) -> None:
        with self._lock:
            self._compiled.disable_compile(False)
            for signature in self._signatures:
                if _depths(signature) == depths and not (self.folder and _load(self._compiled, signature)):
                    self._compiled.compile(signature)
            self._compiled.disable_compile()
            self._ready.add(depths)
        give_back_code(_LOADER)


def kernel(*signatures: Signature) -> Callable[[F], F]:
    """Compile for exactly these signatures; kept on disk where numba finds a folder that it may write to."""

    def compiled(function: F) -> F:
        return cast(F, Kernel(function, signatures))

    return compiled


def part(function: F) -> F:
    """Compiled into the kernels that call it."""
    return cast(F, numba.njit(nogil=True)(function))


def _kept(function: Callable[..., Any]) -> Any:
    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # "no locator available": a service without HOME, a read-only install
        return numba.njit(nogil=True)(function)


def _load(compiled: Any, signature: Signature) -> bool:
    """Load what an earlier process has compiled, if any.

    By itself numba first fills its tables with all that it can compile, for which it imports a hundred modules: a quarter of
    a second of every start, and code that is compiled already needs none of them.
    """
    with global_compiler_lock:
        rtsys.initialize(compiled.targetctx)
        found = compiled._cache._load_overload(signature, compiled.targetctx)
        if found is not None:
            compiled.add_overload(found)
    return found is not None


def _depths(signature: Signature) -> tuple[str, ...]:
    return tuple(as_dtype(each.dtype).char for each in signature.args if isinstance(each, Array))


SUMS = int64[::1]
SPANS = RUNS = read(int32, 2)
TABLE = read(int32, 1)
VALUES = int32[::1]
CELLS, CELL_TABLE = read(uint32, 1), read(uint32, 2)  # unsigned: no code for indexes that count from the end
PLANES = (uint8[:, ::1], uint16[:, ::1])
READ_PLANES = (read(uint8, 2), read(uint16, 2))
