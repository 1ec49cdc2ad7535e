"""A watch inside the tests' process: real masking, a clock that runs by itself, and segments that a test names."""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from privmask.batch import Event, Job, Options
from privmask.batch.jobs import Busy
from privmask.batch.masking import mask_job
from privmask.language import Text
from privmask.masks import MaskPlan
from privmask.recorders.feed import Batch, Feed
from privmask.recorders.intake import Wanted
from privmask.recorders.ledger import Ledger
from privmask.recorders.names import pattern_of
from privmask.recorders.recorder import ListedRecorder, Recorder, Segment
from privmask.recorders.status import Status
from privmask.recorders.watch import Watcher
from tests.batch.made import ONE_THREAD, PLAN

Meddle = Callable[[Job], None]


@dataclass
class HereWorker:
    """Masks in this process; `before` is called with each job, and may raise what a kill would be."""

    before: Meddle = lambda _: None
    given: list[str] = field(default_factory=list)

    def run(
        self,
        jobs: Sequence[Job],
        stop: Callable[[], bool] = lambda: False,
        more: Callable[[], Sequence[Job]] = tuple,
    ) -> Generator[Event, None, None]:
        waiting = deque(jobs)
        while not stop():
            waiting.extend(more())
            if not waiting:
                return
            job = waiting.popleft()
            self.given.append(Path(job.original).name)
            self.before(job)
            done = mask_job(job, None, lambda _: None)
            assert not isinstance(done, Busy)
            yield done


class QuickFeed(Feed):
    """Waits for nobody: the clock of these tests runs only while it is read."""

    def get(self, seconds: float) -> Batch | None:  # noqa: ARG002
        return super().get(0.001)


@dataclass
class Watched:
    status: Status
    said: list[str]
    given: list[str]


def watch(
    folder: Path,
    out: Path,
    *names: str | Path | Segment,
    before: Meddle = lambda _: None,
    plan: Callable[[str | None], MaskPlan] = lambda _: PLAN,
    pattern: str | None = None,
    camera: str | None = None,
    again: bool = False,
    at_once: int = 1,
    now: Callable[[], float] | None = None,
    options: Options = ONE_THREAD,
    recorders: Sequence[Recorder] = (),
    stop: Callable[[], bool] = lambda: False,
    largest_lag: float = 1e12,
) -> Watched:
    """A watch to its end, told of these files of `folder`."""
    segments = [name if isinstance(name, Segment) else Segment(str(folder / name)) for name in names]
    wanted = Wanted(str(folder), str(out), plan, pattern_of(pattern), options, camera=camera, again=again)
    worker, said = HereWorker(before), list[str]()
    told: Callable[[Text], None] = lambda text: said.append(str(text))  # noqa: E731
    ticks = itertools.count(1)
    with (
        closing(Ledger(str(out), str(folder))) as ledger,
        closing(QuickFeed([ListedRecorder(segments), *recorders])) as feed,
    ):
        watcher = Watcher(
            wanted,
            ledger,
            worker,
            feed,
            at_once=at_once,
            signer=None,
            told=told,
            largest_lag=largest_lag,
            now=now or time.time,
            clock=lambda: next(ticks) / 40,
        )
        watcher.run(stop)
    return Watched(watcher.status, said, worker.given)
