"""From a foreign file to the text of one plan, which is read again before anybody gets it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from privmask.errors import PlanError
from privmask.geometry import Polygon, Size
from privmask.language import Language, Text
from privmask.masks.fault import Fault
from privmask.masks.imports import drawn, frigate, motion, onvif, zoneminder
from privmask.masks.imports.found import Found, Wishes, Zone
from privmask.masks.imports.safely import read_bytes
from privmask.masks.imports.writing import plan_text, shown
from privmask.masks.outline import faults
from privmask.masks.planfile import MOST_MASKS, parse_plan

SOURCES: dict[str, Callable[[bytes, Wishes], Found]] = {
    "onvif": onvif.read,
    "zoneminder": zoneminder.read,
    "motion": motion.read,
    "frigate": frigate.read,
    "cvat": drawn.read_cvat,
    "labelme": drawn.read_labelme,
    "coco": drawn.read_coco,
}
_LOOK = Text(
    "使う前に画面で見てください：privmask zones preview CLIP --plan この計画 -o preview.png",
    "Look at it before you use it: privmask zones preview CLIP --plan THIS -o preview.png",
)
_FROM = Text("{source} から読みました：{name}", "Imported from {source}: {name}")
_TWICE = Text("同じ輪郭 {count} 個は、1つにまとめました", "{count} outlines that are there twice are taken once")
_ASLEEP = Text(
    "{where}：元で無効なので、ここでも無効で、何も隠しません",
    "{where}: is not enabled there, so it is not here, and hides nothing",
)


@dataclass(frozen=True, slots=True)
class Imported:
    """The text of a plan file, the names of its masks, its cameras, and what was left out or changed."""

    text: str
    tokens: tuple[str, ...]
    cameras: tuple[str, ...]
    notices: tuple[Text, ...]


def import_zones(
    source: str,
    path: str | os.PathLike[str],
    wishes: Wishes,
    camera: str | None = None,
    language: Language = "en",
) -> Imported:
    """The zones of a file of one of the SOURCES. `camera` picks one of the file's cameras, or names one that it leaves unnamed.
    `language` is that of the plan's comments.

    Raises PlanError with every zone that cannot be one, and where the file holds none.
    """
    where = os.fspath(path)
    content = read_bytes(path)
    try:
        found = SOURCES[source](content, wishes)
        zones, repeated = _distinct(_of_camera(found.zones, camera))
        _check(zones)
    except PlanError as error:
        raise _placed(where, error) from error.__cause__
    cameras = tuple(dict.fromkeys(shown(zone.camera) for zone in zones if zone.camera))
    name = shown(camera) if camera else cameras[0] if len(cameras) == 1 else ""
    size = _common(zone.size for zone in zones)
    tokens = _tokens(zones)
    origin = _FROM.with_(source=source, name=shown(os.path.basename(where)))
    head = [line for text in (origin, found.explained, _LOOK) for line in text.said(language).split("\n")]
    text = plan_text(zones, tokens, name, size, head)
    for each in (None,) if name or len(cameras) < 2 else cameras:
        parse_plan(text, where, each)
    told = (_TWICE.with_(count=repeated),) if repeated else ()
    return Imported(text, tokens, cameras, (*found.notices, *_asleep(zones), *told))


def _of_camera(zones: Sequence[Zone], camera: str | None) -> list[Zone]:
    cameras = {zone.camera for zone in zones}
    if camera is None or cameras == {""} or camera in cameras:
        return [zone for zone in zones if camera is None or zone.camera in ("", camera)]
    if len(cameras) == 1:
        return list(zones)  # the file's one camera gets this name
    raise PlanError(f"camera {camera!r} is not there; the file holds {', '.join(map(repr, sorted(cameras)))}")


def _distinct(zones: Iterable[Zone]) -> tuple[list[Zone], int]:
    """Without outlines that are there already (a shape that stands still in many pictures), and how many these were."""
    seen: dict[object, Zone] = {}
    count = 0
    for zone in zones:
        seen.setdefault((zone.camera, zone.name, zone.ring, zone.holes, zone.type, zone.enabled), zone)
        count += 1
    return list(seen.values()), count - len(seen)


def _check(zones: Sequence[Zone]) -> None:
    """Each fault with the zone's place in the foreign file, not with its place in the plan."""
    if len(zones) > MOST_MASKS:
        raise PlanError(f"holds {len(zones)} zones; a plan holds at most {MOST_MASKS}. Choose with --label or --camera")
    found = [
        Fault(f"{zone.where}: {fault.place}", fault.what).text
        for zone in zones
        for fault in faults(Polygon(zone.ring, zone.holes))
    ]
    if found:
        raise PlanError(*found)


def _tokens(zones: Sequence[Zone]) -> tuple[str, ...]:
    """A name for each mask: the zone's own, with a number where several have it."""
    names = [shown(zone.name) or "zone" for zone in zones]
    often, taken, tokens = Counter(names), set(names), []
    numbers: Counter[str] = Counter()
    for name in names:
        token = name
        while often[name] > 1 and (token == name or token in taken):
            numbers[name] += 1
            token = f"{name}-{numbers[name]}"
        taken.add(token)
        tokens.append(token)
    return tuple(tokens)


def _common(sizes: Iterable[Size | None]) -> Size | None:
    """The size of the pictures, if it is one and the same for all zones."""
    found = set(sizes)
    return found.pop() if len(found) == 1 else None


def _asleep(zones: Sequence[Zone]) -> Iterable[Text]:
    return [_ASLEEP.with_(where=zone.where) for zone in zones if not zone.enabled]


def _placed(where: str, error: PlanError) -> PlanError:
    """The error with the file's name before each complaint."""
    if error.text is None:
        return PlanError(*(f"{where}: {complaint}" for complaint in error.complaints))
    lines = zip(error.text.ja.split("\n"), error.text.en.split("\n"), strict=True)
    return PlanError(*(Text(f"{where}：{ja}", f"{where}: {en}") for ja, en in lines))
