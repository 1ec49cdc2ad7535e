"""What of an original could travel as it is: its groups of pictures, found without decoding any.

A group is a key frame and what follows until the next, in the order of decoding. It can travel where nothing in it refers to
pictures outside of what travels with it, where no packet was lost in it, and where its frames follow each other on the screen
without those of its neighbours among them. What is not certain cannot.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Any

from privmask.errors import DamagedFootageError
from privmask.language import Text
from privmask.video.nals import Avc, Hevc, Syntax, length_width, sets_of, units_of
from privmask.video.opening import open_container, translated
from privmask.video.route import Route, Run
from privmask.video.sharing import SharedFile
from privmask.video.streams import choose_stream

_CONTAINERS = {"mov", "matroska", "mpegts"}


@dataclass(frozen=True, slots=True)
class Group:
    """A group's packets, which are as many frames: those from number `start` up to `stop`, in decoding and on the screen.

    `clean` says that a decoder can start with it, `fault` why it cannot travel ("" if it can).
    """

    start: int
    stop: int
    clean: bool
    fault: str


class Survey:
    """The groups of a stream. `refused` says why none of them can travel, "" if some may.

    `times` are those of all frames on the screen, in units of `time_base` seconds, rising; `order` is when each packet is
    shown, `cleans` the numbers of those with which a decoder can start, `last` how long the last frame lasts, by its packet.
    """

    def __init__(self, container: Any, stream: Any) -> None:
        extra = bytes(stream.codec_context.extradata or b"") if stream.codec_context else b""
        codec = stream.codec_context.codec.canonical_name if stream.codec_context else ""
        self.codec = codec
        self.syntax: Syntax = Hevc() if codec == "hevc" else Avc()
        self.width = length_width(codec, extra)
        self.time_base: Fraction = stream.time_base
        self.groups: tuple[Group, ...] = ()
        self.cleans: frozenset[int] = frozenset()
        self.order = array("q")
        self.last = 0
        self.refused = self._unsuited(codec, container) or self._take_sets(extra)
        if not self.refused:
            self.refused = self._walk(container, stream) or self.syntax.refused
        self.times = array("q", sorted(self.order))

    def _unsuited(self, codec: str, container: Any) -> str:
        if codec not in ("h264", "hevc"):
            return f"the original is coded as {codec}"
        if not _CONTAINERS & set(container.format.name.split(",")):
            return f"the original is no mp4, mkv or ts file but {container.format.name}"
        return ""

    def _take_sets(self, extra: bytes) -> str:
        try:
            self.syntax.fault(list(sets_of(self.codec, extra)))
        except IndexError:
            return "its parameter sets cannot be read"
        return ""

    def _walk(self, container: Any, stream: Any) -> str:
        """Find the groups; why none of them can travel, "" if some may."""
        starts: list[tuple[int, bool]] = []
        faults: dict[int, str] = {}
        for number, packet in enumerate(payloads(container, stream)):
            if packet.pts is None or packet.is_discard or packet.is_corrupt:
                return "not every packet of it is whole, shown, and has a time"
            self.order.append(packet.pts)
            self.last = packet.duration or self.last
            units = _read_units(packet, self.width)
            pictures = [unit for unit in units if self.syntax.is_picture(unit)]
            clean = self.syntax.starts_clean(pictures)
            if clean or packet.is_keyframe or not starts:
                starts.append((number, clean))
            if fault := _fault(self.syntax, units):
                faults.setdefault(len(starts) - 1, fault)
        self.groups = tuple(self._grouped(starts, faults))
        self.cleans = frozenset(group.start for group in self.groups if group.clean)
        if len(set(self.order)) < len(self.order):
            return "two of its frames are shown at the same time"
        mixed = len(self.cleans) < sum(clean for _, clean in starts)
        return "frames from before a key frame are shown after it" if mixed else ""

    def _grouped(self, starts: list[tuple[int, bool]], faults: dict[int, str]) -> Iterator[Group]:
        """The groups, joined where frames of one are shown among those of another."""
        stops = [start for start, _ in starts[1:]] + [len(self.order)]
        shown = [self.order[start:stop] for (start, _), stop in zip(starts, stops, strict=True)]
        latest = list(accumulate(map(max, shown), max))
        earliest = list(accumulate(map(min, reversed(shown)), min))[::-1]
        begin = 0
        for index, stop in enumerate(stops):
            if index + 1 == len(stops) or latest[index] < earliest[index + 1]:
                reasons = [faults[each] for each in range(begin, index + 1) if each in faults]
                yield Group(starts[begin][0], stop, starts[begin][1], reasons[0] if reasons else "")
                begin = index + 1

    def depth_of(self, runs: Sequence[Run]) -> int:
        """How many packets at most come before a frame of these runs although they are shown after it."""
        depth = 0
        for run in runs:
            places = {pts: place for place, pts in enumerate(sorted(self.order[run.start : run.stop]))}
            ranks = [places[pts] for pts in self.order[run.start : run.stop]]
            depth = max([depth, *(place - rank for place, rank in enumerate(ranks))])
        return depth

    def route(self, untouched: Sequence[bool]) -> Route:
        """The way of the frames where the `untouched` groups travel, as far as they can: one for each group."""
        spans: list[tuple[int, int]] = []
        for group, wanted in zip(self.groups, untouched, strict=True):
            goes_on = bool(spans) and spans[-1][1] == group.start
            if wanted and not group.fault and (group.clean or goes_on):
                start = spans.pop()[0] if goes_on else group.start
                spans.append((start, group.stop))
        return self.through(spans)

    def through(self, spans: Sequence[tuple[int, int]]) -> Route:
        """The way of the frames where those with these numbers travel: each [start, stop), in their order.

        Raises DamagedFootageError where such a span is not of whole groups, or begins with none that a decoder can start with.
        """
        runs: list[Run] = []
        at, stops = 0, {group.stop for group in self.groups}
        for start, stop in spans:
            if start not in self.cleans or stop not in stops or not at <= start < stop:
                raise DamagedFootageError(f"the frames {start} to {stop - 1} are no groups of pictures of their own")
            if at < start:
                runs.append(Run(at, start, False, self._clean_before(at)))
            runs.append(Run(start, stop, True, start))
            at = stop
        if at < len(self.times):
            runs.append(Run(at, len(self.times), False, self._clean_before(at)))
        return Route(self.times, self.time_base, tuple(runs), self.last)

    def _clean_before(self, number: int) -> int:
        return max((clean for clean in self.cleans if clean <= number), default=0)


def _read_units(packet: Any, width: int) -> list[bytes]:
    try:
        return list(units_of(bytes(packet), width))
    except (IndexError, ValueError):
        return []


def _fault(syntax: Syntax, units: list[bytes]) -> str:
    try:
        return syntax.fault(units) if units else "a packet that cannot be read"
    except IndexError:
        return "a header that cannot be read"


def payloads(container: Any, stream: Any) -> Iterator[Any]:
    """The packets of the stream that hold anything."""
    with translated(Text("パケットを読むとき", "reading the packets")):
        for packet in container.demux(stream):
            if packet.size:
                yield packet


def survey(file: SharedFile, stream: int | None) -> Survey:
    """Look through the packets of the only (or the given) video stream; raises FootageError when they cannot be read."""
    container = open_container(file)
    try:
        return Survey(container, choose_stream(container, stream))
    finally:
        container.close()
