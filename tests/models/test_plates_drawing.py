"""The samples that the plate model is trained on: the same again for the same numbers, and boxes around what was drawn."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "models" / "plates"
SAMPLES = 40


@pytest.fixture(scope="module")
def draw() -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SCRIPTS))
        return importlib.import_module("draw")


def test_drawing_asks_for_no_torch(draw: ModuleType) -> None:
    assert draw.draw_sample(1, 0) is not None
    assert "torch" not in sys.modules


def test_a_sample_depends_on_seed_and_number_alone(draw: ModuleType) -> None:
    first = draw.draw_sample(3, 8)
    draw.draw_sample(3, 9)
    again = draw.draw_sample(3, 8)
    assert np.array_equal(first.picture, again.picture)
    assert np.array_equal(first.boxes, again.boxes)
    assert first.regions == again.regions


@pytest.mark.parametrize(("seed", "index"), [(4, 8), (3, 9)])
def test_another_seed_or_number_is_another_sample(draw: ModuleType, seed: int, index: int) -> None:
    assert not np.array_equal(draw.draw_sample(3, 8).picture, draw.draw_sample(seed, index).picture)


def test_boxes_lie_inside_the_picture_and_have_an_area(draw: ModuleType) -> None:
    counted = 0
    for index in range(SAMPLES):
        sample = draw.draw_sample(5, index)
        assert sample.picture.shape == (draw.SIZE, draw.SIZE, 3)
        assert len(sample.boxes) == len(sample.ignored) == len(sample.regions)
        kept = sample.boxes[~sample.ignored]
        assert (kept >= 0).all()
        assert (kept <= draw.SIZE).all()
        assert (kept[:, 2:] - kept[:, :2] >= 4).all()
        counted += len(kept)
    assert counted >= SAMPLES / 2


def test_a_box_is_where_the_plate_was_laid(draw: ModuleType) -> None:
    scene = draw.Scene(np.zeros((draw.SIZE, draw.SIZE, 3), np.uint8))
    plate = draw.Drawn("plain", np.full((96, 192, 3), 255, np.uint8))
    scene.lay_plate(plate, np.array([[0.5, 0, 60], [0, 0.5, 100], [0, 0, 1]]))
    rows, columns = np.nonzero(scene.picture[..., 0] > 127)
    (left, top), (right, bottom) = scene.quads[0][0].min(axis=0), scene.quads[0][0].max(axis=0)
    assert np.allclose([left, top, right, bottom], [60, 100, 156, 148])
    assert np.allclose([columns.min(), rows.min(), columns.max(), rows.max()], [60, 100, 155, 147], atol=1)


def test_a_plate_behind_something_does_not_count(draw: ModuleType) -> None:
    scene = draw.Scene(np.full((draw.SIZE, draw.SIZE, 3), 90, np.uint8))
    stripes = np.zeros((96, 192, 3), np.uint8)
    stripes[:, ::8] = 255
    where = np.array([[0.5, 0, 60], [0, 0.5, 100], [0, 0, 1]])
    scene.lay_plate(draw.Drawn("plain", stripes), where)
    assert not draw._labelled(scene, scene.picture).ignored.any()
    scene.lay(stripes[::-1], np.full((96, 192), 255, np.uint8), where)
    assert draw._labelled(scene, scene.picture).ignored.all()
