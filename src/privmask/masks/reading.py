"""Small typed getters over plain data, which gather complaints with their place instead of stopping at the first."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from typing import Any, TypeVar

from privmask.errors import PlanError
from privmask.geometry import Point, Ring
from privmask.masks.texts import A_TEXT, is_text

T = TypeVar("T")
W = TypeVar("W", bound=str)

# Bounds keep hostile numbers cheap: Fraction("1e999999999") would fill the memory.
_NUMBER = re.compile(r"[-+]?\d{1,12}(\.\d{1,30})?", re.ASCII)
_FRACTION = re.compile(r"-?\d{1,60}/\d{1,60}", re.ASCII)


class Complaints:
    """What is wrong so far, in the order in which it was found."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(self, place: str, fault: str) -> None:
        """Note a fault at a place such as `mask[2].type`."""
        self._lines.append(f"{place}: {fault}")

    def add_unless_known(self, place: str, fault: str) -> None:
        """Note a fault unless something is wrong with that place already; what stands there is then only a stand-in."""
        if not any(line.startswith(place) for line in self._lines):
            self.add(place, fault)

    def raise_any(self) -> None:
        """Raise PlanError with all of them, if there are any."""
        if self._lines:
            raise PlanError(*self._lines)


class Reader:
    """One table of a plan; it remembers which keys were asked for, so that the others can be refused."""

    def __init__(self, table: Any, where: str, complaints: Complaints) -> None:
        self.where = where
        self.complaints = complaints
        self._table: Mapping[str, Any] = table if isinstance(table, Mapping) else {}
        self._asked: dict[str, None] = {}
        if not isinstance(table, Mapping):
            complaints.add(where or "plan", f"{_short(table)} is no table")

    def take(self, key: str) -> Any:
        """The value as it stands, or None where the key is missing."""
        self._asked[key] = None
        return self._table.get(key)

    def table(self, key: str) -> Reader:
        """The table under a key; an empty one where the key is missing."""
        value = self.take(key)
        return Reader({} if value is None else value, self._place(key), self.complaints)

    def text(self, key: str, otherwise: str) -> str:
        """A text of at most 1000 characters without control characters."""
        return self._typed(key, otherwise, is_text, A_TEXT)

    def flag(self, key: str, otherwise: bool) -> bool:
        """True or false."""
        return self._typed(key, otherwise, lambda value: isinstance(value, bool), "true or false")

    def number(self, key: str, expected: str = "number") -> Fraction | None:
        """An exact fraction, or None where the key is missing."""
        value = self.take(key)
        found = None if value is None else number(value)
        if value is not None and found is None:
            self.complaints.add(self._place(key), f"{_short(value)} is no {expected}")
        return found

    def whole(self, key: str) -> int | None:
        """A whole number of at most 12 digits, or None where the key is missing."""
        return self._typed(key, None, lambda value: type(value) is int and abs(value) < 10**12, "a whole number")

    def choice(self, key: str, known: Sequence[W], one: str, many: str, *, needed: bool = False) -> W:
        """One of the known words by its exact name, the first where the key is missing. A wrong one is told."""
        found = self.text(key, "" if needed else known[0])
        for word in known:
            if found == word:
                return word
        fault = f"{found!r} is no {one}" if found else "is missing"
        self.complaints.add(self._place(key), f"{fault}; the {many} are {', '.join(known)}{self.near(found, known)}")
        return known[0]

    def corners(self, key: str, corner: Callable[[str, list[Any]], Point | None], most: int = 1000) -> Ring:
        """A list of pairs; `corner` turns each into a point or complains at the place that it is told."""
        value = self.take(key)
        place = self._place(key)
        if not isinstance(value, list) or len(value) > most:
            self.complaints.add(place, f"is missing or no list of 3 to {most} corners [x, y]")
            return ()
        points = []
        for n, pair in enumerate(value, 1):
            if isinstance(pair, list) and len(pair) == 2:
                points.append(corner(f"{place}: corner {n}", pair))
            else:
                self.complaints.add(f"{place}: corner {n}", f"{_short(pair)} is no pair of numbers")
        return tuple(point for point in points if point is not None)

    def decimals(self, place: str, pair: list[Any]) -> Point | None:
        """A pair of exact numbers, or None and a complaint."""
        x, y = (number(value) for value in pair)
        if x is None or y is None:
            self.complaints.add(place, f"({_short(pair[0])}, {_short(pair[1])}) holds something that is no usable number")
            return None
        return x, y

    def refuse_others(self) -> None:
        """Complain about every key that nobody asked for: a misspelt key must not lift a mask."""
        for key in self._table:
            if key not in self._asked:
                self.complaints.add(self._place(_short(key).strip("'")), f"is not known{self.near(str(key), self._asked)}")

    @staticmethod
    def near(word: str, known: Collection[str]) -> str:
        """`; did you mean …?`, or nothing when no known word is near."""
        lowered = {name.lower(): name for name in known}
        found = get_close_matches(word.lower()[:100], lowered, 1)
        return f"; did you mean {lowered[found[0]]!r}?" if found else ""

    def _typed(self, key: str, otherwise: T, fits: Callable[[Any], bool], expected: str) -> T:
        value = self.take(key)
        if value is None:
            return otherwise
        if fits(value):
            return value  # type: ignore[no-any-return]  # `fits` has looked
        self.complaints.add(self._place(key), f"{_short(value)} is not {expected}")
        return otherwise

    def _place(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key


def number(value: Any) -> Fraction | None:
    """An exact number from an int, a decimal, or text such as "0.25" or "1/10"; None for all else, NaN and infinity too."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    if isinstance(value, int):
        return Fraction(value) if abs(value) < 10**12 else None
    text = format(value, "f") if isinstance(value, Decimal) and _is_modest(value) else str(value)
    if _FRACTION.fullmatch(text):
        over, under = (int(part) for part in text.split("/"))
        return Fraction(over, under) if under else None
    return Fraction(text) if _NUMBER.fullmatch(text) else None


def _is_modest(value: Decimal) -> bool:
    return value.is_finite() and -30 <= value.as_tuple().exponent <= 12  # type: ignore[operator]  # finite: an int


def _short(value: Any) -> str:
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
