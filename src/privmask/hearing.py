"""What is left of a search when it is over, and who is told of what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from privmask.errors import DetectorError
from privmask.frame import Frame
from privmask.sighting import Label

if TYPE_CHECKING:
    from privmask.detect import Detection
    from privmask.detect.finds import Finds

Heard: TypeAlias = "Callable[[Finds], None]"
"""Is told what was found on each frame, in their order."""


def unheard(_finds: Finds) -> None:
    """Nobody wants to know."""


def telling(finds: Iterable[Finds], heard: Heard) -> Iterator[Finds]:
    """What was found on each frame, once `heard` was told of it."""
    for each in finds:
        heard(each)
        yield each


@dataclass(frozen=True, slots=True)
class Retired:
    """What is to be known of a detector that has searched all frames; its nets take hundreds of megabytes, and are let go."""

    labels: frozenset[Label]
    told: dict[str, Any]

    def card(self) -> dict[str, Any]:
        """What it said of itself."""
        return self.told

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        """Nothing any more: raises DetectorError."""
        raise DetectorError(f"frame {frame.index} was to be searched again, after the search of all frames")
