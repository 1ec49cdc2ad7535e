"""One look at the frames of a stream: which are due, as what picture, and where in the footage lies what was found in it."""

from __future__ import annotations

from typing import Any

from privmask.detect.boxes import Boxes, placed
from privmask.detect.looks import Look, Timetable
from privmask.detect.picture import Bgr, read_bgr
from privmask.frame import Frame, Picture


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
