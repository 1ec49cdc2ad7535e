"""Plans from text: a TOML file, the data in a statement, or words on the command line. All complaints are raised at once.

A number that is a corner is a pixel when the plan says `frame = [width, height]`, and a fraction of the picture else; a text
such as "1/10" is always a fraction. TOML's decimals are read as decimals, never as binary floats.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from privmask.errors import PlanError
from privmask.geometry import Polygon, Size
from privmask.language import Text
from privmask.masks.fault import Fault
from privmask.masks.moving import Follow
from privmask.masks.plan import PLAN_FORMAT, Mask, MaskPlan, complaints_of
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
        raise PlanError(_NOT_UTF8.with_(where=where, byte=cause.start)) from cause
    except (OSError, ValueError) as cause:
        raise PlanError(_UNREADABLE.with_(where=where, why=_why(cause))) from cause
    return parse_plan(text, where, camera)


def parse_plan(text: str, where: str = "plan", camera: str | None = None) -> MaskPlan:
    """Read and check a plan from TOML text; each complaint opens with `where`."""
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError, ArithmeticError) as cause:
        raise PlanError(_NOT_TOML.with_(where=where, why=Text(_place_in_toml(str(cause)), str(cause)))) from cause
    try:
        return plan_from_data(data, camera)
    except PlanError as error:
        raise error.within(where) from None


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
        complaints.add_unless_known(Fault("mask", _NO_MASKS.with_(most=MOST_MASKS)))
    cameras = {own_camera, *(only for only, *_ in (*masks, *dynamic, *keep))} - {""}
    chosen = _choose_camera(cameras, camera, complaints)
    fixed, moving, kept = _those_of(chosen, masks), _those_of(chosen, dynamic), _those_of(chosen, keep)
    for fault in complaints_of(fixed, moving, follow, kept) if masks or dynamic else ():
        complaints.add_unless_known(fault)
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
            raise PlanError(_PIXELS.with_(zone=repr(text)))
        corners = tuple((x / size.width, y / size.height) for x, y in corners)
    mask = Mask(token, Polygon(corners), type, color)
    wrong = [Fault(fault.place.partition(".")[2], fault.what) for fault in complaints_of({1: mask}, {}, Follow(), {})]
    if wrong:
        raise PlanError(*(fault.text for fault in wrong)).within(f"zone {text!r}")
    return mask


def _read_text(path: Path) -> str:
    """The file's text. Opened without waiting, because a FIFO would never answer; a byte order mark is left out."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError(_NO_FILE)
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(_TOO_LARGE.with_(most=MOST_BYTES // 1024 // 1024))
    return content.decode("utf-8-sig")


def _why(cause: Exception) -> Text | str:
    if isinstance(cause, FileNotFoundError):
        return _NOT_THERE.with_(why=cause.strerror)
    words = getattr(cause, "strerror", None) or cause.args[0]
    return words if isinstance(words, Text) else str(words)


def _place_in_toml(words: str) -> str:
    """Where the TOML is broken, in Japanese: tomllib's own words are English."""
    found = re.search(r"at line (\d+), column (\d+)", words)
    if found:
        return f"{found[1]} 行目の {found[2]} 文字目"
    return "ファイルの終わり" if "end of document" in words else "数が大きすぎるか、入れ子が深すぎます"


def _check_format(reader: Reader) -> None:
    found = reader.text("format", "")
    if not found:
        reader.complaints.add("format", _NO_FORMAT.with_(format=PLAN_FORMAT))
    elif found != PLAN_FORMAT:
        reader.complaints.add("format", _OTHER_FORMAT.with_(found=repr(found), format=repr(PLAN_FORMAT)))


def _frame(reader: Reader) -> Size | None:
    value = reader.take("frame")
    if value is None:
        return None
    sides = value if isinstance(value, list) else []
    if len(sides) == 2 and all(type(side) is int and 0 < side <= 1_000_000 for side in sides):
        return Size(*sides)
    reader.complaints.add("frame", _NO_SIZE.with_(found=repr(value)))
    return None


def _each(
    reader: Reader, key: str, read: Callable[[Reader, Size | None], T], frame: Size | None
) -> list[tuple[str, int, T]]:
    """The tables of one kind: for each the camera that it is limited to ("" for all), its number from 1, and its value."""
    tables = reader.take(key)
    if tables is None:
        return []
    if not isinstance(tables, list) or len(tables) > MOST_MASKS:
        reader.complaints.add(key, _NO_TABLES.with_(most=MOST_MASKS, key=key))
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
        complaints.add("camera", _SEVERAL_CAMERAS.with_(names=names))
    elif wanted is not None and cameras and wanted not in cameras:
        complaints.add("camera", _NO_CAMERA.with_(wanted=repr(wanted), names=names))
    return wanted if wanted is not None else next(iter(sorted(cameras)), "")


_NOT_UTF8 = Text(
    "{where}：{byte} バイト目が UTF-8 ではありません。計画は UTF-8 の文字で書きます",
    "{where}: byte {byte} is not UTF-8; a plan file is UTF-8 text",
)
_UNREADABLE = Text("{where}：計画のファイルを読めません（{why}）", "{where}: the plan file cannot be read ({why})")
_NOT_THERE = Text("ファイルがありません", "{why}")
_NO_FILE = Text("通常のファイルではありません", "it is no regular file")
_TOO_LARGE = Text("{most} MiB より大きなファイルです", "it is larger than {most} MiB")
_NOT_TOML = Text("{where}：TOML として読めません（{why}）", "{where}: is not TOML: {why}")
_NO_MASKS = Text(
    "計画には [[mask]] の領域が1個から {most} 個、又は [[dynamic]] の動くものが要ります",
    "a plan holds 1 to {most} masks, each under its own [[mask]], or what moves under [[dynamic]]",
)
_PIXELS = Text(
    "zone {zone}：画素で書かれていますが、画面の大きさが分かりません。0から1の割合で書いてください",
    "zone {zone}: has pixel corners, but no picture's size is known; give fractions from 0 to 1",
)
_NO_FORMAT = Text(
    'ありません。計画は format = "{format}" で始まります', 'is missing; a plan opens with format = "{format}"'
)
_OTHER_FORMAT = Text(
    "この版は {found} を知りません。読めるのは {format} です",
    "{found} is not known to this version, which reads {format}",
)
_NO_SIZE = Text(
    "{found} は画面の大きさではありません。[1920, 1080] のように [幅, 高さ] で書きます",
    "{found} is no picture size; it is written [width, height], such as [1920, 1080]",
)
_NO_TABLES = Text(
    "[[{key}]] の表が {most} 個までの並びではありません",
    "is no list of at most {most} tables, each under its own [[{key}]]",
)
_SEVERAL_CAMERAS = Text(
    "計画に複数のカメラの領域があります。--camera で1つを選んでください：{names}",
    "the plan holds masks of several cameras; name one of them: {names}",
)
_NO_CAMERA = Text(
    "{wanted} は計画にありません。あるのは {names} です", "{wanted} is not in the plan, which holds {names}"
)
