"""Outlines of bitmaps: every masked pixel is covered, and little else."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from privmask.errors import PlanError
from privmask.geometry import Polygon, Size
from privmask.masks.imports.bitmap import Outline, outlines, unpacked
from privmask.masks.outline import MOST_CORNERS, faults
from privmask.masks.scan import scan

Bools = NDArray[np.bool_]


def covered(found: list[Outline], shape: tuple[int, int]) -> Bools:
    """Every sample that one of the polygons touches."""
    hidden = np.zeros(shape, bool)
    for ring, holes in found:
        for row, start, stop in scan(Polygon(ring, holes), Size(shape[1], shape[0])):
            hidden[row, start:stop] = True
    return hidden


def drawn(*rows: str) -> Bools:
    return np.array([[letter == "#" for letter in row] for row in rows])


@given(st.integers(1, 14), st.integers(1, 14), st.integers(0, 2**32 - 1), st.sampled_from([0.1, 0.5, 0.9]))
def test_every_masked_pixel_is_covered_by_polygons_that_stand(height: int, width: int, seed: int, share: float) -> None:
    masked = np.random.default_rng(seed).random((height, width)) < share
    found = outlines(masked)
    assert [fault for ring, holes in found for fault in faults(Polygon(ring, holes))] == []
    assert (covered(found, masked.shape) | ~masked).all()


@pytest.mark.parametrize(
    "rows",
    [
        ("..........", "..######..", "..######..", ".........."),
        tuple(row * 2 for row in ("#####", "#...#", "#.#.#", "#...#", "#####") for _ in range(2)),
        ("###...", "###...", "......", "...###", "...###"),
    ],
)
def test_upright_areas_rings_and_islands_in_them_come_out_exactly(rows: tuple[str, ...]) -> None:
    masked = drawn(*rows)
    assert (covered(outlines(masked), masked.shape) == masked).all()


def test_pixels_that_touch_at_a_corner_alone_are_joined_by_another_one() -> None:
    masked = drawn("#.", ".#")
    (found,) = outlines(masked)
    assert covered([found], masked.shape).sum() >= 3


def test_a_slanting_edge_becomes_a_line_and_hides_at_most_a_pixel_more() -> None:
    size = Size(1920, 1080)
    masked = np.zeros((size.height, size.width), bool)
    for y in range(100, 900):
        masked[y, 300 + y // 3 : 1500 - (y * 7) // 11] = True
    started = time.process_time()
    found = outlines(masked)
    assert time.process_time() - started < 20
    ((ring, holes),) = found
    assert (len(ring) < 40, holes) == (True, ())
    hidden = covered(found, masked.shape)
    assert (hidden | ~masked).all()
    grown = masked.copy()
    for shift in (1, 2):
        grown |= np.roll(masked, shift, 1) | np.roll(masked, -shift, 1)
    assert not (hidden & ~grown & ~np.roll(grown, 1, 0) & ~np.roll(grown, -1, 0)).any()


def test_what_would_take_too_many_corners_is_made_coarser_and_covers_all_the_same() -> None:
    masked = np.zeros((600, 800), bool)
    masked[100:500, 100:700] = True
    masked[100:500:4, 100:102] = False  # a comb of a hundred teeth on each side
    masked[101:500:4, 698:700] = False
    masked[100:102, 100:700:2] = False
    found = outlines(masked)
    assert max(len(ring) for ring, holes in found for ring in (ring, *holes)) <= MOST_CORNERS
    assert (covered(found, masked.shape) | ~masked).all()


def test_a_bitmap_in_tatters_is_refused() -> None:
    masked = np.zeros((4096, 4096), bool)
    masked[::128, ::128] = True
    with pytest.raises(PlanError, match="draw fewer"):
        outlines(masked)


def test_run_lengths_go_down_the_columns() -> None:
    masked = unpacked("s", {"counts": [1, 2, 3], "size": [2, 3]}, Size(3, 2))
    assert masked.tolist() == [[False, True, False], [True, False, False]]


@pytest.mark.parametrize(
    "data",
    [
        *({"counts": counts, "size": [2, 3]} for counts in ("abc", [1, 2], [7, -1], [True, 5], [])),
        {"counts": [6], "size": [3, 2]},
        {"counts": [6]},
    ],
)
def test_wrong_run_lengths_are_refused(data: dict[str, object]) -> None:
    with pytest.raises(PlanError):
        unpacked("s", data, Size(3, 2))
