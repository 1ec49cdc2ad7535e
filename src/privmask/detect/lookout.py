"""One look at the frames of a stream: which are due, as what picture, and where in the footage lies what was found in it."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

from privmask.detect.boxes import Boxes, as_detections, placed
from privmask.detect.detector import Ask, Detection
from privmask.detect.looks import Look, Timetable
from privmask.detect.models import Model
from privmask.detect.picture import Bgr, read_bgr
from privmask.detect.quiet import Recall, Stillness
from privmask.frame import Frame, Picture
from privmask.sighting import Label


class Lookout:
    """Keeps one look's timetable, size and last result for the pictures of one stream.

    A result all of whose scores are `sure` or more stands for as long as nothing moves.
    """

    def __init__(self, picture: Picture, look: Look, stillness: Stillness, sure: float) -> None:
        self._picture = picture
        self._timetable = Timetable(look)
        self._recall = Recall(stillness)
        self._sure = sure

    def search(self, frame: Frame, find: Callable[[Bgr], Boxes]) -> Boxes | None:
        """What `find` finds, in samples of the displayed picture; None when it is not this frame's turn."""
        if not self._timetable.due(frame):
            return None
        found = self._recall.again(frame)
        self._timetable.note(frame, recalled=found is not None)
        if found is None:
            size, shown = self._timetable.look.size, self._picture.displayed
            found = find(read_bgr(frame, self._picture, size))
            found = placed(found, shown.width / size.width, shown.height / size.height)
            self._recall.keep(frame, found, certain=bool((found[:, 4] >= self._sure).all()))
        return found

    def as_data(self) -> dict[str, Any]:
        """What a statement says of it."""
        return self._timetable.as_data()


class OneLook:
    """Searches the frames of one stream by one model and one look: `find` gives what has a score of `least` in a picture.

    Not to be shared between threads.
    """

    def __init__(
        self, picture: Picture, ask: Ask, look: Look, model: Model, least: float, find: Callable[[Bgr], Boxes]
    ) -> None:
        self._picture, self._ask, self._look = picture, ask, look
        self._model = model
        self._least = least
        self._find = find
        self._begin()

    def _begin(self) -> None:
        """All that depends on the frames that have come."""
        still = Stillness(self._picture, self._ask.min_size)
        self._lookout = Lookout(self._picture, self._look, still, self._least)
        self._frames = 0

    def anew(self) -> OneLook:
        """The same search, as if no frame had come yet."""
        fresh = copy(self)
        fresh._begin()
        return fresh

    @property
    def labels(self) -> frozenset[Label]:
        """The one label that it finds."""
        return frozenset({self._ask.label})

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        """What is found on this frame, if it was its turn to be searched."""
        self._frames += 1
        found = self._lookout.search(frame, self._find)
        return () if found is None else as_detections(found, self._ask.label)

    def card(self) -> dict[str, Any]:
        """What searched, and how, for the statement."""
        card = {
            "models": [self._model.as_data()],
            "threshold": f"{self._least:g}",
            "min_size": self._ask.min_size,
            "frames": self._frames,
            "looks": [self._lookout.as_data()],
        }
        return {self._ask.label: card}
