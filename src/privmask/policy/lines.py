"""Where in a TOML text something stands: the line of a table or key, for complaints. What is checked is tomllib's reading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

Place = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_\-.\"' ]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_\-.\"' ]+?)\s*=(.*)$")
_QUOTED = re.compile(r'"""|\'\'\'|"(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*$|[\[\]{}]')


class Lines:
    """The lines of a TOML text, from 1, by place: `("camera", 1, "plan")` is the key of the second [[camera]]."""

    def __init__(self, text: str) -> None:
        self._lines = dict(_found(text))

    def of(self, place: Sequence[str | int]) -> int | None:
        """The line of the place, or of the nearest thing around it; None where not even that is there."""
        path = tuple(place)
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path)


def _found(text: str) -> Iterator[tuple[Place, int]]:
    table: Place = ()
    counts: dict[Place, int] = {}
    inside = _Inside()
    for number, line in enumerate(text.split("\n"), 1):
        if inside.anything:
            inside.read(line)
        elif header := _HEADER.match(line):
            table = _table(_names(header[2]), counts, many=header[1] == "[[")
            yield table[:-1] if isinstance(table[-1], int) and table[-1] == 0 else table, number
            yield table, number
        elif key := _KEY.match(line):
            yield (*table, *_names(key[1])), number
            inside.read(key[2])


def _table(names: tuple[str, ...], counts: dict[Place, int], *, many: bool) -> Place:
    """The place of a header: a list that was begun before is meant by its last table."""
    place: Place = ()
    for name in names[:-1]:
        place = (*place, name)
        if place in counts:
            place = (*place, counts[place])
    place = (*place, names[-1])
    if many:
        counts[place] = counts.get(place, -1) + 1
        return (*place, counts[place])
    return (*place, counts[place]) if place in counts else place


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


class _Inside:
    """Whether a value goes on: brackets that are open, or a text of several lines."""

    def __init__(self) -> None:
        self._open = 0
        self._quote = ""

    @property
    def anything(self) -> bool:
        return bool(self._open > 0 or self._quote)

    def read(self, line: str) -> None:
        at = 0
        while at < len(line):
            if self._quote:
                end = line.find(self._quote, at)
                if end < 0:
                    return
                at, self._quote = end + 3, ""
                continue
            found = _QUOTED.search(line, at)
            if not found:
                return
            at = found.end()
            if found[0] in ('"""', "'''"):
                self._quote = found[0]
            elif found[0] in "[{":
                self._open += 1
            elif found[0] in "]}":
                self._open -= 1
