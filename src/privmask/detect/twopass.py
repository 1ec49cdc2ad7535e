"""The whole clip is searched before a frame is hidden: tracks for a second pass, without a frame being kept.

Links, cuts and places are those of `follow`, but every frame knows all that came before and after it: longer gaps are bridged,
and a track that is sure only at its end is hidden from its beginning.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from math import inf
from operator import itemgetter

import numpy as np

from privmask.detect.cuts import Cuts
from privmask.detect.detector import Detector
from privmask.detect.finds import Finds
from privmask.detect.follow import Failing, Hold, Links, Tally, search
from privmask.detect.linking import Track
from privmask.detect.parting import Placed, parted
from privmask.detect.placing import Moment, place
from privmask.detect.tracks import Run, Tracks, number_runs
from privmask.frame import Frame
from privmask.geometry import Size
from privmask.sighting import Label

_GAP_FACTOR = 2
"""So many times the gap that `follow` bridges: what is on both sides is known."""

_SLACK = 0.001
"""Seconds beyond a track's reach in which frames are looked at as well: its exact end is `place`'s to tell."""


def find_tracks(
    frames: Iterable[Frame],
    detector: Detector,
    hold: Hold,
    size: Size,
    *,
    failing: Failing = "fail",
    tally: Tally | None = None,
    apart: bool = False,
) -> Tracks:
    """The tracks of a clip, from its first frame to its last; `size` is that of the displayed picture.

    A DetectorError goes up; with `failing="hide"` the frame is among the tracks' `failed` instead, to be hidden whole. With
    `apart` a track ends where it may go on as another person, and what lies between two such parts is doubtful.
    """
    finds = (search(frame, detector, failing) for frame in frames)
    return link_finds(finds, detector.labels, hold, size, tally=tally, apart=apart)


def link_finds(
    finds: Iterable[Finds],
    searched: frozenset[Label],
    hold: Hold,
    size: Size,
    *,
    tally: Tally | None = None,
    apart: bool = False,
) -> Tracks:
    """The same, of what was found on every frame of a clip, in their order; `searched` are the labels that were looked for."""
    tally = Tally() if tally is None else tally
    links = Links(float(hold.look_ahead + hold.hold), _GAP_FACTOR)
    times: list[tuple[float, float]] = []
    failed = []
    for each in finds:
        links.add(each)
        if each.failed:
            failed.append(each.index)
        times.append((each.start, each.end))
    keyed, doubtful = number_runs(_runs(links, times, float(hold.hold), size, apart=apart))
    tally.frames, tally.failed, tally.tracks = len(times), len(failed), len(keyed)
    return Tracks(size, keyed, frozenset(searched), len(times), frozenset(failed), doubtful=doubtful)


def _runs(links: Links, times: list[tuple[float, float]], hold: float, size: Size, *, apart: bool) -> Iterator[Run]:
    tracks = deque(track for track in links.linker.tracks if track.counts or apart)
    links.linker.tracks.clear()  # so that each can go when its runs are made: there may be many
    placed = (each for track in _emptied(tracks) for each in _placed(track, links.cuts, times, hold, size))
    if apart:
        return parted(list(placed), np.array([start for start, _ in times]), links.doubts)
    return (each.run for each in placed)


def _emptied(tracks: deque[Track]) -> Iterator[Track]:
    while tracks:
        yield tracks.popleft()


def _placed(track: Track, cuts: Cuts, times: list[tuple[float, float]], hold: float, size: Size) -> Iterator[Placed]:
    run: Run | None = None
    shot_before = -inf, inf
    reach = hold + _SLACK
    first = bisect_left(times, track.times[0] - reach, key=itemgetter(1))
    last = bisect_right(times, track.ends[-1] + reach, key=itemgetter(0))
    for index in range(first, last):
        shot = cuts.shot(times[index][0])
        box = place(track, Moment(*times[index], *shot), hold, size)
        if run and (box is None or shot != shot_before):
            yield Placed(track, run, shot_before)
            run = None
        if box:
            run = run or Run(track.label, index)
            run.add(box)
        shot_before = shot
    if run:
        yield Placed(track, run, shot_before)
