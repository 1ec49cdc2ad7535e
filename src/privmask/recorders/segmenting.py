"""Masked streams as files: one after the other, each of which stands under its name only when it is whole."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Literal

from privmask.errors import CopyError, FootageError
from privmask.evidence import HiddenFile, Row
from privmask.frame import MaskedFrame
from privmask.recorders.live_status import Segment
from privmask.video import Moment, StreamOutput, VideoInfo, Writing, hash_packets


class SegmentOutput:
    """Files of `seconds` each, which begin anew after a gap or a change of the pictures; an `Output`.

    `name_of` gives a file's name for the wall-clock time at which its first frame arrived; `told` hears of each that is whole.
    In `own_time` each begins at second 0, else all of a section go on counting.
    """

    def __init__(
        self,
        row: Row,
        name_of: Callable[[datetime], str],
        format: Literal["mp4", "mpegts"],
        seconds: float,
        writing: Writing,
        told: Callable[[Segment], None],
        *,
        own_time: bool,
    ) -> None:
        self._row, self._name_of, self._format, self._told = row, name_of, format, told
        self._seconds, self._writing, self._own_time = Fraction(str(seconds)), writing, own_time
        self._info: VideoInfo | None = None
        self._file: HiddenFile | None = None
        self._output: StreamOutput | None = None
        self._base: Fraction | None = None
        self._follows = False
        self._first = self._last = Fraction(0)
        self._step = Fraction(1, 25)
        self._began = datetime.min

    def begin(self, info: VideoInfo, moment: Moment | None) -> None:  # noqa: ARG002  # as the Protocol names it
        """Another section begins, and another file with it."""
        self.rest()
        self._info, self._base, self._follows = info, None, False

    def take(self, frame: MaskedFrame, moment: Moment | None) -> None:
        """Write one frame, into another file where the last one is long enough."""
        time = frame.start_time
        if self._output is not None and time - self._first >= self._seconds:
            self._step = time - self._last
            self.rest()
            self._follows = True
        if self._output is None:
            self._start(time, moment)
        elif time > self._last:
            self._step = time - self._last
        self._last = time
        assert self._output is not None
        self._output.take(frame)

    def rest(self) -> None:
        """End the file that is open, and give it its name."""
        output, file, self._output, self._file = self._output, self._file, None, None
        if output is None or file is None:
            return
        try:
            output.finish()
            self._require_whole(file, output.frames)
            name = self._row.publish(file, self._name_of(self._began))
        except BaseException:
            output.abandon()
            raise
        finally:
            file.close()
        seconds = float(self._last + self._step - self._first)
        self._told(Segment(name, self._began, seconds, output.frames, self._follows))

    def finish(self) -> None:
        """End the last file."""
        self.rest()

    def abandon(self) -> None:
        """Throw away the file that is open."""
        if self._output is not None:
            self._output.abandon()
        if self._file is not None:
            self._file.close()
        self._output = self._file = None

    def _start(self, time: Fraction, moment: Moment | None) -> None:
        assert self._info is not None
        assert moment is not None
        self._base = time if self._own_time or self._base is None else self._base
        self._first = self._last = time
        self._began = moment.wall
        self._file = self._row.begin("segment")
        target = f"file:{self._row.path_of(self._file)}"
        self._output = StreamOutput(target, self._format, replace(self._writing, container="mp4"), base=self._base)
        self._output.begin(self._info, moment)

    def _require_whole(self, file: HiddenFile, frames: int) -> None:
        """What FFmpeg cannot write at the very end it does not tell: the packets in the file are counted."""
        found = 0
        with contextlib.suppress(FootageError), open(os.dup(file.descriptor), "rb", buffering=0) as written:
            found = hash_packets(written).packets
        if found != frames:
            raise CopyError(f"the segment holds {found} of {frames} frames; is the disk full?")
