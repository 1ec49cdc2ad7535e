"""Tracks of a whole clip: boxes at key frames or key times, and what they come to on each frame.

They come from a detector that has seen the whole clip, or from people, who write a few key boxes and mean what lies between.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from privmask.errors import PlanError
from privmask.frame import Frame
from privmask.geometry import Box, Size
from privmask.sighting import Label, Sighting

Followed: TypeAlias = tuple[Frame, tuple[Sighting, ...]]
"""A frame, and where things have to be hidden on it."""


@dataclass(frozen=True, slots=True, eq=False)
class KeyBoxes:
    """One track: it is hidden from its first key to its last, on a straight line from box to box.

    `keys` are float64 (n,), rising: indexes of frames where `unit` is "frame", seconds since the clip's first frame where it is
    "time". `boxes` are float64 (n, 4): left, top, right, bottom in samples of the displayed picture.
    """

    track: int
    label: Label
    unit: Literal["frame", "time"]
    keys: NDArray[np.float64]
    boxes: NDArray[np.float64]

    def on(self, first: float, last: float) -> Box | None:
        """The hull of all places between two moments, both included; None where the track is over or yet to come."""
        start, stop = max(first, self.keys[0]), min(last, self.keys[-1])
        if start > stop:
            return None
        inner = self.boxes[np.searchsorted(self.keys, start, "right") : np.searchsorted(self.keys, stop, "left")]
        places = np.vstack((self._at(start), inner, self._at(stop)))
        return Box(*places[:, :2].min(axis=0).tolist(), *places[:, 2:].max(axis=0).tolist())

    def _at(self, key: float) -> NDArray[np.float64]:
        after = int(np.searchsorted(self.keys, key))
        if self.keys[after] == key:
            found: NDArray[np.float64] = self.boxes[after]
            return found
        start, stop = self.keys[after - 1], self.keys[after]
        share = (key - start) / (stop - start)
        line: NDArray[np.float64] = self.boxes[after - 1] * (1 - share) + self.boxes[after] * share
        return line


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """The tracks of a clip whose displayed pictures have `size`.

    `searched` are the labels that a detector has looked for, `frames` on how many frames (None: nobody counted), and `failed`
    the indexes of those that could not be searched and have to be hidden whole. `doubtful` are the numbers of tracks that may
    be several people, one after the other.
    """

    size: Size
    keyed: tuple[KeyBoxes, ...] = ()
    searched: frozenset[Label] = frozenset()
    frames: int | None = None
    failed: frozenset[int] = frozenset()
    original_sha256: str | None = None
    doubtful: frozenset[int] = frozenset()

    @property
    def last_number(self) -> int:
        """The highest number of a track, 0 where there is none."""
        return max((each.track for each in self.keyed), default=0)

    def at(self, frame: Frame, zero: Fraction = Fraction(0)) -> tuple[Sighting, ...]:
        """What is to be hidden on a frame of the clip whose first frame appears at `zero` seconds."""
        found = ((each, self._box(each, frame, zero)) for each in self.keyed)
        return tuple(Sighting(each.track, each.label, box) for each, box in found if box and self._shows(box))

    def along(self, frames: Iterable[Frame]) -> Iterator[Followed]:
        """All frames of a clip in their order, each with its sightings; PlanError at its end where the tracks go beyond it."""
        return self.beside((frame, ()) for frame in frames)

    def beside(self, followed: Iterable[Followed]) -> Iterator[Followed]:
        """Frames that were followed already, with these sightings as well; the numbers of the others come after ours."""
        zero, above, last = Fraction(0), self.last_number, None
        for number, (frame, sightings) in enumerate(followed):
            zero = frame.start_time if number == 0 else zero
            others = (replace(each, track=each.track + above) for each in sightings)
            hidden = replace(frame, hide_all=True) if frame.index in self.failed and not frame.hide_all else frame
            last = hidden
            yield hidden, (*self.at(frame, zero), *others)
        if last is not None:
            self.check_frames(last.index + 1)
            self._check_end(last, zero)

    def check_frames(self, frames: int) -> None:
        """Raise PlanError where these are not the tracks of a clip of so many frames."""
        if self.frames not in (None, frames):
            raise PlanError(f"the tracks are of a clip of {self.frames} frames, but this one has {frames}")
        late = [each for each in self.keyed if each.unit == "frame" and each.keys[-1] >= frames]
        if late:
            raise PlanError(*(_beyond(each, f"frame {each.keys[-1]:.0f}", f"{frames} frames") for each in late))

    def _check_end(self, last: Frame, zero: Fraction) -> None:
        end = last.end_time
        if end is not None:
            seconds = float(end - zero)
            late = [each for each in self.keyed if each.unit == "time" and each.keys[0] >= seconds]
            if late:
                raise PlanError(*(_beyond(each, f"{each.keys[0]:g} s", f"{seconds:g} s") for each in late))

    def _box(self, each: KeyBoxes, frame: Frame, zero: Fraction) -> Box | None:
        if each.unit == "frame":
            return each.on(frame.index, frame.index)
        start, end = float(frame.start_time - zero), frame.end_time
        until = float("inf") if end is None else float(end - zero)
        return None if start < each.keys[0] == until else each.on(start, until)

    def _shows(self, box: Box) -> bool:
        return box.right > 0 and box.bottom > 0 and box.left < self.size.width and box.top < self.size.height


@dataclass(slots=True)
class Run:
    """Boxes of one track on neighbouring frames, from frame `first` on, in 32 bytes each.

    `sides` are left, top, right and bottom of one after the other.
    """

    label: Label
    first: int
    sides: array[float] = field(default_factory=lambda: array("d"))
    doubtful: bool = False

    def __len__(self) -> int:
        return len(self.sides) // 4

    def add(self, box: Box) -> None:
        """The box on the next frame."""
        self.sides.extend((box.left, box.top, box.right, box.bottom))

    def rows(self) -> NDArray[np.float64]:
        """Its boxes, float64 (n, 4); read only, and nothing can be added any more."""
        rows = np.frombuffer(self.sides, np.float64).reshape(-1, 4)
        rows.flags.writeable = False
        return rows

    def part(self, start: int, stop: int) -> Run:
        """Its boxes from number `start` to before `stop`."""
        return replace(self, first=self.first + start, sides=self.sides[4 * start : 4 * stop])

    def keyed(self, number: int) -> KeyBoxes:
        """The same as a track of its own."""
        keys = np.arange(self.first, self.first + len(self), dtype=np.float64)
        return KeyBoxes(number, self.label, "frame", keys, self.rows())


def number_runs(runs: Iterable[Run]) -> tuple[tuple[KeyBoxes, ...], frozenset[int]]:
    """Runs as tracks, numbered as they begin, and the numbers of those that are doubtful."""
    numbered = list(enumerate(sorted(runs, key=lambda run: run.first), 1))
    doubtful = frozenset(number for number, run in numbered if run.doubtful)
    return tuple(run.keyed(number) for number, run in numbered), doubtful


def merge(one: Tracks, other: Tracks) -> Tracks:
    """Both together; the tracks of `other` are numbered after those of `one`. Raises PlanError where they are of two clips."""
    if one.size != other.size:
        raise PlanError(f"tracks of a picture of {one.size} cannot be merged with tracks of one of {other.size}")
    if None not in (one.frames, other.frames) and one.frames != other.frames:
        raise PlanError(f"tracks of {one.frames} frames cannot be merged with tracks of {other.frames}")
    above = one.last_number
    return Tracks(
        one.size,
        (*one.keyed, *(replace(each, track=each.track + above) for each in other.keyed)),
        one.searched | other.searched,
        one.frames if other.frames is None else other.frames,
        one.failed | other.failed,
        one.original_sha256 or other.original_sha256,
        one.doubtful | {number + above for number in other.doubtful},
    )


def as_rows(boxes: Iterable[Box]) -> NDArray[np.float64]:
    """Boxes as float64 (n, 4): left, top, right, bottom."""
    return np.array([(box.left, box.top, box.right, box.bottom) for box in boxes], np.float64).reshape(-1, 4)


def _beyond(each: KeyBoxes, place: str, clip: str) -> str:
    return f"track {each.track}: goes to {place}, but the clip has only {clip}"
