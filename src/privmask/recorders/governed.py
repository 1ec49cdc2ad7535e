"""Jobs under a site's rules: each by the command `privmask mask --site`, in a process of its own; no rule is kept twice.

What a process was at when everything was killed may be in the vault already; such a segment is looked up there first.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from privmask.batch import Began, Event, Job, Outcome
from privmask.language import Text
from privmask.recorders.watch import Stop

_LOOKED_UP_EVERY = 0.5
_PATIENCE = 30.0
_FAULT = 1


class SiteWorker:
    """Masks one job after the other by `privmask` with the words `command`, and those of its clip, copy and time.

    `doubtful` are the originals of which `is_made` has to be asked first.
    """

    def __init__(self, command: Sequence[str], doubtful: Collection[str], is_made: Callable[[Job], bool]) -> None:
        self._command, self._doubtful, self._is_made = command, set(doubtful), is_made

    def run(
        self, jobs: Sequence[Job], stop: Stop = lambda: False, more: Callable[[], Sequence[Job]] = tuple
    ) -> Generator[Event, None, None]:
        """As `privmask.batch.Pool.run`."""
        waiting = deque(jobs)
        while not stop():
            waiting.extend(more())
            if not waiting:
                return
            job = waiting.popleft()
            yield Began(job.number, 1)
            yield self._made(job, stop, more, waiting)

    def _made(self, job: Job, stop: Stop, more: Callable[[], Sequence[Job]], waiting: deque[Job]) -> Outcome:
        if job.original in self._doubtful:
            self._doubtful.discard(job.original)
            if self._is_made(job):
                return Outcome(job.number, "there")
        began = time.monotonic()
        at = [] if job.recorded_at is None else ["--recorded-at", job.recorded_at.isoformat()]
        with _begun([*self._command, *at, "-o", job.copy, "--", job.original]) as process:
            while (text := _said(process)) is None:
                waiting.extend(more())
                if stop():
                    process.terminate()
                    process.communicate(timeout=_PATIENCE)
                    return Outcome(job.number, "left")
            return _outcome(job.number, process.returncode, text, time.monotonic() - began)


@contextmanager
def _begun(words: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A `privmask` of this very installation; it is killed when the block ends, or when this process is killed."""
    ours, theirs = socket.socketpair()
    places = os.pathsep.join(each for each in sys.path if each)
    with ours:
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "privmask.recorders.governed_child", str(theirs.fileno()), *words],
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": places},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                process_group=0,
            )
        with process:
            try:
                yield process
            finally:
                process.kill()  # does nothing to one that has ended


def _said(process: subprocess.Popen[bytes]) -> bytes | None:
    try:
        return process.communicate(timeout=_LOOKED_UP_EVERY)[0]
    except subprocess.TimeoutExpired:
        return None


def _outcome(number: int, code: int, text: bytes, seconds: float) -> Outcome:
    try:
        data: Any = json.loads(text)
        if code == 0:
            return Outcome(number, "made", frames=int(data["frames"]), seconds=seconds)
        error = data["error"]
        message, kind = str(error["message"]), str(error["kind"])
    except (ValueError, KeyError, TypeError):
        return Outcome(number, "failed", _FAULT, "Died", _NO_ANSWER.with_(code=code), seconds=seconds)
    return Outcome(number, "failed", code, kind, Text(message, message), seconds=seconds)


_NO_ANSWER = Text("privmask mask が異常終了しました（{code}）", "privmask mask ended without an answer ({code})")
