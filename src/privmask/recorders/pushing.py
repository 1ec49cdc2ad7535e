"""Masked streams pushed to a server (RTSP). A server that is gone is tried again, and what found none is counted, not kept."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from privmask.errors import CopyError, FootageError, PlanError
from privmask.frame import MaskedFrame
from privmask.recorders.live_status import LiveStatus
from privmask.recorders.patience import Patience
from privmask.video import Moment, StreamOutput, VideoInfo, Writing, written

STUCK = 5.0
"""Seconds after which a server that takes nothing counts as gone. FFmpeg itself would wait for ever."""
_PORT = 554
_WAITING = 25
"""Frames that wait for the server; those that come when so many do are dropped."""


class PushOutput:
    """One session with the server for each section; an `Output`. `url` may hold a password, and is never shown."""

    def __init__(
        self, url: str, writing: Writing, patience: Patience, status: LiveStatus, clock: Callable[[], float]
    ) -> None:
        self._url, self._writing, self._patience, self._status, self._clock = url, writing, patience, status, clock
        self._info: VideoInfo | None = None
        self._session: _Session | None = None
        self._next = float("-inf")

    def begin(self, info: VideoInfo, moment: Moment | None) -> None:  # noqa: ARG002  # as the Protocol names it
        """Another section begins, and another session."""
        self.rest()
        self._info = info

    def take(self, frame: MaskedFrame, moment: Moment | None) -> None:  # noqa: ARG002
        """Send one frame, if there is a server that takes it."""
        if self._session is None and self._clock() < self._next:
            self._status.unsent += 1
            return
        if self._session is None:
            assert self._info is not None
            output = StreamOutput(self._url, "rtsp", self._writing, base=None)
            output.begin(self._info, None)
            self._session = _Session(output, self._url, self._clock)
        try:
            self._status.unsent += not self._session.offer(frame)
        except CopyError:
            self._broken()
            return
        if self._session.works:
            self._patience.worked()

    def rest(self) -> None:
        """Say goodbye to the server."""
        session, self._session = self._session, None
        if session is not None:
            session.end()

    def finish(self) -> None:
        """Say goodbye to the server."""
        self.rest()

    def abandon(self) -> None:
        """Hang up."""
        self.rest()

    def _broken(self) -> None:
        """Hang up; raises CopyError where patience has an end."""
        self._session = None
        self._status.unsent += 1
        pause = self._patience.pause()
        if pause is None:
            raise CopyError("the server that the stream is pushed to cannot be reached, or takes nothing")
        self._next = self._clock() + pause


class _Session:
    """Sends frames in a thread of its own, which may stand in a write for ever: then it is left alone."""

    def __init__(self, output: StreamOutput, url: str, clock: Callable[[], float]) -> None:
        self._output, self._url, self._clock = output, url, clock
        self._queue: queue.Queue[MaskedFrame | None] = queue.Queue(_WAITING)
        self._error: CopyError | FootageError | PlanError | None = None
        self._since: float | None = None
        self.works = False
        self._thread = threading.Thread(target=self._run, name="privmask-push", daemon=True)
        self._thread.start()

    def offer(self, frame: MaskedFrame) -> bool:
        """Send it, unless too many wait; raises what came of an earlier one, and CopyError where the server takes nothing."""
        if self._error is not None:
            raise self._error
        since = self._since
        if since is not None and self._clock() - since > STUCK:
            raise CopyError("the server takes nothing")
        try:
            self._queue.put_nowait(frame)
        except queue.Full:
            return False
        return True

    def end(self) -> None:
        """Send what waits, and say goodbye, if the server lets us."""
        try:
            self._queue.put(None, timeout=STUCK)
        except queue.Full:
            return
        self._thread.join(STUCK)

    def _run(self) -> None:
        try:
            with written():
                _require_answer(self._url)
            while (frame := self._queue.get()) is not None:
                self._since = self._clock()
                with written():
                    self._output.take(frame)
                self._since, self.works = None, True
            with written():
                self._output.finish()
        except (CopyError, FootageError, PlanError) as error:
            self._error = error
            self._output.abandon()


def _require_answer(url: str) -> None:
    """Raise OSError where nobody answers: PyAV says hello to a server with the whole process standing still meanwhile."""
    parts = urlsplit(url)
    port = parts.port or _PORT
    asked = f"OPTIONS rtsp://{parts.hostname}:{port}{parts.path} RTSP/1.0\r\nCSeq: 1\r\n\r\n"
    with socket.create_connection((parts.hostname or "", port), STUCK) as server:
        server.settimeout(STUCK)
        server.sendall(asked.encode())
        if not server.recv(64).startswith(b"RTSP/"):
            raise ConnectionError("it speaks no RTSP")
