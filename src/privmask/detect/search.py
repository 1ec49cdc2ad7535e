"""The search for faces: which model looks at which frame, and how closely."""

from __future__ import annotations

from copy import copy
from fractions import Fraction
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privmask.detect.boxes import NO_BOXES, Boxes, as_detections, placed, suppress
from privmask.detect.closer import look_closer
from privmask.detect.detector import Ask, Detection
from privmask.detect.faces import CenterFace, FaceModel, YuNet
from privmask.detect.light import LightMeter, brought_out
from privmask.detect.looks import Light, Look, Timetable, plan_looks
from privmask.detect.picture import read_bgr
from privmask.detect.quiet import Recall, Stillness
from privmask.frame import Frame, Picture
from privmask.sighting import Label

LEAST = 0.3
"""Score from which a find is passed on. One find of less than 0.6 means little, and several of one thing a face."""

HINT = 0.15
"""Score of the fast model from which a find is worth a closer look."""

SURE = 0.7
"""Score from which a find needs no closer look; a glance tells nothing else."""

_LARGE = 64
_SURE_LARGE = 0.85
_CLEAR = 0.75
_DOUBTED = 0.55
"""A face of 64 samples and more is found with 0.88 or more on 19 of 20 frames: one with less than that gets a closer look, too,
and one that never has `_CLEAR` has to be seen on several frames, as if it were weak."""

_NEAR = 0.05
_NARROW, _WIDE = 0.65, 0.95
_CUT = 0.16
"""Half a face at the edge of the picture is found weakly at any size, and a closer look only takes it away: a find within
`_NEAR` of its height of the edge that is narrower or flatter than a whole face keeps its score, and gets `_CUT` more."""

_SOON = Fraction(2, 25)
"""A glance that comes so many seconds after the last one need not come right after a thorough look, but halfway to the next."""

_WORTH = 0.6
"""Share of the smallest height asked for that a find needs for a closer look; boxes of small faces scatter."""

_ROBUST_LEAST = 0.25
_ROBUST_AS_FAST = 1.25
"""The robust model's scores are lower: its 0.48 is worth as much as 0.6 of the fast one."""

_OVERLAP = 0.45


class FaceSearch:
    """Searches the frames of one stream for faces; not to be shared between threads."""

    labels: frozenset[Label] = frozenset({"face"})

    def __init__(self, picture: Picture, ask: Ask) -> None:
        self.picture = picture
        self.ask = ask
        self._fast = YuNet(HINT)
        self._robust = None if ask.model == "fast" else CenterFace(_ROBUST_LEAST)
        self._begin()

    def _begin(self) -> None:
        """All that depends on the frames that have come."""
        still = Stillness(self.picture, self.ask.min_size)
        self._looks: dict[Light, list[tuple[Timetable, Recall]]] = {
            light: [(Timetable(look), Recall(still)) for look in looks]
            for light, looks in plan_looks(self.picture.displayed, self.ask).items()
        }
        self._meter = LightMeter()
        self._frames = 0
        self._closer = 0

    def anew(self) -> FaceSearch:
        """The same search, as if no frame had come yet."""
        fresh = copy(self)
        fresh._begin()
        return fresh

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        """The faces found on this frame, if it was its turn to be searched."""
        self._frames += 1
        looks = self._looks["poor" if self._meter.is_poor else "good"]
        due = [each for each in looks if each[0].due(frame)][: None if self._frames == 1 else 1]
        found = [NO_BOXES, *(self._due(frame, *each) for each in due)]
        if any(timetable.look.name == "thorough" for timetable, _ in due):
            self._spare_glance(frame)
        boxes = suppress(np.concatenate(found), _OVERLAP)
        return as_detections(boxes[boxes[:, 4] >= LEAST], "face")

    def _spare_glance(self, frame: Frame) -> None:
        for timetable, _ in chain(*self._looks.values()):
            if timetable.look.name == "glance" and timetable.look.every <= _SOON:
                timetable.spare(frame)

    def _due(self, frame: Frame, timetable: Timetable, recall: Recall) -> Boxes:
        found = recall.again(frame)
        timetable.note(frame, recalled=found is not None)
        if found is None:
            found = self._look(frame, timetable.look)
            recall.keep(frame, found, certain=bool(((found[:, 4] < LEAST) | _sure(found)).all()))
        return found

    def _look(self, frame: Frame, look: Look) -> Boxes:
        bgr = read_bgr(frame, self.picture, look.size)
        self._meter.see(bgr)
        shown = self.picture.displayed
        scale = shown.width / look.size.width, shown.height / look.size.height
        if look.name == "robust" and self._robust:
            found = self._robust.find(brought_out(bgr) if self._meter.is_poor else bgr)
            found = found * np.array([1, 1, 1, 1, _ROBUST_AS_FAST], np.float32)
            return _within(placed(found, *scale), self.picture)
        # As it is in poor light, too: a median wipes out small faces, which this model finds in a clear grey picture.
        found = _within(placed(self._fast.find(bgr), *scale), self.picture)
        return self._glanced(found) if look.name == "glance" else self._judged(frame, found)

    def _glanced(self, found: Boxes) -> Boxes:
        sure = _sure(found)
        return np.concatenate([found[sure], self._cut(found[~sure])])

    def _judged(self, frame: Frame, found: Boxes) -> Boxes:
        """The finds after a closer look at those that are not sure."""
        sure = _sure(found)
        doubtful = found[~sure & (found[:, 3] - found[:, 1] >= _WORTH * self.ask.min_size)]
        seen, tiles = look_closer(frame, self.picture, self._fast, doubtful)
        self._closer += tiles
        boxes = np.concatenate([found[sure], _within(seen, self.picture), self._cut(found[~sure])])
        unclear = _are_large(boxes) & (boxes[:, 4] < _CLEAR)
        boxes[unclear, 4] = np.minimum(boxes[unclear, 4], _DOUBTED)
        return boxes

    def _cut(self, boxes: Boxes) -> Boxes:
        """The finds that the edge of the picture cuts, the weak ones with a little more than their score."""
        shown = self.picture.displayed
        width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
        aside = np.minimum(boxes[:, 0], shown.width - boxes[:, 2]) < _NEAR * height
        above = np.minimum(boxes[:, 1], shown.height - boxes[:, 3]) < _NEAR * height
        shortened = (aside & (width < _NARROW * height)) | (above & (width > _WIDE * height))
        cut = boxes[shortened & (boxes[:, 4] >= LEAST)]
        cut[:, 4] = np.maximum(cut[:, 4], np.minimum(cut[:, 4] + _CUT, _DOUBTED))
        return cut

    def card(self) -> dict[str, Any]:
        """What searched, and how, for the statement."""
        models: list[FaceModel] = [self._fast, *([self._robust] if self._robust else [])]
        return {
            "face": {
                "models": [each.model.as_data() for each in models],
                "threshold": f"{LEAST:g}",
                "min_size": self.ask.min_size,
                "frames": self._frames,
                "looks": {light: [each.as_data() for each, _ in looks] for light, looks in self._looks.items()},
                "closer_looks": self._closer,
            }
        }


def _sure(boxes: Boxes) -> NDArray[np.bool_]:
    """Those that need no closer look, (n,)."""
    return np.asarray(boxes[:, 4] >= np.where(_are_large(boxes), _SURE_LARGE, SURE))


def _are_large(boxes: Boxes) -> NDArray[np.bool_]:
    return np.asarray(boxes[:, 3] - boxes[:, 1] >= _LARGE)


def _within(boxes: Boxes, picture: Picture) -> Boxes:
    """Those whose middle lies in the picture, with scores of at most 1; what is seen beyond its edge is nothing."""
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    shown = picture.displayed
    inside = boxes[(x >= 0) & (y >= 0) & (x < shown.width) & (y < shown.height)]
    return np.minimum(inside, np.array([np.inf] * 4 + [1], np.float32))
