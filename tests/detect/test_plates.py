"""The search for number plates."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from privmask.detect import plates
from privmask.detect.boxes import Boxes
from privmask.detect.detector import Ask, Choice
from privmask.detect.linking import RULES
from privmask.detect.looks import Look
from privmask.detect.models import Model, find_model
from privmask.detect.picture import Bgr
from privmask.detect.plates import PlateSearch, plate_boxes, plate_looks
from privmask.detect.running import run
from privmask.errors import DetectorError
from privmask.geometry import Size
from privmask.video import open_video
from tests.detect.stream import frame_of, picture_of

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


def looks(width: int, height: int, model: Choice = "robust", min_size: int = 16) -> list[Look]:
    return list(plate_looks(Size(width, height), Ask("plate", min_size, model)))


def test_a_plate_is_searched_large_enough_to_be_found_and_no_larger() -> None:
    assert looks(1280, 720, "fast")[0].size == Size(640, 360)
    assert looks(1280, 720, "fast", min_size=10)[0].size == Size(1024, 576)
    assert looks(1280, 720, "fast", min_size=32)[0].size == Size(640, 360)
    assert looks(640, 360, "fast")[0].size == Size(640, 360)
    assert looks(640, 360, "fast", min_size=4)[0].size == Size(1280, 720)


def test_every_choice_but_the_fast_one_looks_wider_and_closer_as_well_now_and_then() -> None:
    fast, auto, robust = (looks(1280, 720, model) for model in ("fast", "auto", "robust"))
    assert fast == auto[:1] == robust[:1]
    quick, wide, close = robust
    assert wide.size.width < quick.size.width < close.size.width
    assert [look.every for look in auto[1:]] == [Fraction(3, 2)] * 2
    assert [look.every for look in robust[1:]] == [Fraction(2, 5)] * 2


class OnePlate:
    """Takes the brightest sample of a picture for the middle of a plate of 80×20 samples."""

    def __init__(self, score: float) -> None:
        self.score = score
        self.model = find_model("ppocr-det")

    def find(self, bgr: Bgr) -> Boxes:
        y, x = np.unravel_index(bgr[..., 0].argmax(), bgr.shape[:2])
        return np.array([[x - 40, y - 10, x + 40, y + 10, self.score]], np.float32)


def a_street() -> NDArray[np.uint8]:
    street = np.zeros((720, 1280, 3), np.uint8)
    street[400:410, 600:610] = 255
    return street


def a_search(monkeypatch: pytest.MonkeyPatch, score: float) -> PlateSearch:
    monkeypatch.setattr(plates, "PlateModel", lambda _: OnePlate(score))
    return PlateSearch(picture_of(a_street()), Ask("plate", 16, "fast"))


def test_a_plate_is_told_where_it_is_in_the_footage(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = a_search(monkeypatch, 0.9).detect(frame_of(a_street()))
    assert found.label == "plate"
    assert (found.box.left + found.box.right) / 2 == pytest.approx(605, abs=8)
    assert (found.box.top + found.box.bottom) / 2 == pytest.approx(405, abs=8)
    assert found.box.right - found.box.left == pytest.approx(80 * 1280 / 640, abs=0.1)


@pytest.mark.parametrize(("score", "counts"), [(plates.SURE["fast"] + 0.01, True), (plates.SURE["fast"] - 0.02, False)])
def test_a_plate_counts_by_itself_from_the_score_on_that_was_found_to_be_sure(
    monkeypatch: pytest.MonkeyPatch, score: float, counts: bool
) -> None:
    (found,) = a_search(monkeypatch, score).detect(frame_of(a_street()))
    assert (found.score >= RULES.strong) is counts


def test_frames_between_looks_are_counted_but_not_searched_and_in_a_still_street_the_find_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    search = a_search(monkeypatch, 0.9)
    found = [
        len(search.detect(frame_of(a_street(), n, seconds))) for n, seconds in enumerate(("0", "0.04", "0.08", "0.12"))
    ]
    card = search.card()["plate"]
    assert found == [1, 0, 1, 0]
    assert card["frames"] == 4
    assert [(look["searched"], look["recalled"]) for look in card["looks"]] == [(1, 1)]


def test_an_answer_that_is_no_number_ends_the_search() -> None:
    class Mad:
        def run(self, _: None, __: Any) -> list[Any]:
            return [np.full((1, 1, 2, 2), np.nan, np.float32)]

    with pytest.raises(DetectorError, match="no number"):
        run(Mad(), picture=np.zeros((1, 3, 8, 8), np.float32))


def test_the_plate_of_the_car_ahead_is_found_at_night_by_two_who_agree(
    footage: Callable[[str], Path], installed: Callable[[str], Model]
) -> None:
    for name in ("plates", "ppocr-det", "nanodet"):
        installed(name)
    with footage("night_02.jpg").open("rb", buffering=0) as file, open_video(file) as source:
        search = PlateSearch(source.info.picture, Ask("plate", model="robust"))
        found = search.detect(next(iter(source.frames())))
    sure = [each.box for each in found if each.score >= RULES.strong]
    assert any(box.left < 710 and box.right > 925 and box.top < 455 and box.bottom > 495 for box in sure)
    card = search.card()["plate"]
    assert [model["name"] for model in card["models"]] == ["plates", "ppocr-det", "nanodet"]
    assert [look["name"] for look in card["looks"]] == ["quick", "wide", "close", "text", "large text", "people"]
