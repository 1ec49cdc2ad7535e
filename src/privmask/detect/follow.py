"""Frames in, the same frames out a little later, each with what has to be hidden on it.

A frame waits in a delay line until `look_ahead` seconds after it have been searched: what is found there is hidden on this
frame already.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, TypeAlias

from privmask.detect.cuts import Cuts, as_signature, signature
from privmask.detect.detector import Detector
from privmask.detect.finds import Finds
from privmask.detect.guard import LAST_FRAME
from privmask.detect.linking import RULES, Linker, Track
from privmask.detect.placing import Moment, place
from privmask.detect.tracks import Followed
from privmask.errors import DetectorError
from privmask.frame import Frame
from privmask.geometry import Size
from privmask.sighting import Sighting
from privmask.workers import Producer

Failing: TypeAlias = Literal["fail", "hide"]
Searched: TypeAlias = tuple[Frame, Finds]

LONGEST_DELAY = Fraction(3, 2)
"""Seconds of frames that are held at the most, whatever is asked for."""
MOST_FRAMES = 128
MOST_BYTES = 1 << 29
"""Frames and bytes of frames that are held at the most: at high rates of large pictures the delay line gets shorter."""


@dataclass(frozen=True, slots=True)
class Hold:
    """For how many seconds a frame waits for what comes after it, and a thing is hidden before and after it is found."""

    look_ahead: Fraction = Fraction(1)
    hold: Fraction = Fraction(1)


@dataclass(slots=True)
class Tally:
    """Counted while following runs: frames, those on which the detector failed, and the tracks that were hidden."""

    frames: int = 0
    failed: int = 0
    tracks: int = 0


def follow(
    frames: Iterable[Frame],
    detector: Detector,
    hold: Hold,
    size: Size,
    *,
    failing: Failing = "fail",
    tally: Tally | None = None,
    prompt: bool = False,
) -> Generator[Followed, None, None]:
    """The frames in their order, each with where things have to be hidden on it; `size` is that of the displayed picture.

    A frame comes out once `look_ahead` seconds after it have come in; no more than `LONGEST_DELAY`, `MOST_FRAMES` and
    `MOST_BYTES` are held. A DetectorError goes up; with `failing="hide"` the frame is hidden whole instead. Frames that are
    hidden whole already are not searched.

    The search has a thread of its own, which is one frame ahead, so that frames are hidden and written meanwhile. With `prompt`
    it has none: no frame waits for the next one to come.
    """
    tally = Tally() if tally is None else tally
    links = Links(float(hold.look_ahead + hold.hold))
    places = _Places(links, float(hold.hold), size, tally)
    line: deque[Frame] = deque()
    wait = min(hold.look_ahead, LONGEST_DELAY)
    searched = ((frame, search(frame, detector, failing)) for frame in frames)
    for came, found in searched if prompt else _beside(searched):
        links.add(found)
        tally.frames += 1
        tally.failed += found.failed
        line.append(replace(came, hide_all=True) if found.failed else came)
        while line and _is_full(line, wait):
            yield places.on(line.popleft())
    while line:
        yield places.on(line.popleft())


def _beside(searched: Iterator[Searched]) -> Iterator[Searched]:
    """The same, made in a thread of its own."""
    producer = Producer(searched, "privmask-search", depth=0)
    try:
        yield from producer
    finally:
        producer.close(LAST_FRAME)


def _is_full(line: deque[Frame], wait: Fraction) -> bool:
    """Whether the first frame may go."""
    held = sum(plane.samples.nbytes for plane in line[0].planes) * len(line)
    waited = line[-1].start_time - line[0].start_time
    return waited >= wait or len(line) >= MOST_FRAMES or (held > MOST_BYTES and len(line) > 1)


def search(frame: Frame, detector: Detector, failing: Failing) -> Finds:
    """Search the next frame, unless it is hidden whole."""
    start, end = shown(frame)
    if frame.hide_all:
        return Finds(frame.index, start, end, None)
    outline = signature(frame).tobytes()
    try:
        return Finds(frame.index, start, end, outline, detector.detect(frame))
    except DetectorError:
        if failing == "fail":
            raise
        return Finds(frame.index, start, end, outline, failed=True)


class Links:
    """What was found on frames as they come, linked into tracks, and the cuts between them.

    A track that counts outlives `longer` times the `gap` in which nothing is found. `doubts` are the seconds at which another
    shot may have begun.
    """

    def __init__(self, gap: float, longer: float = 1) -> None:
        self.gap = gap * longer
        self.cuts = Cuts()
        self.doubts = array("d")
        self.linker = Linker(self.gap, unproved=gap)

    def add(self, finds: Finds) -> None:
        """Link what was found on the next frame."""
        if finds.outline is None:
            return
        doubtful = self.cuts.note(finds.start, as_signature(finds.outline))
        if doubtful:
            self.doubts.append(finds.start)
        self.linker.add(finds.start, finds.end, finds.found, doubtful=doubtful)


class _Places:
    """Sightings on frames as they leave."""

    def __init__(self, links: Links, hold: float, size: Size, tally: Tally) -> None:
        self._links = links
        self._hold = hold
        self._size = size
        self._tally = tally
        self._numbers: dict[tuple[int, float], int] = {}

    def on(self, frame: Frame) -> Followed:
        """The frame with its sightings; what no later frame needs is forgotten."""
        start, end = shown(frame)
        sightings = tuple(self._sightings(Moment(start, end, *self._links.cuts.shot(start))))
        self._links.linker.forget(start - self._hold, start - self._links.gap - RULES.speed_seconds)
        self._links.cuts.forget(start - self._links.gap)
        return frame, sightings

    def _sightings(self, moment: Moment) -> Iterator[Sighting]:
        for track in self._links.linker.tracks:
            box = place(track, moment, self._hold, self._size) if track.counts else None
            if box is not None:
                yield Sighting(self._number(track, moment), track.label, box)

    def _number(self, track: Track, moment: Moment) -> int:
        """Tracks are numbered as they are first hidden; a cut ends a number."""
        key = (track.name, moment.shot_start)
        if key not in self._numbers:
            self._tally.tracks += 1
            self._numbers[key] = self._tally.tracks
        return self._numbers[key]


def shown(frame: Frame) -> tuple[float, float]:
    """The seconds from which to which a frame is shown; the same where nobody knows the end."""
    start = float(frame.start_time)
    return start, start if frame.end_time is None else float(frame.end_time)
