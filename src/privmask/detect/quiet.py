"""Quiet stretches: where nothing has moved since a look, its result stands for some time, and nothing is searched.

Two moments are compared in blocks half as high as the smallest thing that is searched for. What noise does to a block is
measured in the same pictures, and a change of the light that is the same everywhere is taken out. In doubt something has moved:
a look costs time, a wrong rest a face.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from privmask.detect.boxes import Boxes
from privmask.detect.picture import read_blocks
from privmask.frame import Frame, Picture

Blocks: TypeAlias = NDArray[np.int16]

LONGEST = Fraction(4, 5)
"""Seconds for which a look's result stands: less than things are held by default, so that one missed look opens nothing."""

_SIDES = 2, 16
_STEP = 4.0
"""Levels of 255 by which a block has to change to have moved, in a picture without noise. Coding makes 3 of itself; a face of
25 levels' contrast that has moved by an eighth of its height makes 6."""

_SIGMAS = 6.0
"""The same in deviations of the noise: of 100,000 blocks of noise none goes beyond in a day of looks."""

_NOISIEST = 2.0
"""Deviation of the blocks, in levels, above which a picture is never quiet: too noisy to tell, or moving in many places."""


class Stillness:
    """The pictures of one stream in blocks; `smallest` is the height of the smallest thing that is searched for, in samples."""

    def __init__(self, picture: Picture, smallest: int) -> None:
        self._side = min(max(smallest // 2, _SIDES[0]), _SIDES[1])
        self._picture = picture
        self._last: tuple[int, Blocks] | None = None

    def blocks(self, frame: Frame) -> Blocks:
        """The frame in blocks, int16 (rows, columns), levels of 255; the same array again for the same frame."""
        if self._last is None or self._last[0] != frame.index:
            self._last = (frame.index, read_blocks(frame, self._picture, self._side).astype(np.int16))
        return self._last[1]


@dataclass(frozen=True, slots=True)
class _Result:
    start: Fraction
    blocks: Blocks
    boxes: Boxes


class Recall:
    """The result of one look's last search, as long as it stands."""

    def __init__(self, stillness: Stillness) -> None:
        self._stillness = stillness
        self._result: _Result | None = None

    def again(self, frame: Frame) -> Boxes | None:
        """What was found at the last search if nothing has moved since, at most `LONGEST` seconds ago; else None."""
        result = self._result
        if result is None or not 0 <= frame.start_time - result.start < LONGEST:
            return None
        return None if has_moved(result.blocks, self._stillness.blocks(frame)) else result.boxes

    def keep(self, frame: Frame, boxes: Boxes, *, certain: bool) -> None:
        """Remember a search; one that is not `certain` of all that it found is to be done again the next time."""
        self._result = _Result(frame.start_time, self._stillness.blocks(frame), boxes) if certain else None


def has_moved(before: Blocks, after: Blocks) -> bool:
    """Whether any block has changed by more than noise, coding and an even change of the light explain."""
    change = after - before
    change -= np.int16(np.median(change[::4, ::4]))
    size = np.abs(change)
    noise = 1.25 * float(size.mean())  # the deviation of a normal distribution with that mean
    return noise > _NOISIEST or float(size.max()) > max(_STEP, _SIGMAS * noise)
