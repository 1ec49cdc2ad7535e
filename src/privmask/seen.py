"""What was hidden because it was seen: remembered frame by frame, in little memory."""

from __future__ import annotations

import io
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from privmask.frame import Frame
from privmask.geometry import Box, Size
from privmask.sighting import LABELS, Label, Sighting

if TYPE_CHECKING:
    from privmask.detect.tracks import Run

_COLUMNS = 6


class Seen:
    """The sightings of each frame, by its index, and the frames that were hidden whole. 48 bytes a sighting, 8 a frame."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self._ends = array("Q")
        self._values = array("d")
        self._whole: set[int] = set()

    @property
    def frames(self) -> int:
        """How many frames came."""
        return len(self._ends)

    def note(self, frame: Frame, sightings: Iterable[Sighting]) -> None:
        """Remember one frame; they come in their order."""
        for each in sightings:
            box = each.box
            label = float(LABELS.index(each.label))
            self._values.extend((float(each.track), label, box.left, box.top, box.right, box.bottom))
        self._ends.append(len(self._values))
        if frame.hide_all:
            self._whole.add(frame.index)

    def at(self, index: int) -> tuple[Sighting, ...]:
        """What was hidden on the frame of that index."""
        start, end = self._ends[index - 1] if index else 0, self._ends[index]
        return tuple(self._rows(start, end))

    def again(self, frame: Frame) -> tuple[Frame, tuple[Sighting, ...]]:
        """A frame that was decoded once more, with what was hidden on it."""
        sightings = self.at(frame.index) if self._ends else ()
        return (replace(frame, hide_all=True) if frame.index in self._whole else frame), sightings

    def counted(self) -> dict[Label, int]:
        """The number of tracks of each label."""
        pairs = set(zip(self._values[::_COLUMNS], self._values[1::_COLUMNS], strict=True))
        return dict(Counter(LABELS[int(label)] for _, label in sorted(pairs)))

    def as_file(self, searched: frozenset[Label]) -> bytes:
        """All of it as a file of tracks; one that was not hidden for a while goes on under a new number."""
        from privmask.detect.trackfile import write_tracks
        from privmask.detect.tracks import Tracks, number_runs

        keyed, _ = number_runs(self._runs())
        file = io.BytesIO()
        write_tracks(Tracks(self.size, keyed, searched, self.frames, frozenset(self._whole)), file)
        return file.getvalue()

    def _runs(self) -> Iterator[Run]:
        from privmask.detect.tracks import Run

        running: dict[int, Run] = {}
        for index in range(self.frames):
            now = {each.track: each for each in self.at(index)}
            yield from [running.pop(track) for track in list(running) if track not in now]
            for track, each in now.items():
                running.setdefault(track, Run(each.label, index)).add(each.box)
        yield from running.values()

    def _rows(self, start: int, end: int) -> Iterator[Sighting]:
        for at in range(start, end, _COLUMNS):
            track, label, *sides = self._values[at : at + _COLUMNS]
            yield Sighting(int(track), LABELS[int(label)], Box(*sides))
