"""What to hide that moves, as values: it is found by a detector, or marked by hand, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeAlias, get_args

from privmask.geometry import Polygon
from privmask.language import Text
from privmask.masks.fault import Fault
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


def dynamic_faults(mask: DynamicMask) -> Iterator[Fault]:
    """What keeps this mask from being used, each with its place (`margin`)."""
    if mask.label not in LABELS:
        yield Fault("label", _NO_LABEL.with_(label=repr(mask.label), known=", ".join(LABELS)))
    yield from way_faults(mask.type, mask.color)
    if not 0 <= mask.margin <= MOST_MARGIN:
        yield Fault("margin", _NO_MARGIN.with_(margin=f"{float(mask.margin):g}", most=MOST_MARGIN))
    if mask.min_size is not None and mask.min_size not in SIZES:
        yield Fault("min_size", _NO_SIZE.with_(size=mask.min_size, least=SIZES[0], most=SIZES[-1]))
    if mask.model not in MODELS:
        yield Fault("model", _NO_MODEL.with_(model=repr(mask.model), known=", ".join(MODELS)))
    for key, polygons in (("search", mask.search), ("ignore", mask.ignore)):
        for number, polygon in enumerate(polygons, 1):
            yield from _area_faults(f"{key}[{number}]", polygon)


def follow_faults(follow: Follow) -> Iterator[Fault]:
    """What keeps these seconds from being used, each with its place."""
    for key, seconds, most in (("look_ahead", follow.look_ahead, MOST_LOOK_AHEAD), ("hold", follow.hold, MOST_HOLD)):
        if not 0 <= seconds <= most:
            yield Fault(key, _NO_SECONDS.with_(seconds=f"{float(seconds):g}", most=f"{float(most):g}"))


def keep_faults(keep: Keep) -> Iterator[Fault]:
    """What keeps this from being left visible, each with its place."""
    if not keep.name.strip():
        yield Fault("name", _NO_NAME)
    if not keep.reason.strip():
        yield Fault("reason", _NO_REASON)
    yield from text_faults(name=keep.name, reason=keep.reason)
    if (keep.track is None) == (keep.polygon is None):
        yield Fault("polygon", _ONE_OF_BOTH)
    if keep.track is not None and keep.track < 1:
        yield Fault("track", _NO_TRACK.with_(track=keep.track))
    if keep.polygon is not None:
        yield from _area_faults("polygon", keep.polygon)


def _area_faults(place: str, polygon: Polygon) -> Iterator[Fault]:
    if polygon.holes:
        yield Fault(place, _HOLES)
        return
    for fault in faults(polygon):
        yield Fault(place, fault.what)


_NO_LABEL = Text(
    "{label} は privmask が探せるものではありません。次のどれかにしてください：{known}",
    "{label} cannot be found by privmask; the labels are {known}",
)
_NO_MARGIN = Text(
    "{margin} は、見つけたものの辺の 0…{most} 倍の範囲にありません",
    "{margin} is not within 0…{most} times the side of what is found",
)
_NO_SIZE = Text(
    "{size} は、高さ {least}…{most} 画素の範囲にありません", "{size} is not within {least}…{most} samples of height"
)
_NO_MODEL = Text(
    "{model} というモデルの選び方はありません。次のどれかにしてください：{known}",
    "{model} is no choice of model; the choices are {known}",
)
_NO_SECONDS = Text("{seconds} 秒は、0…{most} 秒の範囲にありません", "{seconds} s is not within 0…{most} s")
_NO_NAME = Text(
    "空です。意図して隠さないものは、固有の名前で記録します",
    "is empty; what is left visible on purpose is recorded under a name of its own",
)
_NO_REASON = Text(
    "空です。意図して隠さない理由を記録します", "is empty; why something is left visible on purpose is recorded"
)
_ONE_OF_BOTH = Text(
    "隠さないものは、track と polygon のどちらか一方だけで示します",
    "exactly one of track and polygon says what is left visible",
)
_NO_TRACK = Text("{track} は軌跡の番号ではありません。1から数えます", "{track} is no track; they count from 1")
_HOLES = Text("穴があります。穴のない輪郭にしてください", "has holes; give an outline without any")
