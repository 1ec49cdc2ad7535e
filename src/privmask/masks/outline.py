"""What can be wrong with an outline, in exact arithmetic.

Each ring is scaled to whole numbers first (`_whole`), because comparing products of fractions is thirty times as slow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from math import lcm

from privmask.geometry import Point, Polygon, Ring
from privmask.language import Text
from privmask.masks.fault import Fault

MOST_CORNERS = 1000

Whole = tuple[int, int]
Edge = tuple[Whole, Whole]


def faults(polygon: Polygon) -> Iterator[Fault]:
    """What keeps this polygon from being a zone, each with its place (`polygon`, `holes[2]`)."""
    named = [("polygon", polygon.points), *((f"holes[{n}]", hole) for n, hole in enumerate(polygon.holes, 1))]
    broken = [Fault(name, fault) for name, ring in named for fault in _ring_faults(ring)]
    yield from broken
    if not broken:
        yield from _placing_faults(polygon)


def is_outside(point: Point) -> bool:
    """Whether a corner lies off the picture (its edge belongs to it)."""
    return not (0 <= point[0] <= 1 and 0 <= point[1] <= 1)


def show(point: Point) -> str:
    """A corner as people write it: `(1.2, 0.5)`, in fractions of the picture."""
    return f"({float(point[0]):.6g}, {float(point[1]):.6g})"


def meets_picture(ring: Ring) -> bool:
    """Whether some area of the ring lies on the picture. The ring is cut down to it, one side after the other."""
    cut: Sequence[Point] = ring
    for axis in (0, 1):
        cut = _cut(cut, axis, Fraction(0), 1)
        cut = _cut(cut, axis, Fraction(1), -1)
    return _doubled_area(cut) != 0


def _ring_faults(ring: Ring) -> Iterator[Text]:
    if len(ring) < 3:
        yield _TOO_FEW.with_(count=len(ring), corners="corner" if len(ring) == 1 else "corners")
        return
    if len(ring) > MOST_CORNERS:
        yield _TOO_MANY.with_(count=len(ring), most=MOST_CORNERS)
        return
    doubled = next((n for n, (one, other) in enumerate(_sides(ring), 1) if one == other), None)
    if doubled:
        yield _TWICE.with_(number=doubled)
    elif crossing := _first_crossing(_edges(ring)):
        one, other = crossing
        yield _CROSSES.with_(one=one, other=other)
    elif _doubled_area(ring) == 0:
        yield _NO_AREA


def _placing_faults(polygon: Polygon) -> Iterator[Fault]:
    if not meets_picture(polygon.points):
        number, corner = next((n, p) for n, p in enumerate(polygon.points, 1) if is_outside(p))
        yield Fault("polygon", _OUTSIDE.with_(number=number, corner=show(corner)))
    for n, hole in enumerate(polygon.holes, 1):
        if not _holds(polygon.points, hole):
            yield Fault(f"holes[{n}]", _HOLE_OUTSIDE)
        if any(_meet(hole, other) for other in polygon.holes[: n - 1]):
            yield Fault(f"holes[{n}]", _HOLES_MEET)


def _sides(ring: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    return pairwise((*ring, ring[0]))


def _edges(*rings: Ring) -> list[Edge]:
    """The sides of all rings, in whole numbers of one common unit."""
    unit = lcm(*(c.denominator for ring in rings for point in ring for c in point))
    return [(_whole(a, unit), _whole(b, unit)) for ring in rings for a, b in _sides(ring)]


def _whole(point: Point, unit: int) -> Whole:
    return int(point[0] * unit), int(point[1] * unit)


def _first_crossing(edges: list[Edge]) -> tuple[int, int] | None:
    """Numbers of the first two sides of one ring that meet anywhere but at the corner they share."""
    last = len(edges) - 1
    for (i, one), (j, other) in combinations(enumerate(edges), 2):
        if j == i + 1 or (i == 0 and j == last):
            folded = _folds(one, other) if j == i + 1 else _folds(other, one)
            if folded:
                return i + 1, j + 1
        elif _touch(one, other):
            return i + 1, j + 1
    return None


def _folds(one: Edge, following: Edge) -> bool:
    """Whether the following side runs straight back over this one."""
    (a, b), (_, c) = one, following
    return _turn(a, b, c) == 0 and (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0


def _touch(one: Edge, other: Edge) -> bool:
    """Whether two sides share a point: the boxes meet, and neither lies wholly to one side of the other's line."""
    (a, b), (c, d) = one, other
    for axis in (0, 1):
        if max(a[axis], b[axis]) < min(c[axis], d[axis]) or max(c[axis], d[axis]) < min(a[axis], b[axis]):
            return False
    return _sign(_turn(a, b, c)) * _sign(_turn(a, b, d)) <= 0 and _sign(_turn(c, d, a)) * _sign(_turn(c, d, b)) <= 0


def _crosses(one: Edge, other: Edge) -> bool:
    """Whether two sides pass through each other, not merely touch."""
    (a, b), (c, d) = one, other
    return _sign(_turn(a, b, c)) * _sign(_turn(a, b, d)) < 0 and _sign(_turn(c, d, a)) * _sign(_turn(c, d, b)) < 0


def _turn(a: Whole, b: Whole, c: Whole) -> int:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _holds(outline: Ring, hole: Ring) -> bool:
    """Whether the hole lies within the outline; it may touch it."""
    edges = _edges(outline, hole)
    outer, inner = edges[: len(outline)], edges[len(outline) :]
    if any(_crosses(one, other) for one in outer for other in inner):
        return False
    return all(_side_of(outer, corner) >= 0 for corner, _ in inner) and _doubled_area(hole) != 0


def _meet(one: Ring, other: Ring) -> bool:
    """Whether the areas of two holes overlap, or one lies in the other."""
    edges = _edges(one, other)
    first, second = edges[: len(one)], edges[len(one) :]
    return (
        any(_crosses(a, b) for a in first for b in second)
        or any(_side_of(first, corner) > 0 for corner, _ in second)
        or any(_side_of(second, corner) > 0 for corner, _ in first)
        or set(one) == set(other)
    )


def _side_of(edges: list[Edge], point: Whole) -> int:
    """1 when the point is inside, 0 when it lies on a side, -1 when it is outside: crossings to its right are counted."""
    inside = -1
    for a, b in edges:
        turn = _turn(a, b, point)
        between = all(min(a[i], b[i]) <= point[i] <= max(a[i], b[i]) for i in (0, 1))
        if turn == 0 and between:
            return 0
        if (a[1] > point[1]) != (b[1] > point[1]) and (turn > 0) == (b[1] > a[1]):
            inside = -inside
    return inside


def _doubled_area(ring: Sequence[Point]) -> Fraction:
    return sum((a[0] * b[1] - b[0] * a[1] for a, b in _sides(ring)), Fraction(0)) if ring else Fraction(0)


def _cut(ring: Sequence[Point], axis: int, limit: Fraction, sign: int) -> list[Point]:
    """The part of the ring where sign * (coordinate - limit) ≥ 0 (Sutherland and Hodgman, 1974)."""
    kept: list[Point] = []
    for one, other in _sides(ring) if ring else ():
        near, far = sign * (one[axis] - limit), sign * (other[axis] - limit)
        if near >= 0:
            kept.append(one)
        if near * far < 0:
            share = near / (near - far)
            kept.append((one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share))
    return kept


_TOO_FEW = Text(
    "角が {count} 個しかありません。領域には3個以上の角が要ります", "has {count} {corners}, but an area needs at least 3"
)
_TOO_MANY = Text(
    "角が {count} 個あります（{most} 個まで）。形を簡単にするか、いくつかの領域に分けてください",
    "has {count} corners, more than {most}; simplify it, or make several masks of it",
)
_TWICE = Text("角 {number} が続けて2回あります", "corner {number} is given twice in a row")
_CROSSES = Text(
    "角 {one} の後の辺と角 {other} の後の辺が交わります。輪郭は自分自身と交わったり触れたりできません",
    "the sides after corners {one} and {other} meet; an outline may not cross or touch itself",
)
_NO_AREA = Text("面積がありません", "encloses no area")
_OUTSIDE = Text(
    "角 {number} {corner} が画面（0…1）の外にあり、領域全体も画面の外です",
    "corner {number} {corner} lies outside the picture (0…1), and so does the whole zone",
)
_HOLE_OUTSIDE = Text("輪郭の外にあるか、輪郭と交わります", "lies outside its outline, or crosses it")
_HOLES_MEET = Text("前の穴と交わるか、その中にあります", "crosses or lies within an earlier hole")
