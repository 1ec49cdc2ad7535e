"""How this process holds memory: little of it, and none that it is done with."""

from __future__ import annotations

import ctypes
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Numbers of glibc's `mallopt` (malloc.h)."""

_APART, _KEPT = 2_500_000, 4_000_000
"""Bytes: larger blocks are had one by one from the system and go back to it at once; of freed smaller ones so much is kept."""

_DONT_NEED = 4
"""Number of Linux's `MADV_DONTNEED` (asm-generic/mman-common.h)."""


def hold_little() -> None:
    """Have the C library give large blocks back to the system once they are free; for a program, not for a library.

    By itself it takes ever larger ones from the space of small ones, which over ten minutes of 1080p grows by a third because
    what is free lies in pieces; and threads that come upon each other begin spaces of their own, each with free pieces of its
    own. Where the C library is not glibc, nothing is done.
    """
    if hasattr(library := _c(), "mallopt"):
        library.mallopt(_ARENA_MAX, 1)
        library.mallopt(_MMAP_THRESHOLD, _APART)
        library.mallopt(_TRIM_THRESHOLD, _KEPT)


def give_back_free() -> None:
    """Give back to the system whatever whole pages the C library holds and nobody uses; a few milliseconds."""
    if hasattr(library := _c(), "malloc_trim"):
        library.malloc_trim(0)


def give_back_code(name: str) -> None:
    """Let go of the code and the constants of the library whose file is called `name`…, until they are needed again.

    The system takes them once more from its own memory then. Nothing is lost, for nobody can change them; of a library that is
    used at the start alone they are all that it holds. Where the system is not Linux, nothing is done.
    """
    for start, stop in _code(name):
        _c().madvise(ctypes.c_void_p(start), ctypes.c_size_t(stop - start), _DONT_NEED)


@cache
def _code(name: str) -> tuple[tuple[int, int], ...]:
    """The addresses [start, stop) at which they lie: only what is still as it is in the file.

    Tables that the system fills in when a library is loaded may not be written after that, either. They are cut off from the
    beginning of what may be, and stand right before it.
    """
    try:
        with open("/proc/self/maps") as lines:
            found = [line.split() for line in lines]
    except OSError:
        return ()
    own = [words for words in found if words[-1].rpartition("/")[2].startswith(name)]
    rights = [words[1] for words in own]
    ours = [
        words[0].split("-")
        for words, here, after in zip(own, rights, [*rights, ""][1:], strict=True)
        if here == "r-xp" or (here == "r--p" and after in ("r-xp", "r--p"))
    ]
    return tuple((int(start, 16), int(stop, 16)) for start, stop in ours)


@cache
def _c() -> ctypes.CDLL:
    """The C library."""
    return ctypes.CDLL(None)
