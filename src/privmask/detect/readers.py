"""A second opinion on number plates: one model says that there is something to read, and another one sees vehicles."""

from __future__ import annotations

from copy import copy
from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np

from privmask.detect.boxes import NO_BOXES, Boxes
from privmask.detect.detector import Ask, Choice
from privmask.detect.light import brought_out
from privmask.detect.lookout import Lookout
from privmask.detect.looks import Look, scaled
from privmask.detect.models import find_model, state_of
from privmask.detect.people import NanoDet, people_look
from privmask.detect.quiet import Stillness
from privmask.detect.text import LEAST, TextModel
from privmask.detect.weighing import plate_like, weighed
from privmask.frame import Frame, Picture
from privmask.geometry import Size

EVERY: dict[Choice, Fraction] = {"auto": Fraction(3, 2), "robust": Fraction(2, 5)}
"""Seconds between second opinions, which take 500 ms on one 2.4 GHz core."""

_SMALLEST = 20
"""Samples of height at the text detector's input that a plate needs for its characters to be seen as text."""

_LARGEST = 80
"""Above this height at the input characters are seen one by one, so that a second look has a quarter of the samples."""

_MOST = 1_000_000
_LEAST_VEHICLE = 0.1
"""Score from which a vehicle is one; low, because it hides nothing by itself, and at night or from close by is hardly seen."""


class Readers:
    """The text detector and, where it is installed, the model of vehicles, for the pictures of one stream."""

    def __init__(self, picture: Picture, ask: Ask) -> None:
        self._picture, self._ask, self._shown = picture, ask, picture.displayed
        self._text = TextModel(LEAST)
        self._vehicles = NanoDet(_LEAST_VEHICLE) if state_of(find_model("nanodet")) == "installed" else None
        self._begin(Stillness(picture, ask.min_size))

    def _begin(self, stillness: Stillness) -> None:
        """All that depends on the frames that have come."""
        picture = self._picture
        far, near = _text_looks(picture.displayed, self._ask)
        self._far, self._near = (Lookout(picture, look, stillness, LEAST) for look in (far, near))
        wide = people_look(picture.displayed, every=EVERY[self._ask.model])
        self._wide = Lookout(picture, wide, stillness, _LEAST_VEHICLE)

    def anew(self, stillness: Stillness) -> Readers:
        """The same readers, as if no frame had come yet; they compare pictures by that `stillness`."""
        fresh = copy(self)
        fresh._begin(stillness)
        return fresh

    @property
    def lookouts(self) -> tuple[Lookout, ...]:
        """How often and how large the frames are looked at."""
        return (self._far, self._near, *([self._wide] if self._vehicles else ()))

    @property
    def models(self) -> tuple[dict[str, Any], ...]:
        """What a statement says of the models."""
        return tuple(each.model.as_data() for each in (self._text, self._vehicles) if each)

    def weigh(self, frame: Frame, own: Boxes) -> Boxes:
        """The finds of privmask's own model after a second opinion, or as they are when it is not this frame's turn."""
        lines = [self._lines(lookout, frame) for lookout in (self._far, self._near)]
        if not any(found is not None for found in lines):
            return own
        return weighed(own, np.concatenate([found for found in lines if found is not None]), self._seen(frame))

    def _lines(self, lookout: Lookout, frame: Frame) -> Boxes | None:
        found = lookout.search(frame, self._text.find)
        return None if found is None else plate_like(found, self._shown)

    def _seen(self, frame: Frame) -> Boxes:
        model = self._vehicles
        found = self._wide.search(frame, lambda bgr: model.find(brought_out(bgr)).vehicles) if model else None
        return NO_BOXES if found is None else found


def _text_looks(displayed: Size, ask: Ask) -> tuple[Look, Look]:
    scale = min(_SMALLEST / ask.min_size, 2.0, sqrt(_MOST / (displayed.width * displayed.height)))
    every = EVERY[ask.model]
    return Look("text", scaled(displayed, scale), every), Look("large text", scaled(displayed, scale / 2), every)
