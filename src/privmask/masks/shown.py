"""When each mask held: what the statement says about time."""

from __future__ import annotations

from collections.abc import Iterable

from privmask.frame import Frame

Range = tuple[int, int | None]


class Shown:
    """The display intervals of the frames on which each mask held, joined where one ends as the next begins.

    Times are in the stream's units of `time_base`; an end of None is open (the last frame's end is not known). `whole` holds
    the intervals of frames that were damaged and hidden whole. Memory grows with the number of changes, not of frames.
    """

    def __init__(self) -> None:
        self.ranges: dict[str, list[Range]] = {}
        self.whole: list[Range] = []

    def note(self, frame: Frame, tokens: Iterable[str]) -> None:
        """Record that the masks `tokens` hold on `frame`; frames come in the order of their times."""
        for token in tokens:
            _join(self.ranges.setdefault(token, []), frame)
        if frame.hide_all:
            _join(self.whole, frame)


def _join(ranges: list[Range], frame: Frame) -> None:
    start = frame.pts
    if ranges and ranges[-1][1] == start:
        start = ranges.pop()[0]
    ranges.append((start, frame.end))
