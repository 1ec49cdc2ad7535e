"""Detections of single frames, linked over time into tracks.

A detection joins the track that it fits best by place and size, across gaps and with the track's own speed. What is sure is
joined first, then what is weak: weak finds lengthen a track, but need company to begin one that counts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from math import log

from privmask.detect.detector import Detection
from privmask.detect.motion import Velocity, carried, distance, extent, overlap, velocity
from privmask.geometry import Box
from privmask.sighting import LABELS, Label


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


class Track:
    """Finds of one thing, in the order of time. It `counts` once there is proof that it is something.

    `times` and `ends` are the seconds from which to which the frame of each find is shown, `boxes` are in samples of the
    displayed picture.
    """

    def __init__(self, name: int, label: Label) -> None:
        self.name = name
        self.label = label
        self.times: list[float] = []
        self.ends: list[float] = []
        self.boxes: list[Box] = []
        self.counts = False
        self.doubtful = False
        self._fair: list[float] = []

    def add(self, time: float, end: float, detection: Detection, rules: Rules) -> None:
        """Note a find; times never fall."""
        self.times.append(time)
        self.ends.append(end)
        self.boxes.append(detection.box)
        self.doubtful = False
        if detection.score >= rules.fair:
            self._fair = [*(past for past in self._fair if past > time - rules.fair_seconds), time]
        self.counts = self.counts or detection.score >= rules.strong or len(self._fair) >= rules.fair_finds

    def speed_after(self, last: int, first: int, rules: Rules = RULES) -> Velocity:
        """The speed at find number `last`, from it and finds before it, of which `first` is the earliest that may be used."""
        start = max(first, bisect_left(self.times, self.times[last] - rules.speed_seconds))
        return velocity(self.times[start : last + 1], self.boxes[start : last + 1])

    def speed_before(self, first: int, last: int, rules: Rules = RULES) -> Velocity:
        """The speed at find number `first`, from it and finds after it, up to number `last`."""
        end = min(last + 1, bisect_left(self.times, self.times[first] + rules.speed_seconds))
        end = max(end, first + 1)
        return velocity(self.times[first:end], self.boxes[first:end])

    def forget(self, seconds: float) -> None:
        """Drop the finds before this moment, but for the last of them."""
        past = max(0, bisect_left(self.times, seconds) - 1)
        del self.times[:past], self.ends[:past], self.boxes[:past]


class Linker:
    """The tracks of a clip, as far as its frames have come. A track ends after `gap` seconds without a find."""

    def __init__(self, gap: float, rules: Rules = RULES) -> None:
        self.tracks: list[Track] = []
        self._gap = gap
        self._rules = rules
        self._names = count(1)

    def add(self, time: float, end: float, detections: Iterable[Detection], *, doubtful: bool = False) -> None:
        """Link the finds of the next frame, shown from `time` to `end` seconds; `doubtful`: it may belong to another shot."""
        if doubtful:
            for track in self.tracks:
                track.doubtful = True
        found = [each for each in detections if each.label in LABELS]
        strong = [each for each in found if each.score >= self._rules.strong]
        weak = [each for each in found if each.score < self._rules.strong]
        here = _Here(time, end, [track for track in self.tracks if track.ends[-1] >= time - self._gap])
        self._begin(here, self._join(here, strong))
        alone = self._join(here, weak)
        self._begin(here, [each for each in alone if not here.has(each, self._rules.twice)])

    def forget(self, seconds: float, speed_from: float) -> None:
        """Drop tracks whose last find was over before `seconds`, and of the others the finds that began before `speed_from`."""
        self.tracks = [track for track in self.tracks if track.ends[-1] >= seconds]
        for track in self.tracks:
            track.forget(speed_from)

    def _begin(self, here: _Here, alone: Iterable[Detection]) -> None:
        for detection in alone:
            if detection.label != "vehicle":
                track = Track(next(self._names), detection.label)
                here.join(track, detection, self._rules)
                self.tracks.append(track)

    def _join(self, here: _Here, found: list[Detection]) -> list[Detection]:
        """Join finds to tracks, the best fit first; the finds that are left."""
        alone = dict(enumerate(found))
        free = dict(enumerate(here.free))
        for _, t, f in sorted(self._fits(here.time, free, alone)):
            if t in free and f in alone:
                here.join(free.pop(t), alone.pop(f), self._rules)
        return list(alone.values())

    def _fits(
        self, time: float, free: dict[int, Track], found: dict[int, Detection]
    ) -> Iterator[tuple[float, int, int]]:
        for t, track in free.items():
            waited = time - track.times[-1]
            expected = carried(track.boxes[-1], track.speed_after(len(track.times) - 1, 0, self._rules), waited)
            for f, each in found.items():
                misfit = self._misfit(track, expected, waited, each)
                if misfit is not None:
                    yield misfit, t, f

    def _misfit(self, track: Track, expected: Box, waited: float, found: Detection) -> float | None:
        """How badly a find fits a track, 0 for perfectly; None where it cannot be the same thing."""
        rules = self._rules
        if found.label != track.label:
            return None
        if track.doubtful and overlap(track.boxes[-1], found.box) < rules.same_place:
            return None
        size, expected_size = extent(found.box), extent(expected)
        away = distance(found.box, expected) / ((size + expected_size) / 2)
        away /= min(rules.furthest, rules.reach + rules.reach_a_second * waited)
        scale = abs(log(size / expected_size)) / min(2 * rules.scale, rules.scale + rules.scale_a_second * waited)
        return away + scale / 2 if away <= 1 and scale <= 1 else None


@dataclass(slots=True)
class _Here:
    """One frame's linking: the tracks that have no find on it yet, and the finds that have a track."""

    time: float
    end: float
    free: list[Track]
    taken: list[Detection] = field(default_factory=list)

    def join(self, track: Track, found: Detection, rules: Rules) -> None:
        track.add(self.time, self.end, found, rules)
        self.taken.append(found)
        if track in self.free:
            self.free.remove(track)

    def has(self, found: Detection, share: float) -> bool:
        """Whether a find that was taken already is of the same thing."""
        return any(each.label == found.label and overlap(each.box, found.box) > share for each in self.taken)
