"""Days as Japanese offices write them: 令和8年4月1日."""

from __future__ import annotations

from datetime import date

_ERAS = (("令和", date(2019, 5, 1)), ("平成", date(1989, 1, 8)), ("昭和", date(1926, 12, 25)))


def in_japanese(day: date) -> str:
    """The day in the era that it lies in; by the common calendar before 昭和."""
    for era, first in _ERAS:
        if day >= first:
            year = day.year - first.year + 1
            return f"{era}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    return f"{day.year}年{day.month}月{day.day}日"
