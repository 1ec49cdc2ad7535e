"""Which frame of a track shows best what was found: remembered while a clip is searched, for a picture of each track."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING

from privmask.geometry import Box
from privmask.sighting import LABELS

if TYPE_CHECKING:
    from privmask.detect.finds import Finds
    from privmask.detect.tracks import KeyBoxes

_COLUMNS = 5


class Views:
    """Remembers what was found, in 48 bytes each."""

    def __init__(self) -> None:
        self._frames = array("Q")
        self._values = array("d")

    def note(self, finds: Finds) -> None:
        """What was found on the next frame."""
        for each in finds.found:
            if each.label != "vehicle":
                box, label = each.box, float(LABELS.index(each.label))
                middle = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
                self._frames.append(finds.index)
                self._values.extend((label, *middle, box.bottom - box.top, each.score))

    def best(self, track: KeyBoxes) -> int:
        """The index of the frame on which the track was found largest and surest; its middle where nothing was found.

        `track` has a box on each of its frames, as `find_tracks` makes them.
        """
        first, boxes = int(track.keys[0]), [Box(*row) for row in track.boxes.tolist()]
        found = ((worth, frame) for frame, worth, x, y in self._of(track) if _holds(boxes[frame - first], x, y))
        return max(found, default=(0.0, first + len(boxes) // 2))[1]

    def _of(self, track: KeyBoxes) -> Iterator[tuple[int, float, float, float]]:
        """What was found with the track's label during its frames: frame, height by score, and where its middle is."""
        label = LABELS.index(track.label)
        start, stop = bisect_left(self._frames, int(track.keys[0])), bisect_right(self._frames, int(track.keys[-1]))
        for number in range(start, stop):
            found, x, y, height, score = self._values[number * _COLUMNS : (number + 1) * _COLUMNS]
            if found == label:
                yield self._frames[number], height * score, x, y


def _holds(box: Box, x: float, y: float) -> bool:
    return box.left <= x < box.right and box.top <= y < box.bottom
