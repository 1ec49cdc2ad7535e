"""What a foreign file holds: zones in fractions of the picture, and what has to be said of them."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from privmask.errors import PlanError
from privmask.geometry import Point, Ring, Size
from privmask.language import Text
from privmask.masks.ways import MaskType

MOST_POINTS = 10_000
_BRIEFLY = reprlib.Repr()  # never more than a line, however deep the data are
_BRIEFLY.maxstring = _BRIEFLY.maxother = 80


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the words of a command add to a file: the picture's size, which labels are meant, what was read and understood."""

    size: Size | None = None
    labels: frozenset[str] = frozenset()
    hides_nothing: bool = False


@dataclass(frozen=True, slots=True)
class Zone:
    """One zone and `where` in the file it stands; `size` is that of the picture it was drawn on, if that is known."""

    name: str
    ring: Ring
    where: str
    camera: str = ""
    size: Size | None = None
    holes: tuple[Ring, ...] = ()
    type: MaskType = "Color"
    color: str = "#000000"
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """The zones of a file, how their coordinates were read (for the plan's head), and what was left out or changed."""

    zones: tuple[Zone, ...]
    explained: Text
    notices: tuple[Text, ...] = field(default=())


def wrong(where: str, found: object, expected: str) -> PlanError:
    """The error for something in a file that is not what it should be."""
    return PlanError(f"{where}: found {_BRIEFLY.repr(found)}, expected {expected}")


def box(left: Fraction, top: Fraction, right: Fraction, bottom: Fraction) -> Ring:
    """The corners of a rectangle."""
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def closed(where: str, points: Sequence[Point]) -> Ring:
    """A ring of these points without repetitions: many formats give the first point again at the end."""
    if len(points) > MOST_POINTS:
        raise wrong(where, f"{len(points)} points", f"at most {MOST_POINTS}")
    ring = [point for number, point in enumerate(points) if number == 0 or point != points[number - 1]]
    while len(ring) > 1 and ring[0] == ring[-1]:
        ring.pop()
    return tuple(ring)


def of_pixels(points: Iterable[Point], size: Size) -> list[Point]:
    """Points in samples of a picture of `size` as fractions of it."""
    return [(x / size.width, y / size.height) for x, y in points]
