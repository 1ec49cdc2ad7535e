"""Places in a picture, without arrays: sizes, polygons, boxes and turns.

Coordinates of polygons are exact fractions of the picture *as displayed*, origin top left, x to the right, y down. They are
`fractions.Fraction`, so that a corner given as pixel 192 of 1920 is sample 192 again, and not 192.00000000000003.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias

Point: TypeAlias = tuple[Fraction, Fraction]
Ring: TypeAlias = tuple[Point, ...]
Rotation: TypeAlias = Literal[0, 90, 180, 270]


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in samples."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    def turned(self, rotation: Rotation) -> Size:
        """This size after a turn by `rotation` degrees."""
        return Size(self.height, self.width) if rotation in (90, 270) else self


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed outline, with holes cut out of it; corners are fractions of the displayed picture.

    A corner may lie outside 0…1: the polygon is then clipped to the picture.
    """

    points: Ring
    holes: tuple[Ring, ...] = field(default=())

    @property
    def rings(self) -> tuple[Ring, ...]:
        """The outline and the holes; a point is inside when it is inside an odd number of them."""
        return (self.points, *self.holes)

    def to_coded(self, rotation: Rotation) -> Polygon:
        """The same place in the coded picture, which is shown after a clockwise turn by `rotation` degrees."""
        return Polygon(_ring_to_coded(self.points, rotation), tuple(_ring_to_coded(h, rotation) for h in self.holes))


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in luma samples, half-open: `left ≤ x < right`, `top ≤ y < bottom`."""

    left: float
    top: float
    right: float
    bottom: float


def fraction(number: int | float | str | Fraction) -> Fraction:
    """`number` as an exact fraction; a float is read as the decimal that it prints as (0.1 is 1/10)."""
    return Fraction(str(number)) if isinstance(number, float) else Fraction(number)


def _ring_to_coded(ring: Ring, rotation: Rotation) -> Ring:
    return tuple(_point_to_coded(x, y, rotation) for x, y in ring)


def _point_to_coded(x: Fraction, y: Fraction, rotation: Rotation) -> Point:
    match rotation:
        case 90:
            return y, 1 - x
        case 180:
            return 1 - x, 1 - y
        case 270:
            return 1 - y, x
        case _:
            return x, y
