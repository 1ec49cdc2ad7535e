"""What every detector promises, fakes included; and that several are one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from privmask.detect.detector import Ask, Detector, NullDetector
from privmask.detect.guard import Guarded
from privmask.detect.making import Together, make_detector
from privmask.detect.models import Model
from privmask.errors import DetectorError
from privmask.sighting import LABELS
from tests.detect.drawing import Scripted, find, square
from tests.detect.stream import frame_of, picture_of

WALL = np.full((96, 128, 3), 120, np.uint8)
PICTURE = picture_of(WALL)

Make = Callable[[], Detector]
ALL: dict[str, tuple[Make, tuple[str, ...]]] = {
    "none": (NullDetector, ()),
    "scripted": (lambda: Scripted([[find(square(50, 50))]] * 3), ()),
    "guarded": (lambda: Guarded(Scripted([[find(square(50, 50))]] * 3), PICTURE), ()),
    "together": (lambda: Together(NullDetector(), Scripted([[find(square(50, 50))]] * 3)), ()),
    "faces": (lambda: make_detector(PICTURE, [Ask("face")]), ("yunet", "centerface")),
    "text": (lambda: make_detector(PICTURE, [Ask("text")]), ("ppocr-det",)),
    "faces and text": (
        lambda: make_detector(PICTURE, [Ask("face"), Ask("text")]),
        ("yunet", "centerface", "ppocr-det"),
    ),
}


@pytest.fixture(params=ALL)
def detector(request: pytest.FixtureRequest, installed: Callable[[str], Model]) -> Detector:
    make, needed = ALL[request.param]
    for name in needed:
        installed(name)
    return make()


class TestEveryDetector:
    def test_its_labels_are_known_ones(self, detector: Detector) -> None:
        assert detector.labels <= set(LABELS)

    def test_what_it_finds_is_of_its_labels_and_in_the_picture(self, detector: Detector) -> None:
        for n in range(3):
            for found in detector.detect(frame_of(WALL, n, f"{n}")):
                assert found.label in detector.labels | {"vehicle"}
                assert 0 <= found.score <= 1
                assert found.box.left < found.box.right
                assert found.box.top < found.box.bottom
                assert min(found.box.right, found.box.bottom) > 0
                assert found.box.left < 128
                assert found.box.top < 96

    def test_it_leaves_the_frame_as_it_is(self, detector: Detector) -> None:
        frame = frame_of(WALL.copy())
        before = [plane.samples.copy() for plane in frame.planes]
        detector.detect(frame)
        assert all(np.array_equal(plane.samples, was) for plane, was in zip(frame.planes, before, strict=True))

    def test_its_card_can_be_signed(self, detector: Detector) -> None:
        detector.detect(frame_of(WALL))
        card = detector.card()
        assert json.loads(json.dumps(card)) == card
        assert not any(isinstance(value, float) for value in values(card))


def values(data: Any) -> list[Any]:
    """Every value in plain data, however deep."""
    if isinstance(data, dict):
        return [each for value in data.values() for each in values(value)]
    if isinstance(data, list):
        return [each for value in data for each in values(value)]
    return [data]


def test_several_detectors_find_what_each_finds() -> None:
    one, other = ([find(square(x, 50))] for x in (20, 90))
    both = Together(Scripted([one]), Scripted([other]))
    assert both.detect(frame_of(WALL)) == (*one, *other)


def test_a_plan_in_which_nothing_moves_needs_no_model() -> None:
    assert make_detector(PICTURE, []).detect(frame_of(WALL)) == ()


@pytest.mark.usefixtures("kept")
def test_without_its_model_a_detector_is_not_made() -> None:
    with pytest.raises(DetectorError, match="run: privmask models install"):
        make_detector(PICTURE, [Ask("face")])
