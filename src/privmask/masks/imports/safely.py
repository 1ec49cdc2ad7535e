"""Foreign files, read so that none of them costs more than it should: bytes, elements, depth and numbers are bounded.

XML that brings a document type is refused before anything is built from it: no entities, so neither files of others nor a
billion laughs. JSON and YAML know no such thing, but nest deeply.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from privmask.errors import PlanError
from privmask.geometry import Size
from privmask.masks.imports.found import wrong

MOST_BYTES = 64 * 1024 * 1024
MOST_ELEMENTS = 500_000
MOST_DEPTH = 50
MOST_SIDE = 65_536
_NUMBER = re.compile(r"[-+]?(\d{1,12}\.?\d{0,30}|\.\d{1,30})([eE][-+]?\d{1,2})?", re.ASCII)


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a regular file of at most MOST_BYTES; opened without waiting, because a FIFO would never answer."""
    where = os.fspath(path)
    try:
        descriptor = os.open(Path(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
            content = file.read(MOST_BYTES + 1) if regular else b""
    except (OSError, ValueError) as cause:
        raise PlanError(f"{where}: cannot be read ({getattr(cause, 'strerror', None) or cause})") from cause
    if not regular:
        raise PlanError(f"{where}: is no regular file")
    if len(content) > MOST_BYTES:
        raise PlanError(f"{where}: is larger than {MOST_BYTES // 1024 // 1024} MiB")
    return content


def text_of(content: bytes) -> str:
    """The text of a UTF-8 file; a byte order mark is left out."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise PlanError(f"byte {cause.start} is not UTF-8; expected UTF-8 text") from cause


def json_of(content: bytes) -> Any:
    """The data of JSON text, with exact decimals; NaN, infinity and names that are there twice are refused."""
    try:
        return json.loads(text_of(content), parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_once)
    except (ValueError, RecursionError, ArithmeticError) as cause:
        raise PlanError(f"is not JSON: {cause}") from cause


def xml_of(content: bytes) -> ElementTree.Element:
    """The root element of an XML document without a document type."""
    _inspect(content)
    try:
        return ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError) as cause:
        raise PlanError(f"is not XML: {cause}") from cause


def plain(element: ElementTree.Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def exact(where: str, value: Any, expected: str = "a number") -> Fraction:
    """An exact number from text or data, as programs write them: also .5 and 1e-05."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | str | Decimal)
        or not _NUMBER.fullmatch(str(value).strip())
    ):
        raise wrong(where, value, expected)
    return Fraction(Decimal(str(value)))


def size_of(where: str, width: Any, height: Any) -> Size:
    """A picture's size, from whole numbers of samples."""
    sides = [
        exact(f"{where}: {name}", side, "a number of pixels") for name, side in (("width", width), ("height", height))
    ]
    if any(side.denominator != 1 or not 0 < side <= MOST_SIDE for side in sides):
        raise wrong(where, f"{width} x {height}", f"a picture's width and height, each 1 to {MOST_SIDE} pixels")
    return Size(int(sides[0]), int(sides[1]))


def require_once(names: Iterable[str]) -> None:
    """Raise ValueError for names of which one is there twice."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(f"{twice[0][:100]!r} is there twice in one table")


def table(where: str, value: Any) -> Mapping[str, Any]:
    """A table of data."""
    if not isinstance(value, Mapping):
        raise wrong(where, value, "a table of names and values")
    return value


def rows(where: str, value: Any, most: int = 100_000) -> list[Any]:
    """A list of data."""
    if not isinstance(value, list) or len(value) > most:
        raise wrong(where, value, f"a list of at most {most}")
    return value


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The table of these pairs. Of two values under one name one would be lost, and a zone with it."""
    require_once(name for name, _ in pairs)
    return dict(pairs)


def _inspect(content: bytes) -> None:
    """Go through the document once without building anything."""
    depth, elements = 0, 0

    def opened(*_: Any) -> None:
        nonlocal depth, elements
        depth, elements = depth + 1, elements + 1
        if depth > MOST_DEPTH or elements > MOST_ELEMENTS:
            raise PlanError(
                f"line {parser.CurrentLineNumber}: has more than {MOST_ELEMENTS} elements or {MOST_DEPTH} levels"
            )

    def ended(*_: Any) -> None:
        nonlocal depth
        depth -= 1

    def refused(*_: Any) -> None:
        raise PlanError(
            f"line {parser.CurrentLineNumber}: has a document type (<!DOCTYPE), which may hide entities; remove it"
        )

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = opened, ended
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refused
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as cause:
        raise PlanError(f"is not XML: {cause}") from cause
