"""The units that packets of H.264 and H.265 are made of, as far as copying them takes it.

Pictures travel, and the sets of parameters that they need; messages, delimiters and fillers are left out; what is none of these
makes a packet that cannot travel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from privmask.video.avc import PictureSet, SequenceSet, is_dropping
from privmask.video.bits import Bits
from privmask.video.sei import split_units
from privmask.video.slices import Slice

_SETS_DIFFER = "its parameter sets change on the way"
_MIXED = "a packet that is not one picture"


class Syntax(Protocol):
    """A codec's units, each without start code and length; it remembers the sets of parameters that it met.

    `refused` says why no packet of the stream can travel, "" while there is no reason.
    """

    refused: str
    sets: dict[tuple[int, int], bytes]

    def is_picture(self, unit: bytes) -> bool:
        """Whether the unit is a part of a picture."""
        ...

    def is_set(self, unit: bytes) -> bool:
        """Whether the unit is a set of parameters."""
        ...

    def starts_clean(self, pictures: Sequence[bytes]) -> bool:
        """Whether a decoder can start at this picture, and nothing after it refers to anything before it."""
        ...

    def fault(self, units: Sequence[bytes]) -> str:
        """Why a packet of these units cannot travel, "" if it can; packets are shown in their order, each once."""
        ...


_CODE = b"\0\0\1"


def units_of(data: bytes, width: int) -> Iterator[bytes]:
    """The units of a packet; `width` is that of the length before each, 0 where start codes part them.

    Some writers leave a start code within a length, before an end of sequence: no unit can hold one, so it parts them, too.
    Raises IndexError where they do not fill the packet.
    """
    if not width:
        for unit in split_units(data):
            yield unit[unit.index(b"\x01") + 1 :].rstrip(b"\0")
        return
    at = 0
    while at < len(data):
        start = at + width
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data) or start >= at:
            raise IndexError("a unit that is longer than its packet")
        yield from units_of(_CODE + data[start:at], 0) if _CODE in data[start:at] else (data[start:at].rstrip(b"\0"),)


def length_width(codec: str, extra: bytes) -> int:
    """Bytes of the length before each unit in the packets of a stream with this header, 0 where start codes part them."""
    if extra[:1] != b"\x01":
        return 0
    return 1 + (extra[21 if codec == "hevc" else 4] & 3)


def sets_of(codec: str, extra: bytes) -> Iterator[bytes]:
    """The parameter sets in a stream's header (ISO/IEC 14496-15, or with start codes); raises IndexError if it is cut."""
    if extra[:1] != b"\x01":
        yield from units_of(extra, 0)
        return
    at = 22 if codec == "hevc" else 5
    arrays = extra[at] if codec == "hevc" else 2
    at += codec == "hevc"
    for _ in range(arrays):
        if codec == "hevc":
            count, at = int.from_bytes(extra[at + 1 : at + 3], "big"), at + 3
        else:
            count, at = extra[at] & 31, at + 1
        for _ in range(count):
            start = at + 2
            at = start + int.from_bytes(extra[at:start], "big")
            if at > len(extra) or start == at:
                raise IndexError("a header that is cut")
            yield extra[start:at]


def with_start_codes(units: Sequence[bytes]) -> bytes:
    """The units as FFmpeg's muxers take them; they write them as `with_lengths`."""
    return b"".join(b"\0\0\0\x01" + unit for unit in units)


def with_lengths(units: Sequence[bytes]) -> bytes:
    """The units as a copy holds them: each after its length in four bytes."""
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)


class Avc:
    """H.264, progressive, with one sequence of parameters."""

    _PICTURES, _SETS = frozenset({1, 5}), frozenset({7, 8})
    _LEFT_OUT = frozenset({0, 6, 9, 10, 11, 12, 16, 17, 18, *range(21, 32)})

    def __init__(self) -> None:
        self.refused = ""
        self.sets: dict[tuple[int, int], bytes] = {}
        self._sequence: SequenceSet | None = None
        self._pictures: dict[int, PictureSet] = {}
        self._number: int | None = None

    def is_picture(self, unit: bytes) -> bool:
        """Whether the unit is a part of a picture."""
        return unit[0] & 31 in self._PICTURES

    def is_set(self, unit: bytes) -> bool:
        """Whether the unit is a set of parameters."""
        return unit[0] & 31 in self._SETS

    def starts_clean(self, pictures: Sequence[bytes]) -> bool:
        """Whether a decoder can start here, and nothing after it refers to anything before it."""
        return bool(pictures) and all(unit[0] & 31 == 5 for unit in pictures)

    @property
    def free_id(self) -> int | None:
        """The lowest number that none of the sets has, neither of sequences nor of pictures."""
        taken = {number for _, number in self.sets}
        return next((number for number in range(32) if number not in taken), None)

    def fault(self, units: Sequence[bytes]) -> str:
        """Why a packet of these units cannot travel, "" if it can."""
        found = [unit for unit in units if self.is_picture(unit)]
        for unit in units:
            kind = unit[0] & 31
            if kind in self._SETS:
                self._use(unit)
            elif kind not in self._PICTURES | self._LEFT_OUT:
                return f"a unit of type {kind}"
        if self._sequence is None or not self._pictures:
            return "a picture that comes before its parameter sets"
        return self._picture_fault(self._sequence, found) if found else "a packet without a picture"

    def _picture_fault(self, sequence: SequenceSet, found: Sequence[bytes]) -> str:
        starts = [Bits(unit[1:9]).unsigned() == 0 for unit in found]
        if starts != [True] + [False] * (len(found) - 1) or len({unit[0] & 31 for unit in found}) > 1:
            return _MIXED
        if Slice.picture_set(found[0]) not in self._pictures:
            return "a picture whose parameter sets are missing"
        first = Slice.of(found[0], sequence)
        expected, self._number = self._number, first.number_after(sequence, self._number)
        if not first.is_key and expected not in (None, first.number):
            return "a picture before it is missing"
        if first.is_key and is_dropping(found[0], sequence, self._pictures):
            return "a key frame that drops what was not shown yet"
        return ""

    def _use(self, unit: bytes) -> None:
        if unit[0] & 31 == 7:
            sequence = SequenceSet.of(unit)
            self.refused = self.refused or sequence.refused
            self._keep((7, sequence.number), unit)
            if len([kind for kind, _ in self.sets if kind == 7]) > 1:
                self.refused = self.refused or _SETS_DIFFER
            self._sequence = sequence
        else:
            picture = PictureSet.of(unit)
            self.refused = self.refused or picture.refused
            self._keep((8, picture.number), unit)
            self._pictures[picture.number] = picture

    def _keep(self, key: tuple[int, int], unit: bytes) -> None:
        if self.sets.setdefault(key, unit) != unit:
            self.refused = self.refused or _SETS_DIFFER


class Hevc:
    """H.265, with one set of parameters for the video and one for the sequence."""

    _PICTURES = frozenset({*range(10), *range(16, 22)})
    _LEFT_OUT = frozenset({35, 38, 39, 40, *range(41, 64)})
    _VIDEO, _SEQUENCE, _PICTURE = 32, 33, 34

    def __init__(self) -> None:
        self.refused = ""
        self.sets: dict[tuple[int, int], bytes] = {}

    def is_picture(self, unit: bytes) -> bool:
        """Whether the unit is a part of a picture."""
        return _hevc_kind(unit) in self._PICTURES

    def is_set(self, unit: bytes) -> bool:
        """Whether the unit is a set of parameters."""
        return _hevc_kind(unit) in (self._VIDEO, self._SEQUENCE, self._PICTURE)

    def starts_clean(self, pictures: Sequence[bytes]) -> bool:
        """Whether a decoder can start here, and nothing after it refers to anything before it."""
        return bool(pictures) and all(_hevc_kind(unit) in (19, 20) for unit in pictures)

    def fault(self, units: Sequence[bytes]) -> str:
        """Why a packet of these units cannot travel, "" if it can."""
        found = [unit for unit in units if self.is_picture(unit)]
        for unit in units:
            kind = _hevc_kind(unit)
            if (unit[0] & 1) << 5 | unit[1] >> 3:
                return "a second layer of pictures"
            if self.is_set(unit):
                self._use(kind, unit)
            elif kind not in self._PICTURES | self._LEFT_OUT:
                return f"a unit of type {kind}"
        if len({kind for kind, _ in self.sets}) < 3:
            return "a picture that comes before its parameter sets"
        if [bool(unit[2] & 0x80) for unit in found] != [True] + [False] * (len(found) - 1):
            return _MIXED if found else "a packet without a picture"
        drops = self.starts_clean(found) and found[0][2] & 0x40
        return "a key frame that drops what was not shown yet" if drops else ""

    def _use(self, kind: int, unit: bytes) -> None:
        number = Bits(unit[2:10]).unsigned() if kind == self._PICTURE else 0
        if self.sets.setdefault((kind, number), unit) != unit:
            self.refused = self.refused or _SETS_DIFFER
        # After profile, tier and what they are compatible with: two flags, for progressive and for interlaced pictures.
        if kind == self._SEQUENCE and unit[2 + 1 + 1 + 4] & 0x40:
            self.refused = self.refused or "it is interlaced"


def _hevc_kind(unit: bytes) -> int:
    return unit[0] >> 1 & 0x3F
