"""Tracks cut where nobody can be sure that they go on as the same person.

What is left visible on purpose must not change over to somebody else. A track is surely one person where it was found all
along, each time about where it was before, nobody else was near, and no shot may have ended. Such a part has a number of its
own; so has what lies between two of them, which is doubtful: it is hidden, whatever a person asks to keep.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from privmask.detect.linking import Track
from privmask.detect.motion import overlap
from privmask.detect.tracks import Run

Times: TypeAlias = NDArray[np.float64]
"""Seconds at which the frames of a clip appear, (n,)."""

_FOUND = 0.25
"""Seconds from a frame to the nearest find, at the most."""
_SAME = 0.3
"""Overlap with the last find, at the least. Somebody who walks past a camera of 5 frames a second keeps 0.4."""
_NEAR = 1.5
"""So many times as far as the larger of both is wide another one is near: two faces of people who pass or hug."""
_NEARER = 1.0
"""The same for what does not count, and only on the frames on which it was found: a brick is soon taken for a face."""
_INSTANT = 1e-6
_AROUND = 0.5
"""Seconds before and after a doubt that are doubtful too."""
_LEAST = 0.25
"""Seconds that a part lasts at the least."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A track on neighbouring frames of one shot, which lasts from `shot[0]` to before `shot[1]` seconds."""

    track: Track
    run: Run
    shot: tuple[float, float]


def parted(all_placed: Sequence[Placed], times: Times, doubts: Sequence[float]) -> Iterator[Run]:
    """The runs of the tracks that count, cut into parts that are one person, and doubtful ones.

    `all_placed` are those of every track, also of one that does not count: it may be somebody all the same. `doubts` are the
    seconds at which another shot may have begun.
    """
    for each, near in zip(all_placed, _near(all_placed, times), strict=True):
        if each.track.counts:
            at = times[each.run.first : each.run.first + len(each.run)]
            unsure = [*at[near], *_leaps(each), *doubts]
            yield from _parts(each.run, at, _is_found(each, at) & ~_within(at, np.sort(unsure), _AROUND))


def _near(all_placed: Sequence[Placed], times: Times) -> list[NDArray[np.bool_]]:
    """For each of them its frames on which another one of its label is near."""
    near = [np.zeros(len(each.run), np.bool_) for each in all_placed]
    running: list[int] = []
    for one in sorted(range(len(all_placed)), key=lambda number: all_placed[number].run.first):
        run = all_placed[one].run
        running = [other for other in running if all_placed[other].run.first + len(near[other]) > run.first]
        for other in running:
            if all_placed[other].run.label == run.label:
                skipped = run.first - all_placed[other].run.first
                both = min(len(run), len(near[other]) - skipped)
                close = _are_close(all_placed[one], all_placed[other], slice(run.first, run.first + both), times)
                near[one][:both] |= close
                near[other][skipped : skipped + both] |= close
        running.append(one)
    return near


def _are_close(one: Placed, other: Placed, frames: slice, times: Times) -> NDArray[np.bool_]:
    """On which of these frames both are near each other, (n,)."""
    counts = one.track.counts and other.track.counts
    first, second = (
        each.run.rows()[frames.start - each.run.first :][: frames.stop - frames.start] for each in (one, other)
    )
    away = np.hypot(*((first[:, :2] + first[:, 2:] - second[:, :2] - second[:, 2:]) / 2).T)
    sides = np.maximum(first[:, 2:] - first[:, :2], second[:, 2:] - second[:, :2])
    close = away < (_NEAR if counts else _NEARER) * np.sqrt(sides.prod(axis=1))
    for each in (one, other):
        if not each.track.counts:
            close &= _within(times[frames], np.asarray(each.track.times), _INSTANT)
    return np.asarray(close, np.bool_)


def _is_found(each: Placed, at: Times) -> NDArray[np.bool_]:
    """On which frames the track was found in this shot a moment before or after."""
    finds = np.asarray(each.track.times)
    return _within(at, finds[(finds >= each.shot[0]) & (finds < each.shot[1])], _FOUND)


def _leaps(each: Placed) -> Iterator[float]:
    """The seconds at which it was found where it was not before."""
    track = each.track
    for number in range(1, len(track.times)):
        if overlap(track.boxes[number - 1], track.boxes[number]) < _SAME:
            yield track.times[number]


def _within(at: Times, marks: Times, seconds: float) -> NDArray[np.bool_]:
    """Which of these moments are so near to a mark; marks rise."""
    if not len(marks):
        return np.zeros(len(at), np.bool_)
    after = np.searchsorted(marks, at)
    distance = np.minimum(abs(marks[np.minimum(after, len(marks) - 1)] - at), abs(marks[np.maximum(after, 1) - 1] - at))
    return np.asarray(distance <= seconds, np.bool_)


def _parts(run: Run, at: Times, sure: NDArray[np.bool_]) -> Iterator[Run]:
    """The run cut where it begins or ends to be sure."""
    for start, stop in _stretches(sure):
        if at[stop - 1] - at[start] < _LEAST:
            sure[start:stop] = False
    for start, stop in _stretches(sure):
        yield replace(run.part(start, stop), doubtful=not sure[start])


def _stretches(sure: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = [0, *(np.flatnonzero(np.diff(sure)) + 1).tolist(), len(sure)]
    return list(pairwise(edges))
