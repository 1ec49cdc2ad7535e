"""One look at the frames of a stream: which are due, as what picture, and where in the footage lies what was found in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from privmask.detect.boxes import Boxes, as_detections, placed
from privmask.detect.detector import Ask, Detection
from privmask.detect.looks import Look, Timetable
from privmask.detect.models import Model
from privmask.detect.picture import Bgr, read_bgr
from privmask.frame import Frame, Picture
from privmask.sighting import Label


class Lookout:
    """Keeps one look's timetable and size for the pictures of one stream."""

    def __init__(self, picture: Picture, look: Look) -> None:
        self._picture = picture
        self._timetable = Timetable(look)

    def view(self, frame: Frame) -> Bgr | None:
        """The picture to be searched, or None when it is not this frame's turn."""
        if not self._timetable.due(frame):
            return None
        self._timetable.note(frame)
        return read_bgr(frame, self._picture, self._timetable.look.size)

    def placed(self, boxes: Boxes) -> Boxes:
        """Boxes of the searched picture, in samples of the displayed one."""
        size, shown = self._timetable.look.size, self._picture.displayed
        return placed(boxes, shown.width / size.width, shown.height / size.height)

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
        self._ask = ask
        self._model = model
        self._least = least
        self._find = find
        self._lookout = Lookout(picture, look)
        self._frames = 0

    @property
    def labels(self) -> frozenset[Label]:
        """The one label that it finds."""
        return frozenset({self._ask.label})

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        """What is found on this frame, if it was its turn to be searched."""
        self._frames += 1
        view = self._lookout.view(frame)
        return () if view is None else as_detections(self._lookout.placed(self._find(view)), self._ask.label)

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
