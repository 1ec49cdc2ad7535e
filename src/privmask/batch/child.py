"""A worker process: `python -m privmask.batch.child DESCRIPTOR MEMORY`. It takes jobs from a socket until that is closed."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from privmask.batch.jobs import Answer, Ask, Busy, Job, Message, Outcome, Ready
from privmask.batch.masking import mask_job
from privmask.batch.messages import to_bytes
from privmask.batch.signing import AskingSigner
from privmask.copying import Progress
from privmask.evidence import Signer
from privmask.processes import serve

_TOLD_EVERY = 0.1
"""Seconds between two words about how far a job is."""

Masking = Callable[[Job, Signer | None, Callable[[Progress], None]], Outcome | Busy]


def main(words: list[str], mask: Masking = mask_job) -> None:
    """Serve the socket whose descriptor is the first word; the second is how many bytes of memory may be used, 0 for any."""
    descriptor, memory = map(int, words)
    with serve(descriptor, memory) as line, contextlib.suppress(EOFError, ConnectionError):
        _say(line, Ready())
        while True:
            job: Job = line.recv()
            _say(line, _done(job, line, mask))


def _done(job: Job, line: Connection, mask: Masking) -> Outcome | Busy:
    signer = None if job.key_id is None else AskingSigner(job.key_id, lambda ask: _asked(line, ask))
    return mask(job, signer, _teller(line))


def _asked(line: Connection, ask: Ask) -> Answer:
    _say(line, ask)
    answer: Answer = line.recv()
    return answer


def _teller(line: Connection) -> Callable[[Progress], None]:
    """Says how far a job is, but not at every frame."""
    said = [0.0]

    def tell(progress: Progress) -> None:
        now = time.monotonic()
        if now - said[0] >= _TOLD_EVERY:
            said[0] = now
            _say(line, progress)

    return tell


def _say(line: Connection, message: Message) -> None:
    line.send_bytes(to_bytes(message))


if __name__ == "__main__":
    main(sys.argv[1:])
