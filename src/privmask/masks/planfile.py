"""Plans from text: a TOML file, the data in a statement, or words on the command line. All complaints are raised at once.

A number that is a corner is a pixel when the plan says `frame = [width, height]`, and a fraction of the picture else; a text
such as "1/10" is always a fraction. TOML's decimals are read as decimals, never as binary floats.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from privmask.errors import PlanError
from privmask.geometry import Polygon, Size
from privmask.masks.plan import PLAN_FORMAT, Mask, MaskPlan, check_plan, complaints_of
from privmask.masks.reading import Complaints, Reader
from privmask.masks.tables import read_dynamic, read_follow, read_keep, read_mask
from privmask.masks.ways import MaskType

MOST_BYTES = 4 * 1024 * 1024
MOST_MASKS = 1000

T = TypeVar("T")


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
    frame = _frame(reader)
    own_camera = reader.text("camera", "")
    masks = _each(reader, "mask", read_mask, frame)
    dynamic = _each(reader, "dynamic", read_dynamic, frame)
    keep = _each(reader, "keep", read_keep, frame)
    follow = read_follow(reader.table("follow"))
    reader.refuse_others()
    if not (masks or dynamic):
        words = f"a plan holds 1 to {MOST_MASKS} masks, each under its own [[mask]], or what moves under [[dynamic]]"
        complaints.add_unless_known("mask", words)
    cameras = {own_camera, *(only for only, *_ in (*masks, *dynamic, *keep))} - {""}
    chosen = _choose_camera(cameras, camera, complaints)
    fixed, moving, kept = _those_of(chosen, masks), _those_of(chosen, dynamic), _those_of(chosen, keep)
    for complaint in complaints_of(fixed, moving, follow, kept) if masks or dynamic else ():
        complaints.add_unless_known(*complaint.split(": ", 1))
    complaints.raise_any()
    return MaskPlan(tuple(fixed.values()), chosen, frame, tuple(moving.values()), follow, tuple(kept.values()))


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


def _each(
    reader: Reader, key: str, read: Callable[[Reader, Size | None], T], frame: Size | None
) -> list[tuple[str, int, T]]:
    """The tables of one kind: for each the camera that it is limited to ("" for all), its number from 1, and its value."""
    tables = reader.take(key)
    if tables is None:
        return []
    if not isinstance(tables, list) or len(tables) > MOST_MASKS:
        reader.complaints.add(key, f"is no list of at most {MOST_MASKS} tables, each under its own [[{key}]]")
        return []
    found = []
    for number, table in enumerate(tables, 1):
        own = Reader(table, f"{key}[{number}]", reader.complaints)
        found.append((own.text("camera", ""), number, read(own, frame)))
        own.refuse_others()
    return found


def _those_of(camera: str, tables: list[tuple[str, int, T]]) -> dict[int, T]:
    """The values for this camera, by their numbers."""
    return {number: value for only, number, value in tables if only in ("", camera)}


def _choose_camera(cameras: set[str], wanted: str | None, complaints: Complaints) -> str:
    """The camera whose masks are meant; a file with several needs one to be named."""
    names = ", ".join(repr(name) for name in sorted(cameras))
    if wanted is None and len(cameras) > 1:
        complaints.add("camera", f"the plan holds masks of several cameras; name one of them: {names}")
    elif wanted is not None and cameras and wanted not in cameras:
        complaints.add("camera", f"{wanted!r} is not in the plan, which holds {names}")
    return wanted if wanted is not None else next(iter(sorted(cameras)), "")
