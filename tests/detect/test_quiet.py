"""Quiet stretches: noise and a change of the light leave them quiet; the smallest face that comes, goes or moves does not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from privmask.detect.boxes import NO_BOXES, Boxes
from privmask.detect.detector import Ask
from privmask.detect.lookout import Lookout
from privmask.detect.looks import Look
from privmask.detect.picture import Bgr
from privmask.detect.quiet import LONGEST, Recall, Stillness, has_moved
from privmask.geometry import Size
from tests.detect.stream import frame_of, picture_of

SMALLEST = 16
WALL = np.random.default_rng(5).integers(90, 150, (23, 40)).astype(np.float32).repeat(16, 0).repeat(16, 1)[:360]


def noisy(picture: NDArray[np.float32], seed: int, deviation: float = 3.0) -> Bgr:
    noise = np.random.default_rng(seed).normal(0, deviation, picture.shape)
    return np.repeat(np.clip(picture + noise, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def with_face(left: int, top: int, contrast: int = 25, side: int = SMALLEST) -> NDArray[np.float32]:
    wall = WALL.copy()
    wall[top : top + side, left : left + side * 4 // 5] = WALL.mean() + contrast
    return wall


def moved(one: Bgr, other: Bgr) -> bool:
    still = Stillness(picture_of(one), SMALLEST)
    return has_moved(still.blocks(frame_of(one, 0)), still.blocks(frame_of(other, 1, "0.04")))


@given(seed=st.integers(0, 10_000), deviation=st.floats(0, 8))
@settings(max_examples=40)
def test_the_noise_of_a_sensor_is_no_movement(seed: int, deviation: float) -> None:
    assert not moved(noisy(WALL, seed, deviation), noisy(WALL, seed + 1, deviation))


@pytest.mark.parametrize("lighter", [-12, -3, 3, 12])
def test_neither_is_light_that_changes_everywhere(lighter: int) -> None:
    assert not moved(noisy(WALL, 1), noisy(WALL + lighter, 2))


@given(seed=st.integers(0, 10_000), left=st.integers(0, 600), top=st.integers(0, 340), deviation=st.floats(0, 5))
@settings(max_examples=60)
def test_the_smallest_face_that_comes_or_goes_is_movement_wherever_it_is(
    seed: int, left: int, top: int, deviation: float
) -> None:
    empty, face = noisy(np.full_like(WALL, 120), seed, deviation), np.full_like(WALL, 120)
    face[top : top + SMALLEST, left : left + 12] += 30
    assert moved(empty, noisy(face, seed + 1, deviation))
    assert moved(noisy(face, seed + 1, deviation), empty)


def test_a_face_that_moves_by_a_quarter_of_its_height_is_movement() -> None:
    wall = np.full_like(WALL, 120)
    for left in range(100, 116):
        faces = [wall.copy(), wall.copy()]
        for face, at in zip(faces, (left, left + SMALLEST // 4), strict=True):
            face[100:116, at : at + 12] += 30
        assert moved(noisy(faces[0], left), noisy(faces[1], left + 50))


def test_a_picture_too_noisy_to_tell_and_one_that_moves_as_a_whole_are_never_quiet() -> None:
    assert moved(noisy(WALL, 1, 25), noisy(WALL, 2, 25))
    assert moved(noisy(WALL, 1), noisy(np.roll(WALL, 3, axis=1), 2))


@pytest.fixture
def asked() -> list[Bgr]:
    return []


def lookout_of(sure: float = 0.5) -> Lookout:
    picture = picture_of(noisy(WALL, 0))
    return Lookout(picture, Look("quick", Size(320, 180), Fraction(1, 25)), Stillness(picture, SMALLEST), sure)


def drawn(pictures: list[Bgr], found: Boxes, asked: list[Bgr], sure: float = 0.5) -> str:
    """`S` for a frame that is searched and `r` for one whose last result stands, at 25 frames a second."""
    lookout, marks = lookout_of(sure), ""

    def find(bgr: Bgr) -> Boxes:
        asked.append(bgr)
        return found

    for n, picture in enumerate(pictures):
        before = len(asked)
        boxes = lookout.search(frame_of(picture, n, str(Fraction(n, 25))), find)
        assert boxes is not None
        assert len(boxes) == len(found)
        marks += "S" if len(asked) > before else "r"
    card = lookout.as_data()
    assert (card["searched"], card["recalled"]) == (marks.count("S"), marks.count("r"))
    return marks


def test_a_quiet_stretch_is_searched_again_before_a_second_has_gone(asked: list[Bgr]) -> None:
    marks = drawn([noisy(WALL, n) for n in range(45)], NO_BOXES, asked)
    assert marks == ("S" + "r" * 19) * 2 + "Srrrr"
    assert Fraction(20, 25) == LONGEST


def test_what_comes_is_searched_at_once_and_so_is_each_frame_while_it_moves(asked: list[Bgr]) -> None:
    pictures = [noisy(WALL, n) for n in range(5)]
    pictures += [noisy(with_face(100 + 6 * n, 100), 5 + n) for n in range(4)]
    pictures += [noisy(with_face(118, 100), 20 + n) for n in range(3)]
    assert drawn(pictures, NO_BOXES, asked) == "Srrrr" + "SSSS" + "rrr"


def test_a_search_that_was_not_certain_is_done_again(asked: list[Bgr]) -> None:
    doubtful = np.array([[10, 10, 20, 20, 0.4]], np.float32)
    pictures = [noisy(WALL, n) for n in range(4)]
    assert drawn(pictures, doubtful, asked) == "SSSS"
    assert drawn(pictures, doubtful, asked, sure=0.3) == "Srrr"


def test_what_is_recalled_are_the_boxes_in_samples_of_the_displayed_picture() -> None:
    lookout, first = lookout_of(), noisy(WALL, 1)
    box = np.array([[10, 20, 30, 40, 0.9]], np.float32)
    found = lookout.search(frame_of(first), lambda _: box)
    again = lookout.search(frame_of(noisy(WALL, 2), 1, "0.04"), lambda _: NO_BOXES)
    assert found is not None
    assert again is not None
    assert again.tolist() == found.tolist()
    assert again[0, :4].tolist() == [20, 40, 60, 80]


def test_a_clip_whose_time_stands_still_or_goes_back_is_not_recalled_for_ever() -> None:
    picture = picture_of(noisy(WALL, 0))
    recall = Recall(Stillness(picture, Ask("face").min_size))
    recall.keep(frame_of(noisy(WALL, 0), 0, "5"), NO_BOXES, certain=True)
    assert recall.again(frame_of(noisy(WALL, 1), 1, "5.04")) is not None
    assert recall.again(frame_of(noisy(WALL, 2), 2, "4")) is None
