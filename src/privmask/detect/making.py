"""The detector that a plan needs, out of the searches that this room has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from privmask.detect.detector import Ask, Detection, NullDetector, Renewable
from privmask.detect.guard import GuardedSearch
from privmask.detect.people import PersonSearch
from privmask.detect.plates import PlateSearch
from privmask.detect.search import FaceSearch
from privmask.detect.text import TextSearch
from privmask.frame import Frame, Picture
from privmask.memory import give_back_free
from privmask.sighting import Label


class Together:
    """Several detectors as one."""

    def __init__(self, *detectors: Renewable) -> None:
        self._detectors = detectors

    @property
    def labels(self) -> frozenset[Label]:
        """The labels of all of them."""
        return frozenset[Label]().union(*(detector.labels for detector in self._detectors))

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        """What any of them finds."""
        return tuple(found for detector in self._detectors for found in detector.detect(frame))

    def card(self) -> dict[str, Any]:
        """The cards of all of them, by label."""
        return {label: card for detector in self._detectors for label, card in detector.card().items()}

    def anew(self) -> Together:
        """All of them, as if no frame had come yet."""
        return Together(*(detector.anew() for detector in self._detectors))


def make_detector(picture: Picture, asks: Sequence[Ask]) -> Renewable:
    """The detector for pictures of one stream that finds what is asked for; without asks it finds nothing.

    Raises DetectorError where a model is missing or not the one it should be, or no search finds such a label.
    """
    if not asks:
        return NullDetector()
    detector = GuardedSearch(Together(*(_search(picture, ask) for ask in asks)), picture)
    give_back_free()  # a loaded model leaves as much behind as it is itself
    return detector


def _search(picture: Picture, ask: Ask) -> Renewable:
    match ask.label:
        case "face":
            return FaceSearch(picture, ask)
        case "plate":
            return PlateSearch(picture, ask)
        case "text":
            return TextSearch(picture, ask)
        case "person":
            return PersonSearch(picture, ask)
