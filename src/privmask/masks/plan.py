"""What to hide, as values: masks and plans. Made by people or by `planfile`; checked as a whole before anything is read.

The words are ONVIF's (`tr2:Mask`): token, polygon, type, color, enabled. Nothing here needs numpy or numba.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time
from fractions import Fraction
from typing import Any, Literal, TypeAlias, get_args

from privmask.errors import PlanError
from privmask.geometry import Polygon, Ring, Size
from privmask.masks.outline import faults, is_outside, show

MaskType: TypeAlias = Literal["Color", "Pixelated", "Blurred"]
Hours: TypeAlias = tuple[time, time]

PLAN_FORMAT = "privmask.plan.v1"
MASK_TYPES: tuple[MaskType, ...] = get_args(MaskType)
WHOLE_DAY: Hours = (time(0), time(0))


@dataclass(frozen=True, slots=True)
class Mask:
    """One private zone: `polygon` in fractions of the displayed picture, hidden by `type`.

    It holds while the clip's own seconds are in `start` ≤ t < `end` (None: from the first frame, to the last), on the dates of
    `valid` (both included) and within one of `hours` (the second time is not included; an earlier second time lies on the next
    day; two times 00:00 are the whole day; no hours: always). `invert` hides everything but the polygon. `color` (#rrggbb)
    fills a mask of type Color. A mask that is not `enabled` stays in the plan and hides nothing.
    """

    token: str
    polygon: Polygon
    type: MaskType = "Color"
    color: str = "#000000"
    reason: str = ""
    enabled: bool = True
    start: Fraction | None = None
    end: Fraction | None = None
    valid: tuple[date, date] | None = None
    hours: tuple[Hours, ...] = ()
    invert: bool = False

    def as_data(self) -> dict[str, Any]:
        """This mask in the words of a plan file, with exact fractions as text and no float; what is not set is left out."""
        data: dict[str, Any] = {
            "token": self.token,
            "reason": self.reason,
            "polygon": _ring_as_data(self.polygon.points),
            "holes": [_ring_as_data(hole) for hole in self.polygon.holes],
            "type": self.type,
            "color": self.color,
            "enabled": self.enabled,
            "start": None if self.start is None else str(self.start),
            "end": None if self.end is None else str(self.end),
            "valid": [day.isoformat() for day in self.valid or ()],
            "hours": [hours_as_text(hours) for hours in self.hours],
            "invert": self.invert,
        }
        return {key: value for key, value in data.items() if value is not None and value != []}


@dataclass(frozen=True, slots=True)
class MaskPlan:
    """The masks of one camera; of two Color masks the earlier lies above. `frame` is what pixel corners referred to."""

    masks: tuple[Mask, ...]
    camera: str = ""
    frame: Size | None = None

    @property
    def enabled(self) -> tuple[Mask, ...]:
        """The masks that hide something."""
        return tuple(mask for mask in self.masks if mask.enabled)

    def as_data(self) -> dict[str, Any]:
        """The whole plan as plain data without floats, fit for canonical JSON; `plan_from_data` is the way back."""
        data: dict[str, Any] = {"format": PLAN_FORMAT, "camera": self.camera}
        if self.frame:
            data["frame"] = [self.frame.width, self.frame.height]
        return data | {"mask": [mask.as_data() for mask in self.masks]}


def check_plan(plan: MaskPlan) -> None:
    """Raise PlanError with every complaint about the plan's values, each with its place; masks and corners count from 1."""
    complaints = tuple(complaints_of(enumerate(plan.masks, 1)))
    if complaints:
        raise PlanError(*complaints)


def complaints_of(numbered: Iterable[tuple[int, Mask]]) -> Iterator[str]:
    """What is wrong with the masks of one plan, one line each; nothing when they can be fitted to a picture."""
    seen: dict[str, int] = {}
    any_enabled = False
    for number, mask in numbered:
        any_enabled |= mask.enabled
        where = f"mask[{number}]"
        if not mask.token.strip():
            yield f"{where}.token: is empty; each mask needs a name of its own"
        elif mask.token in seen:
            yield f"{where}.token: {mask.token!r} is already the name of mask[{seen[mask.token]}]; each needs its own"
        seen.setdefault(mask.token, number)
        yield from (f"{where}.{fault}" for fault in _faults(mask))
    if not any_enabled:
        yield "mask: the plan enables no mask, so it would hide nothing; enable at least one"


def notices(plan: MaskPlan) -> tuple[str, ...]:
    """What stands but is worth saying: zones that reach off the picture and are clipped to it, masks that are not enabled."""
    found = []
    for number, mask in enumerate(plan.masks, 1):
        where = f"mask[{number}] {mask.token!r}"
        if not mask.enabled:
            found.append(f"{where} is not enabled and hides nothing")
        corner = next((corner for corner in enumerate(mask.polygon.points, 1) if is_outside(corner[1])), None)
        if corner:
            found.append(f"{where} reaches off the picture (corner {corner[0]} is {show(corner[1])}) and is clipped to it")
    return tuple(found)


def hours_as_text(hours: Hours) -> str:
    """`18:00-06:00`; the end of a day is written 24:00."""
    first, last = hours
    return f"{_clock(first)}-{'24:00' if last == time(0) else _clock(last)}"


def _faults(mask: Mask) -> Iterator[str]:
    yield from faults(mask.polygon)
    if mask.type not in MASK_TYPES:
        yield f"type: {mask.type!r} is no way of hiding; the ways are {', '.join(MASK_TYPES)}"
    if not is_color(mask.color):
        yield f"color: {mask.color!r} is not of the form #rrggbb, such as #000000"
    if mask.start is not None and mask.start < 0:
        yield f"start: {float(mask.start):g} s lies before the first frame, which is second 0"
    if mask.end is not None and (mask.start or 0) >= mask.end:
        yield f"end: {float(mask.end):g} s is not after the start, {float(mask.start or 0):g} s; the mask would never hold"
    if mask.valid and mask.valid[0] > mask.valid[1]:
        yield f"valid: the first day, {mask.valid[0]}, is after the last, {mask.valid[1]}"
    for first, last in mask.hours:
        if first == last and (first, last) != WHOLE_DAY:
            yield f"hours: {_clock(first)}-{_clock(last)} is no time at all; the whole day is 00:00-24:00"
        if first.tzinfo or last.tzinfo:
            yield "hours: a time has an offset; hours are local to the camera"


def is_color(text: str) -> bool:
    """Whether the text is a colour of the form #rrggbb."""
    return len(text) == 7 and text[0] == "#" and set(text[1:].lower()) <= set("0123456789abcdef")


def _clock(moment: time) -> str:
    return moment.isoformat("auto" if moment.second or moment.microsecond else "minutes")


def _ring_as_data(ring: Ring) -> list[list[str]]:
    return [[str(x), str(y)] for x, y in ring]


