"""What was hidden because it was seen: remembered frame by frame, in little memory."""

from __future__ import annotations

import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from privmask.frame import Frame
from privmask.geometry import Box, Size
from privmask.sighting import LABELS, Label, Sighting

if TYPE_CHECKING:
    from privmask.detect.tracklines import Key

_COLUMNS = 6
_FRAMES = 256
"""Frames whose sightings are packed together: boxes on neighbouring frames are much alike."""


class Seen:
    """The sightings of each frame, by its index, and the frames that were hidden whole: some 10 bytes a sighting, 8 a frame."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self._ends = array("Q")
        self._packed: list[bytes] = []
        self._values = array("d")  # of the frames since
        self._unpacked = (-1, self._values)
        self._whole: set[int] = set()
        self._tracks: set[tuple[int, Label]] = set()

    @property
    def whole(self) -> frozenset[int]:
        """The indexes of the frames that were hidden whole."""
        return frozenset(self._whole)

    @property
    def frames(self) -> int:
        """How many frames came."""
        return len(self._ends)

    def note(self, frame: Frame, sightings: Iterable[Sighting]) -> None:
        """Remember one frame; they come in their order."""
        for each in sightings:
            box = each.box
            label = float(LABELS.index(each.label))
            self._tracks.add((each.track, each.label))
            self._values.extend((float(each.track), label, box.left, box.top, box.right, box.bottom))
        self._ends.append(self._first(len(self._packed)) + len(self._values))
        if frame.hide_all:
            self._whole.add(frame.index)
        if len(self._ends) % _FRAMES == 0:
            self._packed.append(zlib.compress(self._values.tobytes(), 1))
            self._values = array("d")

    def at(self, index: int) -> tuple[Sighting, ...]:
        """What was hidden on the frame of that index."""
        block = index // _FRAMES
        first = self._first(block)
        start = self._ends[index - 1] if index else 0
        return tuple(_rows(self._block(block)[start - first : self._ends[index] - first]))

    def again(self, frame: Frame) -> tuple[Frame, tuple[Sighting, ...]]:
        """A frame that was decoded once more, with what was hidden on it."""
        sightings = self.at(frame.index) if self._ends else ()
        return (replace(frame, hide_all=True) if frame.index in self._whole else frame), sightings

    def counted(self) -> dict[Label, int]:
        """The number of tracks of each label."""
        return dict(Counter(label for _, label in sorted(self._tracks)))

    def as_file(self, searched: frozenset[Label]) -> Iterable[bytes]:
        """All of it as a file of tracks, block by block; one that was not hidden for a while goes on under a new number."""
        return _File(self, searched)

    def keys(self) -> Iterator[Key]:
        """All of it, frame by frame, as lines of such a file."""
        from privmask.detect.tracklines import Key

        numbers: dict[int, int] = {}
        last = 0
        for index in range(self.frames):
            now = {each.track: each for each in self.at(index)}
            numbers = {track: numbers[track] for track in now if track in numbers}
            for track in now:
                if track not in numbers:
                    last += 1
                    numbers[track] = last
            for number, track in sorted((number, track) for track, number in numbers.items()):
                yield Key("frame", index, number, now[track].label, now[track].box)

    def _first(self, block: int) -> int:
        """How many values came before a block."""
        return self._ends[block * _FRAMES - 1] if block else 0

    def _block(self, number: int) -> array[float]:
        """The values of a block; the last one that was unpacked is at hand."""
        if number == len(self._packed):
            return self._values
        at, values = self._unpacked
        if at != number:
            values = array("d", zlib.decompress(self._packed[number]))
            self._unpacked = number, values
        return values


def _rows(values: array[float]) -> Iterator[Sighting]:
    for at in range(0, len(values), _COLUMNS):
        track, label, *sides = values[at : at + _COLUMNS]
        yield Sighting(int(track), LABELS[int(label)], Box(*sides))


class _File:
    """What was seen, to be gone through as often as it is needed: to be hashed, and to be written."""

    def __init__(self, seen: Seen, searched: frozenset[Label]) -> None:
        self._seen = seen
        self._searched = searched
        self._packed: list[bytes] | None = None

    def __iter__(self) -> Iterator[bytes]:
        if self._packed is not None:
            yield from map(zlib.decompress, self._packed)
            return
        packed = []
        for block in self._blocks():
            packed.append(zlib.compress(block, 1))  # a sixth of it, and to unpack it costs next to nothing
            yield block
        self._packed = packed

    def _blocks(self) -> Iterator[bytes]:
        from privmask.detect.trackfile import blocks
        from privmask.detect.tracks import Tracks

        seen = self._seen
        return blocks(Tracks(seen.size, (), self._searched, seen.frames, seen.whole), seen.keys())
