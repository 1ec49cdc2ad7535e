"""Plans from text: a TOML file, the data in a statement, or words on the command line. All complaints are raised at once.

A number that is a corner is a pixel when the plan says `frame = [width, height]`, and a fraction of the picture else; a text
such as "1/10" is always a fraction. TOML's decimals are read as decimals, never as binary floats.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from privmask.errors import PlanError
from privmask.geometry import Point, Polygon, Ring, Size
from privmask.masks.outline import MOST_CORNERS
from privmask.masks.plan import MASK_TYPES, PLAN_FORMAT, Hours, Mask, MaskPlan, MaskType, check_plan, complaints_of
from privmask.masks.reading import Complaints, Reader

MOST_BYTES = 4 * 1024 * 1024
MOST_MASKS = 1000


def load_plan(path: str | os.PathLike[str], camera: str | None = None) -> MaskPlan:
    """Read and check a plan file. `camera` picks the masks of one camera where the file holds several; PlanError says all."""
    where = os.fspath(path)
    try:
        text = _read_text(Path(path))
    except UnicodeDecodeError as cause:
        raise PlanError(f"{where}: byte {cause.start} is not UTF-8; a plan file is UTF-8 text") from cause
    except (OSError, ValueError) as cause:
        raise PlanError(f"{where}: the plan file cannot be read ({getattr(cause, 'strerror', None) or cause})") from cause
    return parse_plan(text, where, camera)


def parse_plan(text: str, where: str = "plan", camera: str | None = None) -> MaskPlan:
    """Read and check a plan from TOML text; each complaint opens with `where`."""
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError, ArithmeticError) as cause:
        raise PlanError(f"{where}: is not TOML: {cause}") from cause
    try:
        return plan_from_data(data, camera)
    except PlanError as error:
        raise PlanError(*(f"{where}: {complaint}" for complaint in error.complaints)) from None


def plan_from_data(data: Mapping[str, Any], camera: str | None = None) -> MaskPlan:
    """A checked plan from plain data, such as `MaskPlan.as_data` gives and statements hold."""
    complaints = Complaints()
    reader = Reader(data, "", complaints)
    _check_format(reader)
    for table in ("dynamic", "follow"):
        if table in reader.take_all(table):
            complaints.add(table, "this version of privmask has no detector; give zones as [[mask]] and leave this out")
    frame = _frame(reader)
    own_camera = reader.text("camera", "")
    masks, cameras = _masks(reader, frame)
    reader.refuse_others()
    chosen = _choose_camera({own_camera, *cameras} - {""}, camera, complaints)
    kept = [(n, mask) for n, (mask, only) in enumerate(zip(masks, cameras, strict=True), 1) if only in ("", chosen)]
    for complaint in complaints_of(kept) if masks else ():
        complaints.add_unless_known(*complaint.split(": ", 1))
    complaints.raise_any()
    return MaskPlan(tuple(mask for _, mask in kept), chosen, frame)


def parse_zone(
    text: str, token: str, type: MaskType = "Color", size: Size | None = None, *, color: str = "#000000"
) -> Mask:
    """A mask from `x,y x,y x,y`. Numbers that are all at most 1 are fractions of the picture, else pixels of `size`."""
    complaints = Complaints()
    pairs = [corner.split(",") for corner in text.split()]
    reader = Reader({"zone": [[number.strip() for number in pair] for pair in pairs]}, "", complaints)
    corners = reader.corners("zone", lambda place, pair: reader.decimals(place, pair))
    complaints.raise_any()
    if any(abs(c) > 1 for point in corners for c in point):
        if size is None:
            raise PlanError(f"zone {text!r}: has pixel corners, but no picture's size is known; give fractions from 0 to 1")
        corners = tuple((x / size.width, y / size.height) for x, y in corners)
    mask = Mask(token, Polygon(corners), type, color)
    try:
        check_plan(MaskPlan((mask,)))
    except PlanError as error:
        raise PlanError(*(f"zone {text!r}: {complaint.partition('.')[2]}" for complaint in error.complaints)) from None
    return mask


def _read_text(path: Path) -> str:
    """The file's text. Opened without waiting, because a FIFO would never answer; a byte order mark is left out."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("it is no regular file")
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES // 1024 // 1024} MiB")
    return content.decode("utf-8-sig")


def _check_format(reader: Reader) -> None:
    found = reader.text("format", "")
    if not found:
        reader.complaints.add("format", f'is missing; a plan opens with format = "{PLAN_FORMAT}"')
    elif found != PLAN_FORMAT:
        reader.complaints.add("format", f"{found!r} is not known to this version, which reads {PLAN_FORMAT!r}")


def _frame(reader: Reader) -> Size | None:
    value = reader.take("frame")
    if value is None:
        return None
    sides = value if isinstance(value, list) else []
    if len(sides) == 2 and all(type(side) is int and 0 < side <= 1_000_000 for side in sides):
        return Size(*sides)
    reader.complaints.add("frame", f"{value!r} is no picture size; it is written [width, height], such as [1920, 1080]")
    return None


def _masks(reader: Reader, frame: Size | None) -> tuple[list[Mask], list[str]]:
    """The masks, and for each the camera that it is limited to ("" for all)."""
    tables = reader.take("mask")
    if not isinstance(tables, list) or not tables or len(tables) > MOST_MASKS:
        reader.complaints.add("mask", f"a plan holds 1 to {MOST_MASKS} masks, each under its own [[mask]]")
        return [], []
    readers = [Reader(table, f"mask[{n}]", reader.complaints) for n, table in enumerate(tables, 1)]
    return [_mask(each, frame) for each in readers], [_limited_to(each) for each in readers]


def _limited_to(reader: Reader) -> str:
    camera = reader.text("camera", "")
    reader.refuse_others()
    return camera


def _mask(reader: Reader, frame: Size | None) -> Mask:
    return Mask(
        token=reader.text("token", ""),
        polygon=Polygon(_ring(reader, "polygon", frame), _holes(reader, frame)),
        type=_type(reader),
        color=reader.text("color", "#000000"),
        reason=reader.text("reason", ""),
        enabled=reader.flag("enabled", True),
        start=reader.seconds("start"),
        end=reader.seconds("end"),
        valid=_valid(reader),
        hours=_hours(reader),
        invert=reader.flag("invert", False),
    )


def _type(reader: Reader) -> MaskType:
    """The type by its exact name; a wrong one is told, with the nearest."""
    found = reader.text("type", "Color")
    for known in MASK_TYPES:
        if found == known:
            return known
    near = reader.near(found, MASK_TYPES)
    reader.complaints.add(f"{reader.where}.type", f"{found!r} is no way of hiding; the ways are {', '.join(MASK_TYPES)}{near}")
    return "Color"


def _ring(reader: Reader, key: str, frame: Size | None) -> Ring:
    return reader.corners(key, lambda place, pair: _corner(reader, place, pair, frame), most=MOST_CORNERS)


def _holes(reader: Reader, frame: Size | None) -> tuple[Ring, ...]:
    value = reader.take("holes")
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > 100:
        reader.complaints.add(f"{reader.where}.holes", "is no list of at most 100 rings of corners")
        return ()
    inner = Reader({f"holes[{n}]": ring for n, ring in enumerate(value, 1)}, reader.where, reader.complaints)
    return tuple(_ring(inner, f"holes[{n}]", frame) for n in range(1, len(value) + 1))


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
        reader.complaints.add(f"{reader.where}.valid", f'{value!r} is no pair of dates, such as ["2026-04-01", "2027-03-31"]')
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
        reader.complaints.add(f"{reader.where}.hours", f'{value!r} is no list of hours, such as ["18:00-06:00"]')
        return ()


def _clock_range(text: str) -> Hours:
    first, last = (part.strip() for part in text.split("-"))
    return time.fromisoformat(first), time(0) if last == "24:00" else time.fromisoformat(last)


def _choose_camera(cameras: set[str], wanted: str | None, complaints: Complaints) -> str:
    """The camera whose masks are meant; a file with several needs one to be named."""
    names = ", ".join(repr(name) for name in sorted(cameras))
    if wanted is None and len(cameras) > 1:
        complaints.add("camera", f"the plan holds masks of several cameras; name one of them: {names}")
    elif wanted is not None and cameras and wanted not in cameras:
        complaints.add("camera", f"{wanted!r} is not in the plan, which holds {names}")
    return wanted if wanted is not None else next(iter(sorted(cameras)), "")
