"""The face models: their candidates as the obvious way reads them, and real faces found at any size of picture."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from privmask.detect.faces import CenterFace, FaceModel, YuNet, centerface_boxes, yunet_boxes
from privmask.detect.models import Model
from privmask.detect.picture import Bgr, read_bgr
from privmask.errors import DetectorError
from privmask.geometry import Size
from privmask.video import open_video

FACE = (64.7, 35.5, 47.3, 61.4)
"""The ground truth of that clip's first frame: left, top, width, height."""

MODELS = [("yunet", YuNet), ("centerface", CenterFace)]


def test_candidates_of_yunet_are_read_cell_by_cell() -> None:
    dice = np.random.default_rng(1)
    cls, obj = (dice.uniform(-0.1, 1.1, (12, 1)).astype(np.float32) for _ in range(2))
    box = dice.normal(0, 1, (12, 4)).astype(np.float32)
    expected = []
    for cell in range(12):
        score = sqrt(min(1, max(0, cls[cell, 0])) * min(1, max(0, obj[cell, 0])))
        if score >= 0.5:
            row, column = divmod(cell, 4)
            x, y = (column + box[cell, 0]) * 8, (row + box[cell, 1]) * 8
            width, height = exp(box[cell, 2]) * 8, exp(box[cell, 3]) * 8
            expected.append([x - width / 2, y - height / 2, x + width / 2, y + height / 2, score])
    assert 0 < len(expected) < 12
    assert np.allclose(yunet_boxes(cls, obj, box, 8, 4, 0.5), expected, atol=1e-4)


def test_candidates_of_centerface_are_read_cell_by_cell() -> None:
    dice = np.random.default_rng(2)
    heat = dice.uniform(0, 1, (3, 4)).astype(np.float32)
    scale, offset = (dice.normal(0, 1, (2, 3, 4)).astype(np.float32) for _ in range(2))
    expected = []
    for row, column in np.argwhere(heat >= 0.5).tolist():
        height, width = exp(scale[0, row, column]) * 4, exp(scale[1, row, column]) * 4
        y, x = (row + offset[0, row, column] + 0.5) * 4, (column + offset[1, row, column] + 0.5) * 4
        expected.append([x - width / 2, y - height / 2, x + width / 2, y + height / 2, heat[row, column]])
    assert 0 < len(expected) < 12
    assert np.allclose(centerface_boxes(heat, scale, offset, 0.5), expected, atol=1e-4)


def test_without_candidates_there_are_no_boxes() -> None:
    nothing = np.zeros((4, 1), np.float32), np.zeros((4, 1), np.float32), np.zeros((4, 4), np.float32)
    assert yunet_boxes(*nothing, 8, 2, 0.5).shape == (0, 5)
    maps = np.zeros((2, 2), np.float32), np.zeros((2, 2, 2), np.float32), np.zeros((2, 2, 2), np.float32)
    assert centerface_boxes(*maps, 0.5).shape == (0, 5)


@pytest.mark.parametrize(("name", "make"), MODELS)
@pytest.mark.parametrize("scale", [1.0, 0.7, 1.3])
def test_a_face_is_found_where_it_is_in_a_picture_of_any_size(
    name: str,
    make: Callable[[float], FaceModel],
    scale: float,
    footage: Callable[[str], Path],
    installed: Callable[[str], Model],
) -> None:
    installed(name)
    found = make(0.3).find(first_picture(footage("carphone_144p.mp4"), scale))
    left, top, right, bottom, score = found[0].tolist()
    assert score > 0.6
    assert ((left + right) / 2 / scale, (top + bottom) / 2 / scale) == pytest.approx(
        (FACE[0] + FACE[2] / 2, FACE[1] + FACE[3] / 2), abs=8
    )
    assert (bottom - top) / scale == pytest.approx(FACE[3], rel=0.25)


@pytest.mark.parametrize(("name", "make"), MODELS)
def test_a_plain_picture_has_no_face(
    name: str, make: Callable[[float], FaceModel], installed: Callable[[str], Model]
) -> None:
    installed(name)
    assert len(make(0.3).find(np.full((96, 128, 3), 90, np.uint8))) == 0


def first_picture(clip: Path, scale: float) -> Bgr:
    with clip.open("rb", buffering=0) as file, open_video(file) as source:
        size = source.info.picture.size
        reduced = Size(round(size.width * scale), round(size.height * scale))
        return read_bgr(next(iter(source.frames())), source.info.picture, reduced)


@pytest.mark.parametrize("kind", [YuNet, CenterFace])
def test_a_model_that_answers_with_no_number_has_not_found_nothing(
    kind: type[YuNet] | type[CenterFace], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def run(self, names: list[str], _inputs: object) -> list[np.ndarray[Any, Any]]:
            return [np.full((1, 1, 4), np.nan, np.float32) for _ in names]

    model = kind(0.3)
    monkeypatch.setattr(model, "_session", Broken())
    with pytest.raises(DetectorError, match="no number"):
        model.find(np.zeros((64, 64, 3), np.uint8))
