"""Headers of H.264, as far as it takes to tell that pictures follow each other without a loss (ITU-T H.264, 7.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from privmask.video.bits import Bits

_FINE = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}
"""Profiles whose headers say more about colour."""
_PLAIN = {66, 77, 100}
"""Profiles that travel: Baseline, Main and High."""
_HEAD = 40
"""Bytes that hold what is read of a slice."""


@dataclass(frozen=True, slots=True)
class SequenceSet:
    """What a sequence parameter set says; `refused` is why pictures with it cannot travel, "" if they can."""

    number: int
    frame_number_bits: int
    order_kind: int
    order_bits: int
    has_gaps: bool
    refused: str

    @classmethod
    def of(cls, unit: bytes) -> SequenceSet:
        """Read the unit; raises IndexError where it ends too early."""
        bits = Bits(unit[1:])
        profile = bits.take(8)
        bits.take(16)
        number = bits.unsigned()
        refused = "" if profile in _PLAIN else f"it is of H.264's profile {profile}"
        if profile in _FINE:
            _skip_color(bits)
        frame_number_bits = bits.unsigned() + 4
        order_kind = bits.unsigned()
        order_bits = bits.unsigned() + 4 if order_kind == 0 else 0
        if order_kind == 1:
            refused = refused or "its pictures are ordered in a way that is not known here"
            return cls(number, frame_number_bits, order_kind, 0, False, refused)
        bits.unsigned()
        has_gaps = bool(bits.take(1))
        bits.unsigned(), bits.unsigned()
        if not bits.take(1):
            refused = refused or "it may be interlaced"
        return cls(number, frame_number_bits, order_kind, order_bits, has_gaps, refused)


def _skip_color(bits: Bits) -> None:
    chroma = bits.unsigned()
    if chroma == 3:
        bits.take(1)
    bits.unsigned(), bits.unsigned(), bits.take(1)
    if bits.take(1):
        for index in range(12 if chroma == 3 else 8):
            if bits.take(1):
                _skip_scaling(bits, 16 if index < 6 else 64)


def _skip_scaling(bits: Bits, size: int) -> None:
    last = scale = 8
    for _ in range(size):
        if scale:
            scale = (last + bits.signed()) % 256
        last = scale or last


@dataclass(frozen=True, slots=True)
class PictureSet:
    """What a picture parameter set says; `refused` is why pictures with it cannot travel, "" if they can."""

    number: int
    has_bottom_order: bool
    refused: str

    @classmethod
    def of(cls, unit: bytes) -> PictureSet:
        """Read the unit; raises IndexError where it ends too early."""
        bits = Bits(unit[1:])
        number, _, _, has_bottom_order = bits.unsigned(), bits.unsigned(), bits.take(1), bool(bits.take(1))
        if bits.unsigned():
            return cls(number, has_bottom_order, "its pictures are cut into groups of slices")
        bits.unsigned(), bits.unsigned(), bits.take(3)
        bits.signed(), bits.signed(), bits.signed(), bits.take(2)
        return cls(number, has_bottom_order, "it sends pictures twice" if bits.take(1) else "")


def check_order(
    unit: bytes, sequence: SequenceSet, pictures: Mapping[int, PictureSet], before: int | None
) -> tuple[int | None, str]:
    """The frame number that counts after this slice, and why its picture cannot travel ("" if it can).

    `before` is the number of the last picture that others may refer to; where the numbers jump, one was lost.
    """
    bits = Bits(unit[1:_HEAD])
    bits.unsigned(), bits.unsigned()
    if bits.unsigned() not in pictures:
        return before, "a picture whose parameter sets are missing"
    number, most = bits.take(sequence.frame_number_bits), 1 << sequence.frame_number_bits
    expected = (0,) if unit[0] & 31 == 5 or before is None else (before, (before + 1) % most)
    after = number if unit[0] & 0x60 else before
    jumps = number not in expected and not sequence.has_gaps
    return after, "a picture before it is missing" if jumps else ""


def is_dropping(unit: bytes, sequence: SequenceSet, pictures: Mapping[int, PictureSet]) -> bool:
    """Whether a key frame tells decoders to throw away what they have not shown yet (no_output_of_prior_pics_flag)."""
    bits = Bits(unit[1:_HEAD])
    bits.unsigned(), bits.unsigned()
    picture = pictures[bits.unsigned()]
    bits.take(sequence.frame_number_bits)
    bits.unsigned()
    if sequence.order_kind == 0:
        bits.take(sequence.order_bits)
        if picture.has_bottom_order:
            bits.signed()
    return bool(bits.take(1))
