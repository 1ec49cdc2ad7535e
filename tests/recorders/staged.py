"""A camera whose faults are staged: real packets of marked pictures, some of which do not come as they were sent."""

from __future__ import annotations

import io
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import Any

import av

from privmask.errors import StreamLostError
from tests.marked import encoded

RATE = 25
Change = Callable[[int, bytes], bytes | BaseException | None]
"""What becomes of packet number i: other bytes, nothing, or an error of the connection."""


@cache
def sent(sizes: tuple[tuple[int, int], ...], frames: int) -> bytes:
    """A stream of H.264 in MPEG-TS with so many marked pictures of each size, with a key frame every ten."""
    file = io.BytesIO()
    with av.open(file, "w", format="mpegts") as out:
        stream: Any = out.add_stream("libx264", rate=RATE)
        width, height = sizes[0]
        stream.codec_context.width, stream.codec_context.height, stream.codec_context.pix_fmt = width, height, "yuv420p"
        units = itertools.chain(*(encoded(range(frames), size, RATE, gop=10) for size in sizes))
        for number, unit in enumerate(units):
            packet = av.Packet(unit)
            packet.stream, packet.time_base, packet.pts, packet.dts = stream, Fraction(1, RATE), number, number
            out.mux(packet)
    return file.getvalue()


class StagedCamera:
    """Stands for `privmask.video.Camera`: sends what `sent` made, changed on the way, as fast as it is taken."""

    live = timed = True

    def __init__(self, data: bytes, change: Change = lambda _number, data: data) -> None:
        self._opened: Any = av.open(io.BytesIO(data), "r")
        self._change = change
        self.stream: Any = self._opened.streams.video[0]
        self.container = self

    def demux(self, _stream: Any) -> Iterator[Any]:
        for number, packet in enumerate(p for p in self._opened.demux(self.stream) if p.size):
            data = self._change(number, bytes(packet))
            if isinstance(data, BaseException):
                raise data
            if data is None:
                continue
            arrived: Any = av.Packet(data)
            arrived.stream, arrived.time_base = self.stream, packet.time_base
            arrived.pts, arrived.dts, arrived.duration = packet.pts, packet.dts, packet.duration
            arrived.is_keyframe = packet.is_keyframe
            yield arrived

    def close(self) -> None:
        self._opened.close()


@dataclass
class MadeUpTime:
    """Clocks that stand still but for the waiting."""

    at: float = 0.0
    waits: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def wall(self) -> datetime:
        return datetime(2026, 11, 23, 9, 0, tzinfo=UTC) + timedelta(seconds=self.at)

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += seconds


def one_after_the_other(cameras: Sequence[StagedCamera | BaseException]) -> Callable[..., StagedCamera]:
    """Stands for `open_camera`: gives the next of these each time that somebody connects."""
    rest = iter(cameras)

    def open_camera(_url: str, _timeout: float, _file: Any = None) -> StagedCamera:
        found = next(rest, StreamLostError("nobody is there any more"))
        if isinstance(found, BaseException):
            raise found
        return found

    return open_camera


def written_in(folder: os.PathLike[str]) -> list[str]:
    """The names in a folder, in their order."""
    return sorted(os.listdir(folder))
