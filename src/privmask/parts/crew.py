"""The workers of one clip, as the parent has them: begun when needed, each with a section at a time, and ended at once."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from types import TracebackType
from typing import TYPE_CHECKING, TypeAlias

from privmask.errors import FootageError, PlanError
from privmask.evidence import Custody, Draft
from privmask.language import Text
from privmask.parts.cutting import Cut
from privmask.parts.messages import LONGEST, from_bytes
from privmask.parts.orders import (
    Answer,
    Brief,
    Done,
    Failed,
    Finished,
    FoundOn,
    Looked,
    Message,
    Order,
    Ready,
    SearchBrief,
    Searched,
)
from privmask.processes import Process, end_all, free_memory
from privmask.video import Reading, rate_of
from privmask.wanted import Wanted
from privmask.watching import Looking

if TYPE_CHECKING:
    from privmask.detect import Ask

CHILD = "privmask.parts.child"

_SPOOLS = 2
"""Files for encoded sections, for each worker: one to write to, and one that waits for the sections before it."""

_AHEAD = 2
"""Sections that are begun or done while an earlier one is not, for each worker: what is known of them is held until then."""

_LAST_WORDS_AFTER = 5.0

_ONE = 1 << 30
"""Bytes that one process takes for common sizes."""

Told: TypeAlias = Callable[[int], None]


def require_jobs(jobs: int) -> None:
    """Raise PlanError unless that many processes can do something."""
    if jobs < 1:
        raise PlanError(_NO_JOBS.with_(jobs=jobs))


def fitting_jobs(*, searching: bool = False) -> int:
    """How many processes this machine has room for: one uses about two processors, and takes up to a gibibyte of memory.

    One that searches uses little more than one processor, and what it does takes longest.
    """
    processors, free = len(os.sched_getaffinity(0)), free_memory()
    used = processors if searching else processors // 2
    return max(1, min(used, processors if free is None else free // _ONE))


def _shared(reading: Reading, jobs: int) -> Reading:
    """The same for each of so many processes: all of their decoders together have half of the processors."""
    return replace(reading, threads=reading.threads or max(1, (os.cpu_count() or 1) // (2 * jobs)))


@dataclass(slots=True, eq=False)
class _Seat:
    """A worker with the section that it does, if any."""

    process: Process
    ready: bool = False
    order: Order | None = None
    frames: int = 0
    found: list[FoundOn] = field(default_factory=list)


class Crew:
    """Up to `jobs` processes that do the sections of one clip; to be left as a `with` block, which ends them at once."""

    def __init__(self, jobs: int, child: str = CHILD) -> None:
        self.jobs = jobs
        self._child = child
        self._seats: list[_Seat] = []
        self._spools: list[int] = []
        self._opened = ExitStack()

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.dismiss()

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that there are."""
        return tuple(seat.process.pid for seat in self._seats)

    def begin(self, cut: Cut, wanted: Wanted, custody: Custody, draft: Draft) -> None:
        """Start as many as there is work for, and tell them what holds for all of it."""
        jobs = min(self.jobs, len(cut.spans))
        self._spools = [self._opened.enter_context(draft.spool()) for _ in range(_SPOOLS * jobs)]
        self._start(jobs, [custody.lend()[0], draft.lend()[0], *self._spools])
        # They look for nothing, and what finds things may be no data.
        told = replace(wanted, reading=_shared(wanted.reading, jobs), looking=Looking())
        self._tell(Brief(told, custody.lend(), cut.table, rate_of(cut.table)))

    def begin_search(self, cut: Cut, reading: Reading, asks: tuple[Ask, ...], custody: Custody) -> None:
        """The same for sections that are searched."""
        jobs = min(self.jobs, len(cut.spans))
        self._start(jobs, [custody.lend()[0]])
        self._tell(SearchBrief(_shared(reading, jobs), custody.lend(), cut.table, asks))

    def finished(self, copy: Finished) -> None:
        """Tell all of them of the copy that is to be checked."""
        self._tell(copy)

    def masked(self, orders: Iterable[Order], told: Told) -> Iterator[tuple[Order, Answer]]:
        """Each section with what a worker made of it, in their order; its spool is used again when the next one is asked for.

        `told` is called with the number of frames done. Raises what a worker raised, and FootageError where one died.
        """
        return self._done(orders, list(self._spools), told)

    def checked(self, orders: Iterable[Order], told: Told) -> Iterator[tuple[Order, Answer]]:
        """The same for sections that are checked."""
        return self._done(orders, None, told)

    def searched(self, orders: Iterable[Order], told: Told) -> Iterator[tuple[Order, Answer]]:
        """The same for sections that are searched."""
        return self._done(orders, None, told)

    def dismiss(self) -> int:
        """End all of them, at once; how many processes did the work, this one alone or they."""
        seats, self._seats = self._seats, []
        end_all([seat.process for seat in seats])
        self._opened.close()
        return len(seats) or 1

    def _start(self, jobs: int, lent: list[int]) -> None:
        try:
            for _ in range(jobs):
                self._seats.append(_Seat(Process(self._child, lent=lent)))
        except OSError as cause:
            raise PlanError(_TOO_MANY.with_(jobs=jobs, why=cause.strerror)) from cause

    def _done(self, orders: Iterable[Order], spools: list[int] | None, told: Told) -> Iterator[tuple[Order, Answer]]:
        left, begun, answers = iter(orders), deque[Order](), dict[int, Answer]()
        ahead = next(left, None)
        behind = 0

        def may_begin() -> bool:
            return bool(ahead and self._free() and spools != [] and len(begun) < _AHEAD * len(self._seats))

        while begun or ahead:
            for seat in self._free():
                if ahead is None or not may_begin():
                    break
                seat.order = ahead if spools is None else replace(ahead, spool=spools.pop())
                begun.append(seat.order)
                self._give(seat, seat.order)
                ahead = next(left, None)
            while begun and begun[0].start in answers:
                order = begun.popleft()
                behind += order.stop - order.start
                yield order, answers.pop(order.start)
                if spools is not None and order.spool is not None:
                    spools.append(order.spool)
            if (begun or ahead) and not may_begin():
                answers |= self._listen()
                waiting = sum(order.stop - order.start for order in begun if order.start in answers)
                told(behind + waiting + sum(seat.frames for seat in self._seats if seat.order))

    def _free(self) -> list[_Seat]:
        return [seat for seat in self._seats if seat.ready and seat.order is None]

    def _tell(self, what: Brief | SearchBrief | Finished) -> None:
        for seat in self._seats:
            self._give(seat, what)

    def _give(self, seat: _Seat, what: Brief | SearchBrief | Finished | Order) -> None:
        try:
            seat.process.line.send(what)
        except ConnectionError:
            self._lost(seat)

    def _listen(self) -> dict[int, Answer]:
        """Wait for a word of anybody; the sections that are done with it."""
        lines = {seat.process.line: seat for seat in self._seats}
        done: dict[int, Answer] = {}
        for line in wait(list(lines)):
            seat = lines[line]  # type: ignore[index]  # wait gives back what it was given
            done |= self._heard(seat, self._hear(seat))
        return done

    def _hear(self, seat: _Seat) -> Message | None:
        try:
            return from_bytes(seat.process.line.recv_bytes(LONGEST))
        except (EOFError, OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def _heard(self, seat: _Seat, message: Message | None) -> dict[int, Answer]:
        order = seat.order
        match message:
            case Ready() if not seat.ready:
                seat.ready = True
            case Done(frames) if order:
                seat.frames = frames
            case Looked(frames) if order and seat.frames + len(frames) <= order.stop - order.start:
                seat.found += frames
                seat.frames += len(frames)
            case Failed(error) if order:
                raise error
            case None | Ready() | Done() | Looked() | Failed():
                self._lost(seat)
            case answer if order:
                found, seat.order, seat.frames, seat.found = tuple(seat.found), None, 0, []
                return {order.start: replace(answer, frames=found) if isinstance(answer, Searched) else answer}
            case _:
                self._lost(seat)
        return {}

    def _lost(self, seat: _Seat) -> None:
        how = seat.process.end(_LAST_WORDS_AFTER)
        self._seats.remove(seat)
        raise FootageError(_DIED.with_(how=how))


_NO_JOBS = Text("--jobs：{jobs} は1以上でなければなりません", "--jobs: {jobs} is not 1 or more")
_TOO_MANY = Text(
    "--jobs：このコンピューターでは {jobs} 個のプロセスを始められません（{why}）。数を減らしてください",
    "--jobs: {jobs} processes cannot be started here ({why}); name fewer",
)
_DIED = Text(
    "作業プロセスが異常終了したため（{how}）、何も作っていません。メモリーが足りないか、読むプログラムを壊す映像です。"
    "--jobs 1 なら1つのプロセスで作ります",
    "a worker process died ({how}), so that nothing was made: not enough memory, or a clip that breaks what reads it. With "
    "--jobs 1 one process does it all",
)
