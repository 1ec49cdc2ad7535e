"""What to hide that moves, as values: it is found by a detector, or marked by hand, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeAlias, get_args

from privmask.geometry import Polygon
from privmask.masks.outline import faults
from privmask.masks.texts import text_faults
from privmask.masks.ways import MaskType, ring_as_data, way_faults
from privmask.sighting import LABELS, Label

Model: TypeAlias = Literal["auto", "fast", "robust", "none"]
MODELS: tuple[Model, ...] = get_args(Model)
MOST_MARGIN = Fraction(3)
MOST_LOOK_AHEAD = Fraction(3, 2)
MOST_HOLD = Fraction(10)
SIZES = range(4, 10_001)


@dataclass(frozen=True, slots=True)
class DynamicMask:
    """Everything of one `label` on every frame, hidden by `type`.

    The box of a sighting is grown on each side by `margin` times its length in that direction, by 2 samples at least.
    `min_size` is the height in samples of the smallest that has to be found (None: chosen by the picture), `model` the choice
    of detector ("none": nobody searches, and only what a file of tracks says is hidden). A sighting is hidden only if it
    touches a polygon of `search` (none: anywhere), and is not hidden when its box lies wholly inside one of `ignore`. `color`
    (#rrggbb) fills a mask of type Color.
    """

    label: Label
    type: MaskType = "Color"
    color: str = "#000000"
    margin: Fraction = Fraction(3, 10)
    min_size: int | None = None
    model: Model = "auto"
    search: tuple[Polygon, ...] = ()
    ignore: tuple[Polygon, ...] = ()
    reason: str = ""
    enabled: bool = True

    def as_data(self) -> dict[str, Any]:
        """This mask in the words of a plan file, without floats; what is not set is left out."""
        data: dict[str, Any] = {
            "label": self.label,
            "type": self.type,
            "color": self.color,
            "margin": str(self.margin),
            "min_size": self.min_size,
            "model": self.model,
            "search": [ring_as_data(polygon.points) for polygon in self.search],
            "ignore": [ring_as_data(polygon.points) for polygon in self.ignore],
            "reason": self.reason,
            "enabled": self.enabled,
        }
        return {key: value for key, value in data.items() if value is not None and value != []}


@dataclass(frozen=True, slots=True)
class Follow:
    """For how many seconds something is hidden before the first time it was found, and after the last."""

    look_ahead: Fraction = Fraction(1)
    hold: Fraction = Fraction(1)

    def as_data(self) -> dict[str, str]:
        """Exact seconds as text."""
        return {"look_ahead": str(self.look_ahead), "hold": str(self.hold)}


@dataclass(frozen=True, slots=True)
class Keep:
    """Something that is left visible on purpose, such as the person who asks for pictures of themselves.

    Either the one `track` of that number in a file of tracks, or every sighting whose box lies wholly inside `polygon`.
    """

    name: str
    reason: str
    track: int | None = None
    polygon: Polygon | None = None

    def as_data(self) -> dict[str, Any]:
        """This in the words of a plan file; what is not set is left out."""
        data: dict[str, Any] = {"name": self.name, "reason": self.reason, "track": self.track}
        data["polygon"] = None if self.polygon is None else ring_as_data(self.polygon.points)
        return {key: value for key, value in data.items() if value is not None}


def dynamic_faults(mask: DynamicMask) -> Iterator[str]:
    """What keeps this mask from being used, one line each, with its place (`margin: …`)."""
    if mask.label not in LABELS:
        yield f"label: {mask.label!r} cannot be found by privmask; the labels are {', '.join(LABELS)}"
    yield from way_faults(mask.type, mask.color)
    if not 0 <= mask.margin <= MOST_MARGIN:
        yield f"margin: {float(mask.margin):g} is not within 0…{MOST_MARGIN} times the side of what is found"
    if mask.min_size is not None and mask.min_size not in SIZES:
        yield f"min_size: {mask.min_size} is not within {SIZES[0]}…{SIZES[-1]} samples of height"
    if mask.model not in MODELS:
        yield f"model: {mask.model!r} is no choice of model; the choices are {', '.join(MODELS)}"
    for key, polygons in (("search", mask.search), ("ignore", mask.ignore)):
        for number, polygon in enumerate(polygons, 1):
            yield from _area_faults(f"{key}[{number}]", polygon)


def follow_faults(follow: Follow) -> Iterator[str]:
    """What keeps these seconds from being used, one line each, with its place."""
    for key, seconds, most in (("look_ahead", follow.look_ahead, MOST_LOOK_AHEAD), ("hold", follow.hold, MOST_HOLD)):
        if not 0 <= seconds <= most:
            yield f"{key}: {float(seconds):g} s is not within 0…{float(most):g} s"


def keep_faults(keep: Keep) -> Iterator[str]:
    """What keeps this from being left visible, one line each, with its place."""
    if not keep.name.strip():
        yield "name: is empty; what is left visible on purpose is recorded under a name of its own"
    if not keep.reason.strip():
        yield "reason: is empty; why something is left visible on purpose is recorded"
    yield from text_faults(name=keep.name, reason=keep.reason)
    if (keep.track is None) == (keep.polygon is None):
        yield "polygon: exactly one of track and polygon says what is left visible"
    if keep.track is not None and keep.track < 1:
        yield f"track: {keep.track} is no track; they count from 1"
    if keep.polygon is not None:
        yield from _area_faults("polygon", keep.polygon)


def _area_faults(place: str, polygon: Polygon) -> Iterator[str]:
    if polygon.holes:
        yield f"{place}: has holes; give an outline without any"
        return
    for fault in faults(polygon):
        yield f"{place}: {fault.partition(': ')[2]}"
