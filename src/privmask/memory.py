"""How this process holds memory: little of it, and none that it is done with."""

from __future__ import annotations

import ctypes
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Numbers of glibc's `mallopt` (malloc.h)."""

_APART, _KEPT = 3_000_000, 16_000_000
"""Bytes: larger blocks are had one by one from the system and go back to it at once; of freed smaller ones so much is kept."""

_DONT_NEED = 4
"""Number of Linux's `MADV_DONTNEED` (asm-generic/mman-common.h)."""


def hold_little() -> None:
    """Have the C library give large blocks back to the system once they are free; for a program, not for a library.

    By itself it takes ever larger ones from the space of small ones, which over ten minutes of 1080p grows by a third because
    what is free lies in pieces. Where the C library is not glibc, nothing is done.
    """
    if hasattr(library := _c(), "mallopt"):
        library.mallopt(_MMAP_THRESHOLD, _APART)
        library.mallopt(_TRIM_THRESHOLD, _KEPT)


def give_back_code(name: str) -> None:
    """Let go of the machine code of the library whose file is called `name`…, until it is run again.

    The system reads it once more from its own memory then. It is never changed, so that nothing is lost; of a library that is
    run at the start alone it is all that it holds. Where the system is not Linux, nothing is done.
    """
    for start, stop in _code(name):
        _c().madvise(ctypes.c_void_p(start), ctypes.c_size_t(stop - start), _DONT_NEED)


@cache
def _code(name: str) -> tuple[tuple[int, int], ...]:
    """The addresses [start, stop) at which that library's code lies; only what may be run and never be written."""
    try:
        with open("/proc/self/maps") as lines:
            found = [line.split() for line in lines]
    except OSError:
        return ()
    ours = [words for words in found if words[1] == "r-xp" and words[-1].rpartition("/")[2].startswith(name)]
    return tuple((int(start, 16), int(stop, 16)) for start, _, stop in (words[0].partition("-") for words in ours))


@cache
def _c() -> ctypes.CDLL:
    """The C library."""
    return ctypes.CDLL(None)
