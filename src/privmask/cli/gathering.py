"""The plan that a command works with: a file's, with what the command line adds to it."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from privmask.cli import options
from privmask.errors import PlanError
from privmask.language import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from privmask.frame import Picture
    from privmask.geometry import Size
    from privmask.masks import DynamicMask, Mask, MaskPlan, MaskType
    from privmask.sighting import Label
    from privmask.streaming import Hiding
    from privmask.video import Reading

_TYPES: dict[options.ZoneType, MaskType] = {"color": "Color", "pixelated": "Pixelated", "blurred": "Blurred"}


@dataclass(frozen=True, slots=True)
class Moving:
    """What the command line says about things that move."""

    faces: bool = False
    plates: bool = False
    text: bool = False
    persons: bool = False
    min_face: int | None = None
    tracks: Path | None = None

    @property
    def labels(self) -> Iterator[Label]:
        """The labels that are to be searched for."""
        asked: dict[Label, bool] = {"face": self.faces, "plate": self.plates, "text": self.text, "person": self.persons}
        return (label for label, wanted in asked.items() if wanted)


@dataclass(frozen=True, slots=True)
class Way:
    """How what the command line adds is hidden."""

    type: options.Type = None
    color: options.Color = None

    @property
    def drawn(self) -> tuple[MaskType, str]:
        """The type and the colour, also where they were not said."""
        return _TYPES[self.type or "color"], self.color or "#000000"


AS_USUAL = Way()


def gather_plan(
    clip: Path,
    plan: Path | None,
    camera: str | None,
    corners: list[str],
    moving: Moving,
    way: Way,
    reading: Reading,
    *,
    by_rules: bool = False,
) -> MaskPlan:
    """The plan's masks and those of the command line, as one plan; with `by_rules` they only add to those of a site's rules."""
    loaded = _loaded(plan, camera, bool(corners or moving.tracks or any(moving.labels)), way, by_rules=by_rules)
    size = (
        None  # not the plan's frame: it may be of another size than this clip, and the corners were read off this one
    )
    if any(_in_pixels(text) for text in corners):
        from privmask.probing import picture_of

        size = picture_of(clip, reading).displayed
    added = _zones_of_the_line(corners, way, loaded, size)
    given = _labels_of(moving.tracks, clip, reading) if moving.tracks else []
    dynamic = _moving_of_the_line(moving, given, way, loaded)
    return replace(loaded, masks=(*loaded.masks, *added), dynamic=dynamic)


def gather_hiding(
    plan: Path | None,
    camera: str | None,
    corners: list[str],
    moving: Moving,
    way: Way,
    recorded_at: datetime | None = None,
) -> Hiding:
    """The same for a stream, whose pictures are known only when the first of them is there."""
    from privmask.masks.plan import check_plan
    from privmask.streaming import Hiding
    from privmask.watching import Looking

    loaded = _loaded(plan, camera, bool(corners or any(moving.labels)), way)
    dynamic = _moving_of_the_line(moving, [], way, loaded)

    def plan_of(picture: Picture) -> MaskPlan:
        added = _zones_of_the_line(corners, way, loaded, picture.displayed)
        return replace(loaded, masks=(*loaded.masks, *added), dynamic=dynamic)

    in_pixels = any(_in_pixels(text) for text in corners)
    if not in_pixels:
        added = _zones_of_the_line(corners, way, loaded, None)
        check_plan(replace(loaded, masks=(*loaded.masks, *added), dynamic=dynamic))
    times = ((mask.start, mask.end, mask.valid, mask.hours or None) for mask in loaded.enabled)
    timed = any(time is not None for each in times for time in each)
    return Hiding(plan_of, Looking(), loaded.frame is None and not in_pixels, timed, recorded_at)


def _loaded(
    plan: Path | None,
    camera: str | None,
    adds: bool,
    way: Way,
    *,
    by_rules: bool = False,
) -> MaskPlan:
    """What the plan's file says; `adds` says whether the command line adds anything to it."""
    from privmask.masks import MaskPlan, load_plan

    if not by_rules and plan is None and not adds:
        raise PlanError(_NOTHING)
    if not adds and (way.type or way.color):
        raise PlanError(_NOTHING_ADDED)
    if plan is None and camera and not by_rules:
        raise PlanError(_NO_PLAN)
    return MaskPlan(()) if plan is None else load_plan(plan, camera)


def _labels_of(tracks: Path, clip: Path, reading: Reading) -> list[Label]:
    """What a file of tracks is about."""
    from privmask.detect.trackfile import read_tracks
    from privmask.probing import picture_of

    found = read_tracks(tracks, picture_of(clip, reading).displayed)
    return sorted({each.label for each in found.keyed} | found.searched)


def _moving_of_the_line(moving: Moving, given: list[Label], way: Way, loaded: MaskPlan) -> tuple[DynamicMask, ...]:
    """The plan's moving masks, and one for each label that it does not have; what only a file of tracks has is not searched."""
    from privmask.masks import DynamicMask

    known = {mask.label: mask for mask in loaded.dynamic}
    for label in moving.labels:
        known[label] = replace(known.get(label, DynamicMask(label, *way.drawn)), enabled=True)
    for label in given:
        known.setdefault(label, DynamicMask(label, *way.drawn, model="none"))
    if moving.min_face is not None:
        if "face" not in known:
            raise PlanError(_NO_FACES)
        known["face"] = replace(known["face"], min_size=moving.min_face)
    return tuple(known.values())


def _zones_of_the_line(corners: list[str], way: Way, loaded: MaskPlan, size: Size | None) -> list[Mask]:
    from privmask.masks import parse_zone

    taken = {mask.token for mask in loaded.masks}
    tokens = (token for token in map("zone-{}".format, itertools.count(1)) if token not in taken)
    pairs = zip(corners, tokens, strict=False)
    type, color = way.drawn
    return [parse_zone(text, token, type, size, color=color) for text, token in pairs]


def _in_pixels(corners: str) -> bool:
    """Whether a zone's numbers need the picture's size; what is no number is left to `parse_zone` to complain about."""
    return any(float(number) > 1 for number in re.findall(r"\d+(?:\.\d+)?", corners))


_NOTHING = Text(
    "隠すものがありません。--plan で計画、--zone で領域、又は --faces、--plates を指定してください",
    "nothing to hide: name a plan with --plan, a zone with --zone, or say --faces or --plates",
)
_NOTHING_ADDED = Text(
    "--type と --color は、この行で加えるものについての指定です。計画のファイルでは領域ごとに書きます",
    "--type and --color are for what the command line adds; a plan file says them for each mask",
)
_NO_PLAN = Text(
    "--camera は計画の中からカメラを選ぶものです。--plan で計画を指定してください",
    "--camera picks masks out of a plan; name the plan with --plan",
)
_NO_FACES = Text(
    "--min-face は顔についての指定です。--faces も付けるか、顔を隠す計画を指定してください",
    "--min-face is about faces; say --faces too, or name a plan that hides them",
)
