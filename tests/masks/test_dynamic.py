"""Moving boxes laid over fixed masks: what is covered, and what hiding promises there."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privmask.errors import PlanError
from privmask.frame import PIXEL_FORMATS, Frame, Picture
from privmask.geometry import Box, Polygon, Rotation, Size
from privmask.masks import DynamicMask, FittedMasks, Mask, MaskPlan, MaskType, fit_masks, hide, residual
from privmask.masks.sifting import Patch, Sieve
from privmask.sighting import Sighting
from tests import naive
from tests.masks.made import SIZES, TYPES, box, frame, picture, stars, zone
from tests.masks.test_hiding import covered, same

LAYOUTS = st.sampled_from(sorted(PIXEL_FORMATS))
LARGER = st.builds(Size, st.integers(20, 90), st.integers(20, 70))
TURNS = st.sampled_from((0, 90, 180, 270))
PLACES = st.tuples(*[st.floats(-0.2, 1)] * 2, *[st.floats(0.02, 0.7)] * 2)
SEEN = st.lists(st.tuples(PLACES, st.sampled_from(("face", "plate"))), max_size=5)
SMALL = picture(Size(64, 48))


def sightings_on(of: Picture, seen: list[tuple[tuple[float, ...], Any]]) -> tuple[Sighting, ...]:
    """Sightings from places in fractions of the displayed picture: left, top, width, height."""
    wide, high = of.displayed.width, of.displayed.height
    return tuple(
        Sighting(track, label, Box(x * wide, y * high, (x + width) * wide, (y + height) * high))
        for track, ((x, y, width, height), label) in enumerate(seen, 1)
    )


def moving(faces: MaskType, plates: MaskType = "Color", *masks: Mask) -> MaskPlan:
    return MaskPlan(masks, dynamic=(DynamicMask("face", faces, "#802010"), DynamicMask("plate", plates, "#ffffff")))


def face(left: float, top: float, right: float, bottom: float) -> Sighting:
    return Sighting(1, "face", Box(left, top, right, bottom))


TWO = (face(30, 10, 40, 20), Sighting(2, "plate", Box(30, 30, 50, 36)))


def elsewhere(number: int) -> Sighting:
    """A box that takes other samples for each number below 80."""
    left, top = 3 + number % 10 * 4, 3 + number // 10 * 4
    return face(left, top, left + 5, top + 5)


def as_masks(plan: MaskPlan, patches: tuple[Patch, ...], of: Picture) -> list[Mask]:
    """The patches as fixed masks over the same samples, those of an earlier dynamic mask first."""
    return [
        Mask(f"patch {n}", _displayed(patch, of), plan.dynamic[patch.mask].type, plan.dynamic[patch.mask].color)
        for n, patch in enumerate(patches)
    ]


def _displayed(patch: Patch, of: Picture) -> Polygon:
    corners = [(patch.top, patch.left), (patch.top, patch.right - 1), (patch.bottom - 1, patch.right - 1)]
    places = [naive.displayed_place(row, column, of.size, of.rotation) for row, column in corners]
    rows, columns = zip(*places, strict=True)
    high, wide = of.displayed.height, of.displayed.width
    left, top = f"{min(columns)}/{wide}", f"{min(rows)}/{high}"
    return box(left, top, f"{max(columns) + 1}/{wide}", f"{max(rows) + 1}/{high}")


@settings(max_examples=200)
@given(st.data(), LAYOUTS, st.one_of(SIZES, LARGER), st.sampled_from(TYPES), st.sampled_from(TYPES), SEEN, st.booleans(), TURNS)
def test_a_moving_box_is_hidden_as_a_fixed_mask_over_the_same_samples_would_be(
    data: st.DataObject,
    layout: str,
    size: Size,
    faces: MaskType,
    plates: MaskType,
    seen: list[Any],
    interlaced: bool,
    rotation: Rotation,
) -> None:
    of = picture(size, layout, rotation)
    kinds = data.draw(st.lists(st.sampled_from(TYPES), max_size=2))
    masks = [zone(data.draw(stars()), kind, f"zone {n}", color="#108040") for n, kind in enumerate(kinds)]
    plan, sightings = moving(faces, plates, *masks), sightings_on(of, seen)
    patches = Sieve(plan, of).patches(sightings)
    fixed = MaskPlan((*masks, *as_masks(plan, patches, of)))
    if not fixed.masks:
        return
    one, other = frame(of, interlaced=interlaced), frame(of, interlaced=interlaced)
    try:
        cover, expected = fit_masks(plan, of).at(one, sightings), fit_masks(fixed, of).at(other)
    except PlanError:  # one of the zones touches no sample of so small a picture
        return
    assert cover.moving == len(patches)
    for ours, theirs in zip(cover.planes, expected.planes, strict=True):
        assert [each.tolist() for each in (ours.hidden, ours.public, ours.blocks, ours.smooth)] == [
            each.tolist() for each in (theirs.hidden, theirs.public, theirs.blocks, theirs.smooth)
        ]
        assert not any(each.flags.writeable for each in (ours.hidden, ours.public, ours.blocks, ours.smooth))
    assert same(hide(one, cover), hide(other, expected))
    assert residual(one, cover).exact


@pytest.mark.parametrize("layout", sorted(PIXEL_FORMATS))
@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("height", [24, 21, 22, 23])
def test_colour_is_hidden_wherever_it_is_shared_with_a_box_on_any_row(layout: str, interlaced: bool, height: int) -> None:
    of = picture(Size(30, height), layout)
    for top in range(0, height, 4):
        plan, seen = moving("Color"), [face(7, top + 2.5, 17, top + 3)]
        (patch,) = Sieve(plan, of).patches(seen)
        luma = np.zeros((height, 30), bool)
        luma[patch.top : patch.bottom, patch.left : patch.right] = True
        cover = fit_masks(plan, of).always(seen, interlaced=interlaced)
        for plane, hidden in enumerate(cover.hidden):
            ways = [naive.chroma(luma, *of.format.shifts(plane), fields) for fields in (False, interlaced)]
            expected = ways[0] | ways[1]
            assert (naive.mask_of(hidden, expected.shape) == expected).all()


@settings(max_examples=150)
@given(LAYOUTS, st.one_of(SIZES, LARGER), st.sampled_from(TYPES), st.sampled_from(TYPES), SEEN, st.booleans(), TURNS)
def test_given_the_same_sightings_frames_that_differ_only_where_hidden_become_the_same_frame(
    layout: str, size: Size, faces: MaskType, plates: MaskType, seen: list[Any], interlaced: bool, rotation: Rotation
) -> None:
    of = picture(size, layout, rotation)
    one, other = frame(of, seed=1, interlaced=interlaced), frame(of, seed=1, interlaced=interlaced)
    untouched = frame(of, seed=1, interlaced=interlaced)
    cover = fit_masks(moving(faces, plates), of).at(one, sightings_on(of, seen))
    for plane, noise, mask in zip(other.planes, frame(of, seed=2).planes, covered(cover, one), strict=True):
        plane.samples[mask] = noise.samples[mask]
    assert same(hide(one, cover), hide(other, cover))
    for before, after, mask in zip(untouched.planes, one.planes, covered(cover, one), strict=True):
        assert (before.samples[~mask] == after.samples[~mask]).all()


def test_a_moving_colour_lies_under_fixed_colours_and_over_everything_else() -> None:
    of = picture(Size(64, 16), "gray")
    masks = (
        zone(box(0, 0, 1, 1), "Blurred", "a"),
        zone(box(0, 0, "3/4", 1), "Pixelated", "b"),
        zone(box(0, 0, "1/4", 1), "Color", "c", color="#808080"),
    )
    sightings = face(2, 2, 42, 14), Sighting(2, "plate", Box(2, 2, 54, 14))
    dynamic = (
        DynamicMask("face", margin=Fraction(0), color="#ffffff"),
        DynamicMask("plate", margin=Fraction(0), color="#000000"),
    )
    plan = MaskPlan(masks, dynamic=dynamic)
    plane = fit_masks(plan, of).always(sightings).planes[0]
    painted = [*plane.fills, ("blocks", plane.blocks), ("smooth", plane.smooth)]
    assert [(by, set(map(tuple, spans[:, 1:].tolist()))) for by, spans in painted] == [
        (16, {(44, 56)}),
        (235, {(16, 44)}),
        (126, {(0, 16)}),
        ("blocks", set()),
        ("smooth", {(56, 64)}),
    ]


def test_a_frame_that_nobody_searched_is_refused_and_one_on_which_nothing_was_found_is_not() -> None:
    masks = fit_masks(moving("Color"), SMALL)
    with pytest.raises(PlanError, match="nobody searched this frame for face, plate"):
        masks.at(frame(SMALL))
    with pytest.raises(PlanError, match="nobody searched"):
        masks.always()
    assert masks.at(frame(SMALL), ()).moving == 0
    assert not any(len(spans) for spans in masks.always(()).hidden)


def test_a_plan_without_moving_masks_needs_no_search_and_takes_no_sightings() -> None:
    masks = fit_masks(MaskPlan((zone(box(0, 0, "1/2", 1)),)), SMALL)
    assert masks.at(frame(SMALL)) is masks.at(frame(SMALL), ())
    with pytest.raises(PlanError, match="says nothing"):
        masks.at(frame(SMALL), [face(10, 10, 20, 20)])


def test_covers_repeat_while_a_box_trembles_and_are_kept_for_a_bounded_number_of_places() -> None:
    masks = fit_masks(moving("Pixelated"), SMALL)
    first = masks.at(frame(SMALL), [face(10, 10, 20, 20)])
    assert masks.at(frame(SMALL, index=1), [face(10.4, 9.9, 20.2, 20.1)]) is first
    assert masks.at(frame(SMALL, interlaced=True), [face(10, 10, 20, 20)]) is not first
    for n in range(40):
        masks.at(frame(SMALL), [elsewhere(n)])
    assert len(masks._covers) == 32
    again = masks.at(frame(SMALL), [face(10, 10, 20, 20)])
    assert again.planes[0].hidden.tolist() == first.planes[0].hidden.tolist()


def test_a_cover_in_use_stays_while_others_come_and_go() -> None:
    masks = fit_masks(moving("Color"), SMALL)
    still = masks.at(frame(SMALL), ())
    for n in range(40):
        masks.at(frame(SMALL), [elsewhere(n)])
        assert masks.at(frame(SMALL), ()) is still


def test_a_damaged_frame_is_hidden_whole_whatever_was_seen_on_it() -> None:
    masks = fit_masks(moving("Blurred"), SMALL)
    one = frame(SMALL, hide_all=True)
    cover = masks.at(one, [face(10, 10, 20, 20)])
    assert cover is masks.at(one, ())
    assert not any(len(spans) for spans in cover.public)


def test_tokens_name_fixed_masks_only() -> None:
    cover = fit_masks(moving("Color", "Color", zone(box(0, 0, "1/4", 1), token="door")), SMALL).always(TWO)
    assert (cover.tokens, cover.moving) == (("door",), 2)


def test_a_mask_that_moves_is_hidden_at_times_when_fixed_ones_do_not_hold() -> None:
    late = zone(box(0, 0, "1/4", 1), token="late", start=Fraction(5))
    masks: FittedMasks = fit_masks(moving("Color", "Color", late), SMALL)
    cover = masks.at(frame(SMALL), TWO)
    assert (cover.tokens, cover.moving) == ((), 2)
    shown: Frame = replace(frame(SMALL, index=200), pts=200, end=201)
    assert masks.at(shown, TWO).tokens == ("late",)
