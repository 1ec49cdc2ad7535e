"""What is searched on which frame, and how large: decided from the picture and the smallest face, and from time alone.

A *thorough look* shows the smallest face to the model large enough to be found; it costs too much for every frame. A
*glance* at half that scale finds all but the smallest and costs a quarter. Between looks, things are linked over time by who
receives the detections. Nothing here is measured while it runs, so that the same footage is always searched in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, sqrt
from typing import Any, Literal, TypeAlias

from privmask.detect.detector import Ask
from privmask.frame import Frame
from privmask.geometry import Size

_SMALLEST = 32 / 3
"""Samples of height that a face needs at the model's input; below 10 YuNet begins to miss upright ones."""

_CHEAP = 600_000
"""Samples up to which a picture is searched at its own scale, however large the smallest face may be."""

_MOST = 8_000_000
"""Samples of the largest picture that is searched; a session's memory grows with it (about 100 bytes a sample)."""

_LARGEST_SCALE = 2

_SECONDS_A_SAMPLE = Fraction(24, 100_000_000)
"""Interval of thorough looks: 0.22 s for 0.9 million samples, which take 30 ms on one 2.4 GHz core."""

_LONGEST = Fraction(1, 4)

_GLANCE_RARER = 2
"""A glance comes halfway between thorough looks, though it would cost a quarter."""

_ROBUST_COST = 5
"""The robust model takes so many times as long."""

Light: TypeAlias = Literal["good", "poor"]


@dataclass(frozen=True, slots=True)
class Look:
    """One way of searching: the picture at `size` samples, at least `every` seconds and `frames` frames after the last."""

    name: str
    size: Size
    every: Fraction
    frames: int = 1


def plan_looks(displayed: Size, ask: Ask) -> dict[Light, tuple[Look, ...]]:
    """The looks for pictures of that size in good and in poor light, the most costly first."""
    samples = displayed.width * displayed.height
    at_own_scale = min(1.0, sqrt(_CHEAP / samples))
    scale = min(max(_SMALLEST / ask.min_size, at_own_scale), _LARGEST_SCALE, sqrt(_MOST / samples))
    thorough = _look("thorough", displayed, scale)
    glance = _look("glance", displayed, scale / 2, _GLANCE_RARER)
    if ask.model == "fast":
        return {"good": (thorough, glance), "poor": (thorough, glance)}
    if ask.model == "robust":
        robust = _look("robust", displayed, scale, _ROBUST_COST)
        return {"good": (robust, thorough, glance), "poor": (robust, thorough, glance)}
    robust = _look("robust", displayed, min(scale, sqrt(_CHEAP / samples)), _ROBUST_COST)
    return {"good": (thorough, glance), "poor": (robust, thorough)}


def _look(name: Literal["thorough", "glance", "robust"], displayed: Size, scale: float, cost: int = 1) -> Look:
    size = scaled(displayed, scale)
    samples = size.width * size.height
    every = samples * cost * _SECONDS_A_SAMPLE
    return Look(name, size, min(every, _LONGEST), 2 if samples > _CHEAP else 1)


def scaled(size: Size, scale: float) -> Size:
    """`size` at that scale, its width to whole 32s, which is what models take."""
    width = max(32, ceil(size.width * scale / 32 - 0.01) * 32)
    return Size(width, max(1, round(size.height * width / size.width)))


class Timetable:
    """Says when a look is due again; frames come in the order of presentation.

    `done` counts the looks, `recalled` those whose last result still stood.
    """

    def __init__(self, look: Look) -> None:
        self.look = look
        self.done = self.recalled = 0
        self._last: tuple[int, Fraction] | None = None

    def due(self, frame: Frame) -> bool:
        """Whether this frame has to be searched: the first one always."""
        if self._last is None:
            return True
        index, time = self._last
        return frame.index - index >= self.look.frames and frame.start_time - time >= self.look.every

    def note(self, frame: Frame, *, recalled: bool = False) -> None:
        """This frame was searched, or the last result stands for it."""
        self.recalled += recalled
        self.done += not recalled
        self._last = (frame.index, frame.start_time)

    def spare(self, frame: Frame) -> None:
        """A better look was had at this frame: the next one is due as if it had been this one."""
        self._last = (frame.index, frame.start_time)

    def as_data(self) -> dict[str, Any]:
        """What the statement says of it."""
        look = self.look
        counts = {"searched": self.done, "recalled": self.recalled}
        return {"name": look.name, "size": str(look.size), "seconds": f"{float(look.every):.3f}", **counts}
