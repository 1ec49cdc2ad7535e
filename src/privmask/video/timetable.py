"""When each packet of a stream is shown: what it takes to decode some of its frames as if all had been decoded."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from privmask.errors import DamagedFootageError, FootageError
from privmask.language import Text
from privmask.video.opening import open_container, translated
from privmask.video.sharing import SharedFile
from privmask.video.streams import choose_stream
from privmask.video.survey import Survey, payloads


@dataclass(frozen=True, slots=True)
class Timetable:
    """The packets of a stream, each of which is one frame; times are in units of `time_base` seconds.

    `order` is when each packet is shown, in the order of decoding, `times` the same, rising, so that a frame's number is its
    place there. A decoder can start with the packets `cleans`, which nothing after them reaches back over: packet and frame
    have one number there. `seeks` says that the container finds them by their times.
    """

    time_base: Fraction
    order: array[int]
    times: array[int]
    cleans: tuple[int, ...]
    seeks: bool = False

    @classmethod
    def of(cls, survey: Survey) -> Timetable:
        """That of a stream that was looked through, and not refused."""
        return cls(survey.time_base, survey.order, survey.times, tuple(sorted(survey.cleans)))

    def clean_before(self, frame: int) -> int:
        """The packet to begin with, to decode that frame."""
        return self.cleans[max(0, bisect_right(self.cleans, frame) - 1)]

    def end(self, frame: int) -> int | None:
        """When that frame ends; None for the last one."""
        return self.times[frame + 1] if frame + 1 < len(self.times) else None

    def frame(self, pts: int | None) -> int:
        """The number of the frame that appears at `pts`; raises DamagedFootageError where there is none."""
        found = len(self.times) if pts is None else bisect_left(self.times, pts)
        if found == len(self.times) or self.times[found] != pts:
            at = "at no time" if pts is None else f"at {float(pts * self.time_base):.6f} s"
            raise DamagedFootageError(f"a frame appears {at}, where the container has none")
        return found

    def packet(self, pts: int | None) -> int:
        """The number of the packet that is shown at `pts`; raises DamagedFootageError where there is none."""
        self.frame(pts)
        return self.order.index(pts or 0)

    def require(self, number: int, pts: int | None) -> None:
        """Raise DamagedFootageError unless the packet of that number is shown at `pts`."""
        if number >= len(self.order) or self.order[number] != pts:
            raise DamagedFootageError(f"packet {number} is not the one that was there when the clip was looked through")


_SEEKING = {"mov", "matroska"}
"""Containers with an index of their key frames; in a ts file FFmpeg has to guess where they are."""


def tried(table: Timetable, file: SharedFile, stream: int, frames: Iterable[int]) -> Timetable:
    """The table, which says that its container finds packets, where it was seen to find those that start these frames."""
    container = open_container(file)
    try:
        if not _SEEKING & set(container.format.name.split(",")):
            return table
        chosen = choose_stream(container, stream)
        for packet in {table.clean_before(frame) for frame in frames}:
            with translated(Text(f"コマ {packet} へ進むとき", f"going to frame {packet}")):
                container.seek(table.order[packet], stream=chosen, backward=True)
            found = next(payloads(container, chosen), None)
            if found is None or table.packet(found.pts) > packet:
                return table
    except FootageError:
        return table
    finally:
        container.close()
    return replace(table, seeks=True)
