"""What can be wrong with an outline."""

from __future__ import annotations

from fractions import Fraction
from math import cos, pi, sin

import pytest

from privmask.geometry import Polygon, fraction
from privmask.masks.outline import faults, meets_picture
from tests.masks.made import box, polygon


def ring(count: int, radius: float = 0.4) -> Polygon:
    turns = [2 * pi * n / count for n in range(count)]
    return polygon(*((round(0.5 + radius * cos(t), 6), round(0.5 + radius * sin(t), 6)) for t in turns))


def test_sound_outlines_have_no_fault() -> None:
    concave = polygon((0, 0), (1, 0), (1, 1), ("1/2", "1/4"), (0, 1))
    for sound in (box(0, 0, 1, 1), box("-1", "-1", 2, 2), concave, ring(3), ring(200)):
        assert list(faults(sound)) == []
        assert list(faults(Polygon(sound.points[::-1]))) == []


@pytest.mark.parametrize(
    ("corners", "expected"),
    [
        (((0, 0), (1, 1), (1, 0), (0, 1)), "corners 1 and 3 meet"),  # a bow tie
        (((0, 0), (1, 0), (1, 1), ("1/2", 0), (0, 1)), "corners 1 and 3 meet"),  # a corner on a far side
        (((0, 0), (1, 0), ("1/2", 0), (1, 1)), "corners 1 and 2 meet"),  # folded back upon itself
        (((0, 0), ("1/2", 0), (1, 1), (1, 0)), "corners 1 and 4 meet"),  # the last side folds over the first
        (((0, 0), ("1/2", "1/2"), (1, 1)), "meet"),  # a line
        (((0, 0), (1, 0), (1, 1), (1, 1), (0, 1)), "corner 3 is given twice in a row"),
        (((0, 0), (1, 0)), "has 2 corners"),
    ],
)
def test_an_outline_may_not_cross_touch_or_fold(corners: tuple[tuple[int | str, int | str], ...], expected: str) -> None:
    found = list(map(str, faults(polygon(*((fraction(x), fraction(y)) for x, y in corners)))))
    assert len(found) == 1
    assert expected in found[0]


def test_a_corner_on_a_straight_side_is_no_fault() -> None:
    assert list(faults(polygon((0, 0), ("1/2", 0), (1, 0), (1, 1)))) == []


def test_too_many_corners_are_told_without_being_looked_at() -> None:
    assert list(map(str, faults(ring(1001)))) == [
        "polygon: has 1001 corners, more than 1000; simplify it, or make several masks of it"
    ]


@pytest.mark.parametrize(
    ("hole", "expected"),
    [
        (box("0.2", "0.2", "0.4", "0.4"), []),
        (box(0, 0, "0.4", "0.4"), []),
        (box("0.9", "0.9", "1.1", "1.1"), ["holes[1]: lies outside its outline, or crosses it"]),
        (box("1.1", "1.1", "1.2", "1.2"), ["holes[1]: lies outside its outline, or crosses it"]),
        (box("-1", "0.2", "2", "0.4"), ["holes[1]: lies outside its outline, or crosses it"]),
    ],
)
def test_a_hole_lies_in_its_outline_and_may_touch_it(hole: Polygon, expected: list[str]) -> None:
    assert list(map(str, faults(Polygon(box(0, 0, 1, 1).points, (hole.points,))))) == expected


@pytest.mark.parametrize(
    ("other", "sound"),
    [
        (box("0.5", "0.2", "0.8", "0.4"), True),
        (box("0.4", "0.2", "0.8", "0.4"), True),  # side by side
        (box("0.3", "0.3", "0.8", "0.8"), False),
        (box("0.25", "0.25", "0.35", "0.35"), False),
        (box("0.1", "0.1", "0.9", "0.9"), False),
        (box("0.2", "0.2", "0.4", "0.4"), False),
    ],
)
def test_two_holes_do_not_overlap(other: Polygon, sound: bool) -> None:
    holes = (box("0.2", "0.2", "0.4", "0.4").points, other.points)
    found = list(map(str, faults(Polygon(box(0, 0, 1, 1).points, holes))))
    assert found == ([] if sound else ["holes[2]: crosses or lies within an earlier hole"])


def test_only_an_area_on_the_picture_counts_as_meeting_it() -> None:
    assert meets_picture(box("-1", "-1", "0.01", "0.01").points)
    assert meets_picture(polygon(("1.4", "0.5"), ("0.5", "1.4"), ("1.4", "1.4")).points)
    assert not meets_picture(box(1, 0, 2, 1).points)
    assert not meets_picture(polygon(("1.6", "0.5"), ("0.5", "1.6"), ("1.6", "1.6")).points)
    assert not meets_picture(((Fraction(-1), Fraction(0)), (Fraction(2), Fraction(0)), (Fraction(2), Fraction(-1))))
