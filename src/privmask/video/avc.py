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
P_SLICE, B_SLICE, I_SLICE, SP_SLICE, SI_SLICE = range(5)
"""Kinds of slices (ITU-T H.264, table 7-6)."""


@dataclass(frozen=True, slots=True)
class SequenceSet:
    """What a sequence parameter set says; `refused` is why pictures with it cannot travel, "" if they can.

    Numbers of frames are below 1 << `frame_number_bits`, and `references` of them are kept at most to be referred to.
    """

    number: int
    frame_number_bits: int
    order_kind: int
    order_bits: int
    order_fixed: bool
    references: int
    has_gaps: bool
    has_fields: bool
    planes_apart: bool
    has_chroma: bool
    refused: str

    @classmethod
    def of(cls, unit: bytes) -> SequenceSet:
        """Read the unit; raises IndexError where it ends too early."""
        bits = Bits(unit[1:])
        profile = bits.take(8)
        bits.take(16)
        number = bits.unsigned()
        refused = "" if profile in _PLAIN else f"it is of H.264's profile {profile}"
        chroma, planes_apart = _read_color(bits) if profile in _FINE else (1, False)
        frame_number_bits = bits.unsigned() + 4
        order_kind = bits.unsigned()
        order_bits = bits.unsigned() + 4 if order_kind == 0 else 0
        order_fixed = order_kind == 1 and _skip_order(bits)
        if order_kind == 1:
            refused = refused or "its pictures are ordered in a way that is not known here"
        references = bits.unsigned()
        has_gaps = bool(bits.take(1))
        bits.unsigned(), bits.unsigned()
        has_fields = not bits.take(1)
        if has_fields:
            refused = refused or "it may be interlaced"
        return cls(
            number=number,
            frame_number_bits=frame_number_bits,
            order_kind=order_kind,
            order_bits=order_bits,
            order_fixed=order_fixed,
            references=references,
            has_gaps=has_gaps,
            has_fields=has_fields,
            planes_apart=planes_apart,
            has_chroma=bool(chroma) and not planes_apart,
            refused=refused,
        )


def _skip_order(bits: Bits) -> bool:
    """Past the cycle that pictures are ordered by; whether no picture says more about its place."""
    fixed = bool(bits.take(1))
    bits.signed(), bits.signed()
    for _ in range(bits.unsigned()):
        bits.signed()
    return fixed


def _read_color(bits: Bits) -> tuple[int, bool]:
    """The kind of chroma, and whether each plane is coded as a picture of its own."""
    chroma = bits.unsigned()
    planes_apart = chroma == 3 and bool(bits.take(1))
    bits.unsigned(), bits.unsigned(), bits.take(1)
    if bits.take(1):
        for index in range(12 if chroma == 3 else 8):
            if bits.take(1):
                _skip_scaling(bits, 16 if index < 6 else 64)
    return chroma, planes_apart


def _skip_scaling(bits: Bits, size: int) -> None:
    last = scale = 8
    for _ in range(size):
        if scale:
            scale = (last + bits.signed()) % 256
        last = scale or last


@dataclass(frozen=True, slots=True)
class PictureSet:
    """What a picture parameter set says; `refused` is why pictures with it cannot travel, "" if they can.

    `active` is how many pictures a P or B slice refers to in each of its lists, unless it says so itself; `weighted` the kinds
    of slices with a table of weights.
    """

    number: int
    sequence: int
    has_bottom_order: bool
    active: tuple[int, int]
    weighted: frozenset[int]
    is_redundant: bool
    refused: str

    @classmethod
    def of(cls, unit: bytes) -> PictureSet:
        """Read the unit; raises IndexError where it ends too early."""
        bits = Bits(unit[1:])
        number, sequence, _, has_bottom_order = bits.unsigned(), bits.unsigned(), bits.take(1), bool(bits.take(1))
        if bits.unsigned():
            why = "its pictures are cut into groups of slices"
            return cls(number, sequence, has_bottom_order, (0, 0), frozenset(), False, why)
        active = (bits.unsigned() + 1, bits.unsigned() + 1)
        weighted = ({P_SLICE, SP_SLICE} if bits.take(1) else set()) | ({B_SLICE} if bits.take(2) == 1 else set())
        bits.signed(), bits.signed(), bits.signed(), bits.take(2)
        is_redundant = bool(bits.take(1))
        refused = "it sends pictures twice" if is_redundant else ""
        return cls(number, sequence, has_bottom_order, active, frozenset(weighted), is_redundant, refused)


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
