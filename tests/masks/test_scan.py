"""Which samples a polygon touches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from privmask.geometry import Polygon, Rotation, Size
from privmask.masks.scan import scan
from tests import naive
from tests.masks.made import SIZES, box, in_samples, polygon, stars


def scanned(shape: Polygon, size: Size, rotation: Rotation = 0, invert: bool = False) -> naive.Bools:
    runs = np.array(list(scan(shape, size, rotation, invert=invert)), int).reshape(-1, 3)
    return naive.mask_of(runs, (size.height, size.width))


def drawn(found: naive.Bools) -> list[str]:
    return ["".join(".#"[sample] for sample in row) for row in found.astype(int)]


@settings(max_examples=150)
@given(stars(), SIZES, st.sampled_from((0, 90, 180, 270)), st.booleans())
@example(box(0, 0, 1, 1), Size(1, 1), 0, False)
@example(box("-1/2", "1/3", "1/2", "2/3"), Size(7, 5), 90, True)
def test_exactly_the_samples_that_share_an_area_with_the_polygon_are_touched(
    shape: Polygon, size: Size, rotation: Rotation, invert: bool
) -> None:
    assert (scanned(shape, size, rotation, invert) == naive.touched(shape, size, rotation, invert)).all()


@settings(max_examples=60)
@given(st.integers(0, 11), st.integers(1, 12), SIZES, st.booleans())
def test_a_hole_leaves_only_samples_that_lie_wholly_in_it(start: int, length: int, size: Size, invert: bool) -> None:
    left, right = f"{start}/24", f"{start + length}/24"
    ring = polygon((0, 0), (1, 0), (1, 1), (0, 1), holes=(((left, left), (right, left), (right, right)),))
    assert (scanned(ring, size, 0, invert) == naive.touched(ring, size, 0, invert)).all()


def test_a_corner_on_a_sample_starts_there_and_one_within_a_sample_takes_it() -> None:
    shape = in_samples(Size(1920, 1080), (192, 216), ("575.2", 216), ("575.2", 540), (192, 540))
    runs = list(scan(shape, Size(1920, 1080)))
    assert {(start, stop) for _, start, stop in runs if stop - start > 1} == {(192, 576)}
    assert {row for row, _, _ in runs} == set(range(216, 540))


def test_a_zone_thinner_than_a_sample_still_takes_the_samples_it_passes_through() -> None:
    thin = in_samples(Size(6, 4), ("0.5", "0.2"), ("5.5", "3.8"), ("5.5", "3.9"))
    assert drawn(scanned(thin, Size(6, 4))) == [
        "##....",
        ".##...",
        "..###.",
        "....##",
    ]


def test_a_zone_between_two_middle_lines_is_not_lost() -> None:
    assert drawn(scanned(in_samples(Size(4, 3), (1, "0.6"), (3, "0.6"), (3, "1.4"), (1, "1.4")), Size(4, 3))) == [
        ".##.",
        ".##.",
        "....",
    ]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_the_last_row_and_column_belong_to_a_zone_that_covers_the_picture(rotation: Rotation) -> None:
    assert scanned(box("-0.1", "-0.1", "1.1", "1.1"), Size(13, 7), rotation).all()
    assert scanned(box(0, 0, 1, 1), Size(13, 7), rotation).all()


def test_a_zone_is_given_in_the_picture_as_displayed() -> None:
    top_left = box(0, 0, "1/4", "1/2")
    assert drawn(scanned(top_left, Size(4, 4), 0)) == ["#...", "#...", "....", "...."]
    assert drawn(scanned(top_left, Size(4, 4), 90)) == ["....", "....", "....", "##.."]


def test_many_digits_do_not_make_a_zone_leak() -> None:
    a_hair = polygon(("0.50000000000000000001", 0), (1, 0), (1, 1), ("0.49999999999999999999", 1))
    assert drawn(scanned(a_hair, Size(4, 2))) == ["..##", ".###"]
