"""Masked streams pushed to a server (RTSP). A server that is gone is tried again, and what found none is counted, not kept."""

from __future__ import annotations

from collections.abc import Callable

from privmask.errors import CopyError
from privmask.frame import MaskedFrame
from privmask.recorders.live_status import LiveStatus
from privmask.recorders.patience import Patience
from privmask.video import Moment, StreamOutput, VideoInfo, Writing, written


class PushOutput:
    """One session with the server for each section; an `Output`. `url` may hold a password, and is never shown."""

    def __init__(
        self, url: str, writing: Writing, patience: Patience, status: LiveStatus, clock: Callable[[], float]
    ) -> None:
        self._url, self._writing, self._patience, self._status, self._clock = url, writing, patience, status, clock
        self._info: VideoInfo | None = None
        self._output: StreamOutput | None = None
        self._next = float("-inf")

    def begin(self, info: VideoInfo, moment: Moment | None) -> None:  # noqa: ARG002  # as the Protocol names it
        """Another section begins, and another session."""
        self.rest()
        self._info = info

    def take(self, frame: MaskedFrame, moment: Moment | None) -> None:
        """Send one frame, if there is a server."""
        if self._output is None and self._clock() < self._next:
            self._status.unsent += 1
            return
        assert self._info is not None
        if self._output is None:
            self._output = StreamOutput(self._url, "rtsp", self._writing, base=None)
            self._output.begin(self._info, moment)
        try:
            with written():
                self._output.take(frame)
        except CopyError:
            self._broken()
            return
        self._patience.worked()

    def rest(self) -> None:
        """Say goodbye to the server."""
        output, self._output = self._output, None
        if output is None:
            return
        try:
            with written():
                output.finish()
        except CopyError:
            output.abandon()

    def finish(self) -> None:
        """Say goodbye to the server."""
        self.rest()

    def abandon(self) -> None:
        """Hang up."""
        if self._output is not None:
            self._output.abandon()
            self._output = None

    def _broken(self) -> None:
        """Hang up; raises CopyError where patience has an end."""
        self.abandon()
        self._status.unsent += 1
        pause = self._patience.pause()
        if pause is None:
            raise CopyError("the server that the stream is pushed to cannot be reached")
        self._next = self._clock() + pause
