"""The search for number plates."""

from __future__ import annotations

from fractions import Fraction
from math import exp

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from privmask.detect.detector import Ask
from privmask.detect.plates import plate_boxes, plate_looks
from privmask.geometry import Size

Cells = NDArray[np.float32]


def naive_plates(heat: Cells, size: Cells, offset: Cells, least: float) -> list[tuple[float, ...]]:
    """Cell by cell: no neighbour is hotter, and the score is enough."""
    found: list[tuple[float, ...]] = []
    height, width = heat.shape
    for row in range(height):
        for column in range(width):
            around = heat[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
            if heat[row, column] >= max(least, around.max()):
                wide, high = (4 * exp(size[part, row, column]) for part in (0, 1))
                x, y = 4 * (column + 0.5 + offset[0, row, column]), 4 * (row + 0.5 + offset[1, row, column])
                found.append((x - wide / 2, y - high / 2, x + wide / 2, y + high / 2, float(heat[row, column])))
    return found


@given(st.integers(0, 2**32), st.integers(1, 9), st.integers(1, 9))
def test_plates_are_read_off_the_heat_map_as_cell_by_cell(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    # Coarse, so that neighbours are level at times.
    heat = (rng.integers(0, 10, (height, width)) / 10).astype(np.float32)
    size, offset = (rng.normal(0, 1, (2, height, width)).astype(np.float32) for _ in range(2))
    found = plate_boxes(heat, size, offset, 0.3)
    expected = np.array(naive_plates(heat, size, offset, 0.3), np.float32).reshape(-1, 5)
    assert found.shape == expected.shape
    assert np.allclose(found, expected, atol=1e-4)


def test_a_plate_is_searched_large_enough_to_be_found_and_no_larger() -> None:
    far, near = plate_looks(Size(1280, 720), Ask("plate", 16, "fast"))
    assert far.size == Size(800, 450)
    assert near.size.width < far.size.width
    assert plate_looks(Size(1920, 1080), Ask("plate", 16, "fast"))[0].size == Size(1216, 684)
    assert plate_looks(Size(640, 360), Ask("plate", 16, "fast"))[0].size == Size(640, 360)


def test_every_choice_but_the_fast_one_asks_for_a_second_opinion_now_and_then() -> None:
    fast, auto, robust = (plate_looks(Size(1280, 720), Ask("plate", 16, model)) for model in ("fast", "auto", "robust"))
    assert fast == auto[:2] == robust[:2]
    assert [auto[2].every, robust[2].every] == [Fraction(3, 2), Fraction(2, 5)]
