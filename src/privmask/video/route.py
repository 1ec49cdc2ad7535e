"""Which frames of an original travel as they are, and which are decoded, painted and encoded."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
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
        self.times, self.time_base, self.runs, self.last = times, time_base, runs, last
        self.copied_runs = tuple(run for run in runs if run.copied)
        self._painted = tuple(run for run in runs if not run.copied)
        self._stops = [run.stop for run in self._painted]

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
