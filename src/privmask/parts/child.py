"""A worker process: `python -m privmask.parts.child DESCRIPTOR`. It is briefed once, and then does the sections it is given."""

from __future__ import annotations

import contextlib
import io
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from privmask.checking import Findings, frame_pairs, look_over
from privmask.errors import CopyError, FootageError, PrivmaskError
from privmask.evidence.files import OffsetReader
from privmask.frame import Frame, Picture
from privmask.language import Text
from privmask.masks import Cover, FittedMasks, fit_masks, hide
from privmask.parts.messages import to_bytes
from privmask.parts.orders import Answer, Brief, Done, Failed, Finished, Message, Order, Ready, SearchBrief
from privmask.processes import serve
from privmask.video import Part, Source, open_video, write_part

if TYPE_CHECKING:
    from privmask.parts.searcher import Searcher

_TOLD_EVERY = 0.1
"""Seconds between two words about how far a section is."""

Told = Callable[[int], None]


class Hand:
    """Does the sections of one clip."""

    def __init__(self, brief: Brief) -> None:
        self._brief = brief
        self._finished: Finished | None = None
        self._fitted: FittedMasks | None = None

    def finished(self, copy: Finished) -> None:
        """From now on sections of this copy are to be checked."""
        self._finished = copy

    def do(self, order: Order, told: Told) -> Answer:
        """Mask or check a section."""
        return self._check(order, told) if order.spool is None else self._mask(order, order.spool, told)

    def _mask(self, order: Order, spool: int, told: Told) -> Part:
        brief = self._brief
        with self._original() as file, open_video(file, brief.wanted.reading) as source:
            masks = self._masks(source.info.picture)
            with write_part(spool, source, brief.wanted.writing, brief.rate) as (sink, output):
                frames = source.within(brief.table, order.start, order.stop)
                for frame, sights in zip(frames, order.sights, strict=True):
                    sink.write(hide(frame, masks.at(frame, sights)))
                    told(frame.index + 1 - order.start)
            return output.part

    def _check(self, order: Order, told: Told) -> Findings:
        brief, finished = self._brief, self._finished
        assert finished is not None

        def walk(source: Source, copied: Source) -> tuple[Iterator[Frame], Iterator[Frame]]:
            self._masks(source.info.picture)
            span = order.start, order.stop
            return source.within(brief.table, *span), copied.within(finished.table, *span)

        def cover_of(frame: Frame) -> Cover:
            assert self._fitted is not None
            return self._fitted.at(frame, order.sights[frame.index - order.start])

        with self._original() as original, OffsetReader(*finished.copy, CopyError) as copy:
            found = frame_pairs(original, copy, brief.wanted.reading, times_exact=finished.times_exact, walk=walk)
            with contextlib.closing(found) as pairs:
                return look_over(pairs, cover_of, exact=finished.exact, told=told)

    def _original(self) -> io.RawIOBase:
        return OffsetReader(*self._brief.original, FootageError)

    def _masks(self, picture: Picture) -> FittedMasks:
        """The masks, whose times count from the clip's first frame."""
        if self._fitted is None or self._fitted.picture != picture:
            zero = self._brief.table.times[0] * self._brief.table.time_base
            self._fitted = fit_masks(self._brief.wanted.plan, picture, self._brief.wanted.recorded_at, zero=zero)
        return self._fitted


def main(words: list[str], make: Callable[[Brief], Hand] = Hand) -> None:
    """Serve the socket whose descriptor is the first word, until it is closed."""
    with serve(int(words[0])) as line, contextlib.suppress(EOFError, ConnectionError):
        _say(line, Ready())
        hand = _hand(line, line.recv(), make)
        while True:
            match line.recv():
                case Order() as order:
                    _say(line, _answer(hand, order, _teller(line)))
                case Finished() as copy if isinstance(hand, Hand):
                    hand.finished(copy)


def _hand(line: Connection, brief: Brief | SearchBrief, make: Callable[[Brief], Hand]) -> Hand | Searcher:
    if isinstance(brief, Brief):
        return make(brief)
    from privmask.parts.searcher import Searcher

    return Searcher(brief, partial(_say, line))


def _answer(hand: Hand | Searcher, order: Order, told: Told) -> Answer:
    """What became of a section. No error of the footage or of a detector leaves this function: it is the answer."""
    try:
        return hand.do(order, told)
    except PrivmaskError as error:
        return Failed(error)
    except MemoryError:
        return Failed(FootageError(_MEMORY))


def _teller(line: Connection) -> Told:
    """Says how far a section is, but not at every frame."""
    said = [0.0]

    def tell(frames: int) -> None:
        now = time.monotonic()
        if now - said[0] >= _TOLD_EVERY:
            said[0] = now
            _say(line, Done(frames))

    return tell


def _say(line: Connection, message: Message) -> None:
    line.send_bytes(to_bytes(message))


_MEMORY = Text(
    "メモリーが足りません。--jobs を減らしてください",
    "there is not enough memory for so many processes; begin fewer with --jobs",
)

if __name__ == "__main__":
    main(sys.argv[1:])
