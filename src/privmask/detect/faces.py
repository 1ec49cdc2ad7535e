"""The two face models: what each is fed, and what its outputs mean.

YuNet (2023mar; Wu, Peng, Yu: "YuNet: A Tiny Millisecond-level Face Detector", 2023) is quick and weak in the dark; CenterFace
(Xu et al.: "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019) is five times slower and robust. Both
take pictures whose sides are whole 32s and give one candidate a cell of a raster.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from privmask.detect.boxes import NO_BOXES, Boxes, suppress
from privmask.detect.models import Model, find_model, load_session, read_model
from privmask.detect.picture import Bgr, Feed
from privmask.detect.running import run

Cells = NDArray[np.float32]

_NEARLY = 0.99
"""Share of a product that is left in any case when its root is taken and rounded."""


class FaceModel(Protocol):
    """A face model: finds faces in a picture, best first, in samples of that picture."""

    model: Model
    least: float

    def find(self, bgr: Bgr) -> Boxes:
        """Faces whose score is `least` or more."""


class YuNet:
    """The fast face model; not to be shared between threads."""

    overlap = 0.45
    strides = (8, 16, 32)

    def __init__(self, least: float) -> None:
        self.model = find_model("yunet")
        self.least = least
        self._session = load_session(self.model)
        self._feed = Feed()
        self._outputs = [f"{part}_{stride}" for stride in self.strides for part in ("cls", "obj", "bbox")]

    def find(self, bgr: Bgr) -> Boxes:
        """Faces whose score is `least` or more."""
        picture = self._feed.of(bgr)
        outputs = run(self._session, self._outputs, input=picture)
        levels = zip(self.strides, outputs[::3], outputs[1::3], outputs[2::3], strict=True)
        columns = picture.shape[3]
        found = [yunet_boxes(c[0], o[0], b[0], stride, columns // stride, self.least) for stride, c, o, b in levels]
        return suppress(np.concatenate(found), self.overlap)


class CenterFace:
    """The robust face model; not to be shared between threads.

    Most footage is light enough never to need it: that it is there and right is checked at once, and it is loaded when asked.
    """

    overlap = 0.3

    def __init__(self, least: float) -> None:
        self.model = find_model("centerface")
        self.least = least
        self._session: Any = None
        self._feed = Feed()
        read_model(self.model)

    def find(self, bgr: Bgr) -> Boxes:
        """Faces whose score is `least` or more."""
        self._session = self._session or load_session(self.model)
        heat, scale, offset = run(self._session, ["537", "538", "539"], **{"input.1": self._feed.of(bgr, rgb=True)})
        return suppress(centerface_boxes(heat[0, 0], scale[0], offset[0], self.least), self.overlap)


def yunet_boxes(cls: Cells, obj: Cells, box: Cells, stride: int, columns: int, least: float) -> Boxes:
    """Candidates of one level: `cls` and `obj` (n, 1), `box` (n, 4), n cells row by row, `columns` of them in a row."""
    (cells,) = np.nonzero(cls[:, 0] * obj[:, 0] >= _NEARLY * least**2)  # few, and of these the score is worked out
    scores = np.sqrt(np.clip(cls[cells, 0], 0, 1) * np.clip(obj[cells, 0], 0, 1))
    enough = scores >= least
    cells, scores = cells[enough], scores[enough]
    rows, cols = np.divmod(cells, columns)
    raw = box[cells]
    x, y = (cols + raw[:, 0]) * stride, (rows + raw[:, 1]) * stride
    half_width, half_height = np.exp(raw[:, 2]) * stride / 2, np.exp(raw[:, 3]) * stride / 2
    return _boxes(x, y, half_width, half_height, scores)


def centerface_boxes(heat: Cells, scale: Cells, offset: Cells, least: float) -> Boxes:
    """Candidates of the heat map (h, w) with `scale` (2, h, w: height, width) and `offset` (2, h, w: y, x); cells of 4."""
    rows, cols = np.nonzero(heat >= least)
    half_height, half_width = np.exp(scale[:, rows, cols]) * 2
    y, x = (rows + offset[0, rows, cols] + 0.5) * 4, (cols + offset[1, rows, cols] + 0.5) * 4
    return _boxes(x, y, half_width, half_height, heat[rows, cols])


def _boxes(x: Any, y: Any, half_width: Any, half_height: Any, scores: Any) -> Boxes:
    if not len(scores):
        return NO_BOXES
    sides = (x - half_width, y - half_height, x + half_width, y + half_height)
    return np.stack([*sides, scores], axis=1).astype(np.float32)
