"""Rows of boxes: thinned out as the obvious way does it, and put back where they are in the picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privmask.detect.boxes import NO_BOXES, Boxes, areas, as_detections, overlaps, placed, suppress
from privmask.detect.detector import Detection
from privmask.geometry import Box


def rows(*boxes: tuple[float, float, float, float, float]) -> Boxes:
    return np.array(boxes, np.float32).reshape(-1, 5)


@st.composite
def heaps(draw: st.DrawFn) -> Boxes:
    """Boxes on whole samples in a small space, each with a score of its own."""
    side, place = st.integers(1, 12), st.integers(-5, 20)
    drawn = draw(st.lists(st.tuples(place, place, side, side), max_size=25))
    order = draw(st.permutations(range(len(drawn))))
    scored = zip(drawn, order, strict=True)
    return rows(*((x, y, x + w, y + h, (rank + 1) / 100) for (x, y, w, h), rank in scored))


def naive(boxes: Boxes, overlap: float) -> list[list[float]]:
    kept: list[list[float]] = []
    for box in sorted(boxes.tolist(), key=lambda row: -row[4]):
        if all(common(box, other) <= overlap for other in kept):
            kept.append(box)
    return kept


def common(one: list[float], other: list[float]) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (sum(both) - width * height)


@given(heaps(), st.sampled_from([0.29, 0.31, 0.44, 0.46]))
def test_of_each_heap_the_best_is_left(boxes: Boxes, overlap: float) -> None:
    assert suppress(boxes, overlap).tolist() == naive(boxes, overlap)


@given(heaps().filter(len))
def test_overlap_is_what_both_share_of_what_they_cover(boxes: Boxes) -> None:
    assert overlaps(boxes[0], boxes) == pytest.approx([common(boxes[0].tolist(), each) for each in boxes.tolist()])


def test_boxes_are_put_where_they_are_in_the_larger_picture() -> None:
    assert placed(rows((1, 2, 3, 5, 0.5)), 2, 10, 100, 1000).tolist() == [[102, 1020, 106, 1050, 0.5]]
    assert areas(rows((1, 2, 3, 5, 0.5))).tolist() == [6]


def test_each_row_is_a_detection() -> None:
    found = as_detections(rows((1, 2, 3, 4, 0.5), (5, 6, 7, 8, 0.25)), "plate")
    assert found == (Detection("plate", Box(1, 2, 3, 4), 0.5), Detection("plate", Box(5, 6, 7, 8), 0.25))
    assert as_detections(NO_BOXES, "face") == ()
