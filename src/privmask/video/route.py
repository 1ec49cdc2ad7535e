"""Which frames of an original travel as they are, and which are decoded, painted and encoded."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from privmask.errors import DamagedFootageError


@dataclass(frozen=True, slots=True)
class Run:
    """Frames from number `start` up to `stop` that are `copied` or not; the same numbers are their packets'.

    Who wants to decode them has to begin with packet `decoded_from`.
    """

    start: int
    stop: int
    copied: bool
    decoded_from: int

    def __len__(self) -> int:
        return self.stop - self.start


class Route:
    """The way of all frames of a stream: its `runs`, in their order, without a gap.

    `times` are those at which frames appear, in units of `time_base` seconds; `last` is how long the last one lasts, 0 where
    nobody knows.
    """

    def __init__(self, times: array[int], time_base: Fraction, runs: tuple[Run, ...], last: int = 0) -> None:
        self.times, self.time_base, self.last = times, time_base, last
        self.runs: Sequence[Run] = runs
        self.starts: frozenset[int] | set[int] = frozenset(run.start for run in runs)
        self.is_whole = True
        self.copied_runs = self.may_travel = tuple(run for run in runs if run.copied)
        self._painted = tuple(run for run in runs if not run.copied)
        self._stops = [run.stop for run in self._painted]

    @property
    def known(self) -> Route | None:
        """Itself, because it is known before a frame is decoded."""
        return self

    def settled(self) -> Route:
        """Itself."""
        return self

    @property
    def copied(self) -> int:
        """How many frames travel as they are."""
        return sum(map(len, self.copied_runs))

    def needs(self, packet: int) -> bool:
        """Whether that packet has to be decoded."""
        ahead = bisect_right(self._stops, packet)
        return ahead < len(self._painted) and self._painted[ahead].decoded_from <= packet

    def is_copied(self, frame: int) -> bool:
        """Whether that frame travels as it is."""
        ahead = bisect_right(self._stops, frame)
        return ahead == len(self._painted) or self._painted[ahead].start > frame

    def number(self, pts: int | None) -> int:
        """The number of the frame that appears at `pts`; raises DamagedFootageError where there is none."""
        found = len(self.times) if pts is None else bisect_left(self.times, pts)
        if found == len(self.times) or self.times[found] != pts:
            at = "at no time" if pts is None else f"at {float(pts * self.time_base):.6f} s"
            raise DamagedFootageError(f"a frame appears {at}, where the container has none")
        return found

    def end(self, frame: int) -> int | None:
        """When that frame ends; None for the last one."""
        return self.times[frame + 1] if frame + 1 < len(self.times) else None


class OpenRoute:
    """A route that is not known before: group after group is decided, in their order, while the frames are looked at.

    One thread decides, and another may follow its `runs` meanwhile: the last of them may still grow until the route `is_whole`.
    `may_travel` are runs of all that can travel at all.
    """

    known: Route | None = None

    def __init__(self, times: array[int], time_base: Fraction, may_travel: tuple[Run, ...], last: int = 0) -> None:
        self.times, self.time_base, self.may_travel, self.last = times, time_base, may_travel, last
        self.runs: list[Run] = []
        self.starts: set[int] = set()

    @property
    def is_whole(self) -> bool:
        """Whether every frame was decided on."""
        return bool(self.runs) and self.runs[-1].stop == len(self.times)

    @property
    def copied(self) -> int:
        """How many frames travel as they are, so far."""
        return sum(len(run) for run in self.runs if run.copied)

    def goes_on(self, copied: bool) -> bool:
        """Whether the last run is of that kind, so that what follows belongs to it."""
        return bool(self.runs) and self.runs[-1].copied == copied

    def decide(self, start: int, stop: int, *, copied: bool) -> None:
        """The next frames, from number `start` up to `stop`, travel as they are, or are painted."""
        if start != (self.runs[-1].stop if self.runs else 0):
            raise ValueError(f"frame {start} is not the next one")
        if self.goes_on(copied):
            self.runs[-1] = replace(self.runs[-1], stop=stop)
        else:
            self.starts.add(start)
            self.runs.append(Run(start, stop, copied, start))

    def settled(self) -> Route:
        """The route that it came to be."""
        return Route(self.times, self.time_base, tuple(self.runs), self.last)
