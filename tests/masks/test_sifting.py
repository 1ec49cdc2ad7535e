"""Which sightings are hidden, and how much around them."""

from __future__ import annotations

from fractions import Fraction
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privmask.errors import DetectorError, PlanError
from privmask.geometry import Box, Rotation, Size
from privmask.masks import DynamicMask, Keep, MaskPlan
from privmask.masks.sifting import GRID, Sieve
from privmask.sighting import Label, Sighting
from tests import naive
from tests.masks.made import SIZES, box, picture

WIDE = picture(Size(320, 160))
TURNS = st.sampled_from((0, 90, 180, 270))


def seen(left: float, top: float, right: float, bottom: float, track: int = 1, label: Label = "face") -> Sighting:
    return Sighting(track, label, Box(left, top, right, bottom))


def sieve(*keep: Keep, labels: tuple[Label, ...] = ("face",), **more: Any) -> Sieve:
    return Sieve(MaskPlan((), dynamic=tuple(DynamicMask(label, **more) for label in labels), keep=keep), WIDE)


def hidden(of: Sieve, *sightings: Sighting) -> list[tuple[int, ...]]:
    return [patch[1:] for patch in of.patches(sightings)]


def test_a_box_is_grown_by_its_margin_and_rounded_outward_to_the_grid() -> None:
    assert hidden(sieve(margin=Fraction(1, 2)), seen(100, 40, 120, 48)) == [(88, 36, 132, 52)]
    assert hidden(sieve(margin=Fraction(1, 2)), seen(100.1, 40, 120, 48)) == [(88, 36, 132, 52)]
    assert hidden(sieve(margin=Fraction(1, 2)), seen(97.9, 40, 120, 48)) == [(84, 36, 132, 52)]


def test_even_without_a_margin_two_samples_around_it_are_hidden() -> None:
    assert hidden(sieve(margin=Fraction(0)), seen(102, 42, 110, 50)) == [(100, 40, 112, 52)]
    assert hidden(sieve(margin=Fraction(0)), seen(101.5, 42, 110, 50)) == [(96, 40, 112, 52)]


def test_boxes_are_clipped_to_the_picture_and_those_wholly_off_it_are_left_out() -> None:
    assert hidden(sieve(), seen(-30, 150, 10, 170)) == [(0, 144, 24, 160)]
    assert hidden(sieve(), seen(400, 10, 440, 40), seen(10, -90, 40, -40)) == []
    assert hidden(sieve(), seen(-1e8, -1e8, 1e8, 1e8)) == [(0, 0, 320, 160)]


@settings(max_examples=60)
@given(SIZES, TURNS, st.tuples(*[st.floats(-4, 24)] * 2), st.tuples(*[st.floats(0.1, 12)] * 2))
def test_what_is_hidden_is_hidden_where_a_viewer_sees_it(
    size: Size, rotation: Rotation, corner: tuple[float, float], lengths: tuple[float, float]
) -> None:
    where = Box(corner[0], corner[1], corner[0] + lengths[0], corner[1] + lengths[1])
    moving = MaskPlan((), dynamic=(DynamicMask("face", margin=Fraction(0)),))
    patches = Sieve(moving, picture(size, rotation=rotation)).patches([Sighting(1, "face", where)])
    found = np.zeros((size.height, size.width), bool)
    for patch in patches:
        found[patch.top : patch.bottom, patch.left : patch.right] = True
    for (row, column), inside in np.ndenumerate(found):
        y, x = naive.displayed_place(row, column, size, rotation)
        away = max(where.left - 2 - x - 1, x - where.right - 2, where.top - 2 - y - 1, y - where.bottom - 2)
        assert inside or away >= 0, "two samples around the box are hidden"
        assert not inside or away < GRID, "and not much more"


def test_a_turned_box_is_hidden_where_it_is_coded() -> None:
    moving = MaskPlan((), dynamic=(DynamicMask("face", margin=Fraction(0)),))
    upper_left = [Sighting(1, "face", Box(2, 2, 22, 10))]
    found = [Sieve(moving, picture(Size(320, 160), rotation=turn)).patches(upper_left)[0][1:] for turn in (0, 90, 180, 270)]
    assert found == [(0, 0, 24, 12), (0, 136, 12, 160), (296, 148, 320, 160), (308, 0, 320, 24)]


def test_only_what_touches_a_place_to_search_is_hidden() -> None:
    street = sieve(search=(box(0, "1/2", 1, 1), box("7/8", 0, 1, "1/8")), margin=Fraction(0))
    window, kerb, sign = seen(10, 10, 30, 40), seen(50, 60, 70, 79), seen(290, 4, 310, 12)
    assert hidden(street, window) == []
    assert hidden(street, kerb, sign, window) == [(48, 56, 72, 84), (288, 0, 312, 16)]


def test_what_lies_wholly_in_a_place_to_ignore_is_left_alone() -> None:
    poster = sieve(ignore=(box(0, 0, "1/4", "1/2"),))
    assert hidden(poster, seen(10, 10, 30, 40)) == []
    assert hidden(poster, seen(-10, -5, 30, 40)) == [], "what reaches off the picture lies in a place that goes up to its edge"
    assert hidden(poster, seen(70, 10, 81, 40)) == [(64, 0, 88, 52)]
    assert hidden(poster, seen(-9, 10, -1, 40)) == [(0, 0, 4, 52)], "nothing of the box itself can be seen"


def test_what_is_kept_stays_visible_and_is_counted() -> None:
    asker = Keep("asker", "asked", track=7)
    shop, door = (Keep(name, "agreed", polygon=box(0, 0, right, 1)) for name, right in (("shop", "1/2"), ("door", "1/4")))
    some = sieve(asker, shop, door)
    assert some.kept == {"asker": 0, "shop": 0, "door": 0}
    here, there, elsewhere = seen(10, 10, 30, 40, 7), seen(90, 10, 110, 40, 3), seen(150, 10, 170, 40, 4)
    assert hidden(some, here, there, elsewhere) == [(144, 0, 176, 52)]
    assert some.kept == {"asker": 1, "shop": 2, "door": 1}
    assert hidden(some, seen(200, 10, 220, 40, 7)) == []
    assert some.kept == {"asker": 2, "shop": 2, "door": 1}


def test_two_reasons_to_keep_one_track_are_both_counted() -> None:
    both = sieve(Keep("asker", "asked", track=7), Keep("guard", "agreed", track=7))
    assert hidden(both, seen(10, 10, 30, 40, 7)) == []
    assert both.kept == {"asker": 1, "guard": 1}


def test_what_would_not_have_been_hidden_is_not_counted_as_kept() -> None:
    street = sieve(Keep("asker", "asked", track=7), search=(box("1/2", 0, 1, 1),))
    assert hidden(street, seen(10, 10, 30, 40, 7)) == []
    assert street.kept == {"asker": 0}


def test_each_label_has_its_own_mask_and_the_order_of_sightings_does_not_matter() -> None:
    of = Sieve(MaskPlan((), dynamic=(DynamicMask("plate"), DynamicMask("text", enabled=False), DynamicMask("face"))), WIDE)
    one, two, three = seen(10, 10, 30, 40), seen(60, 10, 90, 40, 2, "plate"), seen(110, 10, 130, 40, 3, "text")
    found = of.patches((one, two, three))
    assert [patch.mask for patch in found] == [0, 1]
    assert found == of.patches((three, two, one))


def test_a_label_about_which_the_plan_says_nothing_is_refused() -> None:
    with pytest.raises(PlanError, match="track 4 is labelled 'plate', about which the plan says nothing"):
        sieve().patches([seen(10, 10, 30, 40, 4, "plate")])


NO_BOXES = [(nan, 0, 9, 9), (0, 0, inf, 9), (0, -inf, 9, 9), (9, 0, 0, 9), (0, 5, 9, 5), (0, 0, 1e300, 9)]


@pytest.mark.parametrize("sides", NO_BOXES)
def test_a_box_that_is_none_is_refused(sides: tuple[float, float, float, float]) -> None:
    with pytest.raises(DetectorError, match="track 5 has the box"):
        sieve().patches([seen(*sides, 5)])
    with pytest.raises(DetectorError):
        sieve(Keep("asker", "asked", track=5)).patches([seen(*sides, 5)])
