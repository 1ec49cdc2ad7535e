"""What to hide, as values: masks and plans. Made by people or by `planfile`; checked as a whole before anything is read.

The words are ONVIF's (`tr2:Mask`): token, polygon, type, color, enabled. Nothing here needs numpy or numba.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from fractions import Fraction
from typing import Any, TypeAlias, TypeVar

from privmask.errors import PlanError
from privmask.geometry import Polygon, Size
from privmask.language import Text
from privmask.masks.fault import Fault
from privmask.masks.moving import DynamicMask, Follow, Keep, dynamic_faults, follow_faults, keep_faults
from privmask.masks.outline import faults, is_outside, show
from privmask.masks.texts import text_faults
from privmask.masks.ways import MaskType, ring_as_data, way_faults
from privmask.sighting import Label

Hours: TypeAlias = tuple[time, time]

PLAN_FORMAT = "privmask.plan.v1"
WHOLE_DAY: Hours = (time(0), time(0))

T = TypeVar("T")


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
            "polygon": ring_as_data(self.polygon.points),
            "holes": [ring_as_data(hole) for hole in self.polygon.holes],
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
    """The masks of one camera; of two Color masks the earlier lies above. `frame` is what pixel corners referred to.

    `dynamic` says what is hidden wherever it is seen, one mask a label; `follow` for how long around the times when it was
    found; `keep` what is left visible all the same.
    """

    masks: tuple[Mask, ...]
    camera: str = ""
    frame: Size | None = None
    dynamic: tuple[DynamicMask, ...] = ()
    follow: Follow = field(default=Follow())
    keep: tuple[Keep, ...] = ()

    @property
    def enabled(self) -> tuple[Mask, ...]:
        """The fixed masks that hide something."""
        return tuple(mask for mask in self.masks if mask.enabled)

    @property
    def labels(self) -> tuple[Label, ...]:
        """What is hidden wherever it is seen, in the order of the plan."""
        return tuple(mask.label for mask in self.dynamic if mask.enabled)

    def require(self, labels: Collection[str]) -> None:
        """Raise PlanError when something has to be searched for that is not among `labels`, which a detector can find."""
        searched = [mask.label for mask in self.dynamic if mask.enabled and mask.model != "none"]
        missing = [label for label in searched if label not in labels]
        if missing:
            found = ", ".join(sorted(labels)) or "nothing"
            raise PlanError(*(_CANNOT_FIND.with_(label=repr(label), found=found) for label in missing))

    def as_data(self) -> dict[str, Any]:
        """The whole plan as plain data without floats, fit for canonical JSON; `plan_from_data` is the way back."""
        data: dict[str, Any] = {"format": PLAN_FORMAT, "camera": self.camera}
        if self.frame:
            data["frame"] = [self.frame.width, self.frame.height]
        data["mask"] = [mask.as_data() for mask in self.masks]
        if self.dynamic:
            data["dynamic"] = [mask.as_data() for mask in self.dynamic]
        if self.dynamic or self.follow != Follow():
            data["follow"] = self.follow.as_data()
        if self.keep:
            data["keep"] = [keep.as_data() for keep in self.keep]
        return data


def check_plan(plan: MaskPlan) -> None:
    """Raise PlanError with every complaint about the plan's values, each with its place; masks and corners count from 1."""
    masks, dynamic, keep = dict(enumerate(plan.masks, 1)), dict(enumerate(plan.dynamic, 1)), dict(enumerate(plan.keep, 1))
    complaints = (*text_faults(camera=plan.camera), *complaints_of(masks, dynamic, plan.follow, keep))
    if complaints:
        raise PlanError(*(each.text for each in complaints))


def complaints_of(
    masks: Mapping[int, Mask], dynamic: Mapping[int, DynamicMask], follow: Follow, keep: Mapping[int, Keep]
) -> Iterator[Fault]:
    """What is wrong with the parts of one plan, by their numbers; nothing when they can be fitted to a picture."""
    yield from _each(masks, "mask", "token", _faults)
    if not any(mask.enabled for mask in masks.values()) and not any(mask.enabled for mask in dynamic.values()):
        yield Fault("mask", _HIDES_NOTHING)
    yield from _each(dynamic, "dynamic", "label", dynamic_faults)
    yield from (fault.within("follow") for fault in follow_faults(follow))
    yield from _each(keep, "keep", "name", keep_faults)


def _each(numbered: Mapping[int, T], kind: str, key: str, faults: Callable[[T], Iterator[Fault]]) -> Iterator[Fault]:
    """The faults of each of one kind, with their places; no two may have the same `key`."""
    seen: dict[str, int] = {}
    for number, each in numbered.items():
        where, own = f"{kind}[{number}]", getattr(each, key)
        if own in seen and own.strip():
            word = "name" if key == "token" else key
            earlier = f"{kind}[{seen[own]}]"
            yield Fault(f"{where}.{key}", _TAKEN.with_(own=repr(own), word=word, earlier=earlier))
        seen.setdefault(own, number)
        yield from (fault.within(where) for fault in faults(each))


def notices(plan: MaskPlan) -> tuple[Text, ...]:
    """What stands but is worth saying: zones that are clipped to the picture, masks that are not enabled, what is kept."""
    found = []
    for number, mask in enumerate(plan.masks, 1):
        where = f"mask[{number}] {mask.token!r}"
        if not mask.enabled:
            found.append(_NOT_ENABLED.with_(where=where))
        corner = next((corner for corner in enumerate(mask.polygon.points, 1) if is_outside(corner[1])), None)
        if corner:
            found.append(_CLIPPED.with_(where=where, number=corner[0], corner=show(corner[1])))
    for number, moving in enumerate(plan.dynamic, 1):
        if not moving.enabled:
            found.append(_NOT_ENABLED.with_(where=f"dynamic[{number}] {moving.label!r}"))
    for number, keep in enumerate(plan.keep, 1):
        what = _ALL_INSIDE if keep.track is None else _TRACK.with_(number=keep.track)
        found.append(_KEPT.with_(where=f"keep[{number}] {keep.name!r}", what=what))
    return tuple(found)


def hours_as_text(hours: Hours) -> str:
    """`18:00-06:00`; the end of a day is written 24:00."""
    first, last = hours
    return f"{_clock(first)}-{'24:00' if last == time(0) else _clock(last)}"


def _faults(mask: Mask) -> Iterator[Fault]:
    if not mask.token.strip():
        yield Fault("token", _NO_TOKEN)
    yield from text_faults(token=mask.token, reason=mask.reason)
    yield from faults(mask.polygon)
    yield from way_faults(mask.type, mask.color)
    if mask.start is not None and mask.start < 0:
        yield Fault("start", _BEFORE_ALL.with_(start=f"{float(mask.start):g}"))
    if mask.end is not None and (mask.start or 0) >= mask.end:
        start = f"{float(mask.start or 0):g}"
        yield Fault("end", _NOT_AFTER.with_(end=f"{float(mask.end):g}", start=start))
    if mask.valid and mask.valid[0] > mask.valid[1]:
        yield Fault("valid", _DAYS_TURNED.with_(first=mask.valid[0], last=mask.valid[1]))
    for first, last in mask.hours:
        if first == last and (first, last) != WHOLE_DAY:
            yield Fault("hours", _NO_TIME.with_(first=_clock(first), last=_clock(last)))
        if first.tzinfo or last.tzinfo:
            yield Fault("hours", _OFFSET)


def _clock(moment: time) -> str:
    return moment.isoformat("auto" if moment.second or moment.microsecond else "minutes")


_NOT_ENABLED = Text("{where} は有効でないため、何も隠しません", "{where} is not enabled and hides nothing")
_CLIPPED = Text(
    "{where} は画面からはみ出しています（角 {number} が {corner}）。画面の端までを隠します",
    "{where} reaches off the picture (corner {number} is {corner}) and is clipped to it",
)
_ALL_INSIDE = Text("領域の中の全て", "everything inside its polygon")
_TRACK = Text("軌跡 {number}", "track {number}")
_KEPT = Text("{where} により、{what}を意図して隠さずに残します", "{where} leaves {what} visible on purpose")
_HIDES_NOTHING = Text(
    "有効な領域が1つもなく、何も隠しません。1つ以上を有効にしてください",
    "the plan enables no mask, so it would hide nothing; enable at least one",
)
_TAKEN = Text(
    "{own} は {earlier} が既に使っています。それぞれ別のものにしてください",
    "{own} is already the {word} of {earlier}; each needs its own",
)
_NO_TOKEN = Text("空です。領域には、それぞれ別の名前が要ります", "is empty; each mask needs a name of its own")
_BEFORE_ALL = Text(
    "{start} 秒は最初のコマ（0秒）より前です", "{start} s lies before the first frame, which is second 0"
)
_NOT_AFTER = Text(
    "{end} 秒は始まりの {start} 秒より後ではないため、何も隠しません",
    "{end} s is not after the start, {start} s; the mask would never hold",
)
_DAYS_TURNED = Text("最初の日 {first} が最後の日 {last} より後です", "the first day, {first}, is after the last, {last}")
_NO_TIME = Text(
    "{first}-{last} には長さがありません。1日中は 00:00-24:00 と書きます",
    "{first}-{last} is no time at all; the whole day is 00:00-24:00",
)
_OFFSET = Text(
    "時刻に時差があります。時間帯はカメラのある所の時刻で書きます",
    "a time has an offset; hours are local to the camera",
)
_CANNOT_FIND = Text(
    "dynamic：この検出器は {label} を探せません。探せるのは {found} です",
    "dynamic: the detector cannot find {label}; it finds {found}",
)
