"""What a statement looks like: for each key of each object a test of its value. Unknown and missing keys are refused alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from privmask.errors import EvidenceError
from privmask.evidence.canonical import Json

Test: TypeAlias = Callable[[Json, str], None]
Shape: TypeAlias = Mapping[str, Test]

_SHA256 = re.compile(r"[0-9a-f]{64}")
_DIGITS = re.compile(r"-?[0-9]{1,20}")
_FRACTION = re.compile(r"-?[0-9]{1,40}(/[1-9][0-9]{0,40})?")
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z")


def require_shape(data: Json, shape: Shape, place: str, optional: Shape = MappingProxyType({})) -> None:
    """Raise `EvidenceError`, naming the place, unless `data` is an object of exactly this shape; `optional` may be missing."""
    if not isinstance(data, dict):
        raise EvidenceError(f"{place} is {_kind(data)}, expected an object")
    for missing in sorted(shape.keys() - data.keys()):
        raise EvidenceError(f"{place}.{missing} is missing")
    for unknown in sorted(data.keys() - shape.keys() - optional.keys()):
        raise EvidenceError(f"{place} holds {unknown[:80]!r}, which this version does not know")
    for key, test in {**shape, **optional}.items():
        if key in data:
            test(data[key], f"{place}.{key}")


def _kind(value: Json) -> str:
    return {bool: "true or false", int: "a number", str: "text", list: "a list", dict: "an object"}.get(
        type(value), "null"
    )


def _refuse(value: Json, place: str, expected: str) -> None:
    found = repr(value)[:80] if isinstance(value, str | int) else _kind(value)
    raise EvidenceError(f"{place} is {found}, expected {expected}")


def _text(value: Json, place: str) -> None:
    if not isinstance(value, str):
        _refuse(value, place, "text")


def _yes_or_no(value: Json, place: str) -> None:
    if not isinstance(value, bool):
        _refuse(value, place, "true or false")


def _count(value: Json, place: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        _refuse(value, place, "a count")


def _index(value: Json, place: str) -> None:
    if value != -1:  # what belongs to the container and to no stream: chapters, tags
        _count(value, place)


def _file_name(value: Json, place: str) -> None:
    if not isinstance(value, str) or value in ("", ".", "..") or "/" in value or "\0" in value:
        _refuse(value, place, "a file name without a folder")


def _anything(value: Json, place: str) -> None:
    """Plain data whose meaning is another room's."""


def _object(value: Json, place: str) -> None:
    if not isinstance(value, dict):
        _refuse(value, place, "an object")


def _matching(pattern: re.Pattern[str], expected: str) -> Test:
    def test(value: Json, place: str) -> None:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            _refuse(value, place, expected)

    return test


def _list_of(each: Test) -> Test:
    def test(value: Json, place: str) -> None:
        if not isinstance(value, list):
            _refuse(value, place, "a list")
            return
        for index, item in enumerate(value):
            each(item, f"{place}[{index}]")

    return test


def _shaped(shape: Shape) -> Test:
    return lambda value, place: require_shape(value, shape, place)


def _either(first: Test, allowed: Json) -> Test:
    def test(value: Json, place: str) -> None:
        if value != allowed:
            first(value, place)

    return test


def _span(value: Json, place: str) -> None:
    if not isinstance(value, list) or len(value) != 2:
        _refuse(value, place, "[start, end]")
        return
    _seconds(value[0], f"{place}[0]")
    _either(_seconds, None)(value[1], f"{place}[1]")


def _moment(value: Json, place: str) -> None:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        _refuse(value, place, "a moment in UTC (RFC 3339)")
        return
    try:
        datetime.fromisoformat(value)
    except ValueError:
        _refuse(value, place, "a moment that the calendar has")


def _exactly(wanted: bool) -> Test:
    def test(value: Json, place: str) -> None:
        if value is not wanted:
            _refuse(value, place, str(wanted).lower())

    return test


_sha256 = _matching(_SHA256, "a sha256 of 64 hex digits")
_seconds = _matching(_FRACTION, 'seconds as a fraction, such as "1/25"')
_GOP = {"start": _seconds, "packets": _count, "sha256": _sha256}
_MASK = {"token": _text, "type": _text, "shown": _list_of(_span)}
_READING = {
    "stream": _count,
    "damaged": _text,
    "recorded_at": _either(_text, None),
    "whole": _list_of(_span),
}
_STREAM = {"index": _index, "kind": _text, "codec": _text, "what": _text, "done": _text}
_ORIGINAL = {
    "name": _file_name,
    "bytes": _count,
    "sha256_before": _sha256,
    "sha256_after": _sha256,
    "mtime_ns": _matching(_DIGITS, "nanoseconds as digits"),
    "notices": _list_of(_text),
}
_COPY = {
    "name": _file_name,
    "bytes": _count,
    "sha256": _sha256,
    "stream_sha256": _sha256,
    "gops": _list_of(_shaped(_GOP)),
}

_FILE = {"name": _file_name, "bytes": _count, "sha256": _sha256}
_KEPT = {"name": _text, "reason": _text, "frames": _count}
_SEARCH = {
    "labels": _list_of(_text),
    "passes": _count,
    "detector": _either(_object, None),
    "frames": _count,
    "tracks": _object,
    "kept": _list_of(_shaped(_KEPT)),
    "tracks_file": _shaped(_FILE),
    "given": _either(_shaped(_FILE), None),
}

_PASSED = {
    "groups": _list_of(_shaped({"frame": _count, **_GOP})),
    "frames": _count,
    "why_not": _either(_text, None),
}

STATEMENT: Shape = {"_type": _text, "subject": _list_of(_object), "predicateType": _text, "predicate": _object}
"""The in-toto Statement v1; what its subject must be follows from the predicate."""

PREDICATE: Shape = {
    "format": _text,
    "original": _shaped(_ORIGINAL),
    "copy": _shaped(_COPY),
    "plan": _object,
    "plan_sha256": _sha256,
    "masks": _list_of(_shaped(_MASK)),
    "reading": _shaped(_READING),
    "frames": _shaped({"in": _count, "out": _count}),
    "time_base": _matching(_FRACTION, "a fraction of a second"),
    "timestamps_exact": _yes_or_no,
    "streams": _list_of(_shaped(_STREAM)),
    "encoder": _object,
    "self_check": _either(_object, "not run"),
    "tool": _object,
    "clock": _moment,
    "notices": _list_of(_text),
}
"""urn:privmask:provenance:v1, but for who signed it: `SIGNED` or `UNSIGNED`."""

SIGNED: Shape = {
    "signed": _exactly(True),
    "signer": _shaped({"key_id": _matching(_FINGERPRINT, "the SHA256 fingerprint of a key")}),
}
"""What stands in the predicate besides where a key signs the statement."""

UNSIGNED: Shape = {"signed": _exactly(False), "unsigned_because": _text}
"""What stands in the predicate besides where nobody signs the statement."""

SOMETIMES: Shape = {"search": _shaped(_SEARCH), "passed_through": _shaped(_PASSED)}
"""What may stand in the predicate besides: of a copy with moving masks, and of one made since groups may travel as they are."""
