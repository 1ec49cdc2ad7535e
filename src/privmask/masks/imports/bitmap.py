"""Outlines of masked pixels: polygons with holes that cover every one of them, and little else.

The outlines run along the pixels' edges first. Then corners that point inward are left out where that adds less than a pixel,
so that a slanting edge is a line again and not a staircase. Where an outline would still have too many corners, the bitmap is
made coarser. Each of these steps covers more, never less.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privmask.errors import PlanError
from privmask.geometry import Ring, Size
from privmask.masks.imports.found import wrong
from privmask.masks.imports.safely import rows, size_of
from privmask.masks.outline import MOST_CORNERS

Bools = NDArray[np.bool_]
Corner = tuple[int, int]
Corners = list[Corner]
Outline = tuple[Ring, tuple[Ring, ...]]

_MOST_PIXELS = 36_000_000
_MOST_EDGES = 40_000
_MOST_ROUGH = 8_000  # corners before they are simplified: that takes the square of their number
_MOST_OUTLINES = 500
_COARSEST = 8


def outlines(masked: Bools) -> list[Outline]:
    """Polygons in fractions of the bitmap, each with its holes, that cover every masked pixel (rows, columns).

    Raises PlanError for a bitmap in such tatters that it would take hundreds of them.
    """
    height, width = masked.shape
    coarse = 1
    while coarse <= _COARSEST:
        shapes = _shapes(_coarser(masked, coarse))
        if shapes is not None:
            sides = (Fraction(coarse, width), Fraction(coarse, height))
            return [(_scaled(outer, *sides), tuple(_scaled(hole, *sides) for hole in holes)) for outer, holes in shapes]
        coarse *= 2
    raise PlanError(f"the masked pixels lie in more than {_MOST_OUTLINES} pieces; draw fewer, larger zones")


def unpacked(where: str, data: Mapping[str, Any], size: Size) -> Bools:
    """The bitmap of COCO's run lengths, which count down the columns, beginning with what is not masked."""
    counts, sides = data.get("counts"), rows(f"{where}.size", data.get("size"))
    if not isinstance(counts, list):
        raise wrong(f"{where}.counts", counts, "a list of run lengths; compressed ones are not read, export polygons")
    if len(sides) != 2 or size_of(f"{where}.size", sides[1], sides[0]) != size:
        raise wrong(f"{where}.size", sides, f"[{size.height}, {size.width}], as the image says")
    if size.width * size.height > _MOST_PIXELS:
        raise wrong(f"{where}.size", sides, f"a picture of at most {_MOST_PIXELS} pixels")
    if not all(type(count) is int and 0 <= count <= size.width * size.height for count in counts):
        raise wrong(f"{where}.counts", counts, "whole numbers of pixels")
    if sum(counts) != size.width * size.height:
        raise wrong(f"{where}.counts", f"{sum(counts)} pixels", f"{size.width * size.height} of them")
    flags = np.arange(len(counts)) % 2 == 1
    flat: Bools = np.repeat(flags, counts)
    return flat.reshape(size.width, size.height).T


def _coarser(masked: Bools, coarse: int) -> Bools:
    """Blocks of `coarse` x `coarse` pixels; one is masked if any of its pixels is."""
    height, width = masked.shape
    padded = np.pad(masked, ((0, -height % coarse), (0, -width % coarse)))
    rows, columns = padded.shape[0] // coarse, padded.shape[1] // coarse
    return np.asarray(padded.reshape(rows, coarse, columns, coarse).any(axis=(1, 3)))


def _shapes(masked: Bools) -> list[tuple[Corners, list[Corners]]] | None:
    """Each outline with its holes, simplified; None if there are too many of them, or of their corners."""
    whole = _unpinched(masked)
    if sum(int((np.diff(np.pad(whole, 1), axis=axis)).sum()) for axis in (0, 1)) > _MOST_EDGES:
        return None
    rings = list(_rings(_edges(whole)))
    if sum(map(len, rings)) > _MOST_ROUGH:
        return None
    outers = sorted((ring for ring in rings if _area(ring) > 0), key=_area)
    if len(outers) > _MOST_OUTLINES:
        return None
    holes: dict[int, list[Corners]] = {nth: [] for nth in range(len(outers))}
    for ring in rings:
        if _area(ring) < 0:
            owner = next(nth for nth, outer in enumerate(outers) if _contains(outer, ring[0]))
            holes[owner].append(ring)
    shapes = [_simplified(outer, holes[nth]) for nth, outer in enumerate(outers)]
    most = max((len(ring) for outer, inner in shapes for ring in (outer, *inner)), default=0)
    return shapes if most <= MOST_CORNERS else None


def _unpinched(masked: Bools) -> Bools:
    """Masked where `masked` is, without two pixels that touch at a corner alone: there an outline would touch itself."""
    grown = masked.copy()
    while True:
        a, b, c, d = grown[:-1, :-1], grown[:-1, 1:], grown[1:, :-1], grown[1:, 1:]
        falling, rising = a & d & ~b & ~c, b & c & ~a & ~d
        if not (falling.any() or rising.any()):
            return grown
        grown[:-1, 1:] |= falling
        grown[:-1, :-1] |= rising


def _edges(masked: Bools) -> dict[Corner, Corner]:
    """The edges between masked pixels and others, each from its start to its end, with what is masked on the right hand."""
    padded = np.pad(masked, 1)
    below, above = padded[1:, 1:-1], padded[:-1, 1:-1]
    right, left = padded[1:-1, 1:], padded[1:-1, :-1]
    following: dict[Corner, Corner] = {}
    for y, x in np.argwhere(below & ~above).tolist():
        following[x, y] = (x + 1, y)
    for y, x in np.argwhere(above & ~below).tolist():
        following[x + 1, y] = (x, y)
    for y, x in np.argwhere(right & ~left).tolist():
        following[x, y + 1] = (x, y)
    for y, x in np.argwhere(left & ~right).tolist():
        following[x, y] = (x, y + 1)
    return following


def _rings(following: dict[Corner, Corner]) -> Iterator[Corners]:
    """The closed ways along the edges, with corners only where they turn."""
    while following:
        start = next(iter(following))
        way = [start]
        while (after := following.pop(way[-1])) != start:
            way.append(after)
        count = len(way)
        yield [way[n] for n in range(count) if _turn(way[n - 1], way[n], way[(n + 1) % count])]


def _simplified(outer: Corners, holes: list[Corners]) -> tuple[Corners, list[Corners]]:
    """Without corners that point into the masked area, less than a pixel from the line that then joins their neighbours."""
    rings = [outer, *holes]
    for nth in range(len(rings)):
        while True:
            others = [corner for n, ring in enumerate(rings) if n != nth for corner in ring]
            shorter = _shorter(rings[nth], others)
            if len(shorter) == len(rings[nth]):
                break
            rings[nth] = shorter
    return rings[0], rings[1:]


def _shorter(ring: Corners, others: Corners) -> Corners:
    """One round, in which no two neighbours are left out. No corner may lie in a triangle that is added."""
    points, kept, number = np.array([*ring, *others], int), list(range(len(ring))), 1
    while number < len(kept) and len(kept) > 3:
        three = kept[number - 1], kept[number], kept[(number + 1) % len(kept)]
        one, corner, other = (ring[n] for n in three)
        if _is_small_dent(one, corner, other) and not _any_within(points, three):
            del kept[number]
        number += 1
    return [ring[n] for n in kept]


def _is_small_dent(one: Corner, corner: Corner, other: Corner) -> bool:
    """Whether the corner points into the masked area, by less than a pixel."""
    turn = _turn(one, corner, other)
    length = (other[0] - one[0]) ** 2 + (other[1] - one[1]) ** 2
    return turn <= 0 and turn * turn < length


def _any_within(points: NDArray[Any], three: tuple[int, int, int]) -> bool:
    """Whether any other of the points lies in the triangle of these three, or on its sides."""
    one, corner, other = points[list(three)]
    if _turn(one, corner, other) == 0:
        return False  # no triangle: the corner lies between its neighbours
    x, y = points[:, 0], points[:, 1]
    within = np.ones(len(points), bool)
    for (ax, ay), (bx, by) in pairwise((one, other, corner, one)):
        within &= (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0
    within[list(three)] = False
    return bool(within.any())


def _contains(ring: Corners, point: Corner) -> bool:
    """Whether a corner of another ring lies inside this one: crossings to its right are counted, half a pixel below it."""
    inside = False
    for (ax, ay), (bx, by) in pairwise((*ring, ring[0])):
        if ax == bx and ax > point[0] and min(ay, by) <= point[1] < max(ay, by):
            inside = not inside
    return inside


def _area(ring: Corners) -> int:
    """Twice the area; above 0 where what is masked lies inside."""
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise((*ring, ring[0])))


def _turn(a: Corner, b: Corner, c: Corner) -> int:
    return (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])


def _scaled(ring: Corners, across: Fraction, down: Fraction) -> Ring:
    return tuple((x * across, y * down) for x, y in ring)
