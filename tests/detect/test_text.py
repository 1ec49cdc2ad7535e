"""The search for writing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from privmask.detect.detector import Ask
from privmask.detect.models import Model
from privmask.detect.text import TextModel, TextSearch, text_boxes, text_look
from privmask.geometry import Box, Size
from privmask.video import open_video
from tests.detect.stream import frame_of, picture_of


def a_map(height: int = 100, width: int = 200) -> NDArray[np.float32]:
    return np.zeros((height, width), np.float32)


def test_a_core_is_grown_by_what_it_was_shrunk_in_training() -> None:
    probability = a_map()
    probability[40:50, 50:110] = 0.9
    ((left, top, right, bottom, score),) = text_boxes(probability, 0.4).tolist()
    # A core of 61×11 samples after the closing of gaps, grown by 61·11·1.6/(61+11) in all; one sample is lost to outlines.
    assert (right - left, bottom - top) == pytest.approx((75, 25), abs=2)
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((79.5, 44.5), abs=1)
    assert score > 0.8


def test_a_slanted_line_is_boxed_upright_and_whole() -> None:
    probability = a_map()
    cv2.line(probability, (40, 80), (160, 30), (0.9,), 8)
    ((left, top, right, bottom, _),) = text_boxes(probability, 0.4).tolist()
    assert left < 38
    assert right > 162
    assert top < 28
    assert bottom > 82


def test_each_line_is_a_box_of_its_own() -> None:
    probability = a_map()
    probability[20:30, 20:80] = probability[20:30, 120:180] = probability[60:70, 20:80] = 0.9
    assert len(text_boxes(probability, 0.4)) == 3


def test_what_is_weak_or_thin_or_not_there_is_no_line() -> None:
    weak, thin = a_map(), a_map()
    weak[40:50, 50:110] = 0.35
    thin[40, 50:110] = 0.9
    assert len(text_boxes(weak, 0.4)) == 0
    assert len(text_boxes(thin, 0.4)) == 0
    assert text_boxes(a_map(), 0.4).shape == (0, 5)


def test_small_writing_is_searched_in_a_larger_picture_up_to_a_bound() -> None:
    sizes = [text_look(Size(640, 360), smallest).size for smallest in (56, 28, 14, 7)]
    assert sizes == [Size(160, 90), Size(320, 180), Size(640, 360), Size(1280, 720)]
    assert text_look(Size(3840, 2160), 1).size.width < 1400


def test_a_name_on_a_wall_is_found_where_it_stands(installed: Callable[[str], Model]) -> None:
    installed("ppocr-det")
    wall = np.full((360, 640, 3), 200, np.uint8)
    cv2.putText(wall, "FAMILY MILLER", (200, 200), cv2.FONT_HERSHEY_DUPLEX, 1, (20, 20, 20), 2)
    (found,) = TextSearch(picture_of(wall), Ask("text")).detect(frame_of(wall))
    assert found.label == "text"
    assert found.score > 0.6
    rows, columns = np.nonzero(wall[..., 0] < 150)
    assert covers(found.box, Box(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))


def test_between_searches_nothing_is_found_and_the_card_counts_them(installed: Callable[[str], Model]) -> None:
    installed("ppocr-det")
    wall = np.full((128, 128, 3), 200, np.uint8)
    search = TextSearch(picture_of(wall), Ask("text", min_size=14))
    for index, seconds in enumerate(("0", "0.1", "0.3", "0.4", "0.5")):
        search.detect(frame_of(wall, index, seconds))
    card = search.card()["text"]
    assert card["frames"] == 5
    assert card["looks"] == [{"name": "text", "size": "128x128", "seconds": "0.400", "searched": 1, "recalled": 1}]
    assert card["models"][0]["name"] == "ppocr-det"


@pytest.mark.slow
def test_the_writing_on_a_shirt_is_found(footage: Callable[[str], Path], installed: Callable[[str], Model]) -> None:
    installed("ppocr-det")
    with footage("asl_again_480p.mkv").open("rb", buffering=0) as file, open_video(file) as source:
        found = TextSearch(source.info.picture, Ask("text")).detect(next(iter(source.frames())))
    assert any(covers(each.box, Box(260, 195, 330, 215)) for each in found)


def covers(outer: Box, inner: Box) -> bool:
    """Whether `inner` lies in `outer`."""
    return (
        outer.left <= inner.left
        and outer.top <= inner.top
        and outer.right >= inner.right
        and outer.bottom >= inner.bottom
    )


@pytest.mark.parametrize("size", [(750, 1333), (1000, 1000), (1001, 30), (1, 1), (1200, 2100)])
def test_a_large_picture_is_searched_in_parts_and_comes_out_as_one(
    monkeypatch: pytest.MonkeyPatch, installed: Callable[[str], Model], size: tuple[int, int]
) -> None:
    installed("ppocr-det")
    noise = np.random.default_rng(1).integers(0, 255, (*size, 3), np.uint8)
    parts = list[tuple[int, ...]]()

    def seen(_model: TextModel, bgr: NDArray[np.uint8]) -> NDArray[np.float32]:
        parts.append(bgr.shape[:2])
        return bgr[..., 0].astype(np.float32)

    monkeypatch.setattr(TextModel, "_probability", seen)
    assert np.array_equal(TextModel(0.4)._map(noise), noise[..., 0])
    assert len(parts) == -(-size[0] // 1000) * -(-size[1] // 1000)
    assert max(max(part) for part in parts) <= 1000 + 2 * 48


def test_writing_across_the_seams_of_the_parts_is_one_line(installed: Callable[[str], Model]) -> None:
    installed("ppocr-det")
    wall = np.full((760, 1320, 3), 200, np.uint8)
    cv2.putText(wall, "FAMILY MILLER", (480, 390), cv2.FONT_HERSHEY_DUPLEX, 1.5, (20, 20, 20), 2)
    ((left, top, right, bottom, score),) = TextModel(0.4).find(wall).tolist()
    rows, columns = np.nonzero(wall[..., 0] < 150)
    assert left <= columns.min() < columns.max() < right
    assert top <= rows.min() < rows.max() < bottom
    assert score > 0.6
