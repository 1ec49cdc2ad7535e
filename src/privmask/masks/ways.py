"""The ways of hiding, in ONVIF's words: what fixed and moving masks have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias, get_args

from privmask.geometry import Ring
from privmask.language import Text
from privmask.masks.fault import Fault

MaskType: TypeAlias = Literal["Color", "Pixelated", "Blurred"]
MASK_TYPES: tuple[MaskType, ...] = get_args(MaskType)


def way_faults(type: str, color: str) -> Iterator[Fault]:
    """What keeps a type and a colour from being a way of hiding, each with its place."""
    if type not in MASK_TYPES:
        yield Fault("type", _NO_WAY.with_(type=repr(type), known=", ".join(MASK_TYPES)))
    if not (len(color) == 7 and color[0] == "#" and set(color[1:].lower()) <= set("0123456789abcdef")):
        yield Fault("color", _NO_COLOR.with_(color=repr(color)))


def ring_as_data(ring: Ring) -> list[list[str]]:
    """A ring in the words of a plan file: exact fractions of the picture, as text."""
    return [[str(x), str(y)] for x, y in ring]


_NO_WAY = Text(
    "{type} という隠し方はありません。次のどれかにしてください：{known}",
    "{type} is no way of hiding; the ways are {known}",
)
_NO_COLOR = Text(
    "{color} は #rrggbb の形ではありません（例：#000000）", "{color} is not of the form #rrggbb, such as #000000"
)
