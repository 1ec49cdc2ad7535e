"""One line of a tracks file: checked values out of JSON, or what is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from typing import Any, Literal, NoReturn, TypeAlias

from privmask.geometry import Box, Size
from privmask.sighting import LABELS, Label

TRACKS_FORMAT = "privmask.tracks.v1"

Unit: TypeAlias = Literal["frame", "time"]

_IN_A_HEADER = ("format", "frame", "frames", "searched", "failed", "original_sha256", "doubtful")
_MOST_NUMBER = 10**9
_MOST_SAMPLE = 10**6
_DECIMAL = re.compile(r"\d{1,9}(\.\d{1,12})?", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class LineError(ValueError):
    """What is wrong with a line."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the first line says of the clip."""

    searched: frozenset[Label]
    frames: int | None
    failed: frozenset[int]
    original_sha256: str | None
    doubtful: frozenset[int]


@dataclass(frozen=True, slots=True)
class Key:
    """What every other line says: one box of one track, at a frame's index or at seconds."""

    unit: Unit
    at: float
    track: int
    label: Label
    box: Box


def parse_header(line: str, size: Size) -> Header:
    """The header of the tracks of a clip whose displayed pictures have `size`; raises LineError."""
    data = _parse(line)
    found = data.get("format")
    if found != TRACKS_FORMAT:
        raise LineError(f"format is {_short(found)}; a tracks file opens with a header of format {TRACKS_FORMAT!r}")
    _refuse_others(data, _IN_A_HEADER)
    _check_frame(data.get("frame"), size)
    frames = data.get("frames")
    return Header(
        frozenset(_label(each) for each in _list("searched", data)),
        None if frames is None else _count("frames", frames, 1),
        frozenset(_count("failed", each, 0) for each in _list("failed", data)),
        _digest(data.get("original_sha256")),
        frozenset(_count("doubtful", each, 1) for each in _list("doubtful", data)),
    )


def parse_key(line: str) -> Key:
    """One box of a track; raises LineError."""
    data = _parse(line)
    _refuse_others(data, ("frame", "time", "track", "label", "box"))
    if ("frame" in data) == ("time" in data):
        raise LineError('a line says when, with either "frame" or "time"')
    unit: Unit = "frame" if "frame" in data else "time"
    at = _count("frame", data["frame"], 0) if unit == "frame" else _seconds(data["time"])
    return Key(unit, at, _count("track", data.get("track"), 1), _label(data.get("label")), _box(data.get("box")))


def _parse(line: str) -> Mapping[str, Any]:
    try:
        data = json.loads(line, parse_constant=_refuse_constant, object_pairs_hook=_without_doubles)
    except LineError:
        raise
    except (ValueError, RecursionError) as cause:
        raise LineError(f"is not JSON ({_short(str(cause))})") from None
    if not isinstance(data, dict):
        raise LineError(f"{_short(data)} is no JSON object")
    return data


def _refuse_constant(found: str) -> NoReturn:
    raise LineError(f"{found} is no number")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        raise LineError("the same key stands there twice")
    return data


def _refuse_others(data: Mapping[str, Any], known: Collection[str]) -> None:
    for key in data:
        if key not in known:
            near = get_close_matches(key.lower()[:100], known, 1)
            raise LineError(f"{_short(key)} is not known" + (f"; did you mean {near[0]!r}?" if near else ""))


def _check_frame(found: Any, size: Size) -> None:
    if not isinstance(found, list) or [type(side) for side in found] != [int, int]:
        raise LineError(
            f"frame is {_short(found)}; it is written [width, height], such as [{size.width}, {size.height}]"
        )
    if found != [size.width, size.height]:
        raise LineError(f"the tracks are of a picture of {found[0]}x{found[1]}, but this clip shows {size}")


def _list(name: str, data: Mapping[str, Any]) -> list[Any]:
    found = data.get(name, [])
    if not isinstance(found, list):
        raise LineError(f"{name} is {_short(found)}, which is no list")
    return found


def _count(name: str, found: Any, least: int) -> int:
    if type(found) is not int or not least <= found <= _MOST_NUMBER:
        raise LineError(f"{name} is {_short(found)}; expected a whole number from {least} to {_MOST_NUMBER}")
    return found


def _seconds(found: Any) -> float:
    """Seconds from a number or a decimal in a text, not before the clip's first frame."""
    text = found if isinstance(found, str) else repr(found) if type(found) in (int, float) else ""
    if not _DECIMAL.fullmatch(text):
        raise LineError(f"time is {_short(found)}; expected seconds since the first frame, such as 1.25")
    return float(text)


def _label(found: Any) -> Label:
    for known in LABELS:
        if found == known:
            return known
    raise LineError(f"label {_short(found)} is not known; the labels are {', '.join(LABELS)}")


def _box(found: Any) -> Box:
    """[left, top, width, height]."""
    numbers = isinstance(found, list) and [type(each) in (int, float) for each in found] == [True] * 4
    if not numbers or not all(isfinite(each) and abs(each) <= _MOST_SAMPLE for each in found):
        raise LineError(f"box is {_short(found)}; expected [left, top, width, height] in samples")
    left, top, width, height = (float(each) for each in found)
    if width <= 0 or height <= 0:
        raise LineError(f"box is {_short(found)}; its width and height must be more than 0")
    return Box(left, top, left + width, top + height)


def _digest(found: Any) -> str | None:
    if found is None or (isinstance(found, str) and _SHA256.fullmatch(found)):
        return found
    raise LineError(f"original_sha256 is {_short(found)}; expected 64 hexadecimal digits")


def _short(value: Any) -> str:
    text = repr(value) if value is not None else "missing"
    return text if len(text) <= 60 else text[:57] + "..."
