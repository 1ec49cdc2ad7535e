"""Jobs on this machine: so many workers, each with one job at a time, so that it is known whose clip a death is.

A worker that dies or gives no sign of life is replaced, and its job is begun anew a bounded number of times; one that has grown
is replaced after its job. A job that another run is at waits until that run is done with it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from pathlib import Path

from privmask.batch.jobs import Ask, Began, Busy, Event, Job, Limits, Outcome, Ready, Told
from privmask.batch.signing import answer_to
from privmask.batch.worker import CHILD, Worker, end_all
from privmask.copying import Progress
from privmask.errors import CopyError, FootageError, PlanError
from privmask.evidence import Signer, sweep
from privmask.language import Text

_LARGEST_AT_REST = 768 << 20
"""Bytes that a worker may hold between two jobs."""

_BUSY_AGAIN_AFTER = 1.0
_LONGEST_WAIT = 0.5
_LAST_WORDS_AFTER = 5.0
_LONGEST_START = 120.0
_MOST_FALSE_STARTS = 3


@dataclass(slots=True, eq=False)
class _Task:
    """A job that is not done; `not_before` is by the pool's clock."""

    job: Job
    attempt: int = 1
    began: float | None = None
    not_before: float = 0.0


@dataclass(slots=True, eq=False)
class _Seat:
    """A worker with its task, if it has one; `heard` is when it gave its last sign of life."""

    worker: Worker
    heard: float
    ready: bool = False
    task: _Task | None = None


class Pool:
    """`workers` processes for jobs; to be closed, which ends them at once.

    `signer` answers when a worker asks for a signature. `child` is the module that the workers run.
    """

    def __init__(
        self,
        workers: int,
        limits: Limits,
        signer: Signer | None,
        *,
        child: str = CHILD,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most, self._limits, self._child, self._clock = workers, limits, child, clock
        self.signer = signer
        self._seats: list[_Seat] = []
        self._false_starts = 0

    def run(
        self,
        jobs: Sequence[Job],
        stop: Callable[[], bool] = lambda: False,
        more: Callable[[], Sequence[Job]] = tuple,
    ) -> Generator[Event, None, None]:
        """What happens to the jobs, one `Outcome` for each among it; ends early where `stop` says so.

        Again and again `more` is asked for jobs that are to be done as well; it ends when there are none left.
        Whatever ends it early, or closes it, kills the workers that have a job and clears away what they left.
        """
        tasks = deque(_Task(job) for job in jobs)
        try:
            while (tasks or self._at_work()) and not stop():
                tasks.extend(map(_Task, more()))
                yield from self._hand_out(tasks)
                yield from self._listen(tasks)
        finally:
            self._drop([seat for seat in self._seats if seat.task])

    def close(self) -> None:
        """End all workers, at once."""
        self._drop(list(self._seats))

    def pids(self) -> list[int]:
        """The processes of the workers that there are."""
        return [seat.worker.pid for seat in self._seats]

    def _at_work(self) -> bool:
        return any(seat.task for seat in self._seats)

    def _hand_out(self, tasks: deque[_Task]) -> Iterator[Event]:
        now = self._clock()
        for seat in [seat for seat in self._seats if seat.ready and not seat.task]:
            task = next((each for each in tasks if each.not_before <= now), None)
            if task is None:
                return
            tasks.remove(task)
            seat.task, seat.heard = task, now
            task.began = now if task.began is None else task.began
            seat.worker.give(task.job)  # if it is gone, listening tells
            yield Began(task.job.number, task.attempt)
        free = sum(not seat.task for seat in self._seats)
        for _ in range(min(self._most - len(self._seats), len(tasks) - free)):
            self._seats.append(_Seat(Worker(self._limits.memory, self._child), now))

    def _listen(self, tasks: deque[_Task]) -> Iterator[Event]:
        by_line = {seat.worker.line: seat for seat in self._seats}
        for line in wait(list(by_line), self._patience(tasks)):
            yield from self._heard(by_line[line], tasks)  # type: ignore[index]  # wait gives back what it was given
        now = self._clock()
        for seat in list(self._seats):
            if now - seat.heard > self._allowed(seat) and not seat.worker.line.poll():
                yield from self._lost(seat, tasks, hung=True)

    def _allowed(self, seat: _Seat) -> float:
        if not seat.ready:
            return _LONGEST_START
        return self._limits.seconds if seat.task else float("inf")

    def _patience(self, tasks: deque[_Task]) -> float:
        """How long nothing may be heard before somebody has to look up."""
        now = self._clock()
        times = [seat.heard + self._allowed(seat) for seat in self._seats]
        times += [task.not_before for task in tasks if task.not_before > now]
        return max(0.0, min([_LONGEST_WAIT, *(each - now for each in times)]))

    def _heard(self, seat: _Seat, tasks: deque[_Task]) -> Iterator[Event]:
        message, task = seat.worker.hear(), seat.task
        seat.heard = self._clock()
        match message:
            case Ready() if not seat.ready:
                seat.ready, self._false_starts = True, 0
            case Progress() if task:
                yield Told(task.job.number, message)
            case Ask() if task:
                seat.worker.give(answer_to(message, task.job, self.signer))
                seat.heard = self._clock()
            case Busy() if task:
                seat.task = None
                task.not_before = self._clock() + _BUSY_AGAIN_AFTER
                tasks.append(task)
            case Outcome() if task and message.number == task.job.number:
                seat.task = None  # first: whoever has its outcome may go
                if seat.worker.resident() > _LARGEST_AT_REST:
                    self._drop([seat])
                yield self._ended(task, message)
            case _:
                yield from self._lost(seat, tasks, hung=False)

    def _ended(self, task: _Task, outcome: Outcome) -> Outcome:
        began = self._clock() if task.began is None else task.began
        return replace(outcome, attempts=task.attempt, seconds=self._clock() - began)

    def _lost(self, seat: _Seat, tasks: deque[_Task], *, hung: bool) -> Iterator[Event]:
        """A worker died, or has to: its job is begun anew, or was begun often enough."""
        task = seat.task
        how = self._drop([seat], patience=0 if hung else _LAST_WORDS_AFTER)
        if task is None:
            self._false_starts += not seat.ready
            if self._false_starts >= _MOST_FALSE_STARTS:
                raise PlanError(_NO_WORKER.with_(how=how))
        elif task.attempt <= self._limits.retries:
            task.attempt += 1
            tasks.appendleft(task)
        else:
            text = _HUNG.with_(seconds=f"{self._limits.seconds:g}") if hung else _DIED.with_(how=how)
            code, kind = FootageError.exit_code, "Hung" if hung else "Died"
            tried = _TRIED.with_(what=text, attempts=task.attempt)
            yield self._ended(task, Outcome(task.job.number, "failed", code, kind, tried))

    def _drop(self, seats: list[_Seat], patience: float = 0) -> str:
        """End these workers and clear away what they left; how the last of them ended."""
        how = seats[0].worker.end(patience) if len(seats) == 1 else ""
        if len(seats) > 1:
            end_all([seat.worker for seat in seats])
        self._seats = [seat for seat in self._seats if seat not in seats]
        for folder in {Path(seat.task.job.copy).parent for seat in seats if seat.task}:
            with suppress(CopyError):
                sweep(folder)
        return how


_NO_WORKER = Text(
    "作業プロセスを始められません（{how}）。--memory が少なすぎるかもしれません",
    "no worker process can be started here ({how}); is --memory too little?",
)
_DIED = Text("作業プロセスが異常終了しました（{how}）", "its worker process died ({how})")
_HUNG = Text("{seconds} 秒の間、何も進みませんでした", "nothing moved for {seconds} s")
_TRIED = Text(
    "{what}。{attempts} 回試みました。映像が壊れているか、メモリが足りません",
    "{what}, at each of {attempts} attempts: a clip that breaks what reads it, or not enough memory",
)
