"""Processes that work for this one: begun, talked to over a socket, and ended, all at once if need be.

Each is a fresh interpreter, made by `python -m` of a module of ours, because a fork would take locks along that threads hold.
It has nothing of ours but one end of a socket and the descriptors that are lent to it, finds its modules where we find ours
and not in the folder that we happen to stand in, and is killed as soon as the other end of the socket is gone, whatever it is
doing: whoever is killed leaves nobody at work.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection

from privmask.memory import hold_little

_LAST_WORDS = 300


class Process:
    """A process that runs `module`, told the descriptor of its end of the socket and then `words`.

    `line` is our end. What it writes goes to a file without a name. It inherits the descriptors `lent`, under their numbers.
    """

    def __init__(self, module: str, *words: str, lent: Sequence[int] = ()) -> None:
        ours, theirs = socket.socketpair()
        self._written = tempfile.TemporaryFile()  # noqa: SIM115  closed by `end`
        places = os.pathsep.join(each for each in sys.path if each)
        try:
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", module, str(theirs.fileno()), *words],
                    pass_fds=[theirs.fileno(), *lent],
                    env={**os.environ, "PYTHONPATH": places},
                    stdin=subprocess.DEVNULL,
                    stdout=self._written,
                    stderr=self._written,
                    process_group=0,  # a terminal's Ctrl-C is for its owner alone
                )
        except BaseException:
            ours.close()
            self._written.close()
            raise
        self.line = Connection(ours.detach())

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def end(self, patience: float = 0) -> str:
        """Give it that many seconds to end by itself, kill it, and wait until it is gone; how it ended, for people."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        self._process.kill()
        code = self._process.wait()
        self.line.close()
        with self._written:
            return _in_words(code, self._last_words())

    def _last_words(self) -> str:
        size = self._written.seek(0, os.SEEK_END)
        self._written.seek(max(0, size - _LAST_WORDS))
        lines = self._written.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


def end_all(processes: Sequence[Process]) -> None:
    """Kill them all, and only then wait for each."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    for process in processes:
        process.end()


def serve(descriptor: int, memory: int = 0) -> Connection:
    """What such a process does first: its end of the socket.

    From now on it dies with the other end, leaves Ctrl-C to whoever started it, and leaves no core, in which private pictures
    would lie. It may have `memory` bytes (0: any), and may be the first to be killed where memory runs out.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    hold_little()
    threading.Thread(target=_die_with, args=(descriptor,), daemon=True).start()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory:
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        bound = memory if most == resource.RLIM_INFINITY else min(memory, most)
        resource.setrlimit(resource.RLIMIT_DATA, (bound, bound))
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
        score.write("500")
    return Connection(descriptor)


def _die_with(descriptor: int) -> None:
    """Wait until the other end of the socket is closed, and be killed."""
    hung_up = select.poll()
    hung_up.register(descriptor, 0)  # a hang-up is told even to those who ask for nothing
    hung_up.poll()
    os.kill(os.getpid(), signal.SIGKILL)


def _in_words(code: int, last: str) -> str:
    if code >= 0:
        return f"exit {code}" + (f": {last}" if last else "")
    try:
        return f"signal {-code}, {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


def free_memory() -> int | None:
    """Bytes of memory that could be had now; None where nobody tells."""
    try:
        with open("/proc/meminfo") as lines:
            found = dict(line.split(":", 1) for line in lines)
        return int(found["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError, IndexError):
        return None
