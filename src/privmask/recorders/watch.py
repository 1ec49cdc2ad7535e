"""The watch: each finished segment masked exactly once, in its order, whatever is delivered twice, killed, or full meanwhile.

What waits is on the disk before a recorder may forget it, and goes from there when what came of it stands. A copy that is
there is known by its statement (`privmask.batch.done`), so that a kill between the copy and the record makes no second one.
"""

from __future__ import annotations

import itertools
import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Protocol

from privmask.batch import Event, Job, Outcome
from privmask.errors import PlanError
from privmask.evidence import Signer
from privmask.failures import in_both
from privmask.language import Text
from privmask.recorders import saying
from privmask.recorders.desk import Desk, Pause, hash_of
from privmask.recorders.feed import Batch, Feed
from privmask.recorders.intake import Intake, Unfit, Wanted
from privmask.recorders.ledger import Ledger, Ticket
from privmask.recorders.polling import is_being_written
from privmask.recorders.recorder import Segment
from privmask.recorders.status import Status
from privmask.recorders.waiting import Item, Line

_IDLE = 0.5
_AT_ONCE = 0.2
_OPEN_AGAIN_AFTER = 2.0
_KEPT_FOR = 30 * 86400.0
_TIDIED_EVERY = 3600.0

Stop = Callable[[], bool]


class Worker(Protocol):
    """What masks jobs, such as `privmask.batch.Pool`."""

    def run(
        self, jobs: Sequence[Job], stop: Stop = ..., more: Callable[[], Sequence[Job]] = ...
    ) -> Generator[Event, None, None]:
        """What happens to the jobs and to those that `more` gives, one `Outcome` for each; ends early where `stop` says so."""
        ...


class Watcher:
    """A watch with `at_once` jobs at once; where it is asked to stop, what is at work has `grace` seconds to be finished.

    `told` hears what people should know, and `beat` is called several times a second. `now` gives seconds since 1970, `clock`
    those of a clock that is never set.
    """

    def __init__(
        self,
        wanted: Wanted,
        ledger: Ledger,
        worker: Worker,
        feed: Feed,
        *,
        at_once: int,
        signer: Signer | None,
        told: Callable[[Text], None],
        beat: Callable[[Status], None] = lambda _: None,
        largest_lag: float = 3600.0,
        grace: float = 20.0,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger, self._worker, self._feed = ledger, worker, feed
        self._at_once, self._told, self._beat = at_once, told, beat
        self._largest_lag, self._grace, self._now, self._clock = largest_lag, grace, now, clock
        self._intake = Intake(wanted, ledger, clock, now, told)
        self._line = Line()
        self._batches: deque[tuple[Batch, deque[Segment]]] = deque()
        self._at_work: dict[int, Item] = {}
        self._numbers = itertools.count(1)
        self._tidied, self._stopping = -_TIDIED_EVERY, float("inf")
        began = datetime.fromtimestamp(now(), UTC)
        done, quarantined = ledger.count_done(), ledger.count_notices()
        self.status = Status(wanted.folder, wanted.copies, began, done=done, quarantined=quarantined)
        self._pause = Pause(clock)
        self._desk = Desk(wanted, ledger, self._line, self.status, self._pause, signer, told, now, clock)

    def run(self, stop: Stop) -> None:
        """Watch. Ends when `stop` says so, or when no recorder will name any more and all of it is done with."""
        self._take_up()
        while not self._ends(stop):
            self._work(stop)
            for item in self._at_work.values():
                self._desk.later(item, 0)  # broken off
            self._at_work.clear()
            if not self._ends(stop):
                self._look_up(_IDLE)
        self._tell_status()

    def _work(self, stop: Stop) -> None:
        """Have done what may begin now, and what comes meanwhile; no workers to be had is trouble like a full disk."""
        events = self._worker.run(self._next(stop), lambda: self._too_late(stop), lambda: self._next(stop))
        try:
            with closing(events):
                for event in events:
                    if isinstance(event, Outcome):
                        self._desk.ended(self._at_work.pop(event.number), event)
        except PlanError as error:
            self._desk.trouble(in_both(error))

    def _ends(self, stop: Stop) -> bool:
        return stop() or (self._feed.ended and not (self._line or self._batches or self._desk.again))

    def _too_late(self, stop: Stop) -> bool:
        """Whether what is at work has to be broken off: asked to stop, and the grace is over."""
        if stop():
            self._stopping = min(self._stopping, self._clock())
        return self._clock() - self._stopping > self._grace

    def _take_up(self) -> None:
        """What waited when the last watch ended, by the plan of this one."""
        for ticket, segment in list(self._ledger.waiting()):
            try:
                taken = self._taken(segment)
            except OSError as error:
                self._desk.again.append(segment)
                self._desk.trouble(saying.NOT_WRITTEN.with_(why=error.strerror))
                continue
            if taken is None or taken.id != ticket.id:
                self._ledger.drop(ticket)

    def _look_up(self, seconds: float) -> None:
        """Take in what was named, tell how things stand, tidy."""
        batch = self._feed.get(0 if self._batches or self._desk.again else seconds)
        if batch is not None:
            self._batches.append((batch, deque(batch.segments)))
        if self._desk.again:
            self._batches.append((Batch(()), deque(self._desk.again)))
            self._desk.again.clear()
        self._take_in(self._clock() + _AT_ONCE)
        self._tell_status()
        if self._clock() - self._tidied > _TIDIED_EVERY:
            self._tidied = self._clock()
            self._ledger.forget(self._now() - _KEPT_FOR)

    def _take_in(self, until: float) -> None:
        while self._batches and self._pause.over and self._clock() < until:
            batch, rest = self._batches[0]
            while rest and self._clock() < until:
                try:
                    self._taken(rest[0])
                except OSError as error:
                    self._desk.trouble(saying.NOT_WRITTEN.with_(why=error.strerror))
                    return
                rest.popleft()
            if not rest:
                batch.safe.set()
                self._batches.popleft()

    def _taken(self, segment: Segment) -> Ticket | None:
        """The ticket with which it waits now; raises OSError where that cannot be written down."""
        match self._intake.take(segment):
            case Item() as item:
                if self._line.knows(item.ticket) or any(each.ticket == item.ticket for each in self._at_work.values()):
                    self.status.counts["known"] += 1
                else:
                    self._line.add(item)
                return item.ticket
            case Unfit() as unfit:
                self._desk.put_aside(unfit)
            case known_or_ignored:
                self.status.counts[known_or_ignored] += 1
        return None

    def _next(self, stop: Stop) -> Sequence[Job]:
        """Jobs for the seats that are free."""
        self._look_up(0)
        return [] if stop() or not self._pause.over else list(self._jobs())

    def _jobs(self) -> Iterator[Job]:
        while len(self._at_work) < self._at_once and self._pause.over:
            item = self._line.take(self._clock(), {each.lane for each in self._at_work.values()})
            if item is None:
                return
            if self._is_to_be_masked(item) and self._has_folder(item):
                number = next(self._numbers)
                self._at_work[number] = item
                yield self._desk.job(number, item)

    def _is_to_be_masked(self, item: Item) -> bool:
        """Not one that vanished or changed since it was told of, nor bytes of which there is a copy, or one in the making."""
        ticket, desk = item.ticket, self._desk
        if not ticket.stands():
            desk.changed(item)
        elif is_being_written(ticket.path):
            item.lane = ticket.path  # nobody waits for it
            desk.later(item, _OPEN_AGAIN_AFTER)
        elif any(each.ticket.size == ticket.size for each in self._at_work.values()):
            desk.later(item, _IDLE)  # perhaps the same bytes under another name
        elif self._ledger.may_be_known(ticket.size) and (content := hash_of(ticket.path)):
            copy = self._ledger.copy_of(ticket, content)
            if copy is None:
                return True
            desk.finish(item, "same", content, copy)
        else:
            return True
        return False

    def _has_folder(self, item: Item) -> bool:
        """Whether the folder of its copy is there, or could be made."""
        try:
            os.makedirs(os.path.dirname(item.copy), 0o700, exist_ok=True)
        except OSError as error:
            self._desk.later(item, 0)
            self._desk.trouble(saying.NOT_WRITTEN.with_(why=error.strerror))
            return False
        return True

    def _tell_status(self) -> None:
        status, now = self.status, self._now()
        every = [*self._line, *self._at_work.values()]
        named = sum(len(rest) for _, rest in self._batches)
        status.waiting, status.at_work = len(self._line) + named, len(self._at_work)
        status.unfinished = self._feed.unfinished
        status.lag = max(0.0, now - min((item.finished for item in every), default=now))
        if (status.lag > self._largest_lag) != status.behind:
            status.behind = not status.behind
            self._told(saying.behind(status))
        self._beat(status)
