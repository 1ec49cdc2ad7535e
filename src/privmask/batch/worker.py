"""A worker process as its owner sees it: begun, given jobs, listened to, and killed."""

from __future__ import annotations

import contextlib
import resource

from privmask.batch.jobs import Answer, Began, Job, Message
from privmask.batch.messages import LONGEST, from_bytes
from privmask.processes import Process, end_all

CHILD = "privmask.batch.child"

__all__ = ["CHILD", "Worker", "end_all"]


class Worker(Process):
    """One worker process, which runs the module `child`."""

    def __init__(self, memory: int | None, child: str = CHILD) -> None:
        super().__init__(child, str(memory or 0))

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
