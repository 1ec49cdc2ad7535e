"""Masks fitted to the pictures of a stream."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from fractions import Fraction

import pytest

from privmask.errors import PlanError
from privmask.frame import Frame, Picture
from privmask.geometry import Rotation, Size
from privmask.masks import FittedMasks, MaskPlan, fit_masks
from tests.masks.made import box, frame, picture, plan, zone

SMALL = picture(Size(32, 18))


def at(number: int, pts: int | None = None, end: int | None = None) -> Frame:
    pts = number * 25 if pts is None else pts
    return replace(frame(SMALL, index=number), pts=pts, end=pts + 25 if end is None else end)


def tokens(masks: FittedMasks, count: int, first: int = 0) -> list[str]:
    return ["".join(masks.at(at(n, first + n * 25)).tokens) for n in range(count)]


def test_the_clips_seconds_begin_at_its_first_frame() -> None:
    timed = plan(zone(box(0, 0, 1, 1), token="a", start=Fraction(1), end=Fraction(3)), zone(box(0, 0, 1, 1), token="b"))
    assert tokens(fit_masks(timed, SMALL), 4) == ["b", "ab", "ab", "b"]
    assert tokens(fit_masks(timed, SMALL), 4, first=90_000) == ["b", "ab", "ab", "b"]
    assert tokens(fit_masks(timed, SMALL), 4, first=-50) == ["b", "ab", "ab", "b"]


def test_before_the_first_frame_was_seen_every_mask_holds() -> None:
    timed = plan(zone(box(0, 0, 1, 1), token="a", start=Fraction(1), end=Fraction(3)))
    assert fit_masks(timed, SMALL).at(at(9)).tokens == ("a",)
    assert fit_masks(timed, SMALL, zero=Fraction(0)).at(at(9)).tokens == ()
    assert fit_masks(timed, SMALL, zero=Fraction(8)).at(at(9)).tokens == ("a",)


def test_a_given_zero_stays_when_the_first_frame_comes() -> None:
    timed = plan(zone(box(0, 0, 1, 1), token="a", start=Fraction(1), end=Fraction(3)))
    masks = fit_masks(timed, SMALL, zero=Fraction(-1))
    assert tokens(masks, 3) == ["a", "a", ""]


def test_a_cover_is_made_once_for_the_same_masks() -> None:
    masks = fit_masks(plan(zone(box(0, 0, 1, 1))), SMALL)
    assert masks.at(at(0)) is masks.at(at(1))
    assert masks.always() is masks.at(at(2))
    assert masks.always(interlaced=True) is not masks.at(at(2))


def test_no_mask_holding_covers_nothing() -> None:
    cover = fit_masks(plan(zone(box(0, 0, 1, 1), start=Fraction(5))), SMALL).at(at(0))
    assert cover.tokens == ()
    assert not any(len(spans) for spans in cover.hidden)
    assert [int((spans[:, 2] - spans[:, 1]).sum()) for spans in cover.public] == [32 * 18, 16 * 9, 16 * 9]


def test_covers_are_kept_for_a_bounded_number_of_mixes() -> None:
    masks = fit_masks(
        plan(*(zone(box(0, 0, 1, 1), token=str(n), start=Fraction(n), end=Fraction(n + 1)) for n in range(40))), SMALL
    )
    first = masks.at(at(0))
    assert tokens(masks, 40) == [str(n) for n in range(40)]
    again = masks.at(at(0))
    assert again is not first
    assert again.tokens == first.tokens
    assert masks.at(at(39)) is masks.at(at(39))


def test_a_mask_that_is_not_enabled_hides_nothing() -> None:
    masks = fit_masks(plan(zone(box(0, 0, 1, 1), token="a", enabled=False), zone(box(0, 0, "1/2", 1), token="b")), SMALL)
    assert masks.always().tokens == ("b",)


def test_dates_without_a_time_of_recording_are_said_to_lift_nothing() -> None:
    dated = plan(
        zone(box(0, 0, 1, 1), token="a", hours=((time(18), time(6)),)),
        zone(box(0, 0, 1, 1), token="b"),
        zone(box(0, 0, 1, 1), token="c", valid=(date(2026, 1, 1), date(2026, 1, 2))),
    )
    found = fit_masks(dated, SMALL).notices
    assert [str(line).split("'")[1] for line in found] == ["a", "c"]
    assert "nobody said when the clip was recorded" in found[0].en
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    lifted = fit_masks(dated, SMALL, noon)
    assert lifted.notices == ()
    assert lifted.at(at(0)).tokens == ("b",)
    assert fit_masks(dated, SMALL).at(at(0)).tokens == ("a", "b", "c")


@pytest.mark.parametrize(
    ("drawn_on", "size", "rotation", "sample_aspect"),
    [
        (Size(1920, 1080), Size(1280, 720), 0, Fraction(1)),
        (Size(1920, 1080), Size(1920, 1088), 0, Fraction(1)),
        (Size(1080, 1920), Size(1920, 1080), 90, Fraction(1)),
        (Size(720, 576), Size(720, 576), 0, Fraction(16, 15)),
        (Size(768, 576), Size(720, 576), 0, Fraction(16, 15)),
        (Size(576, 768), Size(720, 576), 270, Fraction(16, 15)),
    ],
)
def test_pixel_corners_fit_a_picture_of_the_same_shape(
    drawn_on: Size, size: Size, rotation: Rotation, sample_aspect: Fraction
) -> None:
    fit_masks(MaskPlan((zone(box(0, 0, 1, 1)),), frame=drawn_on), picture(size, rotation=rotation, sample_aspect=sample_aspect))


@pytest.mark.parametrize(("drawn_on", "rotation"), [(Size(640, 480), 0), (Size(1920, 1080), 90), (Size(1080, 1920), 0)])
def test_pixel_corners_from_a_picture_of_another_shape_are_refused(drawn_on: Size, rotation: Rotation) -> None:
    of: Picture = picture(Size(1280, 720), rotation=rotation)
    with pytest.raises(PlanError, match=f"{drawn_on}.*{of.displayed}"):
        fit_masks(MaskPlan((zone(box(0, 0, 1, 1)),), frame=drawn_on), of)


def test_a_plan_made_by_hand_is_checked_too() -> None:
    with pytest.raises(PlanError, match="at least 3"):
        fit_masks(plan(replace(zone(box(0, 0, 1, 1)), polygon=replace(box(0, 0, 1, 1), points=()))), SMALL)
    with pytest.raises(PlanError, match="no mask"):
        fit_masks(MaskPlan(()), SMALL)


def test_an_inverted_mask_that_leaves_everything_is_refused_as_one_that_hides_nothing() -> None:
    with pytest.raises(PlanError, match="'zone' touches no sample of a picture of 32x18"):
        fit_masks(plan(zone(box(0, 0, 1, 1), invert=True)), SMALL)
