"""A worker process as its owner sees it: begun, given jobs, listened to, and killed."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from multiprocessing.connection import Connection

from privmask.batch.jobs import Answer, Began, Job, Message
from privmask.batch.messages import LONGEST, from_bytes

CHILD = "privmask.batch.child"

_LAST_WORDS = 300


class Worker:
    """One worker process; made by `python -m` of the module `child`, with nothing of ours but one end of a socket.

    A fresh interpreter, because a fork would take locks along that threads hold. What it writes goes to a file without a name.
    """

    def __init__(self, memory: int | None, child: str = CHILD) -> None:
        ours, theirs = socket.socketpair()
        self._written = tempfile.TemporaryFile()  # noqa: SIM115  closed by `end`
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", child, str(theirs.fileno()), str(memory or 0)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._written,
                stderr=self._written,
                process_group=0,  # a terminal's Ctrl-C is for its owner alone
            )
        self.line = Connection(ours.detach())

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def give(self, what: Job | Answer) -> bool:
        """Send it a job or an answer; false where it is gone."""
        try:
            self.line.send(what)
        except ConnectionError:
            return False
        return True

    def hear(self) -> Message | None:
        """The next thing that it says; waits for it. None where it is gone, or speaks as no worker of ours."""
        try:
            message = from_bytes(self.line.recv_bytes(LONGEST))
        except (EOFError, OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return None if isinstance(message, Began) else message

    def resident(self) -> int:
        """Bytes of memory that it has now; 0 where nobody tells."""
        with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{self.pid}/statm") as pages:
            return int(pages.read().split()[1]) * resource.getpagesize()
        return 0

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


def end_all(workers: Sequence[Worker]) -> None:
    """Kill them all, and only then wait for each."""
    for worker in workers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGKILL)
    for worker in workers:
        worker.end()


def _in_words(code: int, last: str) -> str:
    if code >= 0:
        return f"exit {code}" + (f": {last}" if last else "")
    try:
        return f"signal {-code}, {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
