"""Where a track has to be hidden at a moment, whether it was found then or not.

Found: its box, and where the finds around it say it should be. Between two finds: the line from one to the other, and where
each side expected it, so that a wrong link or a turn is covered as well. Before the first and after the last: what lies between
standing still and going on. The longer ago a find is, the more the box grows.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from privmask.detect.linking import Track
from privmask.detect.motion import Velocity, between, carried, hull, hull_grown
from privmask.geometry import Box, Size

_GROWTH = 0.35
"""Shares of its size that each side of an unseen box grows in a second …"""
_MOST_GROWTH = 0.25
"""… up to this. With none, faces of a crowd leaked under a panning camera where most frames were not searched."""
_NEIGHBOURS = 0.25
"""Finds so many seconds before and after steady a find: one that is off by half a face must not show it."""
_INSTANT = 1e-6
"""Seconds that do not count: times are floats here."""
_AT_THE_EDGE = 0.25
"""A box that ends less than this share of its size from the picture's edge reaches to it: what is half out is drawn short."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A frame's place in time: shown from `start` to `end` seconds, in a shot that lasts from `shot_start` to `shot_end`."""

    start: float
    end: float
    shot_start: float
    shot_end: float


def place(track: Track, moment: Moment, hold: float, size: Size) -> Box | None:
    """The box to hide at a moment in a picture of `size` (displayed); None where the track is not held, or not in the picture.

    `hold` is for how many seconds it is held before its first find in this shot and after its last.
    """
    time = moment.start
    first, end = bisect_left(track.times, moment.shot_start), bisect_left(track.times, moment.shot_end)
    before, after = bisect_left(track.times, time, first, end), bisect_right(track.times, time, first, end)
    if before < after:
        box = hull(*track.boxes[before:after], *_steadied(track, time, before - 1, after, first, end))
    elif first < before and after < end:
        box = _bridged(track, time, before - 1, after, first, end)
    elif first < before and time - track.ends[before - 1] <= hold + _INSTANT:
        box = _held(track.boxes[before - 1], track.speed_after(before - 1, first), time - track.times[before - 1])
    elif after < end and track.times[after] - moment.end <= hold + _INSTANT:
        box = _held(track.boxes[after], track.speed_before(after, end - 1), time - track.times[after])
    else:
        return None
    return _on_picture(box, size)


def _steadied(track: Track, time: float, before: int, after: int, first: int, end: int) -> tuple[Box, ...]:
    times = track.times
    if before < first or after >= end or times[after] - time > _NEIGHBOURS or time - times[before] > _NEIGHBOURS:
        return ()
    return (_on_line(track, time, before, after),)


def _on_line(track: Track, time: float, before: int, after: int) -> Box:
    start, stop = track.times[before], track.times[after]
    return between(track.boxes[before], track.boxes[after], (time - start) / (stop - start))


def _bridged(track: Track, time: float, before: int, after: int, first: int, end: int) -> Box:
    line = _on_line(track, time, before, after)
    since, until = time - track.times[before], track.times[after] - time
    onward = carried(track.boxes[before], track.speed_after(before, first), since)
    back = carried(track.boxes[after], track.speed_before(after, end - 1), -until)
    return _unsure(min(since, until), line, onward, back)


def _held(known: Box, speed: Velocity, passed: float) -> Box:
    return _unsure(abs(passed), known, carried(known, speed, passed))


def _unsure(seconds: float, *boxes: Box) -> Box:
    """The hull of the places where a thing may be, each grown for the time since it was found."""
    growth = min(_MOST_GROWTH, _GROWTH * seconds)
    return hull_grown(growth, *boxes)


def _on_picture(box: Box, size: Size) -> Box | None:
    """The box, drawn out to the edges that it almost touches; None where no sample of the picture is in it."""
    across, down = _AT_THE_EDGE * (box.right - box.left), _AT_THE_EDGE * (box.bottom - box.top)
    if box.right <= 0 or box.bottom <= 0 or box.left >= size.width or box.top >= size.height:
        return None
    return Box(
        min(box.left, 0.0) if box.left < across else box.left,
        min(box.top, 0.0) if box.top < down else box.top,
        max(box.right, float(size.width)) if box.right > size.width - across else box.right,
        max(box.bottom, float(size.height)) if box.bottom > size.height - down else box.bottom,
    )
