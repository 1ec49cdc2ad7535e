"""A batch from its first job to its last, and what came of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from typing import Any, Protocol

from privmask.batch.jobs import Event, Job, Outcome
from privmask.errors import CopyError
from privmask.evidence import sweep

FORMAT = "privmask.batch.v1"
INTERRUPTED = 130

GRAVEST = (4, 3, 1, 5, 8, 6, 7, 2)
"""Exit codes from the gravest on: an original changed, evidence that does not hold, a fault of privmask itself, …"""


class Engine(Protocol):
    """What masks jobs: a `Pool` on this machine, or a `Cluster`."""

    def run(self, jobs: Sequence[Job]) -> Generator[Event, None, None]:
        """What happens to the jobs, one `Outcome` for each; closing it ends all work at once."""
        ...

    def close(self) -> None:
        """Let go of all workers."""
        ...


@dataclass(frozen=True, slots=True)
class Summary:
    """A batch that is over: its jobs, and what came of each, in the same order; `interrupted` where it was broken off."""

    jobs: tuple[Job, ...]
    outcomes: tuple[Outcome, ...]
    began: datetime
    ended: datetime
    interrupted: bool

    @property
    def exit_code(self) -> int:
        """130 where it was interrupted, else the gravest of the jobs' codes."""
        if self.interrupted:
            return INTERRUPTED
        codes = {outcome.code for outcome in self.outcomes}
        return next((code for code in GRAVEST if code in codes), max(codes, default=0))

    def count(self, ending: str) -> int:
        """How many jobs ended so."""
        return sum(outcome.ending == ending for outcome in self.outcomes)

    def as_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        pairs = zip(self.jobs, self.outcomes, strict=True)
        return {
            "format": FORMAT,
            "privmask": metadata.version("privmask"),
            "began": self.began.isoformat(),
            "ended": self.ended.isoformat(),
            "interrupted": self.interrupted,
            "counts": {ending: self.count(ending) for ending in ("made", "there", "failed", "left")},
            "jobs": [outcome.as_data(job) for job, outcome in pairs],
            "exit_code": self.exit_code,
        }


def run_batch(
    jobs: Sequence[Job], engine: Engine, told: Callable[[Event], None], clock: Callable[[], datetime]
) -> Summary:
    """Have `engine` make every copy that is not there yet, telling what happens; Ctrl-C ends it, and the summary says so.

    Folders for the copies are made (0700), and what killed runs left in them is cleared away first. Raises CopyError where a
    folder cannot be made. What goes wrong with a clip is its outcome.
    """
    began = clock()
    _make_folders(jobs)
    outcomes: dict[int, Outcome] = {}
    interrupted = False
    try:
        with closing(engine.run(jobs)) as events:
            for event in events:
                if isinstance(event, Outcome):
                    outcomes[event.number] = event
                told(event)
    except KeyboardInterrupt:
        interrupted = True
    every = tuple(outcomes.get(job.number) or Outcome(job.number, "left") for job in jobs)
    return Summary(tuple(jobs), every, began, clock(), interrupted)


def _make_folders(jobs: Sequence[Job]) -> None:
    for folder in sorted({os.path.dirname(job.copy) for job in jobs}):
        try:
            os.makedirs(folder, 0o700, exist_ok=True)
        except OSError as cause:
            raise CopyError(f"the folder {folder!r} for copies cannot be made: {cause.strerror}") from cause
        sweep(folder)
