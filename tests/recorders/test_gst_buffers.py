"""Hiding in the bytes of GStreamer's buffers, held against `FrameMasker` on planes; no GStreamer is needed for that."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from privmask import FrameMasker, MaskPlan, parse_plan
from privmask.errors import PlanError, UnsupportedFootageError
from privmask.geometry import Size
from privmask.recorders.gst.buffers import BufferMasker, Pictures, Shot, warm_up
from privmask.recorders.gst.layout import RAW_FORMATS, place

Bytes = NDArray[np.uint8]
PLAN = """
format = "privmask.plan.v1"
[[mask]]
token = "window"
type = "{type}"
polygon = [[0.2, 0.1], [0.9, 0.3], [0.5, 0.8]]
"""
TIMED = PLAN.format(type="Color") + "start = 10\nend = 20\n"
SECOND = 10**9
TYPES = ("Color", "Pixelated", "Blurred")


def plan(type: str = "Color") -> MaskPlan:
    return parse_plan(PLAN.format(type=type))


class Buffer:
    """Noise in a buffer of `raw` pictures, with padding after each row, before each plane and at the end."""

    def __init__(self, raw: str, size: Size, padding: int = 0, *, cut: bool = False, seed: int = 1) -> None:
        self.raw, self.size, at, strides, offsets = RAW_FORMATS[raw], size, 0, [], []
        for stored in self.raw.stored:
            wanted = self.raw.format.plane_size(stored[0], size)
            width = wanted.width * len(stored)
            strides.append(width + padding)
            offsets.append(at + padding)
            at += padding + strides[-1] * wanted.height
        self.strides, self.offsets = tuple(strides), tuple(offsets)
        self.data: Bytes = np.random.default_rng(seed).integers(0, 256, at - (padding if cut else 0), np.uint8)

    def shot(self, pts: int | None = None, duration: int | None = None, **more: bool) -> Shot:
        return Shot(self.strides, self.offsets, pts, duration, **more)

    def components(self) -> list[Bytes]:
        """Copies of Y, U and V, however they are stored."""
        found: dict[int, Bytes] = {}
        for plane in place(self.raw, self.size, self.strides, self.offsets, self.data.size).planes:
            rows = [self.data[plane.offset + plane.stride * y :][: plane.width] for y in range(plane.rows)]
            for nth, component in enumerate(plane.components):
                found[component] = np.stack(rows)[:, nth :: len(plane.components)].copy()
        return [found[component] for component in sorted(found)]

    def picture_bytes(self) -> NDArray[np.bool_]:
        """Which bytes are picture."""
        found = np.zeros(self.data.size, bool)
        for plane in place(self.raw, self.size, self.strides, self.offsets, self.data.size).planes:
            for y in range(plane.rows):
                start = plane.offset + plane.stride * y
                found[start : start + plane.width] = True
        return found


def masked(buffer: Buffer, plan: MaskPlan, zero: int | None = None, **more: object) -> list[Bytes]:
    masker = BufferMasker(plan, Pictures(buffer.raw.name, buffer.size))
    masker.hide(buffer.data, buffer.shot(**more), zero)  # type: ignore[arg-type]  # each test gives the right ones
    return buffer.components()


@given(
    st.sampled_from(sorted(RAW_FORMATS)), st.integers(4, 41), st.integers(4, 33), st.integers(0, 5), st.booleans(),
    st.sampled_from(TYPES),
)  # fmt: skip
def test_every_format_and_stride_is_hidden_as_frames_are_and_what_is_no_picture_is_blank(
    raw: str, width: int, height: int, padding: int, cut: bool, type: str
) -> None:
    buffer = Buffer(raw, Size(width, height), padding, cut=cut)
    expected = buffer.components()
    FrameMasker(plan(type), buffer.size, buffer.raw.format.name).apply_planes(expected)
    for ours, theirs in zip(masked(buffer, plan(type)), expected, strict=True):
        assert (ours == theirs).all()
    assert not buffer.data[~buffer.picture_bytes()].any()


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("raw", RAW_FORMATS)
def test_buffers_that_differ_only_inside_the_zone_and_in_the_padding_become_the_same_bytes(raw: str, type: str) -> None:
    one, other = Buffer(raw, Size(64, 48), 3), Buffer(raw, Size(64, 48), 3, seed=2)
    hidden = [before != after for before, after in zip(one.components(), masked(Buffer(raw, one.size, 3), plan()), strict=True)]
    assert any(each.any() for each in hidden)
    _mix(one, other)
    masked(one, plan(type))
    masked(other, plan(type))
    assert (one.data == other.data).all()


def _mix(one: Buffer, other: Buffer) -> None:
    """Outside of the zone and the padding, `other` becomes like `one`."""
    touched = Buffer(one.raw.name, one.size, 3)
    touched.data[:], marks = 0, Buffer(one.raw.name, one.size, 3)
    marks.data[:] = 255
    masked(touched, parse_plan(PLAN.format(type="Color") + 'color = "#37b53c"\n'))  # no component of it is 0 or 255
    masked(marks, parse_plan(PLAN.format(type="Color") + 'color = "#37b53c"\n'))
    public = one.picture_bytes() & (touched.data == 0) & (marks.data == 255)
    other.data[public] = one.data[public]


@pytest.mark.parametrize(
    ("pts", "zero", "hidden"),
    [
        *((0, 0, False), (10, 0, True), (19, 0, True), (20, 0, False), (25, 10, True)),
        *((None, 0, True), (0, None, True), (0, 5, True)),
    ],
)
def test_a_mask_with_times_holds_in_its_seconds_and_whenever_the_time_is_not_known(
    pts: int | None, zero: int | None, hidden: bool
) -> None:
    buffer = Buffer("I420", Size(32, 32))
    before = buffer.data.copy()
    nanoseconds = None if pts is None else pts * SECOND
    masked(buffer, parse_plan(TIMED), None if zero is None else zero * SECOND, pts=nanoseconds, duration=SECOND // 25)
    assert (buffer.data != before).any() == hidden


def test_a_damaged_picture_is_hidden_whole() -> None:
    planes = masked(Buffer("NV12", Size(32, 32)), parse_plan(TIMED), 0, pts=0, damaged=True)
    assert [np.unique(plane).size for plane in planes] == [1, 1, 1]


@pytest.mark.parametrize(
    ("strides", "offsets"),
    [
        ((31, 16, 16), (0, 1024, 1280)),  # rows that overlap
        ((32, 16, 16), (0, 1000, 1280)),  # a plane over another
        ((32, 16, 16), (0, 0, 0)),
        ((32, 16, 16), (0, 1024, 1400)),  # past the end
        ((32, 16, 16), (-4, 1024, 1280)),
        ((-32, 16, 16), (992, 1024, 1280)),  # upside down
        ((32, 16), (0, 1024)),
        ((32, 32, 32), (0, 1024, 1040)),  # U and V side by side
    ],
)
def test_planes_that_cannot_lie_there_are_refused_and_the_bytes_left_alone(
    strides: tuple[int, ...], offsets: tuple[int, ...]
) -> None:
    masker = BufferMasker(plan(), Pictures("I420", Size(32, 32)))
    data = np.ones(1536, np.uint8)
    with pytest.raises(UnsupportedFootageError):
        masker.hide(data, Shot(strides, offsets), None)
    assert (data == 1).all()


def test_bytes_that_cannot_be_written_are_an_error() -> None:
    masker = BufferMasker(plan(), Pictures("GRAY8", Size(32, 32)))
    with pytest.raises((TypeError, ValueError)):
        masker.hide(bytes(1024), Shot((32,), (0,)), None)


def test_a_plan_whose_masks_move_is_refused_with_what_to_use_instead() -> None:
    moving = parse_plan('format = "privmask.plan.v1"\n[[dynamic]]\nlabel = "face"\n')
    with pytest.raises(PlanError, match=r"face.*privmask live"):
        BufferMasker(moving, Pictures("I420", Size(32, 32)))
    with pytest.raises(PlanError, match="face"):
        warm_up(moving)


def test_warming_up_needs_no_picture_of_the_plans_shape() -> None:
    warm_up(parse_plan(PLAN.format(type="Blurred").replace("[[mask]]", "frame = [400, 300]\n[[mask]]")))


def test_formats_that_cannot_be_painted_in_place_are_refused() -> None:
    with pytest.raises(UnsupportedFootageError, match="videoconvert"):
        BufferMasker(plan(), Pictures("RGBx", Size(32, 32)))
