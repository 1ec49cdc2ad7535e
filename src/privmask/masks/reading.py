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
from privmask.language import Text
from privmask.masks.fault import Fault
from privmask.masks.texts import A_TEXT, is_text

A_NUMBER, A_TIME = Text("数", "number"), Text("秒数", "number of seconds")

T = TypeVar("T")
W = TypeVar("W", bound=str)

# Bounds keep hostile numbers cheap: Fraction("1e999999999") would fill the memory.
_NUMBER = re.compile(r"[-+]?\d{1,12}(\.\d{1,30})?", re.ASCII)
_FRACTION = re.compile(r"-?\d{1,60}/\d{1,60}", re.ASCII)


class Complaints:
    """What is wrong so far, in the order in which it was found."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, place: str, what: Text) -> None:
        """Note what is wrong at a place such as `mask[2].type`."""
        self._faults.append(Fault(place, what))

    def add_unless_known(self, fault: Fault) -> None:
        """Note a fault unless something is wrong with that place already; what stands there is then only a stand-in."""
        if not any(known.place.startswith(fault.place) for known in self._faults):
            self._faults.append(fault)

    def raise_any(self) -> None:
        """Raise PlanError with all of them, if there are any."""
        if self._faults:
            raise PlanError(*(fault.text for fault in self._faults))


class Reader:
    """One table of a plan; it remembers which keys were asked for, so that the others can be refused."""

    def __init__(self, table: Any, where: str, complaints: Complaints) -> None:
        self.where = where
        self.complaints = complaints
        self._table: Mapping[str, Any] = table if isinstance(table, Mapping) else {}
        self._asked: dict[str, None] = {}
        if not isinstance(table, Mapping):
            complaints.add(where or "plan", _NO_TABLE.with_(found=_short(table)))

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
        return self._typed(key, otherwise, lambda value: isinstance(value, bool), _TRUE_OR_FALSE)

    def number(self, key: str, expected: Text = A_NUMBER) -> Fraction | None:
        """An exact fraction, or None where the key is missing."""
        value = self.take(key)
        found = None if value is None else number(value)
        if value is not None and found is None:
            self.complaints.add(self._place(key), _IS_NO.with_(found=_short(value), expected=expected))
        return found

    def whole(self, key: str) -> int | None:
        """A whole number of at most 12 digits, or None where the key is missing."""
        return self._typed(key, None, lambda value: type(value) is int and abs(value) < 10**12, _WHOLE)

    def choice(self, key: str, known: Sequence[W], one: Text, many: Text, *, needed: bool = False) -> W:
        """One of the known words by its exact name, the first where the key is missing. A wrong one is told."""
        found = self.text(key, "" if needed else known[0])
        for word in known:
            if found == word:
                return word
        fault = _IS_NO.with_(found=repr(found), expected=one) if found else _MISSING
        words = {"known": ", ".join(known), "near": self.near(found, known)}
        self.complaints.add(self._place(key), _CHOICES.with_(fault=fault, many=many, **words))
        return known[0]

    def corners(self, key: str, corner: Callable[[str, list[Any]], Point | None], most: int = 1000) -> Ring:
        """A list of pairs; `corner` turns each into a point or complains at the place that it is told."""
        value = self.take(key)
        place = self._place(key)
        if not isinstance(value, list) or len(value) > most:
            self.complaints.add(place, _NO_CORNERS.with_(most=most))
            return ()
        points = []
        for n, pair in enumerate(value, 1):
            if isinstance(pair, list) and len(pair) == 2:
                points.append(corner(f"{place}: corner {n}", pair))
            else:
                self.complaints.add(f"{place}: corner {n}", _NO_PAIR.with_(found=_short(pair)))
        return tuple(point for point in points if point is not None)

    def decimals(self, place: str, pair: list[Any]) -> Point | None:
        """A pair of exact numbers, or None and a complaint."""
        x, y = (number(value) for value in pair)
        if x is None or y is None:
            self.complaints.add(place, _UNUSABLE.with_(pair=f"({_short(pair[0])}, {_short(pair[1])})"))
            return None
        return x, y

    def refuse_others(self) -> None:
        """Complain about every key that nobody asked for: a misspelt key must not lift a mask."""
        for key in self._table:
            if key not in self._asked:
                near = self.near(str(key), self._asked)
                self.complaints.add(self._place(_short(key).strip("'")), _NOT_KNOWN.with_(near=near))

    @staticmethod
    def near(word: str, known: Collection[str]) -> Text:
        """`; did you mean …?`, or nothing when no known word is near."""
        lowered = {name.lower(): name for name in known}
        found = get_close_matches(word.lower()[:100], lowered, 1)
        return _DID_YOU_MEAN.with_(near=repr(lowered[found[0]])) if found else Text("", "")

    def _typed(self, key: str, otherwise: T, fits: Callable[[Any], bool], expected: Text) -> T:
        value = self.take(key)
        if value is None:
            return otherwise
        if fits(value):
            return value  # type: ignore[no-any-return]  # `fits` has looked
        self.complaints.add(self._place(key), _IS_NOT.with_(found=_short(value), expected=expected))
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


_NO_TABLE = Text("{found} は表（テーブル）ではありません", "{found} is no table")
_TRUE_OR_FALSE, _WHOLE = Text("true 又は false ", "true or false"), Text("整数", "a whole number")
_IS_NO = Text("{found} は{expected}ではありません", "{found} is no {expected}")
_IS_NOT = Text("{found} は{expected}ではありません", "{found} is not {expected}")
_MISSING = Text("指定されていません", "is missing")
_CHOICES = Text("{fault}。{many}は {known} です{near}", "{fault}; the {many} are {known}{near}")
_NO_CORNERS = Text(
    "ないか、3個から {most} 個の角 [x, y] の並びではありません",
    "is missing or no list of 3 to {most} corners [x, y]",
)
_NO_PAIR = Text("{found} は2つの数の組ではありません", "{found} is no pair of numbers")
_UNUSABLE = Text("{pair} に、使えない数があります", "{pair} holds something that is no usable number")
_NOT_KNOWN = Text("この言葉はありません{near}", "is not known{near}")
_DID_YOU_MEAN = Text("（もしかして {near}）", "; did you mean {near}?")
