"""Days as Japanese offices write them: 令和8年4月1日; and days and times as people type them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time

_ERAS = (("令和", date(2019, 5, 1)), ("平成", date(1989, 1, 8)), ("昭和", date(1926, 12, 25)))
_LETTERS = {"R": "令和", "H": "平成", "S": "昭和"}
_DAY = re.compile(r"(?:(\d{4})|(令和|平成|昭和|[RHS])(\d{1,2}|元))[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_TIME = re.compile(r"(\d{1,2})[:時](\d{1,2})分?(?::(\d{2}))?|(\d{1,2})時")


def in_japanese(day: date) -> str:
    """The day in the era that it lies in; by the common calendar before 昭和."""
    for era, first in _ERAS:
        if day >= first:
            year = day.year - first.year + 1
            return f"{era}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    return f"{day.year}年{day.month}月{day.day}日"


def read_day(text: str) -> date | None:
    """2026-04-01, 2026/4/1, 2026年4月1日, 令和8年4月1日 or R8.4.1, in wide digits too; None for what is no day."""
    found = _DAY.fullmatch(_narrow(text))
    if not found:
        return None
    year, era, of_era, month, day = found.groups()
    try:
        read = date(int(year) if year else _year(era, of_era), int(month), int(day))
    except ValueError:
        return None
    return read


def read_moment(text: str) -> datetime | None:
    """A day and a time after it: 2026-04-01 10:00, or 令和8年4月1日 10時5分; without a zone. None for what is none."""
    day, _, rest = _narrow(text).replace("T", " ").partition(" ")
    date_, found = read_day(day), _TIME.fullmatch(rest.replace(" ", ""))
    if date_ is None or not found:
        return None
    hour, minute, second, whole = (int(part or 0) for part in found.groups())
    try:
        return datetime.combine(date_, time(whole or hour, minute, second))
    except ValueError:
        return None


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _year(era: str, of_era: str) -> int:
    first = dict(_ERAS)[_LETTERS.get(era, era)]
    return first.year - 1 + (1 if of_era == "元" else int(of_era))
