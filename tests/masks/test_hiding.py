"""What hiding promises, over layouts, sizes, fields, turns and mask types."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privmask.errors import PlanError, UnsupportedFootageError
from privmask.frame import PIXEL_FORMATS, Frame, Picture
from privmask.geometry import Polygon, Rotation, Size
from privmask.masks import Cover, MaskType, fit_masks, hide
from tests import naive
from tests.masks.made import SIZES, TYPES, box, frame, picture, plan, polygon, stars, zone

LAYOUTS = st.sampled_from(sorted(PIXEL_FORMATS))
MIXES = st.lists(st.sampled_from(TYPES), min_size=1, max_size=3)
LARGER = st.builds(Size, st.integers(20, 90), st.integers(20, 70))
TURNS = st.sampled_from((0, 90, 180, 270))


def copied(one: Frame) -> Frame:
    return replace(one, planes=tuple(replace(plane, samples=plane.samples.copy()) for plane in one.planes))


def same(one: Frame, other: Frame) -> bool:
    """Whether two frames are the same to the last sample, padding and all."""
    return all((a.samples == b.samples).all() for a, b in zip(one.planes, other.planes, strict=True))


def covered(cover: Cover, of: Frame) -> list[naive.Bools]:
    return [naive.mask_of(spans, plane.samples.shape) for spans, plane in zip(cover.hidden, of.planes, strict=True)]


def cover_of(shapes: list[Polygon], types: list[MaskType], of: Picture, one: Frame) -> Cover:
    pairs = enumerate(zip(shapes, types, strict=False))
    masks = [zone(shape, kind, f"zone {n}", color="#7f3010") for n, (shape, kind) in pairs]
    try:
        return fit_masks(plan(*masks), of).at(one)
    except PlanError:  # one of the zones touches no sample of so small a picture
        return fit_masks(plan(zone(box("0.2", "0.2", "0.9", "0.9"), types[0])), of).at(one)


@settings(max_examples=250)
@given(st.data(), LAYOUTS, st.one_of(SIZES, LARGER), MIXES, st.booleans(), TURNS)
def test_frames_that_differ_only_where_hidden_become_the_same_frame(
    data: st.DataObject, layout: str, size: Size, types: list[MaskType], interlaced: bool, rotation: Rotation
) -> None:
    of = picture(size, layout, rotation)
    one = frame(of, seed=1, interlaced=interlaced)
    cover = cover_of(data.draw(st.lists(stars(), min_size=1, max_size=3)), types, of, one)
    other = copied(one)
    for plane, noise, mask in zip(other.planes, frame(of, seed=2).planes, covered(cover, one), strict=True):
        plane.samples[mask] = noise.samples[mask]
    untouched = copied(one)
    hidden = hide(one, cover)
    assert same(hidden, hide(other, cover))
    assert same(hidden, hide(copied(hidden), cover)), "hiding twice is hiding once"
    for before, after, mask in zip(untouched.planes, hidden.planes, covered(cover, one), strict=True):
        assert (before.samples[~mask] == after.samples[~mask]).all(), "nothing outside is touched, the padding neither"


@settings(max_examples=80)
@given(stars(), LAYOUTS, SIZES, st.booleans(), TURNS, st.booleans())
def test_what_is_hidden_is_what_the_zone_touches_and_the_colour_of_it(
    shape: Polygon, layout: str, size: Size, interlaced: bool, rotation: Rotation, invert: bool
) -> None:
    of = picture(size, layout, rotation)
    one = frame(of, interlaced=interlaced)
    luma = naive.touched(shape, size, rotation, invert)
    if not luma.any():
        return
    cover = fit_masks(plan(zone(shape, invert=invert)), of).at(one)
    for plane, (hidden, public) in enumerate(zip(cover.hidden, cover.public, strict=True)):
        shift_x, shift_y = of.format.shifts(plane)
        ways = [naive.chroma(luma, shift_x, shift_y, fields) for fields in {False, interlaced}]
        expected = ways[0] | ways[-1]
        assert (naive.mask_of(hidden, expected.shape) == expected).all()
        assert (naive.mask_of(public, expected.shape) == ~expected).all()
        for spans in (hidden, public):
            assert spans.dtype == np.int32
            assert not spans.flags.writeable
            assert all(
                a[0] < b[0] or a[2] < b[1] for a, b in zip(spans.tolist(), spans.tolist()[1:], strict=False)
            ), "sorted and apart"


@pytest.mark.parametrize("layout", sorted(PIXEL_FORMATS))
@pytest.mark.parametrize("kind", TYPES)
def test_a_zone_over_the_whole_picture_leaves_no_sample_of_it(layout: str, kind: MaskType) -> None:
    of = picture(Size(37, 21), layout)
    cover = fit_masks(plan(zone(box("-0.1", 0, 1, "1.2"), kind)), of).always()
    one, other = hide(frame(of, seed=1, padding=0), cover), hide(frame(of, seed=2, padding=0), cover)
    assert same(one, other)
    assert not any(len(spans) for spans in cover.public)


def test_a_zone_at_the_edge_takes_the_last_row_and_column_of_odd_pictures_with_their_colour() -> None:
    of = picture(Size(31, 17))
    one = frame(of)
    cover = fit_masks(plan(zone(box("30/31", "16/17", 1, 1))), of).at(one)
    assert [spans.tolist() for spans in cover.hidden] == [[[16, 30, 31]], [[8, 15, 16]], [[8, 15, 16]]]


def test_color_is_one_legal_value_in_each_plane() -> None:
    of = picture(Size(20, 10), "yuv422p10le", matrix="bt601")
    one = frame(of)
    cover = fit_masks(plan(zone(box("0.2", "0.2", "0.8", "0.8"), color="#ff0000")), of).at(one)
    hide(one, cover)
    found = [set(plane.samples[mask].tolist()) for plane, mask in zip(one.planes, covered(cover, one), strict=True)]
    assert found == [{326}, {361}, {960}]


@pytest.mark.parametrize("kind", ["Pixelated", "Blurred"])
def test_what_is_hidden_is_drawn_from_the_ring_around_it(kind: MaskType) -> None:
    of = picture(Size(128, 96))
    one = frame(of)
    for plane, level in zip(one.planes, (90, 110, 150), strict=True):
        plane.samples[:] = level
    cover = fit_masks(plan(zone(box("0.2", "0.2", "0.8", "0.8"), kind)), of).at(one)
    for plane, mask in zip(one.planes, covered(cover, one), strict=True):
        plane.samples[mask] = 255
    hide(one, cover)
    low, high = (90 - 12, 90 + 12) if kind == "Pixelated" else (90, 90)
    luma = one.planes[0].samples[covered(cover, one)[0]]
    assert low <= luma.min() <= luma.max() <= high
    assert (len(set(luma.tolist())) > 5) == (kind == "Pixelated"), "a mosaic has blocks of different light"
    assert [set(plane.samples[:, : plane.width].ravel().tolist()) for plane in one.planes[1:]] == [{110}, {150}]


@settings(max_examples=150)
@given(stars(), LAYOUTS, LARGER, st.booleans(), TURNS, st.booleans())
def test_blurred_is_never_darker_or_brighter_than_the_public_samples_or_mid_grey(
    shape: Polygon, layout: str, size: Size, interlaced: bool, rotation: Rotation, invert: bool
) -> None:
    of = picture(size, layout, rotation)
    one = frame(of, interlaced=interlaced)
    for plane in one.planes:
        plane.samples[:] = 100 << (of.format.depth - 8)
    try:
        cover = fit_masks(plan(zone(shape, "Blurred", invert=invert)), of).at(one)
    except PlanError:
        return
    for plane, mask in zip(one.planes, covered(cover, one), strict=True):
        plane.samples[mask] = 0
    hide(one, cover)
    for plane, mask, planned, kind in zip(one.planes, covered(cover, one), cover.planes, of.format.kinds, strict=True):
        found = plane.samples[mask] >> (of.format.depth - 8)
        known = len(planned.grid.known) > 0
        expected = {255} if kind == "A" else {100, 128} if interlaced or not known else {100}
        assert set(found.tolist()) <= expected


@pytest.mark.parametrize("layout", ["yuv420p", "yuv444p10le", "gbrp"])
def test_blocks_of_pixelated_are_whole_and_lie_on_one_grid_in_all_planes(layout: str) -> None:
    of = picture(Size(96, 64), layout)
    one = hide(frame(of), fit_masks(plan(zone(box(0, 0, 1, "3/4"), "Pixelated")), of).always())
    for plane in range(len(of.format.kinds)):
        shift_x, shift_y = of.format.shifts(plane)
        shown = one.planes[plane].visible[: 48 >> shift_y]
        blocks = shown.reshape(3, 16 >> shift_y, 6, 16 >> shift_x)
        assert (blocks == blocks[:, :1, :, :1]).all()


@pytest.mark.parametrize("kind", ["Pixelated", "Blurred"])
@pytest.mark.parametrize("layout", ["yuv420p", "yuv422p", "gray", "yuv444p10le"])
def test_the_fields_of_an_interlaced_picture_never_mix(kind: MaskType, layout: str) -> None:
    of = picture(Size(96, 96), layout)
    one = frame(of, interlaced=True)
    changed = copied(one)
    for plane in changed.planes:
        plane.samples[1::2] = 77
    cover = fit_masks(plan(zone(box("0.2", "0.2", "0.8", "0.8"), kind)), of).at(one)
    hide(one, cover)
    hide(changed, cover)
    assert all((a.samples[::2] == b.samples[::2]).all() for a, b in zip(one.planes, changed.planes, strict=True))


def test_color_lies_over_pixelated_over_blurred_and_the_first_colour_over_the_next() -> None:
    of = picture(Size(64, 16), "gray")
    one = frame(of)
    masks = (
        zone(box(0, 0, 1, 1), "Blurred", "a"),
        zone(box(0, 0, "3/4", 1), "Pixelated", "b"),
        zone(box(0, 0, "1/2", 1), "Color", "c", color="#ffffff"),
        zone(box("-1", 0, "5/8", 1), "Color", "d", color="#000000"),
    )
    cover = fit_masks(plan(*masks), of).at(one)
    plane = cover.planes[0]
    painted = [*plane.fills, ("blocks", plane.blocks), ("smooth", plane.smooth)]
    assert [(by, set(map(tuple, spans[:, 1:].tolist()))) for by, spans in painted] == [
        (16, {(32, 40)}),
        (235, {(0, 32)}),
        ("blocks", {(40, 48)}),
        ("smooth", {(48, 64)}),
    ]
    assert cover.tokens == ("a", "b", "c", "d")


def test_a_damaged_frame_is_hidden_whole_in_black() -> None:
    of = picture(Size(21, 13))
    masks = fit_masks(plan(zone(box(0, 0, "1/2", "1/2"), "Blurred"), zone(box(0, 0, "1/4", 1), token="w", color="#ffffff")), of)
    one = frame(of, hide_all=True)
    hide(one, masks.at(one))
    assert [set(plane.visible.ravel().tolist()) for plane in one.planes] == [{16}, {128}, {128}]
    with pytest.raises(UnsupportedFootageError, match="another frame's cover"):
        hide(one, masks.always())


def test_alpha_is_opaque_where_something_is_hidden() -> None:
    of = picture(Size(40, 40), "gbrap", range="full")
    for kind in TYPES:
        one = frame(of)
        cover = fit_masks(plan(zone(box("0.2", "0.2", "0.8", "0.8"), kind)), of).at(one)
        hide(one, cover)
        assert set(one.planes[3].samples[covered(cover, one)[3]].tolist()) == {255}


@pytest.mark.parametrize("layout", ["yuv420p", "yuv420p10le", "gbrp"])
@pytest.mark.parametrize("kind", TYPES)
def test_painted_samples_are_legal_even_where_the_public_ones_are_not(layout: str, kind: MaskType) -> None:
    of = picture(Size(80, 60), layout)
    for level in (0, (1 << of.format.depth) - 1):
        one = frame(of)
        for plane in one.planes:
            plane.samples[:] = level
        cover = fit_masks(plan(zone(box("0.1", "0.1", "0.9", "0.9"), kind)), of).at(one)
        hide(one, cover)
        for plane, mask, planned in zip(one.planes, covered(cover, one), cover.planes, strict=True):
            assert planned.low <= plane.samples[mask].min()
            assert plane.samples[mask].max() <= planned.high


def test_a_frame_of_another_size_layout_or_kind_is_refused_and_left_alone() -> None:
    of = picture(Size(16, 16))
    cover = fit_masks(plan(zone(box(0, 0, 1, 1))), of).always()
    strangers = (
        frame(picture(Size(18, 16))),
        frame(picture(Size(16, 16), "yuv422p")),
        frame(of, interlaced=True),
        frame(of, hide_all=True),
    )
    for stranger in strangers:
        before = copied(stranger)
        with pytest.raises(UnsupportedFootageError):
            hide(stranger, cover)
        assert same(before, stranger)
    short = frame(of)
    short = replace(short, planes=(replace(short.planes[0], samples=short.planes[0].samples[:-1]), *short.planes[1:]))
    with pytest.raises(UnsupportedFootageError, match="16x15"):
        hide(short, cover)


def test_a_hole_keeps_its_picture() -> None:
    of = picture(Size(40, 40), "gray")
    one = frame(of)
    before = copied(one)
    ring = ((Fraction(1, 4), Fraction(1, 4)), (Fraction(3, 4), Fraction(1, 4)), (Fraction(3, 4), Fraction(3, 4)))
    hide(one, fit_masks(plan(zone(polygon((0, 0), (1, 0), (1, 1), (0, 1), holes=(ring,)))), of).at(one))
    kept = one.planes[0].visible == before.planes[0].visible
    assert kept[12, 20:29].all()
    assert kept.sum() < 20 * 20 * 0.6
