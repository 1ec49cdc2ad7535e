"""A program of privmask's gives memory back that it is done with."""

from __future__ import annotations

import subprocess
import sys

import pytest

from privmask.memory import give_back_code

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing is done elsewhere")

LARGE_BLOCKS = """
import ctypes, sys
import numpy as np
from privmask.memory import hold_little

class Told(ctypes.Structure):  # mallinfo2, malloc.h
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd a b c d e".split()]

told = ctypes.CDLL(None).mallinfo2
told.restype = Told
if sys.argv[1] == "hold little":
    hold_little()
del (large := [np.ones(30_000_000, np.uint8)])[:]  # from now on glibc takes smaller ones from the common space
before = told().hblkhd
held = np.ones(4_000_000, np.uint8)
print(told().hblkhd - before)
"""


@pytest.mark.parametrize(("words", "apart"), [("hold little", True), ("as glibc does", False)])
def test_large_blocks_lie_apart_from_the_small_ones_and_so_leave_no_pieces(words: str, apart: bool) -> None:
    told = subprocess.run([sys.executable, "-c", LARGE_BLOCKS, words], capture_output=True, text=True, check=True)
    assert (int(told.stdout) >= 4_000_000) is apart


THREADS = """
import ctypes, sys, threading
from privmask.memory import hold_little

if sys.argv[1] == "hold little":
    hold_little()
library, all_there = ctypes.CDLL(None), threading.Barrier(4)
library.malloc.restype = ctypes.c_void_p

def work():
    library.malloc(ctypes.c_size_t(1000))
    all_there.wait(10)

threads = [threading.Thread(target=work) for _ in range(4)]
[each.start() for each in threads]
[each.join() for each in threads]
stdout = ctypes.c_void_p.in_dll(library, "stdout")
library.malloc_info(0, stdout)
library.fflush(stdout)
"""


@pytest.mark.parametrize(("words", "one"), [("hold little", True), ("as glibc does", False)])
def test_threads_take_their_small_blocks_from_one_space(words: str, one: bool) -> None:
    told = subprocess.run([sys.executable, "-c", THREADS, words], capture_output=True, text=True, check=True)
    assert (told.stdout.count("<heap nr=") == 1) is one


KERNELS = """
import numpy as np
from privmask.masks.kernels import fill_spans
from privmask.masks.kernels import compiled

def resident():
    held = 0
    with open("/proc/self/smaps") as lines:
        for line in lines:
            words = line.split()
            if "-" in words[0]:
                ours = words[1] == "r-xp" and "libllvmlite" in words[-1]
            elif words[0] == "Rss:" and ours:
                held += int(words[1])
    return held * 1024

given = []
give_back = compiled.give_back_code
compiled.give_back_code = lambda name: (given.append(resident()), give_back(name), given.append(resident()))
planes = np.zeros((1, 64), np.uint8), np.zeros((1, 64), np.uint16)
for plane in planes:
    fill_spans(plane, np.array([[0, 0, 8]], np.int32), 7)
print(*given, *(plane.sum() for plane in planes))
"""


def test_what_loads_kernels_is_given_back_and_comes_again_when_needed() -> None:
    told = subprocess.run([sys.executable, "-c", KERNELS], capture_output=True, text=True, check=True)
    first, left, second, left_again, *sums = map(int, told.stdout.split())
    assert first > 10_000_000 < second + first
    assert left < first / 5
    assert left_again < first / 5
    assert sums == [56, 56]


def test_a_library_that_is_not_there_has_nothing_to_give_back() -> None:
    give_back_code("no such library")
