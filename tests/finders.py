"""Detectors that know beforehand what they find: tests say on which frame, and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from privmask.detect import Ask, Detection, Detector
from privmask.errors import DetectorError
from privmask.frame import Frame, Picture
from privmask.geometry import Box
from privmask.sighting import Label


class Scripted:
    """Finds one `label`, surely, in the box that `places` has for a frame's index; fails on frames of `broken`."""

    def __init__(self, places: Mapping[int, Box], label: Label = "face", broken: Sequence[int] = ()) -> None:
        self.labels = frozenset({label})
        self.asked: list[int] = []
        self._places, self._label, self._broken = places, label, broken

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        self.asked.append(frame.index)
        if frame.index in self._broken:
            raise DetectorError(f"frame {frame.index}: the detector failed")
        box = self._places.get(frame.index)
        return () if box is None else (Detection(self._label, box, 0.9),)

    def card(self) -> dict[str, Any]:
        return {"face": {"models": ["made up"]}}


def finder(detector: Detector) -> Callable[[Picture, Sequence[Ask]], Detector]:
    """What `Looking` takes: this detector, whatever is asked."""
    return lambda _picture, _asks: detector
