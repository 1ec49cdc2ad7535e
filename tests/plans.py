"""Plans that several tests use."""

from __future__ import annotations

from fractions import Fraction

from privmask.geometry import Polygon
from privmask.masks import Mask, MaskPlan
from privmask.masks.ways import MASK_TYPES, MaskType

_ZONES = ["1/10,1/10 1/2,1/5 9/20,7/10 3/20,3/5", "4/5,7/10 1,7/10 1,1 4/5,1", "2/5,1/2 7/10,1/2 7/10,9/10"]


def polygon(text: str) -> Polygon:
    """A polygon from `x,y x,y x,y`, in fractions of the picture."""
    return Polygon(tuple((Fraction(x), Fraction(y)) for x, y in (corner.split(",") for corner in text.split())))


def three_zones(*types: MaskType, start: str | None = None, end: str | None = None) -> MaskPlan:
    """A slanted zone, one at the last row and column, and one that overlaps the first; one of each type unless said."""
    times = (None if start is None else Fraction(start), None if end is None else Fraction(end))
    zones = zip(_ZONES, types or MASK_TYPES, strict=False)
    masks = (
        Mask(f"zone {n}", polygon(zone), kind, start=times[0], end=times[1]) for n, (zone, kind) in enumerate(zones)
    )
    return MaskPlan(tuple(masks))
