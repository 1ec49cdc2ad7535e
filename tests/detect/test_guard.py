"""The wall around a detector: whatever it does, the job ends with one kind of error that names the frame."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from math import inf, nan
from typing import Any, TypeVar

import numpy as np
import pytest

from privmask.detect.detector import Detection
from privmask.detect.guard import MOST_FOUND, Guarded, within
from privmask.errors import DetectorError
from privmask.frame import Frame
from privmask.geometry import Box
from privmask.sighting import Label
from tests.detect.stream import frame_of, picture_of

T = TypeVar("T")
WALL = np.zeros((60, 80, 3), np.uint8)
FACE = Detection("face", Box(10, 10, 20, 22), 0.9)


class Answering:
    """A detector that does as it is told."""

    labels: frozenset[Label] = frozenset({"face"})

    def __init__(self, answer: Callable[[], Sequence[Detection]]) -> None:
        self.answer = answer
        self.asked = 0

    def detect(self, frame: Frame) -> tuple[Detection, ...]:  # noqa: ARG002  # as the Protocol names it
        self.asked += 1
        return self.answer()  # type: ignore[return-value]  # a foreign detector may answer anything

    def card(self) -> dict[str, Any]:
        return {"face": "told"}


def at_once(call: Callable[[], T], seconds: float) -> T:  # noqa: ARG001  # it does not wait
    return call()


def never(call: Callable[[], T], seconds: float) -> T:  # noqa: ARG001  # it does not wait
    raise TimeoutError


def guarded(answer: Callable[[], Sequence[Detection]]) -> Guarded:
    return Guarded(Answering(answer), picture_of(WALL), watch=at_once)


def at(left: float, top: float, right: float, bottom: float, score: float = 0.9) -> Detection:
    return Detection("face", Box(left, top, right, bottom), score)


def test_what_is_sound_goes_through() -> None:
    found = (
        FACE,
        at(-30, -5, 4, 9),
        at(75, 50, 300, 90),
        Detection("vehicle", Box(0, 0, 80, 60), 0),
        at(0, 0, 1, 1, 1),
    )
    assert guarded(lambda: found).detect(frame_of(WALL)) == found
    assert guarded(lambda: found).labels == {"face"}
    assert guarded(lambda: found).card() == {"face": "told"}


WRONG = {
    "no number": [at(nan, 10, 20, 20), at(10, 10, inf, 20), at(10, 10, 20, 20, nan)],
    "a score": [at(10, 10, 20, 20, -0.1), at(10, 10, 20, 20, 1.1)],
    "samples": [at(20, 10, 10, 20), at(10, 20, 20, 20)],
    "off the picture": [at(-9, 10, 0, 20), at(80, 10, 90, 20), at(10, -9, 20, -1), at(10, 60, 20, 70)],
    "a label": [Detection("plate", Box(10, 10, 20, 20), 0.9)],
}


@pytest.mark.parametrize(("told", "wrong"), [(told, each) for told, wrongs in WRONG.items() for each in wrongs])
def test_nonsense_is_an_error_that_names_the_frame(told: str, wrong: Detection) -> None:
    with pytest.raises(DetectorError, match=f"frame 7: .*{told}"):
        guarded(lambda: (FACE, wrong)).detect(frame_of(WALL, 7))


def test_a_detector_gone_mad_is_an_error() -> None:
    with pytest.raises(DetectorError, match="frame 7: the detector found 1001 things"):
        guarded(lambda: (FACE,) * (MOST_FOUND + 1)).detect(frame_of(WALL, 7))


def test_whatever_it_raises_becomes_one_kind_of_error() -> None:
    def fails() -> Sequence[Detection]:
        raise ZeroDivisionError("secret")

    with pytest.raises(DetectorError, match=r"frame 7: the detector failed: ZeroDivisionError$") as caught:
        guarded(fails).detect(frame_of(WALL, 7))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_its_own_words_are_told() -> None:
    def fails() -> Sequence[Detection]:
        raise DetectorError("the lens is covered")

    with pytest.raises(DetectorError, match=r"frame 7: .*the lens is covered"):
        guarded(fails).detect(frame_of(WALL, 7))


def test_an_answer_that_is_no_row_of_detections_is_an_error() -> None:
    with pytest.raises(DetectorError, match="frame 7: the detector failed: TypeError"):
        guarded(lambda: None).detect(frame_of(WALL, 7))  # type: ignore[arg-type,return-value]  # None is what is tried


def test_pictures_that_changed_are_not_searched() -> None:
    detector = Answering(lambda: ())
    with pytest.raises(DetectorError, match="frame 7: its picture is 40x30 gbrp, the detector was made for 80x60 gbrp"):
        Guarded(detector, picture_of(WALL)).detect(frame_of(WALL[::2, ::2], 7))
    assert detector.asked == 0


def test_one_that_hangs_is_an_error_and_never_asked_again() -> None:
    detector = Answering(lambda: ())
    guard = Guarded(detector, picture_of(WALL), watch=never)
    with pytest.raises(DetectorError, match="frame 7: the detector did not answer within 60 s"):
        guard.detect(frame_of(WALL, 7))
    with pytest.raises(DetectorError, match="frame 8: the detector hangs since frame 7"):
        guard.detect(frame_of(WALL, 8))
    assert detector.asked == 0


def test_a_call_that_never_comes_back_is_left_behind() -> None:
    released = threading.Event()
    with pytest.raises(TimeoutError):
        within(released.wait, 0.01)
    released.set()


def test_a_call_that_comes_back_gives_its_result_or_its_error() -> None:
    assert within(lambda: 5, 60) == 5
    with pytest.raises(ZeroDivisionError):
        within(lambda: 1 / 0, 60)
