"""Lost pictures, seen in the numbers that H.264 gives them: FFmpeg fills such a gap with an older picture, and says nothing.

What is predicted from the wrong picture may show pieces of a private zone in other places. H.265 needs none of this, because
its decoder marks what comes after a loss; of other codecs each packet stands for itself or its container counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from privmask.video.avc import PictureSet, SequenceSet, check_order
from privmask.video.bits import Bits
from privmask.video.nals import length_width, sets_of, units_of

_SEQUENCE, _PICTURE, _KEY, _SLICES = 7, 8, 5, (1, 5)
_HEVC_KEYS = range(16, 22)
_HEAD = 40
"""Bytes that hold what is read of a slice or a set."""


class LossWatch:
    """Follows the packets of a stream of `codec`, whose header is `extra`."""

    def __init__(self, codec: str, extra: bytes | None) -> None:
        self._codec, self._width = codec, length_width(codec, extra or b"")
        self._sequences: dict[int, SequenceSet] = {}
        self._pictures: dict[int, tuple[int, PictureSet]] = {}
        self._number: int | None = None
        if codec == "h264" and extra:
            try:
                for unit in sets_of(codec, extra):
                    self._use(unit)
            except IndexError:  # a header that is cut; what counts stands in the packets then, or they are refused
                self._sequences.clear()

    def start_anew(self) -> None:
        """What comes next follows nothing."""
        self._number = None

    def fault(self, packet: Any) -> str:
        """Why this packet cannot follow the one before it, "" if it can."""
        if self._codec != "h264" or not packet.size:
            return ""
        try:
            return self._fault(self._units(packet))
        except IndexError:
            return "a header that cannot be read"

    def is_clean(self, packet: Any) -> bool:
        """Whether a decoder can start here, and nothing after it refers to anything before it."""
        if self._codec not in ("h264", "hevc"):
            return bool(packet.is_keyframe)
        try:
            kinds = [self._kind(unit) for unit in self._units(packet)]
        except IndexError:
            return False
        if self._codec == "hevc":
            found = [kind for kind in kinds if kind < 32]
            return bool(found) and all(kind in _HEVC_KEYS for kind in found)
        found = [kind for kind in kinds if kind in _SLICES]
        return bool(found) and all(kind == _KEY for kind in found)

    def _units(self, packet: Any) -> Iterator[bytes]:
        return (unit for unit in units_of(bytes(packet), self._width) if unit)

    def _kind(self, unit: bytes) -> int:
        return unit[0] >> 1 & 0x3F if self._codec == "hevc" else unit[0] & 31

    def _use(self, unit: bytes) -> None:
        if unit[0] & 31 == _SEQUENCE:
            sequence = SequenceSet.of(unit)
            self._sequences[sequence.number] = sequence
        elif unit[0] & 31 == _PICTURE:
            picture = PictureSet.of(unit)
            self._pictures[picture.number] = (_sequence_of(unit), picture)

    def _fault(self, units: Iterator[bytes]) -> str:
        for unit in units:
            if unit[0] & 31 in _SLICES:
                return self._order_fault(unit)
            self._use(unit)
        return ""

    def _order_fault(self, unit: bytes) -> str:
        pictures = {number: picture for number, (_, picture) in self._pictures.items()}
        used = self._pictures.get(_picture_of(unit))
        if used is None or used[0] not in self._sequences:
            return "a picture whose parameter sets are missing"
        self._number, fault = check_order(unit, self._sequences[used[0]], pictures, self._number)
        return fault


def _sequence_of(unit: bytes) -> int:
    bits = _after_head(unit)
    bits.unsigned()
    return bits.unsigned()


def _picture_of(unit: bytes) -> int:
    bits = _after_head(unit)
    bits.unsigned(), bits.unsigned()
    return bits.unsigned()


def _after_head(unit: bytes) -> Bits:
    return Bits(unit[1:_HEAD])
