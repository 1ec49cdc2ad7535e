"""Places in a picture: exact corners, and the way from what a person sees to what the codec stores."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from privmask.geometry import Polygon, Rotation, Size, fraction


def test_a_decimal_corner_is_the_decimal_that_was_written() -> None:
    assert fraction(0.1) == Fraction(1, 10)
    assert fraction("1/3") * 3 == 1


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_corner_seen_on_the_turned_picture_is_found_in_the_coded_one(rotation: Rotation) -> None:
    coded = np.zeros((4, 6), np.uint8)
    coded[1, 4] = 1
    displayed = np.rot90(coded, -rotation // 90)
    row, column = np.argwhere(displayed)[0]
    height, width = displayed.shape
    middle = Polygon(((Fraction(2 * int(column) + 1, 2 * width), Fraction(2 * int(row) + 1, 2 * height)),) * 3)
    assert middle.to_coded(rotation).points[0] == (Fraction(9, 12), Fraction(3, 8))


def test_holes_turn_with_their_outline() -> None:
    ring = ((Fraction(0), Fraction(0)), (Fraction(1), Fraction(0)), (Fraction(1), Fraction(1)))
    turned = Polygon(ring, (ring,)).to_coded(180)
    assert turned.holes[0] == turned.points
    assert len(turned.rings) == 2


def test_a_quarter_turn_swaps_width_and_height() -> None:
    assert Size(1920, 1080).turned(90) == Size(1080, 1920)
    assert str(Size(1920, 1080).turned(180)) == "1920x1080"
