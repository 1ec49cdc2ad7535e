"""Sections of a clip: where its encoder begins anew, whoever does the work, so that several may share it.

Where they begin follows from the times of the frames alone. No packet of one refers to another; what joins them are times of
decoding that go on rising, for an encoder that reorders pictures begins by decoding before its first one is shown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from privmask.errors import CopyError
from privmask.video.sei import replaced, without_user_data

SECTIONED = "h264"
"""The codec of copies that are made in sections. x265 4.2 reads memory that it never wrote: begun anew in a process that has
encoded before, it gives other bytes for the same frames each time."""

_DEEPEST = 16
"""Packets that may come before a frame although they are shown after it (ITU-T H.264 and H.265, annexes A)."""

_DELIMITER = b"\0\0\0\x01\x09\x10"
"""An access unit delimiter before a key frame. The last picture before a seam may be a key frame, too, and only their numbers,
which both encoders count from 0, would tell them apart in a stream without packets."""


@dataclass(frozen=True, slots=True)
class Sections:
    """How long sections are: so many `seconds` and not fewer `frames`, the last one excepted."""

    seconds: int | Fraction = 30
    frames: int = 250

    def starts(self, times: Iterable[int], time_base: Fraction) -> list[int]:
        """The numbers of the frames with which sections begin; `times` are those of all, in units of `time_base` seconds."""
        cutter = Cutter(self, time_base)
        return [number for number, pts in enumerate(times) if cutter.begins(pts)]


AS_ALWAYS = Sections()


class Cutter:
    """Finds the sections frame by frame."""

    def __init__(self, sections: Sections, time_base: Fraction) -> None:
        self._units, self._frames = ceil(sections.seconds / time_base), sections.frames
        self._since: int | None = None
        self._count = 0

    def begins(self, pts: int) -> bool:
        """Whether a section begins with the next frame, which appears at `pts`."""
        begins = self.would_begin(pts)
        self._since, self._count = (pts, 1) if begins else (self._since, self._count + 1)
        return begins

    def would_begin(self, pts: int) -> bool:
        """The same, for a frame that has not come yet."""
        return self._since is None or (pts - self._since >= self._units and self._count >= self._frames)


class Seam:
    """Joins the packets of sections, one section after the other."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._shown: deque[int] = deque(maxlen=_DEEPEST)
        self._before: tuple[int, ...] = ()
        self._begun: int | None = None
        self._early: list[Any] = []

    def note(self, pts: int) -> None:
        """A frame is shown at `pts`, in the copy's units; all of them come here before the next section begins."""
        self._shown.append(pts)

    def begin(self, pts: int) -> None:
        """A section begins with the frame at `pts`, and is not the first one."""
        self._begun, self._before = pts, tuple(self._shown)

    def joined(self, packets: Iterable[Any], *, first: bool) -> Iterator[Any]:
        """Packets of this section in their order, `first` of all or not; those come late that are decoded before it begins."""
        for packet in packets:
            whole = self._whole(packet, first=first)
            first = False
            if self._begun is None:
                yield whole
            elif whole.dts < self._begun:
                self._early.append(whole)
            else:
                yield from self.rest()
                yield whole

    def rest(self) -> Iterator[Any]:
        """What was held back, at the end of a section at the latest."""
        early, self._early = self._early, []
        if len(early) > len(self._before):
            raise CopyError("the encoder reorders more pictures than it may")
        for packet, dts in zip(early, self._before[len(self._before) - len(early) :], strict=True):
            packet.dts = dts
            yield packet

    def _whole(self, packet: Any, *, first: bool) -> Any:
        """The packet as it travels: without the encoder's visiting card, which is in a section's first one, if anywhere."""
        if not first:
            return packet
        clean = without_user_data(packet, self._codec)
        return clean if self._begun is None else replaced(clean, _DELIMITER + bytes(clean))
