"""Tracks as text, `privmask.tracks.v1`: JSON lines, so that people can look at them, correct them, or write them by hand.

The first line is the header, every other one a box of a track::

    {"format": "privmask.tracks.v1", "frame": [1920, 1080], "frames": 250, "searched": ["face"]}
    {"frame": 17, "track": 1, "label": "face", "box": [812, 204.5, 40, 52]}
    {"time": "1.25", "track": 2, "label": "plate", "box": [100, 900, 120, 40]}

`box` is [left, top, width, height] in samples of the displayed picture. A track is hidden from its first line to its last, on a
straight line between them. `time` is in seconds since the clip's first frame. Tracks that the header lists as `doubtful` may be
several people, and are never kept visible. All that is wrong is said at once, with its line.
"""

from __future__ import annotations

import heapq
import json
import os
import stat
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import ceil, floor
from typing import Any, BinaryIO

import numpy as np

from privmask.detect.tracklines import TRACKS_FORMAT, Header, Key, LineError, Unit, parse_header, parse_key
from privmask.detect.tracks import KeyBoxes, Tracks
from privmask.errors import PlanError
from privmask.geometry import Box, Size
from privmask.language import Text
from privmask.sighting import Label

BLOCK = 1 << 16
MOST_BYTES = 1 << 29
MOST_LINE = 1 << 20
"""Bytes of a file, and of one line of it. Ten hours with five faces take 350 MB."""
_MOST_COMPLAINTS = 20


def write_tracks(tracks: Tracks, file: BinaryIO) -> None:
    """Write tracks; numbers are rounded outward to hundredths of a sample. What the caller's file raises goes up."""
    for block in blocks(tracks, heapq.merge(*map(_keys, tracks.keyed), key=lambda key: (key.at, key.track))):
        file.write(block)


def blocks(tracks: Tracks, keys: Iterable[Key]) -> Iterator[bytes]:
    """A file of tracks, whose header tells of `tracks`, and whose lines are these, in pieces of some `BLOCK` bytes."""
    gathered = bytearray(_line(_header(tracks)))
    for key in keys:
        gathered += _key_line(key)
        if len(gathered) >= BLOCK:
            yield bytes(gathered)
            gathered.clear()
    yield bytes(gathered)


def read_tracks(path: str | os.PathLike[str], size: Size, frames: int | None = None) -> Tracks:
    """Read and check the tracks of a clip whose displayed pictures have `size`; `frames` is how many it has, where known.

    Raises PlanError with every complaint, each with its line.
    """
    where = os.fspath(path)
    reading = _Reading(where, size)
    try:
        tracks = reading.tracks(_lines(where))
    except UnicodeDecodeError as cause:
        raise PlanError(_NOT_UTF8.with_(where=where)) from cause
    except (OSError, ValueError) as cause:
        why = _NOT_THERE.with_(why=cause.strerror) if isinstance(cause, FileNotFoundError) else _why(cause)
        raise PlanError(_UNREADABLE.with_(where=where, why=why)) from cause
    if frames is not None:
        tracks.check_frames(frames)
    return tracks


def _why(cause: Exception) -> Text | str:
    words = getattr(cause, "strerror", None) or cause.args[0]
    return words if isinstance(words, Text) else str(words)


def _header(tracks: Tracks) -> dict[str, Any]:
    size = [tracks.size.width, tracks.size.height]
    data = {"format": TRACKS_FORMAT, "frame": size, "frames": tracks.frames, "searched": sorted(tracks.searched)}
    if tracks.failed:
        data["failed"] = sorted(tracks.failed)
    if tracks.original_sha256:
        data["original_sha256"] = tracks.original_sha256
    if tracks.doubtful:
        data["doubtful"] = sorted(tracks.doubtful)
    return data


def _line(data: dict[str, Any]) -> bytes:
    return json.dumps(data).encode() + b"\n"


def _key_line(key: Key) -> bytes:
    """The line of one box, as `json.dumps` writes it; a long clip has hundreds of thousands, and nothing in them is quoted."""
    at = int(key.at) if key.unit == "frame" else '"' + f"{key.at:.9f}".rstrip("0").rstrip(".") + '"'
    box = key.box
    x, y = floor(box.left * 100), floor(box.top * 100)
    sides = f"{x / 100}, {y / 100}, {(ceil(box.right * 100) - x) / 100}, {(ceil(box.bottom * 100) - y) / 100}"
    return f'{{"{key.unit}": {at}, "track": {key.track}, "label": "{key.label}", "box": [{sides}]}}\n'.encode()


def _keys(each: KeyBoxes) -> Iterator[Key]:
    for key, row in zip(each.keys, each.boxes, strict=True):
        yield Key(each.unit, float(key), each.track, each.label, Box(*row.tolist()))


def _lines(path: str) -> Iterator[str]:
    """The lines of a regular file. Opened without waiting, because a FIFO would never answer."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            raise ValueError(_NO_FILE)
        if state.st_size > MOST_BYTES:
            raise ValueError(_TOO_LARGE.with_(most=MOST_BYTES >> 20))
        for number in range(MOST_BYTES):
            line = file.readline(MOST_LINE + 1)
            if not line:
                return
            if len(line) > MOST_LINE:
                raise ValueError(f"line {number + 1} is longer than {MOST_LINE >> 20} MiB")
            yield line.decode("utf-8-sig" if number == 0 else "utf-8")


@dataclass(slots=True)
class _Keys:
    """What the lines of one track have said so far: a moment and four sides each, in 40 bytes."""

    label: Label
    unit: Unit
    rows: array[float] = field(default_factory=lambda: array("d"))
    last: float = -1.0
    early: set[float] = field(default_factory=set)

    def add(self, at: float, box: Box) -> bool:
        """Note a box; False where there is one at that moment already."""
        if at <= self.last:
            self.early = self.early or set(self.rows[::5])
            if at in self.early:
                return False
            self.early.add(at)
        elif self.early:
            self.early.add(at)
        self.last = max(self.last, at)
        self.rows.extend((at, box.left, box.top, box.right, box.bottom))
        return True


class _Reading:
    """Lines becoming tracks; what is wrong is gathered."""

    def __init__(self, where: str, size: Size) -> None:
        self._where = where
        self._size = size
        self._complaints: list[str | Text] = []
        self._tracks: dict[int, _Keys] = {}

    def tracks(self, lines: Iterator[str]) -> Tracks:
        header = self._header(next(lines, ""))
        for number, line in enumerate(lines, 2):
            if line.strip():
                self._take(number, line)
        self._raise_any()
        keyed = tuple(self._keyed(track, keys) for track, keys in sorted(self._tracks.items()))
        self._raise_any()
        return Tracks(
            self._size, keyed, header.searched, header.frames, header.failed, header.original_sha256, header.doubtful
        )

    def _header(self, line: str) -> Header:
        try:
            return parse_header(line, self._size)
        except LineError as fault:
            raise PlanError(_LINE.with_(where=self._where, number=1, fault=fault)) from None

    def _take(self, number: int, line: str) -> None:
        try:
            self._note(parse_key(line))
        except LineError as fault:
            self._complaints.append(_LINE.with_(where=self._where, number=number, fault=fault))
            if len(self._complaints) >= _MOST_COMPLAINTS:
                self._complaints.append(_MORE.with_(where=self._where))
                self._raise_any()

    def _note(self, key: Key) -> None:
        keys = self._tracks.setdefault(key.track, _Keys(key.label, key.unit))
        if keys.label != key.label:
            raise LineError(f"track {key.track} is a {key.label} here, but a {keys.label} above")
        if keys.unit != key.unit:
            raise LineError(f"track {key.track} goes by {key.unit} here, but by {keys.unit} above")
        if not keys.add(key.at, key.box):
            raise LineError(f"track {key.track} has a box at {key.unit} {key.at:g} already")

    def _keyed(self, track: int, keys: _Keys) -> KeyBoxes:
        rows = np.frombuffer(keys.rows, np.float64).reshape(-1, 5)
        ordered = rows[np.argsort(rows[:, 0], kind="stable")]
        boxes = np.ascontiguousarray(ordered[:, 1:])
        low, high = boxes.min(axis=0), boxes.max(axis=0)
        if high[2] <= 0 or high[3] <= 0 or low[0] >= self._size.width or low[1] >= self._size.height:
            self._complaints.append(_OUTSIDE.with_(where=self._where, track=track, size=self._size))
        return KeyBoxes(track, keys.label, keys.unit, np.ascontiguousarray(ordered[:, 0]), boxes)

    def _raise_any(self) -> None:
        if self._complaints:
            raise PlanError(*self._complaints)


_NOT_UTF8 = Text(
    "{where}：UTF-8 の文字ではありません。軌跡のファイルは UTF-8 の文字で書きます",
    "{where}: is not UTF-8; a tracks file is UTF-8 text",
)
_UNREADABLE = Text("{where}：軌跡のファイルを読めません（{why}）", "{where}: the tracks file cannot be read ({why})")
_NOT_THERE = Text("ファイルがありません", "{why}")
_NO_FILE = Text("通常のファイルではありません", "it is no regular file")
_TOO_LARGE = Text("{most} MiB より大きなファイルです", "it is larger than {most} MiB")
_LINE = Text("{where}：{number} 行目に誤りがあります（{fault}）", "{where}: line {number}: {fault}")
_MORE = Text("{where}：まだあるかもしれません。残りは読んでいません", "{where}: there may be more; the rest was not read")
_OUTSIDE = Text(
    "{where}：軌跡 {track} は {size} の画面の外にあります",
    "{where}: track {track}: lies outside of a picture of {size}",
)
