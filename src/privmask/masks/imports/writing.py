"""A plan as the text of a plan file, to be read and changed by people."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from fractions import Fraction

from privmask.errors import CopyError, CopyExistsError
from privmask.geometry import Point, Ring, Size
from privmask.masks.imports.found import Zone
from privmask.masks.plan import PLAN_FORMAT

_MOST_DIGITS = 6


def plan_text(zones: Sequence[Zone], tokens: Sequence[str], camera: str, size: Size | None, head: Sequence[str]) -> str:
    """The zones under these tokens, with `head` as comments. Corners are pixels of `size`, if it is given, else fractions."""
    return "\n".join(_lines(zones, tokens, camera, size, head)) + "\n"


def _lines(
    zones: Sequence[Zone], tokens: Sequence[str], camera: str, size: Size | None, head: Sequence[str]
) -> Iterator[str]:
    yield from (f"# {line}" for line in head)
    yield f'format = "{PLAN_FORMAT}"'
    if camera:
        yield f"camera = {_quoted(camera)}"
    if size:
        yield f"frame = [{size.width}, {size.height}]"
    for zone, token in zip(zones, tokens, strict=True):
        yield ""
        yield "[[mask]]"
        yield f"token = {_quoted(token)}"
        if zone.camera and not camera:
            yield f"camera = {_quoted(zone.camera)}"
        yield f"reason = {_quoted(shown(f'{zone.name}: {zone.where}' if zone.name not in zone.where else zone.where))}"
        yield f"polygon = {_ring(zone.ring, size)}"
        if zone.holes:
            yield f"holes = [{', '.join(_ring(hole, size) for hole in zone.holes)}]"
        yield f'type = "{zone.type}"'
        if zone.type == "Color":
            yield f'color = "{zone.color}"'
        if not zone.enabled:
            yield "enabled = false"


def save_new(text: str, path: str | os.PathLike[str]) -> None:
    """Write `text` under a name that must be free. Raises CopyExistsError, CopyError; nothing half-written stays."""
    name = repr(os.fspath(path))
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except FileExistsError as error:
        raise CopyExistsError(f"{name} exists already; privmask never replaces a file: name another one") from error
    except (OSError, ValueError) as error:
        raise CopyError(f"{name} could not be written: {getattr(error, 'strerror', None) or error}") from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        os.unlink(path)
        raise CopyError(f"{name} could not be written: {error.strerror}") from error


def shown(text: str) -> str:
    """A text of somebody else as one that may stand in a plan: printable, and not too long."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text).strip()
    return printable if len(printable) <= 200 else printable[:199] + "…"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _ring(ring: Ring, size: Size | None) -> str:
    return f"[{', '.join(_corner(point, size) for point in ring)}]"


def _corner(point: Point, size: Size | None) -> str:
    x, y = point
    if size:
        return f"[{_number(x * size.width, x)}, {_number(y * size.height, y)}]"
    return f"[{_number(x, x)}, {_number(y, y)}]"


def _number(value: Fraction, share: Fraction) -> str:
    """`value` as a decimal if it is one with few digits, else `share` of the picture's side as an exact fraction in quotes."""
    scaled = value * 10**_MOST_DIGITS
    if scaled.denominator == 1:
        text = f"{abs(int(scaled)):0{_MOST_DIGITS + 1}d}"
        whole, rest = text[:-_MOST_DIGITS], text[-_MOST_DIGITS:].rstrip("0")
        return f"{'-' if value < 0 else ''}{whole}{'.' + rest if rest else ''}"
    return f'"{share}"'
