"""A search in sections: each begins as a clip does, with a thorough look, so that whoever searches one needs no other.

Nothing is found later for it: what a search remembers of earlier frames only lets it look less often, or less closely. What is
found in all sections is linked into tracks as a whole (`twopass`), across their seams.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from privmask.detect.detector import Detection, Renewable
from privmask.errors import DetectorError
from privmask.frame import Frame
from privmask.sighting import Label

_COUNTS = {"frames", "closer_looks", "searched", "recalled", "sections"}
"""What of a card is counted while frames are searched."""


class InSections:
    """`detector`, which begins anew with each frame whose pts `begins` a section."""

    def __init__(self, detector: Renewable, begins: Callable[[int], bool]) -> None:
        self._detector, self._begins = detector, begins
        self._before: dict[str, Any] | None = None
        self._asked = False

    @property
    def labels(self) -> frozenset[Label]:
        """The labels that it searches for."""
        return self._detector.labels

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        """What is found on this frame."""
        if self._begins(frame.pts) and self._asked:
            card = of_section(self._detector.card())
            self._before = joined(self._before, card) if self._before else card
            self._detector = self._detector.anew()
        self._asked = True
        return self._detector.detect(frame)

    def card(self) -> dict[str, Any]:
        """What searched, and how, in all sections so far; if there is one only, the detector's own."""
        card = self._detector.card()
        return joined(self._before, of_section(card)) if self._before else card


def of_section(card: Mapping[str, Any], sections: int = 1) -> dict[str, Any]:
    """The card of a detector, by label, as that of so many sections."""
    return {label: {**told, "sections": sections} for label, told in card.items()}


def joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """One card out of those of two searches of the same kind. Raises DetectorError where they are not."""
    result: dict[str, Any] = _joined("", one, other)
    return result


def _joined(key: str, one: Any, other: Any) -> Any:
    if isinstance(one, Mapping) and isinstance(other, Mapping) and one.keys() == other.keys():
        return {name: _joined(name, each, other[name]) for name, each in one.items()}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [_joined(key, *pair) for pair in zip(one, other, strict=True)]
    if key in _COUNTS and type(one) is type(other) is int and min(one, other) >= 0:
        return one + other
    if one != other:
        raise DetectorError(f"the sections were not searched in the same way: {key!r} is {one!r} and {other!r}")
    return one
