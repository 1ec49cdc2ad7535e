"""ZoneMinder's zones: the table `Zones` as an SQL dump (mysqldump), as CSV or tab-separated text, or as JSON of its API.

`Coords` is "x,y x,y …" from the top left corner. With `Units` Percent it counts hundredths of the picture's sides; with Pixels
the numbers name samples, the last of which is width - 1, so that a zone reaches to the middles of the samples named. Only zones
of `Type` Privacy hide anything in ZoneMinder; all others only steer its motion detection.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from privmask.errors import PlanError
from privmask.geometry import Point, Size
from privmask.language import Text
from privmask.masks.imports.found import Found, Wishes, Zone, closed, wrong
from privmask.masks.imports.safely import exact, json_of, rows, table, text_of

EXPLAINED = Text(
    "ZoneMinder の座標は左上が原点です。Percent は画面の辺の百分の一、Pixels は標本の番号で、頂点はその標本の中央です\n"
    "（示された標本も隠れます）。ここにあるのは Type が Privacy の領域だけです。",
    "ZoneMinder counts from the top left corner: Percent in hundredths of the picture's sides, Pixels in samples whose\n"
    "middles the corners are (so that the samples named are hidden). Only zones of Type 'Privacy' are here.",
)
_OTHERS = Text(
    "ほかの種類の領域 {count} 個は、ZoneMinder で何も隠さないため、読みません",
    "{count} zones of other types hide nothing in ZoneMinder and are left out",
)
_PIXELS = Text(
    "{where}：頂点はモニターの画素です。画面の大きさを --size 1920x1080 のように示してください",
    "{where}: its corners are pixels of the monitor's picture; say its size, such as --size 1920x1080",
)
# The columns that are needed, where a dump does not name them; they come first in every version of the table.
_COLUMNS = ("Id", "MonitorId", "Name", "Type", "Units", "NumCoords", "Coords")
_INSERT = re.compile(
    r"(?:INSERT(?:\s+IGNORE)?|REPLACE)\s+INTO\s+(?:[`\"]?\w+[`\"]?\.)?[`\"]?Zones[`\"]?\s*(\([^)]*\))?\s*VALUES\s*",
    re.IGNORECASE,
)
_VALUE = re.compile(r"\s*(?:'((?:[^'\\]|\\.|'')*)'|([^,()';]+))\s*([,)])", re.DOTALL)
_HALF = Fraction(1, 2)


def read(content: bytes, wishes: Wishes) -> Found:
    """The privacy zones of all monitors."""
    text = text_of(content)
    found = list(_rows(text, content))
    privacy = [(where, row) for where, row in found if row.get("Type") == "Privacy"]
    others = len(found) - len(privacy)
    if not privacy:
        raise wrong(
            "Zones", f"{others} zones, none of them of Type 'Privacy'", "zones that hide something in ZoneMinder"
        )
    told = (_OTHERS.with_(count=others),) if others else ()
    return Found(tuple(_zone(where, row, wishes.size) for where, row in privacy), EXPLAINED, told)


def _zone(where: str, row: Mapping[str, str], size: Size | None) -> Zone:
    name = row.get("Name", "")
    where = f"{where} ({name!r})" if name else where
    points = [_pair(f"{where}: Coords", each) for each in row.get("Coords", "").split()]
    count = row.get("NumCoords", "")
    if count and count != str(len(points)):
        raise wrong(f"{where}: Coords", f"{len(points)} corners", f"{count} of them, as NumCoords says")
    match row.get("Units"):
        case "Percent":
            ring = [(x / 100, y / 100) for x, y in points]
        case "Pixels" if size is not None:
            ring = [((x + _HALF) / size.width, (y + _HALF) / size.height) for x, y in points]
        case "Pixels":
            raise PlanError(_PIXELS.with_(where=where))
        case other:
            raise wrong(f"{where}: Units", other, "'Percent' or 'Pixels'")
    drawn_on = size if row["Units"] == "Pixels" else None
    return Zone(name or where, closed(where, ring), where, camera=row.get("MonitorId", ""), size=drawn_on)


def _pair(where: str, text: str) -> Point:
    parts = text.split(",")
    if len(parts) != 2:
        raise wrong(where, text, "corners written as x,y x,y x,y")
    return exact(where, parts[0]), exact(where, parts[1])


def _rows(text: str, content: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of the table, each with its place."""
    start = text.lstrip()[:1]
    if start in ("{", "["):
        yield from _json_rows(json_of(content))
    elif _INSERT.search(text):
        yield from _sql_rows(text)
    else:
        yield from _csv_rows(text)


def _json_rows(data: Any) -> Iterator[tuple[str, dict[str, str]]]:
    zones = data.get("zones", data.get("Zones")) if isinstance(data, Mapping) else data
    for number, each in enumerate(rows("zones", zones), 1):
        row = table(f"zones[{number}]", each)
        row = table(f"zones[{number}].Zone", row["Zone"]) if "Zone" in row else row
        yield f"zones[{number}]", {str(name): str(value) for name, value in row.items()}


def _csv_rows(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    head = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter="\t" if "\t" in head else ",", strict=True)
    try:
        missing = {"Type", "Units", "Coords"} - set(reader.fieldnames or ())
        if missing:
            raise wrong(
                "the first line", head, f"names of columns of the table Zones; {', '.join(sorted(missing))} missing"
            )
        for row in reader:
            if None in row or None in row.values():
                raise wrong(
                    f"line {reader.line_num}", row, f"{len(reader.fieldnames or ())} columns, as the first line has"
                )
            yield f"line {reader.line_num}", dict(row)
    except csv.Error as cause:
        raise PlanError(f"line {reader.line_num}: is not CSV: {cause}") from cause


def _sql_rows(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    number = 0
    for insert in _INSERT.finditer(text):
        columns = [name.strip(' `"\n\t') for name in insert[1][1:-1].split(",")] if insert[1] else list(_COLUMNS)
        at = insert.end()
        while text[at : at + 1] == "(":
            number += 1
            values, at = _tuple(text, at + 1, f"Zones, row {number}")
            if len(values) < len(columns):
                raise wrong(f"Zones, row {number}", f"{len(values)} values", f"at least {len(columns)}")
            yield f"Zones, row {number}", dict(zip(columns, values, strict=False))
            after = re.compile(r"\s*,\s*").match(text, at)
            at = after.end() if after else at


def _tuple(text: str, at: int, where: str) -> tuple[list[str], int]:
    """The values of one row, and where the text goes on behind it."""
    values = []
    while found := _VALUE.match(text, at):
        quoted, bare, ending = found.groups()
        values.append(re.sub(r"\\(.)|''", lambda each: each[1] or "'", quoted) if quoted is not None else bare.strip())
        at = found.end()
        if ending == ")":
            return values, at
    raise wrong(where, text[at : at + 40], "values in quotes or numbers, parted by commas, and a closing bracket")
