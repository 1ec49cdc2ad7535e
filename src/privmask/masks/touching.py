"""How boxes lie to polygons, in samples of the displayed picture. Plain floats: no box is known to a millionth of a sample."""

from __future__ import annotations

from itertools import pairwise

from privmask.geometry import Box, Polygon, Size

Segment = tuple[float, float, float, float]
"""From x, y to x, y."""


def segments_of(polygon: Polygon, size: Size) -> list[Segment]:
    """The sides of a polygon without holes, in samples of a picture of `size`."""
    corners = [(float(x * size.width), float(y * size.height)) for x, y in polygon.points]
    return [(*a, *b) for a, b in pairwise((*corners, corners[0]))]


def touches(sides: list[Segment], box: Box) -> bool:
    """Whether a box and the area within `sides` share a point."""
    return any(_passes(side, box) is not None for side in sides) or _middle_is_inside(sides, box)


def holds(sides: list[Segment], box: Box) -> bool:
    """Whether a box lies wholly in the area within `sides`; it may touch them. A box without area lies in none."""
    has_area = box.left < box.right and box.top < box.bottom
    return has_area and not any(_cuts(side, box) for side in sides) and _middle_is_inside(sides, box)


def _cuts(side: Segment, box: Box) -> bool:
    """Whether part of the side lies within the box, and not along its edge."""
    part = _passes(side, box)
    if part is None or part[0] >= part[1]:
        return False
    middle = (part[0] + part[1]) / 2
    x, y = side[0] + (side[2] - side[0]) * middle, side[1] + (side[3] - side[1]) * middle
    return box.left < x < box.right and box.top < y < box.bottom


def _passes(side: Segment, box: Box) -> tuple[float, float] | None:
    """From where to where, in 0…1 of its length, a side lies in the box; None if nowhere (Liang and Barsky, 1984)."""
    x, y, to_x, to_y = side
    first, last = 0.0, 1.0
    for step, low, high in ((to_x - x, box.left - x, box.right - x), (to_y - y, box.top - y, box.bottom - y)):
        if step == 0:
            if low > 0 or high < 0:
                return None
            continue
        enter, leave = sorted((low / step, high / step))
        first, last = max(first, enter), min(last, leave)
    return (first, last) if first <= last else None


def _middle_is_inside(sides: list[Segment], box: Box) -> bool:
    """Crossings to the right of the box's middle are counted."""
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    crossings = [ax + (y - ay) * (bx - ax) / (by - ay) for ax, ay, bx, by in sides if (ay > y) != (by > y)]
    return sum(crossing > x for crossing in crossings) % 2 == 1
