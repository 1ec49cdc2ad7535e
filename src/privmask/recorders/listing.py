"""Segments that others name: notes that hooks leave in the queue, and the list that ffmpeg writes as it closes its files."""

from __future__ import annotations

import csv
import os
import select
import time
from collections.abc import Callable, Sequence

from privmask.recorders.delivery import END, MARK, UNFINISHED
from privmask.recorders.recorder import Segment

_LOOK_EVERY = 0.25
_FORGOTTEN_AFTER = 3600.0
_LONGEST_LINE = 64 << 10


class HookRecorder:
    """The segments below `folder` of which notes lie in `queue`; notes of other folders are left to their own watchers.

    A note goes when the next call says that its segment was written down. With `once` it looks for notes once.
    """

    def __init__(
        self, folder: str, queue: str, *, once: bool = False, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._folder, self._queue, self._sleep = os.path.realpath(folder), queue, sleep
        self._given: list[str] = []
        self._once, self.ended = once, False

    def finished(self, seconds: float) -> Sequence[Segment]:
        """Those of the notes that are there, oldest first."""
        for note in self._given:
            _remove(note)
        self._given = []
        found = self._look() if not self.ended else []
        self.ended = self._once
        if not found and seconds and not self._once:
            self._sleep(min(seconds, _LOOK_EVERY))
            found = self._look()
        return found

    def close(self) -> None:
        """The notes stay."""

    def _look(self) -> list[Segment]:
        found = []
        for note in _notes(self._queue):
            path = _path_in(note)
            if path is not None and is_below(path, self._folder):
                self._given.append(note)
                found.append(Segment(path))
        return found


class SegmentListRecorder:
    """The segments that ffmpeg names on `descriptor` by `-segment_list_type csv`, a line for each that it has closed.

    Names are taken from `folder`. `ended` says that no more will come, and `strange` counts lines that name nothing.
    """

    def __init__(self, folder: str, descriptor: int) -> None:
        self._folder, self._descriptor = folder, descriptor
        self._rest = b""
        self.ended, self.strange = False, 0

    def finished(self, seconds: float) -> Sequence[Segment]:
        """Those of the lines that are there now."""
        ready, _, _ = select.select([self._descriptor], [], [], seconds)
        if self.ended or not ready:
            return ()
        block = os.read(self._descriptor, _LONGEST_LINE)
        self.ended = not block
        *lines, self._rest = (self._rest + block).split(b"\n") if block else (self._rest, b"")
        if len(self._rest) > _LONGEST_LINE:
            self._rest, self.strange = b"", self.strange + 1
        named = [self._named(line) for line in lines if line.strip()]
        return [Segment(path) for path in named if path]

    def close(self) -> None:
        """The descriptor is its owner's."""

    def _named(self, line: bytes) -> str | None:
        """The segment of a line such as `gate-0001.mp4,0.000000,10.000000`."""
        try:
            (cells,) = csv.reader([os.fsdecode(line).rstrip("\r")], strict=True)
            name, start, end = cells
            float(start), float(end)
        except (ValueError, csv.Error):
            self.strange += 1
            return None
        return os.path.join(self._folder, name) if name else None


def is_below(path: str, folder: str) -> bool:
    """Whether the file is in that folder, whose real path it is, whatever links lead to it."""
    real = os.path.realpath(path)
    return real.startswith(os.path.join(folder, ""))


def _notes(queue: str) -> list[str]:
    try:
        names = sorted(os.listdir(queue))
    except OSError:
        return []
    for name in names:
        if name.startswith(UNFINISHED):
            _forget(os.path.join(queue, name))
    return [os.path.join(queue, name) for name in names if name.endswith(END)]


def _path_in(note: str) -> str | None:
    """The path that a note names; None for what is no note."""
    try:
        descriptor = os.open(note, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            content = file.read(_LONGEST_LINE)
    except OSError:
        return None
    path = os.fsdecode(content.removeprefix(MARK))
    return path if content.startswith(MARK) and os.path.isabs(path) and "\0" not in path else None


def _forget(draft: str) -> None:
    """Clear away what a hook left that was killed."""
    try:
        if time.time() - os.lstat(draft).st_mtime > _FORGOTTEN_AFTER:
            os.unlink(draft)
    except OSError:
        return


def _remove(note: str) -> None:
    try:
        os.unlink(note)
    except FileNotFoundError:
        return
