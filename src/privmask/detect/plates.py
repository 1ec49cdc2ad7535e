"""The search for number plates: privmask's own model, and for the robust choice a detector of text and one of vehicles as well.

The own model is a heat map: quick, trained on drawn plates of many countries, and at times taken in by lamps, badges and signs.
The text detector sees characters and knows nothing of plates. `weighing` says what they see together.
"""

from __future__ import annotations

from copy import copy
from fractions import Fraction
from math import sqrt
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from privmask.detect.boxes import NO_BOXES, Boxes, as_detections, suppress
from privmask.detect.detector import Ask, Choice, Detection
from privmask.detect.lookout import Lookout
from privmask.detect.looks import Look, scaled
from privmask.detect.models import find_model, load_session
from privmask.detect.picture import Bgr, Feed
from privmask.detect.quiet import Stillness
from privmask.detect.readers import EVERY, Readers
from privmask.detect.running import run
from privmask.detect.weighing import OVERLAP, rescored
from privmask.frame import Frame, Picture
from privmask.geometry import Size
from privmask.sighting import Label

Cells = NDArray[np.float32]

LEAST = 0.15
"""Score of the own model from which a find is passed on."""

SURE: dict[Choice, float] = {"fast": 0.45, "auto": 0.7, "robust": 0.7}
"""Score of the own model from which a find needs no company; higher where others may speak for it."""

_STRIDE = 4

_SMALLEST = 8
"""Samples of height that a plate needs at the model's input, which was trained on plates of 7 and more; with 16 asked for, a
picture of 1280×720 is searched as 640×360, in some 14 ms on one 2.4 GHz core."""

_MOST = 2_500_000
"""Samples of the largest picture that is searched."""


class PlateModel:
    """privmask's own detector of plates; not to be shared between threads."""

    def __init__(self, least: float) -> None:
        self.model = find_model("plates")
        self.least = least
        self._session = load_session(self.model)
        self._feed = Feed()

    def find(self, bgr: Bgr) -> Boxes:
        """Plates whose score is `least` or more, best first, in samples of the picture."""
        heat, size, offset = run(self._session, picture=self._feed.of(bgr, rgb=True))
        return suppress(plate_boxes(heat[0, 0], size[0], offset[0], self.least), OVERLAP)


def plate_boxes(heat: Cells, size: Cells, offset: Cells, least: float) -> Boxes:
    """Candidates: the peaks of `heat` (h, w); cells of 4 samples.

    `size` (2, h, w) is the logarithm of width and height in cells, `offset` (2, h, w) how far off the cell's middle the plate's
    is, to the right and down, in cells.
    """
    highest: Any = cv2.dilate(heat, np.ones((3, 3), np.uint8))
    rows, columns = np.nonzero((heat >= highest) & (heat >= least))
    if not len(rows):
        return NO_BOXES
    half_width, half_height = np.exp(size[:, rows, columns]) * _STRIDE / 2
    x = (columns + 0.5 + offset[0, rows, columns]) * _STRIDE
    y = (rows + 0.5 + offset[1, rows, columns]) * _STRIDE
    sides = (x - half_width, y - half_height, x + half_width, y + half_height)
    return np.stack([*sides, heat[rows, columns]], axis=1).astype(np.float32)


class PlateSearch:
    """Searches the frames of one stream for number plates; not to be shared between threads.

    `fast` is the own model alone; `robust` asks the readers as well, and `auto` does so less often.
    """

    labels: frozenset[Label] = frozenset({"plate"})

    def __init__(self, picture: Picture, ask: Ask) -> None:
        self._picture, self._ask = picture, ask
        self._model = PlateModel(LEAST)
        self._readers = None if ask.model == "fast" else Readers(picture, ask)
        self._begin()

    def _begin(self) -> None:
        """All that depends on the frames that have come."""
        picture, ask = self._picture, self._ask
        still, sure = Stillness(picture, ask.min_size), SURE[ask.model]
        self._lookouts = [Lookout(picture, look, still, sure) for look in plate_looks(picture.displayed, ask)]
        self._readers = self._readers and self._readers.anew(still)
        self._frames = 0

    def anew(self) -> PlateSearch:
        """The same search, as if no frame had come yet."""
        fresh = copy(self)
        fresh._begin()
        return fresh

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        """The plates found on this frame, if it was its turn to be searched."""
        self._frames += 1
        found = [NO_BOXES]
        for lookout in self._lookouts:
            seen = lookout.search(frame, self._model.find)
            found += [] if seen is None else [seen]
        own = rescored(suppress(np.concatenate(found), OVERLAP), LEAST, SURE[self._ask.model])
        return as_detections(self._readers.weigh(frame, own) if self._readers else own, "plate")

    def card(self) -> dict[str, Any]:
        """What searched, and how, for the statement."""
        card = {
            "models": [self._model.model.as_data(), *(self._readers.models if self._readers else ())],
            "threshold": f"{LEAST:g}",
            "sure": f"{SURE[self._ask.model]:g}",
            "min_size": self._ask.min_size,
            "frames": self._frames,
            "looks": [each.as_data() for each in (*self._lookouts, *(self._readers.lookouts if self._readers else ()))],
        }
        return {"plate": card}


def plate_looks(displayed: Size, ask: Ask) -> tuple[Look, ...]:
    """The looks of the own model: a quick one, and but for `fast` a wide and a close one, as often as the readers look.

    The wide one finds what fills the picture, the close one what is small or faint.
    """
    quick = _look("quick", displayed, _SMALLEST / ask.min_size, 230_400, Fraction(2, 25))
    if ask.model == "fast":
        return (quick,)
    every = EVERY[ask.model]
    wide = _look("wide", displayed, _SMALLEST / ask.min_size / 2, 90_000, every)
    close = _look("close", displayed, 2 * _SMALLEST / ask.min_size, 920_000, every)
    return quick, wide, close


def _look(name: str, displayed: Size, scale: float, cheap: int, every: Fraction) -> Look:
    samples = displayed.width * displayed.height
    scale = min(max(scale, min(1.0, sqrt(cheap / samples))), 2.0, sqrt(_MOST / samples))
    return Look(name, scaled(displayed, scale), every)
