"""What several models say of a place, weighed together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from privmask.detect.boxes import NO_BOXES
from privmask.detect.linking import RULES
from privmask.detect.weighing import SURE, plate_like, rescored, weighed
from privmask.geometry import Size

STREET = Size(1280, 720)


def boxes(*rows: tuple[float, float, float, float, float]) -> NDArray[np.float32]:
    return np.array(rows, np.float32).reshape(-1, 5)


PLATE = (600.0, 400.0, 700.0, 430.0)
LINE = (605.0, 404.0, 695.0, 428.0)
CAR = (500.0, 250.0, 800.0, 480.0)


def test_a_sure_plate_is_what_linking_counts_at_once() -> None:
    assert RULES.strong == SURE


def test_scores_are_spread_so_that_a_sure_find_counts_by_itself() -> None:
    spread = rescored(boxes((*PLATE, 0.2), (*PLATE, 0.3), (*PLATE, 0.5), (*PLATE, 1)), 0.2, 0.5)
    assert spread[:, 4].tolist() == pytest.approx([0.3, 0.4, 0.6, 1])
    assert spread[:, :4].tolist() == [list(PLATE)] * 4


@pytest.mark.parametrize(
    ("own", "vehicles", "sure"),
    [
        (0.5, NO_BOXES, True),
        (0.35, NO_BOXES, False),
        (0.31, boxes((*CAR, 0.2)), True),
        (0.35, boxes((0, 0, 9, 9, 1)), False),
    ],
    ids=["not so weak", "weak", "weak on a vehicle", "weak beside one"],
)
def test_a_weak_plate_with_text_on_it_is_sure_on_a_vehicle_and_a_little_less_weak_anywhere(
    own: float, vehicles: NDArray[np.float32], sure: bool
) -> None:
    ((*_, score),) = weighed(boxes((*PLATE, own)), boxes((*LINE, 0.45)), vehicles).tolist()
    assert (score >= SURE) is sure


def test_a_weak_plate_without_text_stays_weak() -> None:
    found = weighed(boxes((*PLATE, 0.35)), boxes((100, 100, 180, 120, 0.9)), NO_BOXES)
    assert found.tolist() == boxes((*PLATE, 0.35)).tolist()


def test_a_plate_and_the_text_on_it_are_hidden_together() -> None:
    ((left, top, right, bottom, _),) = weighed(
        boxes((*PLATE, 0.7)), boxes((580, 404, 690, 436, 0.7)), NO_BOXES
    ).tolist()
    assert (left, top, right, bottom) == (580, 400, 700, 436)


def test_a_banner_that_a_plate_seems_to_be_part_of_is_not_hidden_with_it() -> None:
    ((left, *_, score),) = weighed(boxes((*PLATE, 0.7)), boxes((200, 380, 900, 440, 0.9)), NO_BOXES).tolist()
    assert left == 600
    assert score > 0.7


@pytest.mark.parametrize(
    ("score", "vehicles", "found"),
    [
        (0.7, boxes((*CAR, 0.5)), 1),
        (0.7, NO_BOXES, 0),
        (0.45, boxes((*CAR, 0.5)), 0),
        (0.7, boxes((0, 0, 90, 90, 1)), 0),
    ],
    ids=["on a vehicle", "without a vehicle", "too faint", "beside the vehicle"],
)
def test_text_that_nobody_takes_for_a_plate_counts_on_a_vehicle_only(
    score: float, vehicles: NDArray[np.float32], found: int
) -> None:
    answer = weighed(NO_BOXES, boxes((*LINE, score)), vehicles)
    assert len(answer) == found
    assert all(answer[:, 4] >= SURE)


def test_nothing_seen_is_nothing_found() -> None:
    assert weighed(NO_BOXES, NO_BOXES, NO_BOXES).shape == (0, 5)
    assert plate_like(NO_BOXES, STREET).shape == (0, 5)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ((600, 400, 700, 430), True),
        ((600, 400, 630, 430), False),
        ((400, 400, 700, 430), False),
        ((600, 400, 615, 405), False),
        ((20, 400, 1260, 640), False),
        ((300, 100, 900, 400), False),
        ((300, 100, 900, 360), True),
    ],
    ids=["a plate", "as wide as high", "a long line", "too low", "across the picture", "too high", "from close by"],
)
def test_a_line_is_like_a_plate_by_its_shape(line: tuple[float, float, float, float], kept: bool) -> None:
    assert len(plate_like(boxes((*line, 0.9)), STREET)) == kept


def test_the_two_lines_of_a_japanese_plate_come_as_one_box_as_well() -> None:
    region, serial = (625.0, 400.0, 675.0, 412.0, 0.6), (600.0, 416.0, 700.0, 444.0, 0.9)
    found = plate_like(boxes(region, serial), STREET).tolist()
    assert found[0] == pytest.approx([600, 400, 700, 444, 0.9])
    assert len(found) == 3


@pytest.mark.parametrize(
    "other",
    [(625, 340, 675, 352, 0.6), (750, 400, 800, 412, 0.6), (500, 400, 800, 412, 0.6), (645, 400, 660, 412, 0.6)],
    ids=["far above", "to the side", "much wider", "much narrower"],
)
def test_lines_that_do_not_stand_together_are_not_made_one(other: Any) -> None:
    serial = (600.0, 416.0, 700.0, 444.0, 0.9)
    found = plate_like(boxes(other, serial), STREET)
    assert not any((box[1] < 416 and box[3] > 440) for box in found)
