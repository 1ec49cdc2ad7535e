"""Boxes by the hundred: what a model gives, as rows of an array, placed and thinned out."""

from __future__ import annotations

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from privmask.detect.detector import Detection, Kind
from privmask.geometry import Box

Boxes: TypeAlias = NDArray[np.float32]
"""float32 (n, 5): left, top, right, bottom, score; in samples of the picture that was searched."""

NO_BOXES: Boxes = np.empty((0, 5), np.float32)

_MOST = 1000
"""Candidates that are compared with each other; a picture full of faces has a few hundred."""


def suppress(boxes: Boxes, overlap: float) -> Boxes:
    """The best of each heap: no box whose intersection over union with a better one is above `overlap`; best first."""
    boxes = boxes[np.argsort(-boxes[:, 4], kind="stable")[:_MOST]]
    sides: Any = np.column_stack([boxes[:, :2], boxes[:, 2:4] - boxes[:, :2]]).astype(float)
    scores: Any = boxes[:, 4]
    kept: NDArray[np.intp] = np.asarray(cv2.dnn.NMSBoxes(sides, scores, 0.0, overlap), np.intp).reshape(-1)
    return boxes[kept]


def overlaps(boxes: Boxes, others: Boxes) -> NDArray[np.float32]:
    """Intersection over union of each row with the other of its number, or of one row (5,) with each of them, (n,)."""
    width = np.minimum(boxes[..., 2], others[:, 2]) - np.maximum(boxes[..., 0], others[:, 0])
    height = np.minimum(boxes[..., 3], others[:, 3]) - np.maximum(boxes[..., 1], others[:, 1])
    common = np.maximum(width, 0) * np.maximum(height, 0)
    union = areas(boxes) + areas(others) - common
    return np.asarray(common / np.maximum(union, np.float32(1e-6)), np.float32)


def areas(boxes: Boxes) -> NDArray[np.float32]:
    """Samples in each box, (n,)."""
    return np.asarray((boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1]), np.float32)


def placed(boxes: Boxes, scale_x: float, scale_y: float, left: float = 0, top: float = 0) -> Boxes:
    """The same boxes where the searched picture is `scale` times smaller than, and set at (left, top) in, a larger one."""
    return np.asarray(boxes * (scale_x, scale_y, scale_x, scale_y, 1) + (left, top, left, top, 0), np.float32)


def as_detections(boxes: Boxes, label: Kind) -> tuple[Detection, ...]:
    """One Detection for each row."""
    return tuple(Detection(label, Box(*row[:4]), row[4]) for row in boxes.tolist())
