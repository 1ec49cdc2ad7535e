"""Sections of a copy that are encoded apart: each into a file of bare packets, and all of them joined to one clip.

What is joined has the very bytes that one encoder after the other would have given in one piece.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeAlias

import av

from privmask.errors import CopyError
from privmask.video.copy import Sink, Tally, tally_of, written
from privmask.video.muxing import ClipOutput, rate_from, require_same_header
from privmask.video.original import Source
from privmask.video.settings import Writing
from privmask.video.timetable import Timetable

Packet: TypeAlias = tuple[int, int, int, bool, int]
"""Its pts, dts and duration in the copy's units, whether it is a key frame, and its bytes."""


@dataclass(frozen=True, slots=True)
class Part:
    """A section that was encoded: the encoder's header, and the packets, as they lie one after the other in a file."""

    header: bytes
    packets: tuple[Packet, ...]


def rate_of(table: Timetable) -> Fraction:
    """Frames per second as the clip's first two frames have it, which every encoder of the copy is told."""
    return rate_from((table.times[1] - table.times[0]) * table.time_base)


class PartOutput(ClipOutput):
    """A section in the making. `rate` is that of the whole clip."""

    def __init__(self, descriptor: int, like: Source, writing: Writing, rate: Fraction) -> None:
        super().__init__("", like, replace(writing, audio="drop"), rate)
        self._descriptor, self._at = descriptor, 0
        self._packets: list[Packet] = []
        os.ftruncate(descriptor, 0)

    @property
    def part(self) -> Part:
        """What was encoded."""
        return Part(bytes(self._encoder.extradata), tuple(self._packets))

    def finish(self) -> None:
        """Encode what is left. Raises CopyError."""
        if not self.starts:
            raise CopyError("nothing was written: the sink got no frame")
        self._end_section()
        if len(self.starts) != 1:
            raise CopyError(f"a part holds frames of {len(self.starts)} sections")

    def _open(self, rate: Fraction) -> None:
        self._rate, self.plan = rate, self._planned(rate)
        self._cut(self.plan)

    def _mux(self, packets: list[Any]) -> None:
        self._of_section += len(packets)
        for packet in packets:
            data = bytes(packet)
            rest = memoryview(data)
            while rest:
                done = os.pwrite(self._descriptor, rest, self._at)
                self._at, rest = self._at + done, rest[done:]
            key = bool(packet.is_keyframe)
            self._packets.append((packet.pts, packet.dts, packet.duration or 0, key, len(data)))
            self.packets += 1


class Joint(ClipOutput):
    """A clip in the making that takes parts, one after the other, instead of frames. `table` is the original's."""

    def __init__(self, path: str, like: Source, writing: Writing, table: Timetable) -> None:
        super().__init__(path, like, writing)
        self._table = table
        self._times = [self._clock.stamp(index, pts * table.time_base) for index, pts in enumerate(table.times)]
        self._first, self._joined = self._times[0], 0

    def add(self, part: Part, descriptor: int, stop: int) -> None:
        """Write a part, whose packets lie in that file: the frames up to number `stop`. Raises CopyError if it has others."""
        start, times = self._joined, self._times[self._joined : stop]
        if sorted(pts for pts, *_ in part.packets) != times:
            raise CopyError(f"a part holds packets of other frames than {start} to {stop - 1}")
        if self._container is None:
            self._open(rate_of(self._table))
        assert self._header is not None
        require_same_header(self._header, part.header)
        self._of_section = 0
        self.starts.append(start)
        if start:
            self._seam.begin(times[0])
        for pts in times:
            self._seam.note(pts)
        for packet in _read(part, descriptor, self._clock.time_base):
            self._mux([packet])
            if self.audio:
                self.audio.write_until(self._table.times[self.packets - 1] * self._table.time_base)
        self._add(self._seam.rest())
        self._joined = stop

    def finish(self) -> None:
        """Write the index and close the file. Raises CopyError."""
        if self._container is None or self._joined != len(self._times):
            raise CopyError(f"only {self._joined} of {len(self._times)} frames were written")
        if self.audio:
            self.audio.finish()
        self._close()


def _read(part: Part, descriptor: int, time_base: Fraction) -> Iterator[Any]:
    at = 0
    for pts, dts, duration, is_key, size in part.packets:
        data = b"".join(_blocks(descriptor, at, size))
        at += size
        packet = av.Packet(data)
        packet.pts, packet.dts, packet.duration = pts, dts, duration
        packet.time_base, packet.is_keyframe = time_base, is_key
        yield packet


def _blocks(descriptor: int, at: int, size: int) -> Iterator[bytes]:
    stop = at + size
    while at < stop:
        block = os.pread(descriptor, stop - at, at)
        if not block:
            raise CopyError("a part is shorter than it was said to be")
        at += len(block)
        yield block


class JointSink:
    """A copy that is being joined. Takes parts in their order; `tally` is whole after the `with` block."""

    def __init__(self, path: str, like: Source, writing: Writing, table: Timetable) -> None:
        self._like, self._writing, self._frames = like, writing, 0
        self._output = Joint(path, like, writing, table)

    def add(self, part: Part, descriptor: int, stop: int) -> None:
        """Write the next part, of the frames up to number `stop`; its packets lie in that open file, which is then free."""
        with written():
            self._output.add(part, descriptor, stop)
        self._frames = stop

    @property
    def tally(self) -> Tally:
        """What was done so far."""
        return tally_of(self._output, self._like, self._writing, self._frames)


@contextmanager
def join_video(path: str, like: Source, writing: Writing, table: Timetable) -> Iterator[JointSink]:
    """Write a copy of `like` to `path` out of parts, as `write_video` writes one out of frames."""
    sink = JointSink(path, like, writing, table)
    try:
        yield sink
        with written():
            sink._output.finish()
    except BaseException:
        sink._output.abandon()
        raise


@contextmanager
def write_part(descriptor: int, like: Source, writing: Writing, rate: Fraction) -> Iterator[tuple[Sink, PartOutput]]:
    """Encode a section of a copy of `like` into an open file, which is emptied first; `rate` is that of the clip's first frame.

    The sink takes its frames; after the `with` block the output has its `part`.
    """
    with written():
        output = PartOutput(descriptor, like, writing, rate)
    sink = Sink(output, like, writing)
    try:
        yield sink, output
        sink.finish()
    except BaseException:
        sink.abandon()
        raise
