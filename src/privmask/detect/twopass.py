"""The whole clip is searched before a frame is hidden: tracks for a second pass, without a frame being kept.

Links, cuts and places are those of `follow`, but every frame knows all that came before and after it: longer gaps are bridged,
and a track that is sure only at its end is hidden from its beginning.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from operator import itemgetter

from privmask.detect.cuts import Cuts
from privmask.detect.detector import Detector
from privmask.detect.follow import Failing, Hold, Search, Tally, shown
from privmask.detect.linking import Track
from privmask.detect.placing import Moment, place
from privmask.detect.tracks import Run, Tracks
from privmask.frame import Frame
from privmask.geometry import Size

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
) -> Tracks:
    """The tracks of a clip, from its first frame to its last; `size` is that of the displayed picture.

    A DetectorError goes up; with `failing="hide"` the frame is among the tracks' `failed` instead, to be hidden whole.
    """
    tally = Tally() if tally is None else tally
    search = Search(detector, float(hold.look_ahead + hold.hold), failing, _GAP_FACTOR)
    times: list[tuple[float, float]] = []
    failed = []
    for frame in frames:
        if search.on(frame) is not frame:
            failed.append(frame.index)
        times.append(shown(frame))
    runs = sorted(_runs(search, times, float(hold.hold), size), key=lambda run: run.first)
    keyed = tuple(run.keyed(number) for number, run in enumerate(runs, 1))
    tally.frames, tally.failed, tally.tracks = len(times), len(failed), len(keyed)
    return Tracks(size, keyed, frozenset(detector.labels), len(times), frozenset(failed))


def _runs(search: Search, times: list[tuple[float, float]], hold: float, size: Size) -> Iterator[Run]:
    for track in search.linker.tracks:
        if track.counts:
            yield from _runs_of(track, search.cuts, times, hold, size)


def _runs_of(track: Track, cuts: Cuts, times: list[tuple[float, float]], hold: float, size: Size) -> Iterator[Run]:
    run: Run | None = None
    shot_before = None
    reach = hold + _SLACK
    first = bisect_left(times, track.times[0] - reach, key=itemgetter(1))
    last = bisect_right(times, track.ends[-1] + reach, key=itemgetter(0))
    for index in range(first, last):
        shot = cuts.shot(times[index][0])
        box = place(track, Moment(*times[index], *shot), hold, size)
        if run and (box is None or shot != shot_before):
            yield run
            run = None
        if box:
            run = run or Run(track.label, index, [])
            run.boxes.append(box)
        shot_before = shot
    if run:
        yield run
