"""A program that is told once to end ends, wherever the signal meets it."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

JOB = """
import select, signal, sys, weakref
from privmask.cli.interrupting import end_like_control_c, let_none_be_lost

end_like_control_c(signal.SIGTERM)
let_none_be_lost()
told = getattr(signal, sys.argv[1])

class Library:
    def __del__(self):
        signal.raise_signal(told)  # as if it came while this is taken apart

class Closed:
    pass

def watched():
    closed = Closed()
    return weakref.ref(closed, lambda _: signal.raise_signal(told))

try:
    {moment}
    while True:
        select.select([], [], [], 0.05)
except KeyboardInterrupt:
    print("ended")
"""

MOMENTS = {"a finalizer": "Library()", "a weak reference's callback": "kept = watched()"}


def job(moment: str, *words: str) -> subprocess.CompletedProcess[str]:
    done = [sys.executable, "-c", JOB.format(moment=moment), *words]
    return subprocess.run(done, capture_output=True, text=True, timeout=60, check=True)


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=list(MOMENTS))
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_that_python_drops_comes_again(moment: str, number: signal.Signals) -> None:
    done = job(moment, number.name)
    assert (done.stdout, done.stderr) == ("ended\n", "")


def test_dropped_twice_it_comes_a_third_time() -> None:
    moment = "signal.signal(signal.SIGALRM, lambda *_: (signal.signal(signal.SIGALRM, again), Library())); Library()"
    done = job("again = signal.getsignal(signal.SIGALRM); " + moment, "SIGTERM")
    assert (done.stdout, done.stderr) == ("ended\n", "")


def test_what_else_fails_in_a_finalizer_is_still_told() -> None:
    moment = "Library.__del__ = lambda _: 1 / 0; Library(); signal.raise_signal(told)"
    done = job(moment, "SIGTERM")
    assert done.stdout == "ended\n"
    assert "ZeroDivisionError" in done.stderr
