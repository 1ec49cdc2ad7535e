"""A camera's stream, masked as it comes: connected again whenever it is lost, and never passed on as it is.

A connection that breaks ends what was written of it, so that what follows stands for itself. What is no matter of the line (a
detector that fails, pictures that cannot be hidden in, a disk that is full) ends all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from privmask.errors import StreamLostError
from privmask.recorders.live_status import LiveStatus
from privmask.recorders.patience import Patience
from privmask.streaming import Hiding, Masking, warm_up
from privmask.video import LiveSource, Moment, Output, Piece, StreamSink, open_camera


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a camera is read.

    It has `timeout` seconds for each packet. Frames that are `latest` seconds late are dropped. The run ends after `longest`
    seconds, None: when it is told to. `file` opens what stands for a camera in a file:// address.
    """

    timeout: float = 10.0
    latest: float = 0.5
    longest: float | None = None
    file: Callable[[], Any] | None = None


@dataclass(frozen=True, slots=True)
class Clocks:
    """Time, as it may be made up: a clock that never jumps, the one on the wall (with its zone), and how to wait."""

    now: Callable[[], float]
    wall: Callable[[], datetime]
    wait: Callable[[float], None]


Beat = Callable[[LiveStatus], None]


def mask_live(
    url: str,
    output: Output,
    hiding: Hiding,
    status: LiveStatus,
    patience: Patience,
    clocks: Clocks,
    terms: Terms,
    beat: Beat,
) -> None:
    """Mask what the camera at `url` sends, and give it to `output`, until it is told to stop; a file ends by itself.

    `status` is kept up to date, and `beat` called with it now and then. Raises StreamLostError where `patience` has an end, and
    any other `PrivmaskError` at once; what was masked before is ended properly.
    """
    warm_up()
    run = _Run(url, hiding, status, clocks, terms, beat)
    with StreamSink(output, run.written, ends_well=True) as sink:
        masking = Masking(hiding, sink, run.masked)
        while not run.is_over:
            try:
                with closing(run.session()) as pieces:
                    masking.mask(pieces)
            finally:
                sink.rest()
            if run.lost is None:
                return
            if status.frames > run.frames_before:
                patience.worked()
            pause = patience.pause()
            status.failures, status.trouble = status.failures + 1, str(run.lost)
            beat(status)
            if pause is None:
                raise run.lost
            clocks.wait(pause)


class _Run:
    """What one run counts, and its connections."""

    def __init__(self, url: str, hiding: Hiding, status: LiveStatus, clocks: Clocks, terms: Terms, beat: Beat) -> None:
        self._url, self._hiding, self._status, self._clocks, self._terms = url, hiding, status, clocks, terms
        self._beat = beat
        self._began = clocks.now()
        self.lost: StreamLostError | None = None
        self.frames_before = 0

    @property
    def is_over(self) -> bool:
        """Whether it has lasted as long as it was to."""
        return self._terms.longest is not None and self._clocks.now() - self._began >= self._terms.longest

    def session(self) -> Generator[Piece]:
        """The frames of one connection; `lost` says why it ended, None where it was to."""
        self.lost, self.frames_before = None, self._status.frames
        try:
            with self._opened() as source:
                self._status.connected, self._status.trouble = True, None
                self._status.connections += 1
                for piece in source.pieces():
                    yield piece
                    if self.is_over:
                        return
        except StreamLostError as error:
            self.lost = error
        finally:
            self._status.connected = False

    def masked(self, moment: Moment | None) -> None:
        """A frame was masked."""
        self._status.frames += 1
        if moment is not None:
            self._status.masked.note(self._clocks.now() - moment.at)
        self._beat(self._status)

    def written(self, moment: Moment | None) -> None:
        """A frame was written."""
        if moment is not None:
            self._status.written.note(self._clocks.now() - moment.at)

    def _opened(self) -> AbstractContextManager[LiveSource]:
        return _Connection(self._url, self._hiding, self._status, self._clocks, self._terms)


class _Connection(AbstractContextManager[LiveSource]):
    """One connection to the camera, as long as its block lasts."""

    def __init__(self, url: str, hiding: Hiding, status: LiveStatus, clocks: Clocks, terms: Terms) -> None:
        self._terms = terms
        file = terms.file() if terms.file else None
        self._source = LiveSource(
            open_camera(url, terms.timeout, file),
            url,
            status.dropped,
            clocks.now,
            clocks.wall,
            look_ahead=hiding.timed,
            latest=terms.latest,
            timeout=terms.timeout,
        )

    def __enter__(self) -> LiveSource:
        return self._source

    def __exit__(self, *_: object) -> None:
        self._source.close(self._terms.timeout + 1)
