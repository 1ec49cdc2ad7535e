"""The closer look: every doubtful find is shown by itself, at the edge as well, and what is seen is put back in its place."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from privmask.detect.boxes import Boxes
from privmask.detect.closer import HEIGHT, MOST, TILE, look_closer
from privmask.detect.picture import Bgr
from tests.detect.stream import frame_of, picture_of


class Bright:
    """A model to which every bright patch is a face, with the score `score`. `seen` are the pictures it was shown."""

    least = 0.0

    def __init__(self, score: float = 0.8) -> None:
        self.score = score
        self.seen: list[Bgr] = []

    def find(self, bgr: Bgr) -> Boxes:
        self.seen.append(bgr)
        _, _, patches, _ = cv2.connectedComponentsWithStats((bgr[..., 0] > 128).astype(np.uint8))
        return np.array([(x, y, x + w, y + h, self.score) for x, y, w, h, _ in patches[1:]], np.float32).reshape(-1, 5)


def a_wall(*patches: tuple[int, int, int]) -> Bgr:
    """A dark wall of 400x300 with bright squares: left, top, side."""
    wall = np.full((300, 400, 3), 20, np.uint8)
    for left, top, side in patches:
        wall[max(0, top) : top + side, max(0, left) : left + side] = 250
    return wall


def finds(*patches: tuple[int, int, int], score: float = 0.2) -> Boxes:
    return np.array([(x, y, x + side, y + side, score) for x, y, side in patches], np.float32).reshape(-1, 5)


def look(model: Bright, wall: Bgr, doubtful: Boxes) -> Boxes:
    return look_closer(frame_of(wall), picture_of(wall), model, doubtful)[0]  # type: ignore[arg-type]  # the fake has no model card


@pytest.mark.parametrize("patch", [(100, 100, 16), (0, 0, 20), (385, 287, 14), (-4, 140, 16), (200, 50, 90)])
def test_what_is_seen_closely_is_put_back_in_its_place(patch: tuple[int, int, int]) -> None:
    model = Bright()
    unseen, seen = look(model, a_wall(patch), finds(patch)).tolist()
    left, top, side = patch
    expected = [max(0, left), max(0, top), min(400, left + side), min(300, top + side)]
    assert seen[:4] == pytest.approx(expected, abs=2 * side / HEIGHT)
    assert unseen[:4] == [left, top, left + side, top + side]


def test_a_find_is_shown_at_the_size_that_the_model_likes() -> None:
    model = Bright()
    look(model, a_wall((100, 100, 8)), finds((100, 100, 8)))
    assert model.seen[0].shape == (TILE, TILE, 3)
    rows, columns = np.nonzero(model.seen[0][..., 0] > 128)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == pytest.approx((HEIGHT, HEIGHT), abs=3)


def test_finds_apart_each_have_their_own_tile() -> None:
    patches = [(20 + 35 * n, 40 + 10 * n, 12) for n in range(10)]
    model = Bright()
    seen = look(model, a_wall(*patches), finds(*patches))
    assert len(model.seen) == 1
    for left, top, side in patches:
        assert any(np.allclose(box[:4], (left, top, left + side, top + side), atol=1.5) for box in seen[len(patches) :])


@pytest.mark.parametrize(
    ("other", "tiles"), [((105, 97, 14), 1), ((108, 100, 18), 1), ((116, 100, 16), 2), ((100, 100, 30), 2)]
)
def test_a_find_beside_another_one_of_its_size_shares_its_tile(other: tuple[int, int, int], tiles: int) -> None:
    model = Bright()
    doubtful = np.concatenate([finds((100, 100, 16), score=0.4), finds(other)])
    seen = look(model, a_wall((100, 100, 16)), doubtful)
    assert model.seen[0].shape == (TILE, tiles * TILE, 3)
    assert sorted(seen[:, 4].tolist())[:2] == pytest.approx([0.1, 0.2])  # both were looked at
    assert seen[:, 4].max() > 0.6


@pytest.mark.parametrize(("count", "sheet"), [(1, (1, 1)), (8, (1, 8)), (9, (2, 5)), (17, (3, 6)), (MOST, (3, 8))])
def test_the_sheet_has_next_to_no_empty_tiles(count: int, sheet: tuple[int, int]) -> None:
    model = Bright()
    look(model, a_wall(), finds(*((10 + 40 * (n % 9), 10 + 40 * (n // 9), 12) for n in range(count))))
    assert model.seen[0].shape == (sheet[0] * TILE, sheet[1] * TILE, 3)


def test_both_scores_count() -> None:
    patch = (100, 100, 16)
    by_first = [look(Bright(0.8), a_wall(patch), finds(patch, score=score))[:, 4].max() for score in (0.15, 0.4, 0.65)]
    assert by_first == sorted(by_first)
    by_second = [look(Bright(score), a_wall(patch), finds(patch, score=0.3))[:, 4].max() for score in (0.3, 0.6, 0.9)]
    assert by_second == sorted(by_second)
    assert by_second[0] < 0.3
    assert by_second[2] > 0.6


def test_what_is_not_seen_again_is_left_with_half_its_score() -> None:
    ((*_, score),) = look(Bright(), a_wall(), finds((100, 100, 16), score=0.66)).tolist()
    assert score == pytest.approx(0.33)


def test_of_too_many_the_best_are_looked_at_and_the_others_left_as_they_are() -> None:
    many = np.concatenate(
        [finds((10 + 30 * (n % 12), 10 + 30 * (n // 12), 12), score=0.2 + n / 1000) for n in range(3 * MOST)]
    )
    left = look(Bright(), a_wall(), many)
    halved = np.concatenate([many[-MOST:, 4] / 2, many[:-MOST, 4]])
    assert sorted(left[:, 4].tolist()) == pytest.approx(sorted(halved.tolist()))


def test_without_doubt_nothing_is_looked_at() -> None:
    model = Bright()
    assert look(model, a_wall((100, 100, 16)), finds()).shape == (0, 5)
    assert model.seen == []
