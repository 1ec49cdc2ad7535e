"""The ways of hiding, in ONVIF's words: what fixed and moving masks have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias, get_args

from privmask.geometry import Ring

MaskType: TypeAlias = Literal["Color", "Pixelated", "Blurred"]
MASK_TYPES: tuple[MaskType, ...] = get_args(MaskType)


def way_faults(type: str, color: str) -> Iterator[str]:
    """What keeps a type and a colour from being a way of hiding, one line each, with its place."""
    if type not in MASK_TYPES:
        yield f"type: {type!r} is no way of hiding; the ways are {', '.join(MASK_TYPES)}"
    if not (len(color) == 7 and color[0] == "#" and set(color[1:].lower()) <= set("0123456789abcdef")):
        yield f"color: {color!r} is not of the form #rrggbb, such as #000000"


def ring_as_data(ring: Ring) -> list[list[str]]:
    """A ring in the words of a plan file: exact fractions of the picture, as text."""
    return [[str(x), str(y)] for x, y in ring]
