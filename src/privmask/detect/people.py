"""The search for people, and for the vehicles that a number plate has to be on.

The model is NanoDet-g (RangiLyu: "NanoDet", 2020), which knows the 80 classes of COCO. For each cell of three rasters it gives
the class and, for each of the four sides, how far off it is, as a distribution over 11 distances.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from privmask.detect.boxes import Boxes, suppress
from privmask.detect.detector import Ask
from privmask.detect.lookout import OneLook
from privmask.detect.looks import Look, scaled
from privmask.detect.models import find_model, load_session
from privmask.detect.picture import Bgr, Feed
from privmask.detect.running import run
from privmask.frame import Picture
from privmask.geometry import Size

LEAST = 0.3
"""Score from which a find is passed on."""

_MEAN = np.array([103.53, 116.28, 123.675], np.float32).reshape(3, 1, 1)
_SPREAD = np.array([57.375, 57.12, 58.395], np.float32).reshape(3, 1, 1)
_STRIDES = (8, 16, 32)
_CLASSES = 80
_DISTANCES = 11
_PERSON = [0]
_VEHICLES = [2, 3, 5, 7]  # car, motorcycle, bus, truck
_OVERLAP = 0.5

_PIXELS = 230_000
"""Samples of the picture that is searched, as 640×360: some 56 ms on one 2.4 GHz core."""

_SMALLEST = 24
"""Samples of height that a person needs at the model's input."""

_MOST = 500_000
_EVERY = Fraction(1, 5)


@dataclass(frozen=True, slots=True)
class Found:
    """What the model found in one picture, best first, in samples of that picture."""

    people: Boxes
    vehicles: Boxes


class NanoDet:
    """The model of people and vehicles; not to be shared between threads."""

    def __init__(self, least: float) -> None:
        self.model = find_model("nanodet")
        self.least = least
        self._session = load_session(self.model)
        self._feed = Feed()

    def find(self, bgr: Bgr) -> Found:
        """People and vehicles whose score is `least` or more."""
        outputs = run(self._session, **{self._session.get_inputs()[0].name: (self._feed.of(bgr) - _MEAN) / _SPREAD})
        return Found(self._boxes(outputs, _PERSON), self._boxes(outputs, _VEHICLES))

    def _boxes(self, outputs: list[NDArray[np.float32]], classes: list[int]) -> Boxes:
        levels = zip(_STRIDES, outputs, strict=True)
        found = [nanodet_boxes(output[0], stride, classes, self.least) for stride, output in levels]
        return suppress(np.concatenate(found), _OVERLAP)


def nanodet_boxes(level: NDArray[np.float32], stride: int, classes: list[int], least: float) -> Boxes:
    """Candidates of one level, float32 (124, h, w): 80 classes as logits, then 11 distances for each of the four sides."""
    scores = 1 / (1 + np.exp(-level[classes].max(axis=0)))
    rows, columns = np.nonzero(scores >= least)
    bins = np.exp(level[_CLASSES:, rows, columns].reshape(4, _DISTANCES, len(rows)))
    steps = np.arange(_DISTANCES, dtype=np.float32).reshape(1, -1, 1)
    left, top, right, bottom = (bins * steps).sum(axis=1) / bins.sum(axis=1) * stride
    x, y = (columns + 0.5) * stride, (rows + 0.5) * stride
    return np.stack([x - left, y - top, x + right, y + bottom, scores[rows, columns]], axis=1).astype(np.float32)


def people_look(displayed: Size, min_size: int = 64, every: Fraction = _EVERY) -> Look:
    """How a picture of that size is searched when people of `min_size` samples have to be found, `every` so many seconds."""
    samples = displayed.width * displayed.height
    scale = min(max(_SMALLEST / min_size, sqrt(_PIXELS / samples)), 2.0, sqrt(_MOST / samples))
    return Look("people", scaled(displayed, scale), every)


class PersonSearch(OneLook):
    """Searches the frames of one stream for people."""

    def __init__(self, picture: Picture, ask: Ask) -> None:
        model = NanoDet(LEAST)
        look = people_look(picture.displayed, ask.min_size)
        super().__init__(picture, ask, look, model.model, LEAST, lambda bgr: model.find(bgr).people)
