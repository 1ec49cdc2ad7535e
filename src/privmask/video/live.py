"""A camera's pictures: decoded strictly, and what is damaged, lost or too late is dropped whole and counted, never concealed.

After damage nothing is shown before the next picture with which a decoder can start anew, so that nothing refers to anything
before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import av
import av.error

from privmask.errors import DamagedFootageError, StreamLostError
from privmask.video.arriving import ARRIVAL_UNIT, Arrivals, Arrived
from privmask.video.cameras import Camera
from privmask.video.decoding import Decoder
from privmask.video.flowing import Came, Flow, Moment, Piece
from privmask.workers import Producer

_MOST_HELD = 64
"""Pictures that a decoder may hold back, of which it is remembered when they came."""


@dataclass(slots=True)
class Dropped:
    """Frames that did not go out: `late` because the machine was behind, `damaged`, and those without a time (`untimed`)."""

    late: int = 0
    damaged: int = 0
    untimed: int = 0


class LiveSource:
    """The pictures of an open camera; `pieces` may be walked once. Frames older than `latest` seconds are dropped, and after
    `timeout` seconds without any the camera counts as lost."""

    def __init__(
        self,
        camera: Camera,
        url: str,
        dropped: Dropped,
        clock: Callable[[], float],
        wall: Callable[[], datetime],
        *,
        look_ahead: bool,
        latest: float,
        timeout: float,
    ) -> None:
        self._camera, self._dropped, self._clock, self._latest = camera, dropped, clock, latest
        self._arrivals = Arrivals(camera, url, clock, wall, timeout)
        self._pictures = _Pictures(camera, dropped)
        self._flow = Flow(
            camera.stream, look_ahead=look_ahead, live=True, time_base=None if camera.timed else ARRIVAL_UNIT
        )
        self._producer: Producer[Piece] | None = None

    def pieces(self) -> Iterator[Piece]:
        """The frames as they come; ends with a file, and raises StreamLostError when the camera is gone."""
        self._producer = Producer(self._flow.pieces(self._in_time()), "privmask-decode")
        yield from self._producer

    def close(self, seconds: float) -> None:
        """Hang up."""
        if self._producer is not None:
            self._producer.stop()
        self._arrivals.close(seconds)

    def _in_time(self) -> Iterator[Came]:
        thrown = 0
        for picture, moment in self._pictures.among(self._arrivals):
            self._dropped.late += self._arrivals.thrown_away - thrown
            thrown = self._arrivals.thrown_away
            if self._camera.live and self._clock() - moment.at > self._latest:
                self._dropped.late += 1
            elif picture.pts is None and picture.dts is None:
                self._dropped.untimed += 1
            else:
                yield picture, moment


class _Pictures(Decoder):
    """Decodes packets, and starts anew after each one that is damaged."""

    may_hide = False

    def __init__(self, camera: Camera, dropped: Dropped) -> None:
        super().__init__(camera.container, camera.stream, "fail", 0)
        camera.stream.codec_context.thread_type = "SLICE"  # frame threads hold pictures back, and tell of errors late
        self._dropped = dropped
        self._moments: dict[int, Moment] = {}
        self._last = Moment(0.0, datetime.min)
        self._waiting = True

    def among(self, arrivals: Iterator[Arrived] | Arrivals) -> Iterator[tuple[av.VideoFrame, Moment]]:
        """The pictures that are whole, each with the moment at which its packet came."""
        self._open()
        lost: StreamLostError | None = None
        try:
            for arrived in arrivals:
                yield from self._of(arrived)
        except StreamLostError as error:
            lost = error
        if not self._waiting:
            yield from self._of(None)
        if lost is not None:
            raise lost

    def _of(self, arrived: Arrived) -> Iterator[tuple[av.VideoFrame, Moment]]:
        """What comes out of the decoder with that packet; all that it holds where there is a break (None)."""
        if arrived is not None and self._waiting and not self._losses.is_clean(arrived[0]):
            self._dropped.damaged += 1
            return
        try:
            pictures = self._whole(*arrived) if arrived is not None else self._rest()
        except DamagedFootageError:
            self._dropped.damaged += 1
            pictures = []
            self._start_anew()
        for picture in pictures:
            moment = self._moments.pop(picture.pts, None) if picture.pts is not None else None
            yield picture, moment or self._last
        if arrived is None:
            self._start_anew()

    def _rest(self) -> list[av.VideoFrame]:
        """The pictures that the decoder still holds, all of packets that were whole."""
        pictures: list[av.VideoFrame] = []
        try:
            pictures = list(self._stream.codec_context.decode(None))
        except av.error.EOFError:  # it was asked before
            pass
        except av.error.FFmpegError:
            self.report("the end, which cannot be decoded")
        for picture in pictures:
            self._must_hide(picture)
        return pictures

    def _whole(self, packet: Any, moment: Moment) -> list[av.VideoFrame]:
        if packet.is_corrupt:
            self.report("a packet that is cut or marked as corrupt")
        fault = self._losses.fault(packet)
        if fault:
            self.report(fault)
        self._waiting, self._last = False, moment
        if packet.pts is not None:
            if len(self._moments) >= _MOST_HELD:
                self._moments.clear()
            self._moments[packet.pts] = moment
        pictures = self._decode(self._without_exif(packet))
        for picture in pictures:
            self._must_hide(picture)
        self.pictures += len(pictures)
        return pictures

    def _start_anew(self) -> None:
        """Forget what came, and wait for a picture that needs nothing of it."""
        self._stream.codec_context.flush_buffers()
        self._losses.start_anew()
        self._moments.clear()
        self._waiting = True
