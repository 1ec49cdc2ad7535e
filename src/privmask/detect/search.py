"""The search for faces: which model looks at which frame, and how closely."""

from __future__ import annotations

from typing import Any

import numpy as np

from privmask.detect.boxes import NO_BOXES, Boxes, as_detections, placed, suppress
from privmask.detect.detector import Ask, Detection
from privmask.detect.faces import FaceModel, YuNet
from privmask.detect.looks import Look, Timetable, plan_looks
from privmask.detect.picture import read_bgr
from privmask.frame import Frame, Picture
from privmask.sighting import Label

LEAST = 0.3
"""Score from which a find is passed on. Below it is noise; between it and 0.5 one find means little, and several a face."""


class FaceSearch:
    """Searches the frames of one stream for faces; not to be shared between threads."""

    labels: frozenset[Label] = frozenset({"face"})

    def __init__(self, picture: Picture, ask: Ask) -> None:
        self.picture = picture
        self.ask = ask
        self._model: FaceModel = YuNet(LEAST)
        self._timetables = [Timetable(look) for look in plan_looks(picture.displayed, ask.min_size)]
        self._frames = 0

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        """The faces found on this frame, if it was its turn to be searched."""
        self._frames += 1
        first = self._frames == 1
        found = [NO_BOXES]
        for timetable in self._timetables:
            if timetable.due(frame):
                timetable.note(frame)
                found.append(self._look(frame, timetable.look))
                if not first:
                    break
        return as_detections(suppress(np.concatenate(found), YuNet.overlap), "face")

    def card(self) -> dict[str, Any]:
        """What searched, and how, for the statement."""
        looks = [
            {"name": t.look.name, "size": str(t.look.size), "every": str(t.look.every), "searched": t.done}
            for t in self._timetables
        ]
        return {
            "face": {
                "models": [self._model.model.as_data()],
                "threshold": f"{LEAST:g}",
                "min_size": self.ask.min_size,
                "frames": self._frames,
                "looks": looks,
            }
        }

    def _look(self, frame: Frame, look: Look) -> Boxes:
        found = self._model.find(read_bgr(frame, self.picture, look.size))
        shown = self.picture.displayed
        return _within(placed(found, shown.width / look.size.width, shown.height / look.size.height), self.picture)


def _within(boxes: Boxes, picture: Picture) -> Boxes:
    """Those whose middle lies in the picture; what a model sees beyond its edge is nothing."""
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    shown = picture.displayed
    return boxes[(x >= 0) & (y >= 0) & (x < shown.width) & (y < shown.height)]
