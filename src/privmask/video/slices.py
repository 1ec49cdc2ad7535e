"""What the header of a slice of H.264 says: which picture it is of, and which pictures it refers to (ITU-T H.264, 7.3.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from privmask.video.avc import B_SLICE, I_SLICE, SI_SLICE, PictureSet, SequenceSet
from privmask.video.bits import Bits

KEY, SLICES = 5, (1, 5)
"""Types of units."""
HEAD = 40
"""Bytes that hold what is read of a slice to know its picture."""
WHOLE_HEAD = 2048
"""Bytes that hold the longest header: 32 references in each of two lists, all of them named and weighted."""
_START = re.compile(rb"\x00\x00\x01")
_MAKES_LONG, _RESETS, _KEEPS_LONG = 3, 5, 6
_FORGETS = (1, _MAKES_LONG)
_ENDS_LIST, _ENDS_MARKS = 3, 0


@dataclass(frozen=True, slots=True)
class Slice:
    """Of a picture that is a frame (`field` 0), or its upper (1) or lower (2) field. `first` is the slice's first macroblock.

    `number` counts pictures that others refer to: each has that of the last such one before it, and one more.
    """

    is_key: bool
    is_reference: bool
    first: int
    kind: int
    number: int
    field: int

    @classmethod
    def picture_set(cls, unit: bytes) -> int:
        """The number of the picture parameter set that it goes by; raises IndexError where the unit ends too early."""
        bits = Bits(unit[1:HEAD])
        bits.unsigned(), bits.unsigned()
        return bits.unsigned()

    @classmethod
    def of(cls, unit: bytes, sequence: SequenceSet) -> Slice:
        """Read the unit, or its first `HEAD` bytes; raises IndexError where it ends too early."""
        return cls._read(unit[0], Bits(unit[1:HEAD]), sequence)

    @classmethod
    def order_of(cls, unit: bytes, sequence: SequenceSet) -> int | None:
        """The number of a frame's place on the screen, which begins anew now and then; None where it is told in another way."""
        bits = Bits(unit[1:HEAD])
        about = cls._read(unit[0], bits, sequence)
        if sequence.order_kind or about.field:
            return None
        if about.is_key:
            bits.unsigned()
        return bits.take(sequence.order_bits)

    @classmethod
    def _read(cls, head: int, bits: Bits, sequence: SequenceSet) -> Slice:
        first, kind, _ = bits.unsigned(), bits.unsigned() % 5, bits.unsigned()
        if sequence.planes_apart:
            bits.take(2)
        number = bits.take(sequence.frame_number_bits)
        field = 1 + bits.take(1) if sequence.has_fields and bits.take(1) else 0
        return cls(head & 31 == KEY, bool(head & 0x60), first, kind, number, field)

    def number_after(self, sequence: SequenceSet, expected: int | None) -> int | None:
        """The number that the next frame has to have; `expected` is the one that this one had to have."""
        return (self.number + 1) % (1 << sequence.frame_number_bits) if self.is_reference else expected

    def is_of_same(self, other: Slice) -> bool:
        """Whether both say the same of their picture."""
        ours = (self.is_key, self.is_reference, self.number, self.field)
        return ours == (other.is_key, other.is_reference, other.number, other.field)


@dataclass(frozen=True, slots=True)
class References:
    """What a slice refers to: so many pictures in each of its `lists`, those `named` by number first (None: in another way).

    `forgotten` are numbers of pictures that nobody will name any more, `resets` says that the picture is the first of a new
    count, and `keeps_long` that it is kept without a number itself.
    """

    lists: tuple[tuple[int, tuple[int | None, ...]], ...]
    forgotten: frozenset[int]
    resets: bool
    keeps_long: bool

    @classmethod
    def of(cls, unit: bytes, sequence: SequenceSet, picture: PictureSet) -> References:
        """Read the unit, or its first `WHOLE_HEAD` bytes; raises IndexError where it ends too early."""
        bits = Bits(unit[1:WHOLE_HEAD])
        about = Slice._read(unit[0], bits, sequence)
        _skip_order(bits, about, sequence, picture)
        if about.kind == B_SLICE:
            bits.take(1)
        active = _active(bits, about.kind, picture)
        most = 1 << sequence.frame_number_bits
        lists = tuple((count, tuple(_named(bits, about.number, most))) for count in active)
        if about.kind in picture.weighted:
            _skip_weights(bits, active, sequence)
        marks = list(_marks(bits, about)) if about.is_reference else []
        kinds = {kind for kind, _ in marks}
        forgotten = frozenset((about.number - back) % most for kind, back in marks if kind in _FORGETS)
        return cls(lists, forgotten, _RESETS in kinds, _KEEPS_LONG in kinds)


def _skip_order(bits: Bits, about: Slice, sequence: SequenceSet, picture: PictureSet) -> None:
    if about.is_key:
        bits.unsigned()
    said_twice = picture.has_bottom_order and not about.field
    if sequence.order_kind == 0:
        bits.take(sequence.order_bits)
    elif sequence.order_kind == 1 and not sequence.order_fixed:
        bits.signed()
    if said_twice and (sequence.order_kind == 0 or (sequence.order_kind == 1 and not sequence.order_fixed)):
        bits.signed()
    if picture.is_redundant:
        bits.unsigned()


def _active(bits: Bits, kind: int, picture: PictureSet) -> tuple[int, ...]:
    """How many pictures each list has."""
    if kind in (I_SLICE, SI_SLICE):
        return ()
    lists = 2 if kind == B_SLICE else 1
    said = bits.take(1)
    return tuple(bits.unsigned() + 1 if said else picture.active[index] for index in range(lists))


def _named(bits: Bits, number: int, most: int) -> Iterator[int | None]:
    if not bits.take(1):
        return
    while (way := bits.unsigned()) != _ENDS_LIST:
        step = bits.unsigned()
        if way > 1:
            yield None
            continue
        number = (number + (step + 1 if way else -step - 1)) % most
        yield number


def _skip_weights(bits: Bits, active: tuple[int, ...], sequence: SequenceSet) -> None:
    bits.unsigned()
    if sequence.has_chroma:
        bits.unsigned()
    for _ in range(sum(active)):
        if bits.take(1):
            bits.signed(), bits.signed()
        if sequence.has_chroma and bits.take(1):
            bits.signed(), bits.signed(), bits.signed(), bits.signed()


def _marks(bits: Bits, about: Slice) -> Iterator[tuple[int, int]]:
    """What the picture asks to be done with those before it: the kind, and how far back that one is, if it says so."""
    if about.is_key:
        bits.take(1)
        if bits.take(1):
            yield _KEEPS_LONG, 0
        return
    if not bits.take(1):
        return
    while (kind := bits.unsigned()) != _ENDS_MARKS:
        yield kind, bits.unsigned() + 1 if kind != _RESETS else 0
        if kind == _MAKES_LONG:
            bits.unsigned()


def units_in(packet: Any, width: int) -> Iterator[memoryview]:
    """The units of a packet one by one, none of them copied; `width` is that of the length before each, 0 for start codes.

    Of a slice it may be the first `WHOLE_HEAD` bytes alone. What stands behind a start code within a length is found as well,
    but not behind one within a slice.
    Raises IndexError where the units do not fill the packet.
    """
    view = memoryview(packet)
    return (unit for unit in (_by_length(view, width) if width else _by_codes(view)) if unit)


def _by_codes(view: memoryview) -> Iterator[memoryview]:
    found = _START.search(view)
    while found:
        start = found.end()
        if (
            start < len(view) and view[start] & 31 in SLICES
        ):  # the end of a slice is looked for only where that is needed
            yield view[start : start + WHOLE_HEAD]
            found = _START.search(view, start)
        else:
            found = _START.search(view, start)
            yield view[start : found.start() if found else len(view)]


def _by_length(view: memoryview, width: int) -> Iterator[memoryview]:
    at = 0
    while at < len(view):
        start = at + width
        at = start + int.from_bytes(view[at:start], "big")
        if at > len(view) or start >= at:
            raise IndexError("a unit that is longer than its packet")
        unit = view[start:at]
        coded = None if unit[0] & 31 in SLICES else _START.search(unit)
        yield unit[: coded.start()] if coded else unit
        if coded:
            yield from _by_codes(unit[coded.start() :])
