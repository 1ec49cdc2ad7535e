"""Headers that no encoder here writes, made up bit by bit: fields, counts that begin anew, pictures named or kept for long."""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import Any

import av
import pytest

from privmask.video.avc import PictureSet, SequenceSet
from privmask.video.losses import LossWatch
from privmask.video.slices import References, Slice, units_in


def ue(number: int) -> str:
    digits = f"{number + 1:b}"
    return "0" * (len(digits) - 1) + digits


def se(number: int) -> str:
    return ue(2 * number - 1 if number > 0 else -2 * number)


def unit(head: int, bits: str) -> bytes:
    """A unit of these bits, with its stop bit, and with bytes that keep start codes from appearing in it."""
    padded = bits + "1"
    padded += "0" * (-len(padded) % 8)
    data, clean = int(padded, 2).to_bytes(len(padded) // 8, "big"), bytearray()
    for byte in data:
        if byte <= 3 and clean[-2:] == b"\0\0":
            clean.append(3)
        clean.append(byte)
    return bytes([head]) + bytes(clean)


def sequence_unit(*, fields: bool = False, gaps: bool = False, references: int = 4, order: str = ue(2)) -> bytes:
    body = f"{77:08b}" + "0" * 8 + f"{30:08b}" + ue(0) + ue(0) + order + ue(references) + str(int(gaps))
    return unit(0x67, body + ue(5) + ue(4) + ("01" if fields else "1") + "0000")


PICTURES = unit(0x68, ue(0) + ue(0) + "0" + "0" + ue(0) + ue(0) + ue(0) + "0" + "00" + se(0) * 3 + "000")


def slice_unit(
    number: int,
    kind: str = "P",
    *,
    field: int | None = None,
    key: bool = False,
    reference: bool = True,
    marks: str = "0",
) -> bytes:
    """One that covers the whole picture; `field` is 0 for a frame, 1 and 2 for fields, None where there are none."""
    bits = ue(0) + ue("PBI".index(kind)) + ue(0) + f"{number:04b}"
    bits += "" if field is None else "0" if field == 0 else f"1{field - 1}"
    bits += ue(0) if key else ""
    bits += "" if kind == "I" else "0" + "0"
    bits += ("00" if key else marks) if reference else ""
    return unit((0x60 if reference else 0) | (5 if key else 1), bits + "0" * 64)


def packet(*units: bytes) -> Any:
    made = av.Packet(b"".join(b"\0\0\1" + each for each in units))
    made.time_base = Fraction(1, 25)
    return made


def drawn(watch: LossWatch, packets: list[Any]) -> str:
    return "".join("X" if watch.fault(each) else "." for each in packets)


def watching(**what: Any) -> LossWatch:
    return LossWatch("h264", b"".join(b"\0\0\1" + each for each in (sequence_unit(**what), PICTURES)))


def pairs(*numbers: int, whole: bool = False) -> list[Any]:
    """Two fields of each number: in a packet of its own each, or both in one."""
    found: list[Any] = []
    for number in numbers:
        kind = {"kind": "I", "key": True} if number == 0 else {}
        units = [slice_unit(number, field=1, **kind), slice_unit(number, field=2)]  # type: ignore[arg-type]
        found += [packet(*units)] if whole else [packet(each) for each in units]
    return found


@pytest.mark.parametrize("whole", [False, True])
def test_pairs_of_fields_follow_each_other(whole: bool) -> None:
    assert set(drawn(watching(fields=True), pairs(*range(16), 0, 1, 2, whole=whole))) == {"."}


@pytest.mark.parametrize("lost", range(1, 8))
def test_a_field_that_is_missing_is_seen(lost: int) -> None:
    """Where the next picture begins, whichever of the two it was: before a decoder shows the half that it has."""
    packets = pairs(0, 1, 2, 3, 4)
    del packets[lost]
    seen = drawn(watching(fields=True), packets)
    begin = lost + (lost % 2 == 0)
    assert seen == "." * begin + "X" * (9 - begin)


def test_frames_and_fields_may_take_turns() -> None:
    packets = [
        packet(slice_unit(0, "I", field=0, key=True)),
        *pairs(1),
        packet(slice_unit(2, field=0)),
        *[packet(slice_unit(3, "B", field=field, reference=False)) for field in (2, 1)],
        *pairs(3),
    ]
    assert set(drawn(watching(fields=True), packets)) == {"."}
    assert drawn(watching(fields=True), [*packets[:3], *packets[4:]]) == "...XXXX"


NEW_COUNT = "1" + ue(5) + ue(0)
"""Marks that forget all pictures, and let the numbers begin anew with this one."""


def test_a_picture_may_begin_a_new_count_without_being_a_key_frame() -> None:
    numbers = [
        slice_unit(0, "I", key=True),
        slice_unit(1),
        slice_unit(2, "I", marks=NEW_COUNT),
        slice_unit(1),
        slice_unit(2),
    ]
    assert drawn(watching(), [packet(each) for each in numbers]) == "....."
    numbers[2] = slice_unit(2, "I")
    assert drawn(watching(), [packet(each) for each in numbers]) == "...XX"


def test_the_same_number_twice_is_a_loss_of_fifteen() -> None:
    numbers = [slice_unit(0, "I", key=True), slice_unit(1), slice_unit(1)]
    assert drawn(watching(), [packet(each) for each in numbers]) == "..X"


def test_pictures_that_no_other_refers_to_have_the_number_of_the_next() -> None:
    numbers = [slice_unit(0, "I", key=True), *(slice_unit(1, "B", reference=False) for _ in range(3)), slice_unit(1)]
    assert drawn(watching(), [packet(each) for each in numbers]) == "....."


def test_after_a_gap_pictures_are_sound_that_refer_to_sound_ones_alone() -> None:
    """In footage without a word of gaps, only what came after it is sound; B pictures never show what they refer to."""
    key, intra = slice_unit(0, "I", key=True), slice_unit(3, "I")
    assert drawn(watching(), [packet(each) for each in (key, intra, slice_unit(4), slice_unit(5, "B"))]) == "...X"
    assert (
        drawn(watching(), [packet(each) for each in (key, slice_unit(3), slice_unit(4), key, slice_unit(1))]) == ".XX.."
    )


def test_order_told_in_a_cycle_is_passed_over() -> None:
    order = ue(1) + "0" + se(-3) + se(2) + ue(2) + se(1) + se(-1)
    sequence = SequenceSet.of(sequence_unit(order=order, gaps=True, references=3))
    assert (sequence.order_kind, sequence.has_gaps, sequence.references) == (1, True, 3)
    assert sequence.refused == "its pictures are ordered in a way that is not known here"


def test_what_a_slice_names_weighs_and_asks_for_is_read() -> None:
    sequence = SequenceSet.of(sequence_unit(order=ue(0) + ue(4)))
    picture = PictureSet.of(unit(0x68, ue(0) + ue(0) + "01" + ue(0) + ue(1) + ue(0) + "1" + "00" + se(0) * 3 + "001"))
    assert (picture.active, picture.is_redundant, set(picture.weighted)) == ((2, 1), True, {0, 3})
    bits = (
        ue(0) + ue(5) + ue(0) + f"{2:04b}" + f"{200:08b}" + se(-1) + ue(0)
    )  # number, order, its lower field, no repetition
    bits += (
        "1" + ue(2) + "1" + ue(0) + ue(4) + ue(1) + ue(15) + ue(2) + ue(7) + ue(3)
    )  # 5 back, 16 on, one kept for long
    bits += ue(5) + ue(4) + "1" + se(31) + se(-8) + "0" + "0" + "1" + se(1) * 4 + "00"  # weights
    bits += "1" + ue(1) + ue(0) + ue(3) + ue(4) + ue(1) + ue(2) + ue(9) + ue(4) + ue(2) + ue(6) + ue(0) + ue(0)
    made = unit(0x61, bits)
    assert Slice.of(made, sequence) == Slice(False, True, 0, 0, 2, 0)
    assert Slice.order_of(made, sequence) == 200
    found = References.of(made, sequence, picture)
    assert found.lists == ((3, (13, 13, None)),)
    assert (set(found.forgotten), found.resets, found.keeps_long) == ({1, 13}, False, True)


@pytest.mark.parametrize("length", range(1, 12))
def test_headers_that_end_too_early_are_a_fault_and_no_crash(length: int) -> None:
    watch = watching(order=ue(0) + ue(12))
    cut = av.Packet(b"\0\0\1" + slice_unit(0, "I", key=True)[:length] if length < 4 else b"\0\0\1\x65")
    assert watch.fault(cut) is None or str(watch.fault(cut)) in (
        "a header that cannot be read",
        "a picture whose parameter sets are missing",
    )


def test_units_are_found_by_their_lengths_and_by_start_codes_among_them() -> None:
    one, other = b"\x67\x01\x02", b"\x68\x05"
    inner = b"\x09\x10\0\0\1" + one + b"\0\0\1" + other
    data = struct.pack(">I", len(inner)) + inner + struct.pack(">I", 3) + b"\x41\x02\x03"
    assert [bytes(each) for each in units_in(data, 4)] == [b"\x09\x10", one, other, b"\x41\x02\x03"]
    with pytest.raises(IndexError):
        list(units_in(data[:-1], 4))
