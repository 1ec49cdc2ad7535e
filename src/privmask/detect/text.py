"""The search for writing: house signs, name plates, screens; and the lines of text that may be a number plate.

The model is PP-OCR's detector (Liao et al.: "Real-time Scene Text Detection with Differentiable Binarization", 2020). It gives
each sample the probability of lying in the core of a line of text; a line is a heap of such samples, grown again by what the
core was shrunk in training.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import sqrt
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from privmask.detect.boxes import NO_BOXES, Boxes
from privmask.detect.detector import Ask
from privmask.detect.lookout import OneLook
from privmask.detect.looks import Look, scaled
from privmask.detect.models import find_model, load_session
from privmask.detect.picture import Bgr, Feed
from privmask.detect.running import run
from privmask.frame import Picture
from privmask.geometry import Size

LEAST = 0.4
"""Mean probability from which a line is passed on."""

_CORE = 0.3
"""Probability from which a sample belongs to the core of a line."""

_GROWTH = 1.6
"""A core's area by its outline times this is what each side is grown by; DB shrinks with 1.5 at the least."""

_THINNEST = 2
"""Samples that the thinner side of a core needs: thinner ones are edges and wires."""

_LONGEST, _BESIDE = 1000, 48
"""Samples of a side that are searched at once, and beside them what the model needs to see as well; so the largest picture, in
two parts, takes 100 MiB of memory and not 180."""

SMALLEST = 14
"""Samples of height that a line needs at the model's input: all plates of 20 samples are found at 0.7 of the size."""

_MOST = 1_000_000
"""Samples of the largest picture that is searched: some 350 ms on one 2.4 GHz core."""

_EVERY = Fraction(2, 5)
"""Seconds between searches: writing moves slowly, or with what it stands on."""


class TextModel:
    """PP-OCR's detector; not to be shared between threads."""

    def __init__(self, least: float) -> None:
        self.model = find_model("ppocr-det")
        self.least = least
        self._session = load_session(self.model)
        self._feed = Feed()

    def find(self, bgr: Bgr) -> Boxes:
        """Lines of text whose mean probability is `least` or more, in samples of the picture."""
        return text_boxes(self._map(bgr), self.least)

    def _map(self, bgr: Bgr) -> NDArray[np.float32]:
        """The probabilities of a picture, put together from those of its parts."""
        whole = np.empty(bgr.shape[:2], np.float32)
        for rows, high in _parts(bgr.shape[0]):
            for columns, wide in _parts(bgr.shape[1]):
                part = self._probability(bgr[rows, columns])
                whole[high, wide] = part[_beginning(high, rows), _beginning(wide, columns)]
        return whole

    def _probability(self, bgr: Bgr) -> NDArray[np.float32]:
        height, width = bgr.shape[:2]
        fed = self._feed.of(bgr)
        fed /= np.float32(127.5)
        fed -= 1
        (probability,) = run(self._session, x=fed)
        return probability[0, 0, :height, :width]


def _parts(length: int) -> Iterator[tuple[slice, slice]]:
    """What is searched at once of a row or column of a picture, and what is taken from it."""
    count = -(-length // _LONGEST)
    for number in range(count):
        start, stop = length * number // count, length * (number + 1) // count
        yield slice(max(start - _BESIDE, 0), min(stop + _BESIDE, length)), slice(start, stop)


def _beginning(taken: slice, searched: slice) -> slice:
    """The same place, counted from where the part begins."""
    return slice(taken.start - searched.start, taken.stop - searched.start)


def text_boxes(probability: NDArray[np.float32], least: float) -> Boxes:
    """The lines of text in a map of probabilities, float32 (height, width)."""
    core: Any = cv2.dilate((probability > _CORE).astype(np.uint8), np.ones((2, 2), np.uint8))
    outlines: Any = cv2.findContours(core, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    rows = [row for outline in outlines if (row := _row(outline, probability, least))]
    return np.array(rows, np.float32) if rows else NO_BOXES


def _row(outline: Any, probability: NDArray[np.float32], least: float) -> tuple[float, ...] | None:
    """The upright box around one grown line and its score, or None where it is none."""
    middle, (width, height), angle = cv2.minAreaRect(outline)
    if min(width, height) < _THINNEST:
        return None
    score = _mean(outline, probability)
    if score < least:
        return None
    growth = width * height * _GROWTH / (width + height)
    corners = cv2.boxPoints((middle, (width + growth, height + growth), angle))
    return (*corners.min(axis=0), *corners.max(axis=0), score)


def _mean(outline: Any, probability: NDArray[np.float32]) -> float:
    """The mean probability within an outline."""
    left, top, width, height = cv2.boundingRect(outline)
    inside = np.zeros((height, width), np.uint8)
    cv2.fillPoly(inside, [outline - (left, top)], (1,))
    return min(1.0, float(cv2.mean(probability[top : top + height, left : left + width], inside)[0]))


def text_look(displayed: Size, min_size: int) -> Look:
    """How a picture of that size is searched when lines of `min_size` samples have to be found."""
    scale = min(SMALLEST / min_size, 2.0, sqrt(_MOST / (displayed.width * displayed.height)))
    return Look("text", scaled(displayed, scale), _EVERY)


class TextSearch(OneLook):
    """Searches the frames of one stream for writing."""

    def __init__(self, picture: Picture, ask: Ask) -> None:
        model = TextModel(LEAST)
        look = text_look(picture.displayed, ask.min_size)
        super().__init__(picture, ask, look, model.model, LEAST, model.find)
