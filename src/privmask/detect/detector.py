"""What a detector is: it looks at one frame and says where things are, and what it is for the statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from privmask.frame import Frame
from privmask.geometry import Box
from privmask.sighting import Label

Kind: TypeAlias = Label | Literal["vehicle"]
"""What a detection may be of; a vehicle is never hidden, it says where a plate may be."""

Choice: TypeAlias = Literal["auto", "fast", "robust"]
"""Which model is asked for: `auto` chooses by the light."""


@dataclass(frozen=True, slots=True)
class Detection:
    """One thing found on one frame, for itself. `box` is in samples of the displayed picture, `score` from 0 to 1."""

    label: Kind
    box: Box
    score: float


@dataclass(frozen=True, slots=True)
class Ask:
    """What a plan asks a detector for: a label, down to a height of `min_size` samples of the displayed picture."""

    label: Label
    min_size: int = 16
    model: Choice = "auto"


class Detector(Protocol):
    """Finds things on frames, which come in the order of presentation.

    It need not search every frame: what it finds is linked over time. `labels` is what it can find. Nothing of a frame may be
    kept: soon after, it is hidden in place. Calls come one after another, each in a thread of its own.
    """

    @property
    def labels(self) -> frozenset[Label]:
        """The labels that it searches for."""

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        """What is found on this frame, weak finds as well; raises DetectorError when it cannot be searched."""

    def card(self) -> dict[str, Any]:
        """What searched, and how, for the statement: plain data without floats."""


class Renewable(Detector, Protocol):
    """A detector that can begin anew."""

    def anew(self) -> Renewable:
        """The same detector, as if no frame had come yet; both share their models, and only one of them is to be used."""


class NullDetector:
    """Finds nothing: for plans in which nothing moves."""

    labels: frozenset[Label] = frozenset()

    def detect(self, frame: Frame) -> tuple[Detection, ...]:  # noqa: ARG002  # as the Protocol names it
        """Nothing."""
        return ()

    def card(self) -> dict[str, Any]:
        """Nothing was searched."""
        return {}

    def anew(self) -> NullDetector:
        """Itself."""
        return self
