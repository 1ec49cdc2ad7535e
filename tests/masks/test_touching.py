"""How boxes lie to polygons."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privmask.geometry import Box, Polygon, Size
from privmask.masks.touching import holds, segments_of, touches
from tests.masks.made import in_samples, stars
from tests.naive import shared_area

SIZE = Size(24, 24)
BENT = in_samples(SIZE, (4, 4), (20, 4), (20, 20), (12, 20), (12, 12), (4, 12))  # an L upside down


@pytest.mark.parametrize(
    ("box", "touched", "held"),
    [
        (Box(6, 6, 10, 10), True, True),
        (Box(4, 4, 20, 12), True, True),  # along its edges
        (Box(14, 14, 18, 18), True, True),
        (Box(6, 6, 10, 14), True, False),  # out of the short arm
        (Box(6, 10, 14, 14), True, False),  # around the inner corner
        (Box(0, 0, 24, 24), True, False),  # all around it
        (Box(5, 13, 11, 19), False, False),  # in the bend
        (Box(5, 12, 11, 19), True, False),  # in the bend, along its edge
        (Box(0, 0, 3, 3), False, False),
        (Box(0, 0, 4, 4), True, False),  # corner to corner
        (Box(20.5, 4, 30, 20), False, False),
        (Box(11, 3, 13, 30), True, False),  # through it
        (Box(6, 6, 6, 10), True, False),  # a box without area is held by nothing
    ],
)
def test_boxes_touch_a_polygon_and_lie_in_it(box: Box, touched: bool, held: bool) -> None:
    for polygon in (BENT, Polygon(BENT.points[::-1])):
        sides = segments_of(polygon, SIZE)
        assert (touches(sides, box), holds(sides, box)) == (touched, held)


@settings(max_examples=150)
@given(stars(), st.tuples(*[st.integers(0, 23)] * 2), st.tuples(*[st.integers(1, 12)] * 2))
def test_a_box_touches_what_shares_an_area_with_it_and_lies_in_what_shares_all_of_it(
    star: Polygon, corner: tuple[int, int], lengths: tuple[int, int]
) -> None:
    left, top = corner
    right, bottom = left + lengths[0], top + lengths[1]
    sides, box = segments_of(star, SIZE), Box(left, top, right, bottom)
    shared = shared_area(star.points, *(Fraction(side, 24) for side in (left, top, right, bottom)))
    assert touches(sides, box) or shared == 0
    assert holds(sides, box) == (shared == Fraction((right - left) * (bottom - top), 24 * 24))
