"""The tables of a plan file as values: one `[[mask]]`, `[[dynamic]]`, `[follow]` or `[[keep]]` each.

What is wrong is noted with the reader's complaints, and a stand-in is returned.
"""

from __future__ import annotations

from datetime import date, time
from typing import Any

from privmask.geometry import Point, Polygon, Ring, Size
from privmask.language import Text
from privmask.masks.moving import MODELS, DynamicMask, Follow, Keep
from privmask.masks.outline import MOST_CORNERS
from privmask.masks.plan import Hours, Mask
from privmask.masks.reading import A_TIME, Reader
from privmask.masks.ways import MASK_TYPES
from privmask.sighting import LABELS

_MOST_POLYGONS = 100


def read_mask(reader: Reader, frame: Size | None) -> Mask:
    """One `[[mask]]`."""
    return Mask(
        token=reader.text("token", ""),
        polygon=Polygon(_ring(reader, "polygon", frame), _rings(reader, "holes", frame)),
        type=reader.choice("type", MASK_TYPES, _WAY, _WAYS),
        color=reader.text("color", "#000000"),
        reason=reader.text("reason", ""),
        enabled=reader.flag("enabled", True),
        start=reader.number("start", A_TIME),
        end=reader.number("end", A_TIME),
        valid=_valid(reader),
        hours=_hours(reader),
        invert=reader.flag("invert", False),
    )


def read_dynamic(reader: Reader, frame: Size | None) -> DynamicMask:
    """One `[[dynamic]]`."""
    otherwise = DynamicMask("face")
    margin = reader.number("margin")
    return DynamicMask(
        label=reader.choice("label", LABELS, _LABEL, _LABELS, needed=True),
        type=reader.choice("type", MASK_TYPES, _WAY, _WAYS),
        color=reader.text("color", otherwise.color),
        margin=otherwise.margin if margin is None else margin,
        min_size=reader.whole("min_size"),
        model=reader.choice("model", MODELS, _MODEL, _CHOICES),
        search=_polygons(reader, "search", frame),
        ignore=_polygons(reader, "ignore", frame),
        reason=reader.text("reason", ""),
        enabled=reader.flag("enabled", True),
    )


def read_follow(reader: Reader) -> Follow:
    """The `[follow]` of a plan."""
    look_ahead, hold = reader.number("look_ahead", A_TIME), reader.number("hold", A_TIME)
    reader.refuse_others()
    otherwise = Follow()
    return Follow(otherwise.look_ahead if look_ahead is None else look_ahead, otherwise.hold if hold is None else hold)


def read_keep(reader: Reader, frame: Size | None) -> Keep:
    """One `[[keep]]`."""
    drawn = reader.take("polygon") is not None
    return Keep(
        name=reader.text("name", ""),
        reason=reader.text("reason", ""),
        track=reader.whole("track"),
        polygon=Polygon(_ring(reader, "polygon", frame)) if drawn else None,
    )


def _ring(reader: Reader, key: str, frame: Size | None) -> Ring:
    return reader.corners(key, lambda place, pair: _corner(reader, place, pair, frame), most=MOST_CORNERS)


def _polygons(reader: Reader, key: str, frame: Size | None) -> tuple[Polygon, ...]:
    return tuple(Polygon(ring) for ring in _rings(reader, key, frame))


def _rings(reader: Reader, key: str, frame: Size | None) -> tuple[Ring, ...]:
    value = reader.take(key)
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > _MOST_POLYGONS:
        reader.complaints.add(f"{reader.where}.{key}", _NO_RINGS.with_(most=_MOST_POLYGONS))
        return ()
    inner = Reader({f"{key}[{n}]": ring for n, ring in enumerate(value, 1)}, reader.where, reader.complaints)
    return tuple(_ring(inner, f"{key}[{n}]", frame) for n in range(1, len(value) + 1))


def _corner(reader: Reader, place: str, pair: list[Any], frame: Size | None) -> Point | None:
    point = reader.decimals(place, pair)
    if point is None or frame is None:
        return point
    x, y = point
    return (x if isinstance(pair[0], str) else x / frame.width, y if isinstance(pair[1], str) else y / frame.height)


def _valid(reader: Reader) -> tuple[date, date] | None:
    """Two dates, `["2026-04-01", "2027-03-31"]`, also as TOML's own dates."""
    value = reader.take("valid")
    if value is None:
        return None
    try:
        first, last = (day if type(day) is date else date.fromisoformat(day) for day in value)
    except (TypeError, ValueError):
        reader.complaints.add(f"{reader.where}.valid", _NO_DATES.with_(found=repr(value)))
        return None
    return first, last


def _hours(reader: Reader) -> tuple[Hours, ...]:
    value = reader.take("hours")
    if value is None:
        return ()
    try:
        if not isinstance(value, list) or not 1 <= len(value) <= 100:
            raise ValueError(value)
        return tuple(_clock_range(text) for text in value)
    except (AttributeError, TypeError, ValueError):
        reader.complaints.add(f"{reader.where}.hours", _NO_HOURS.with_(found=repr(value)))
        return ()


def _clock_range(text: str) -> Hours:
    first, last = (part.strip() for part in text.split("-"))
    return time.fromisoformat(first), time(0) if last == "24:00" else time.fromisoformat(last)


_WAY, _WAYS = Text("隠し方", "way of hiding"), Text("隠し方", "ways")
_LABEL, _LABELS = Text("探せるもの", "label"), Text("探せるもの", "labels")
_MODEL, _CHOICES = Text("モデルの選び方", "choice of model"), Text("モデルの選び方", "choices")
_NO_RINGS = Text("角の並びが {most} 個までの一覧ではありません", "is no list of at most {most} rings of corners")
_NO_DATES = Text(
    '{found} は2つの日付の組ではありません（例：["2026-04-01", "2027-03-31"]）',
    '{found} is no pair of dates, such as ["2026-04-01", "2027-03-31"]',
)
_NO_HOURS = Text(
    '{found} は時間帯の一覧ではありません（例：["18:00-06:00"]）',
    '{found} is no list of hours, such as ["18:00-06:00"]',
)
