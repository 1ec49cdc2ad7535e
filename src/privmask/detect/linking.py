"""Detections of single frames, linked over time into tracks.

A detection joins the track that it fits best by place and size, across gaps and with the track's own speed. What is sure is
joined first, then what is weak: weak finds lengthen a track, but need company to begin one that counts.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from math import inf
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from privmask.detect.boxlist import BoxList
from privmask.detect.detector import Detection
from privmask.detect.motion import Velocity, carried, centre, extent, overlap, velocity
from privmask.geometry import Box
from privmask.sighting import LABELS, Label

Spots: TypeAlias = NDArray[np.float64]
"""(n, 3): middle across and down, and size, in samples."""


@dataclass(frozen=True, slots=True)
class Rules:
    """When detections are one thing, and when it counts. Found on the clips with ground truth."""

    strong: float = 0.6
    """A single find of this score counts."""
    fair: float = 0.45
    fair_finds: int = 4
    fair_seconds: float = 1.0
    """So many fair finds of one thing within so long count as well: a far or dark face may never be found strongly. Leaves and
    bricks are found as often, but with less."""
    reach: float = 0.6
    """How far from where it was expected a thing may be found, in its own sizes, at once …"""
    reach_a_second: float = 4.0
    """… and more for each second without a find …"""
    furthest: float = 2.5
    """… but no further than this."""
    scale: float = 0.6
    """How much larger or smaller it may be found (logarithm of the ratio), at once …"""
    scale_a_second: float = 0.6
    """… and more for each second, up to twice `scale`."""
    same_place: float = 0.3
    """Overlap with its last box that is needed where the shot may have ended."""
    twice: float = 0.4
    """A weak find that overlaps a find already taken by this much is of the same thing."""
    speed_seconds: float = 0.4
    """The speed is taken from the finds of so long."""


RULES = Rules()

_LAST_CHOICE = 100.0
"""Added to a misfit, it is above all others."""

_SPEEDS = 4
"""Speeds that a track remembers while it is placed: on both sides of this moment, and of the next."""
_REST = 0.0, 0.0


class Track:
    """Finds of one thing, in the order of time. It `counts` once there is proof that it is something.

    `times` and `ends` are the seconds from which to which the frame of each find is shown, `boxes` are in samples of the
    displayed picture.
    """

    def __init__(self, name: int, label: Label) -> None:
        self.name = name
        self.label = label
        self.times = array("d")
        self.ends = array("d")
        self.boxes = BoxList()
        self.counts = False
        self.doubtful = False
        self._fair: list[float] = []
        self._dropped = 0
        self._onward: Velocity | None = None
        self._speeds: dict[tuple[int, int], Velocity] = {}

    def add(self, time: float, end: float, detection: Detection, rules: Rules) -> None:
        """Note a find; times never fall."""
        self.times.append(time)
        self.ends.append(end)
        self.boxes.append(detection.box)
        self._onward = None
        self.doubtful = False
        if detection.score >= rules.fair:
            self._fair = [*(past for past in self._fair if past > time - rules.fair_seconds), time]
        self.counts = self.counts or detection.score >= rules.strong or len(self._fair) >= rules.fair_finds

    def speed_after(self, last: int, first: int, rules: Rules = RULES) -> Velocity:
        """The speed at find number `last`, from it and finds before it, of which `first` is the earliest that may be used."""
        return self._speed(bisect_left(self.times, self.times[last] - rules.speed_seconds, first, last), last + 1)

    def speed_before(self, first: int, last: int, rules: Rules = RULES) -> Velocity:
        """The speed at find number `first`, from it and finds after it, up to number `last`."""
        end = bisect_left(self.times, self.times[first] + rules.speed_seconds, first + 1, last + 1)
        return self._speed(first, end)

    def _speed(self, start: int, stop: int) -> Velocity:
        """The speed from the finds of these numbers; each frame between two finds asks for the same ones again."""
        if stop - start < 2:
            return _REST
        between = self._dropped + start, self._dropped + stop
        if between not in self._speeds:
            if len(self._speeds) >= _SPEEDS:
                self._speeds.clear()
            self._speeds[between] = self._worked_out(start, stop)
        return self._speeds[between]

    def _worked_out(self, start: int, stop: int) -> Velocity:
        return velocity(self.times[start:stop], *self.boxes.centres(start, stop))

    def expected(self, time: float, rules: Rules) -> Box:
        """Where it should be at a moment after its last find."""
        if self._onward is None:
            start = bisect_left(self.times, self.times[-1] - rules.speed_seconds)
            # Not among the other speeds: of a whole clip's tracks, no more than this one is to be kept.
            self._onward = self._worked_out(start, len(self.times)) if start + 1 < len(self.times) else _REST
        return carried(self.boxes[-1], self._onward, time - self.times[-1])

    def forget(self, seconds: float) -> None:
        """Drop the finds before this moment, but for the last of them."""
        past = max(0, bisect_left(self.times, seconds) - 1)
        del self.times[:past], self.ends[:past]
        self.boxes.drop(past)
        self._dropped += past


class Linker:
    """The tracks of a clip, as far as its frames have come. A track ends after `gap` seconds without a find.

    One that does not count is the last choice after `unproved` seconds: what is long gone and may have been nothing takes no
    find from another.
    """

    def __init__(self, gap: float, rules: Rules = RULES, unproved: float = inf) -> None:
        self.tracks: list[Track] = []
        self._gap = gap
        self._unproved = unproved
        self._rules = rules
        self._names = count(1)

    def add(self, time: float, end: float, detections: Iterable[Detection], *, doubtful: bool = False) -> None:
        """Link the finds of the next frame, shown from `time` to `end` seconds; `doubtful`: it may belong to another shot."""
        if doubtful:
            for track in self.tracks:
                track.doubtful = True
        found = [each for each in detections if each.label in LABELS]
        free = [track for track in self.tracks if track.ends[-1] >= time - self._gap]
        taken: list[Detection] = []
        for each, fitting in self._chosen(time, free, found):
            joined = self._begun(each, taken) if fitting is None else fitting
            if joined is not None:
                joined.add(time, end, each, self._rules)
                taken.append(each)

    def forget(self, seconds: float, speed_from: float) -> None:
        """Drop tracks whose last find was over before `seconds`, and of the others the finds that began before `speed_from`."""
        self.tracks = [track for track in self.tracks if track.ends[-1] >= seconds]
        for track in self.tracks:
            track.forget(speed_from)

    def _begun(self, found: Detection, taken: Iterable[Detection]) -> Track | None:
        """A new track; None for a weak find of something that was found on this frame already."""
        if found.label == "vehicle" or (found.score < self._rules.strong and self._is_taken(found, taken)):
            return None
        track = Track(next(self._names), found.label)
        self.tracks.append(track)
        return track

    def _is_taken(self, found: Detection, taken: Iterable[Detection]) -> bool:
        shares = (overlap(each.box, found.box) for each in taken if each.label == found.label)
        return any(share > self._rules.twice for share in shares)

    def _chosen(
        self, time: float, free: list[Track], found: list[Detection]
    ) -> Iterator[tuple[Detection, Track | None]]:
        """Each find with its track: first those that join one, the sure before the weak and the best fit first."""
        tracks, alone = dict(enumerate(free)), dict(enumerate(found))
        weak = [each.score < self._rules.strong for each in found]
        for _, _, t, f in sorted((weak[f], misfit, t, f) for misfit, t, f in self._fits(time, free, found)):
            if t in tracks and f in alone:
                yield alone.pop(f), tracks.pop(t)
        for each in sorted(alone.values(), key=lambda each: each.score < self._rules.strong):
            yield each, None

    def _fits(self, time: float, free: list[Track], found: list[Detection]) -> Iterator[tuple[float, int, int]]:
        """How badly finds fit tracks, 0 for perfectly, with their numbers; only what can be the same thing."""
        if not free or not found:
            return
        waits = np.array([time - track.times[-1] for track in free])
        expected = as_spots(track.expected(time, self._rules) for track in free)
        misfit = self._misfits(expected, waits, as_spots(each.box for each in found))
        for t, f in np.argwhere(np.isfinite(misfit)).tolist():
            track, each = free[t], found[f]
            same_place = not track.doubtful or overlap(track.boxes[-1], each.box) >= self._rules.same_place
            stale = not track.counts and track.ends[-1] < time - self._unproved
            if track.label == each.label and same_place:
                yield float(misfit[t, f]) + _LAST_CHOICE * stale, t, f

    def _misfits(self, expected: Spots, waits: NDArray[np.float64], found: Spots) -> NDArray[np.float64]:
        """Misfit of every find to every expected place, (tracks, finds); infinite where out of reach."""
        rules = self._rules
        place, size = expected[:, None, :2], expected[:, None, 2]
        reach = np.minimum(rules.furthest, rules.reach + rules.reach_a_second * waits)[:, None]
        away = np.hypot(*np.moveaxis(place - found[None, :, :2], 2, 0)) / ((size + found[None, :, 2]) / 2) / reach
        scale = np.minimum(2 * rules.scale, rules.scale + rules.scale_a_second * waits)[:, None]
        larger = np.abs(np.log(found[None, :, 2] / size)) / scale
        return np.where((away <= 1) & (larger <= 1), away + larger / 2, np.inf)


def as_spots(boxes: Iterable[Box]) -> Spots:
    """Middle and size of each box."""
    return np.array([(*centre(box), extent(box)) for box in boxes])
