"""The search for people, and the vehicles that plates are on."""

from __future__ import annotations

from collections.abc import Callable
from math import log
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from privmask.detect.detector import Ask
from privmask.detect.models import Model
from privmask.detect.people import PersonSearch, nanodet_boxes, people_look
from privmask.geometry import Size
from privmask.video import open_video


def a_level(rows: int, columns: int) -> NDArray[np.float32]:
    """A level in which nothing is likely."""
    level = np.full((124, rows, columns), -9, np.float32)
    level[80:] = 0
    return level


def test_a_cell_reaches_to_each_side_by_its_own_distance() -> None:
    level = a_level(4, 6)
    level[0, 2, 3] = 3
    for side, steps in enumerate((1, 2, 3, 4)):
        level[80 + side * 11 + steps, 2, 3] = 50
    (box,) = nanodet_boxes(level, 8, [0], 0.3).tolist()
    assert box[:4] == [28 - 8, 20 - 16, 28 + 24, 20 + 32]
    assert box[4] == pytest.approx(1 / (1 + np.exp(-3)))


def test_a_distance_is_the_mean_of_what_is_likely() -> None:
    level = a_level(1, 1)
    level[0] = 3
    level[80:] = -50
    level[[82, 93, 104, 115]] = log(3)
    level[[86, 97, 108, 119]] = log(1)
    (box,) = nanodet_boxes(level, 16, [0], 0.3).tolist()
    assert box[:4] == pytest.approx([8 - 48, 8 - 48, 8 + 48, 8 + 48])


def test_only_the_classes_that_are_asked_for_count() -> None:
    level = a_level(3, 3)
    level[2, 1, 1] = level[15, 0, 0] = 4
    assert nanodet_boxes(level, 8, [0], 0.3).shape == (0, 5)
    assert len(nanodet_boxes(level, 8, [2, 3, 5, 7], 0.3)) == 1


def test_a_large_picture_is_searched_reduced_and_a_small_one_enlarged() -> None:
    assert people_look(Size(1920, 1080), 200).size == Size(640, 360)
    assert people_look(Size(320, 180), 200).size == Size(640, 360)
    assert people_look(Size(1920, 1080), 16).size == Size(960, 540)


def test_people_in_a_corridor_are_found_where_they_walk(
    footage: Callable[[str], Path], installed: Callable[[str], Model]
) -> None:
    installed("nanodet")
    with footage("corridor_walk_270p.mp4").open("rb", buffering=0) as file, open_video(file) as source:
        search = PersonSearch(source.info.picture, Ask("person", min_size=100))
        frames = list(source.frames())
        found = [each for each in search.detect(frames[-5]) if each.score > 0.5]
    assert [each.label for each in found] == ["person", "person"]
    boxes = sorted((each.box for each in found), key=lambda box: box.left)
    assert boxes[0].right < boxes[1].right
    assert all(box.bottom - box.top > 120 for box in boxes)
    assert search.card()["person"]["looks"][0]["searched"] == 1
