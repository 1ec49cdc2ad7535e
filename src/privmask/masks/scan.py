"""Which samples a polygon touches, in exact arithmetic.

A sample is the square between its column and the next, its row and the next. It is touched when it shares an area with
the polygon. In one row of samples these are the samples

- between the even-odd crossings of the row's middle line, and
- along each side, over the part of it that lies within the row,

because a piece of the polygon in that row that misses the middle line is bounded by sides above each of its points.
Roundings go outward. Everything is in whole numbers of one small unit: a corner at sample 192 starts at sample 192,
whatever the picture.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import lcm

from privmask.geometry import Polygon, Ring, Rotation, Size

Run = tuple[int, int, int]
Corner = tuple[int, int]

_PICTURE: Ring = tuple((Fraction(x), Fraction(y)) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1)))


def scan(polygon: Polygon, size: Size, rotation: Rotation = 0, *, invert: bool = False) -> Iterator[Run]:
    """The samples that the polygon touches in a coded picture of `size`, as (row, start, stop); runs may overlap.

    `polygon` is in fractions of the displayed picture. With `invert`, the samples that are not wholly inside it: one
    more ring around the whole picture turns inside and outside about.
    """
    rings = polygon.to_coded(rotation).rings
    sides = _Sides((*rings, _PICTURE) if invert else rings, size)
    for row, start, stop in (*sides.along(), *sides.between()):
        if max(start, 0) < min(stop, size.width):
            yield row, max(start, 0), min(stop, size.width)


class _Sides:
    """The sides of rings in whole numbers, `unit` of them a sample, each going down; level ones apart."""

    def __init__(self, rings: tuple[Ring, ...], size: Size) -> None:
        sampled = [[(x * size.width, y * size.height) for x, y in ring] for ring in rings]
        self.unit = 2 * lcm(*(c.denominator for ring in sampled for point in ring for c in point))
        self.height = size.height
        self.level: list[tuple[Corner, Corner]] = []
        self.down: list[tuple[Corner, Corner]] = []
        for ring in sampled:
            corners = [(int(x * self.unit), int(y * self.unit)) for x, y in ring]
            for a, b in pairwise((*corners, corners[0])):
                (self.level if a[1] == b[1] else self.down).append((a, b) if a[1] < b[1] else (b, a))

    def along(self) -> Iterator[Run]:
        """In each row, the samples that a side passes through. A level side between two rows passes through neither."""
        for (x0, y), (x1, _) in self.level:
            if y % self.unit and 0 <= y < self.height * self.unit:
                yield y // self.unit, min(x0, x1) // self.unit, -(-max(x0, x1) // self.unit)
        for a, b in self.down:
            for row in self._rows(a[1], b[1]):
                upper = self._crossing(a, b, max(a[1], row * self.unit))
                lower = self._crossing(a, b, min(b[1], (row + 1) * self.unit))
                yield row, min(upper[0], lower[0]), max(upper[1], lower[1])

    def between(self) -> Iterator[Run]:
        """In each row, the samples between the crossings of its middle line, taken in pairs.

        Crossings are sorted by the sample they lie in. Two within one sample may come in the wrong order; that sample
        is touched in any case.
        """
        crossings: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for a, b in self.down:
            for row in self._rows(a[1], b[1]):
                middle = row * self.unit + self.unit // 2
                if a[1] <= middle < b[1]:
                    crossings[row].append(self._crossing(a, b, middle))
        for row, found in crossings.items():
            found.sort()
            for (start, _), (_, stop) in zip(found[::2], found[1::2], strict=True):
                yield row, start, stop

    def _rows(self, top: int, bottom: int) -> range:
        return range(max(top // self.unit, 0), min(-(-bottom // self.unit), self.height))

    def _crossing(self, a: Corner, b: Corner, y: int) -> tuple[int, int]:
        """Where the side from `a` down to `b` is at height `y`: in samples, rounded down and up."""
        fall = b[1] - a[1]
        over = a[0] * fall + (y - a[1]) * (b[0] - a[0])
        return over // (fall * self.unit), -(-over // (fall * self.unit))
