"""JSON in its one canonical form (RFC 8785), written strictly and read as if an enemy had written it.

Statements hold no floating-point numbers: a fraction is a string like "1/10", and an integer beyond 2**53 - 1 is a string of
its digits, because readers in other languages would round it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from numbers import Integral
from typing import NoReturn, TypeAlias

import rfc8785

from privmask.errors import EvidenceError

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

LARGEST_INTEGER = 2**53 - 1
LARGEST_TEXT = 64 << 20
MOST_VALUES = 2_000_000
"""A text of 64 MiB can hold so many tiny lists that reading it takes gigabytes; a day of one-second GOPs has 300,000 values."""


def plain(value: object, place: str) -> Json:
    """`value` as JSON without floats: tuples become lists, dataclasses objects, fractions and large integers strings.

    Raises `EvidenceError` that names the `place` of anything else, of a float above all.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Integral):
        number = int(value)
        return number if abs(number) <= LARGEST_INTEGER else str(number)
    if isinstance(value, Fraction):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            each.name: plain(getattr(value, each.name), f"{place}.{each.name}") for each in dataclasses.fields(value)
        }
    if isinstance(value, Mapping):
        return {_key(key, place): plain(each, f"{place}.{key}") for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [plain(each, f"{place}[{index}]") for index, each in enumerate(value)]
    raise EvidenceError(f"{place} is a {type(value).__name__}, which has no place in a statement: {value!r}")


def _key(key: object, place: str) -> str:
    if not isinstance(key, str):
        raise EvidenceError(f"{place} has the key {key!r}; keys are text")
    return key


def canonical_bytes(data: Json) -> bytes:
    """The canonical bytes of `data`; `EvidenceError` for text that is no Unicode (a lone surrogate)."""
    try:
        return rfc8785.dumps(data)
    except (ValueError, RecursionError) as cause:
        raise EvidenceError(f"cannot be written as canonical JSON: {cause}") from cause


def read_canonical(text: bytes, what: str) -> dict[str, Json]:
    """The object in `text`, if `text` is exactly its canonical bytes; `what` it is opens the message of the `EvidenceError`."""
    if len(text) > LARGEST_TEXT:
        raise EvidenceError(f"{what} is larger than {LARGEST_TEXT >> 20} MiB")
    if sum(map(text.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise EvidenceError(f"{what} holds more than {MOST_VALUES} values")
    data = _parse(text, what)
    if not isinstance(data, dict):
        raise EvidenceError(f"{what} is no JSON object")
    if _canonical_or_none(data) != text:
        raise EvidenceError(
            f"{what} is not in canonical form (RFC 8785): privmask did not write it, or it was rewritten"
        )
    return data


def _parse(text: bytes, what: str) -> Json:
    try:
        data: Json = json.loads(
            text.decode("utf-8"),
            parse_int=_integer,
            parse_float=_no_float,
            parse_constant=_no_float,
            object_pairs_hook=_no_duplicates,
        )
    except _NotOursError as cause:
        raise EvidenceError(f"{what} {cause}") from cause
    except (ValueError, RecursionError) as cause:
        raise EvidenceError(f"{what} is no JSON text in UTF-8: {_first_line(cause)}") from cause
    return data


class _NotOursError(Exception):
    """JSON perhaps, but of a kind that no statement holds."""


def _integer(digits: str) -> int:
    number = int(digits) if len(digits) < 20 else LARGEST_INTEGER + 1
    if abs(number) > LARGEST_INTEGER:
        raise _NotOursError("holds an integer beyond 2**53 - 1; such numbers are written as text")
    return number


def _no_float(digits: str) -> NoReturn:
    raise _NotOursError(f"holds the floating-point number {digits[:20]}; statements hold none")


def _no_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotOursError("says a thing twice: an object in it has one key two times")
    return found


def _canonical_or_none(data: Json) -> bytes | None:
    try:
        return canonical_bytes(data)
    except EvidenceError:
        return None


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
