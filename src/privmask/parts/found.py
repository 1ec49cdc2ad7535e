"""What a worker says of frames that it searched, as plain data; it is taken as an enemy's word."""

from __future__ import annotations

from base64 import b64decode, b64encode
from math import isfinite
from typing import Any

from privmask.detect.detector import Detection
from privmask.detect.finds import OUTLINE_BYTES
from privmask.detect.guard import MOST_FOUND
from privmask.geometry import Box
from privmask.parts.orders import FoundOn
from privmask.sighting import LABELS

_KINDS = {*LABELS, "vehicle"}


def as_data(found: FoundOn) -> list[Any]:
    """A frame's outline and its finds, as JSON has them."""
    outline, detections = found
    sides = ((each.box.left, each.box.top, each.box.right, each.box.bottom) for each in detections)
    finds = [[each.label, *box, each.score] for each, box in zip(detections, sides, strict=True)]
    return [b64encode(outline).decode(), finds]


def from_data(told: Any) -> FoundOn:
    """The same again; ValueError for what is none."""
    match told:
        case [str(outline), list(finds)] if len(finds) <= MOST_FOUND:
            seen = b64decode(outline, validate=True)
            if len(seen) == OUTLINE_BYTES:
                return seen, tuple(map(_detection, finds))
    raise ValueError("it told of a frame that is none")


def _detection(told: Any) -> Detection:
    match told:
        case [str(label), *numbers] if label in _KINDS and len(numbers) == 5 and all(map(_is_number, numbers)):
            left, top, right, bottom, score = numbers
            if left < right and top < bottom and 0 <= score <= 1:
                return Detection(label, Box(left, top, right, bottom), score)  # type: ignore[arg-type]  # one of them
    raise ValueError("it told of a find that is none")


def _is_number(told: Any) -> bool:
    return type(told) is float and isfinite(told)
