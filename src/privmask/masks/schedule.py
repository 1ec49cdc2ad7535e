"""When a mask holds. A mask is lifted only on good grounds: what is not known counts for the mask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from math import ceil, floor

from privmask.errors import PlanError
from privmask.language import Text
from privmask.masks.plan import WHOLE_DAY, Hours, Mask

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Interval:
    """One frame's display interval, in seconds after the first frame; an `end` of None is open."""

    start: Fraction
    end: Fraction | None


def holds(mask: Mask, shown: Interval, recorded_at: datetime | None) -> bool:
    """Whether the mask holds on a frame: the display interval meets all of its times.

    Without `recorded_at`, the wall-clock time of the first frame, `valid` and `hours` lift nothing.
    """
    if not _meets(shown, mask.start, mask.end):
        return False
    if recorded_at is None or not (mask.valid or mask.hours):
        return True
    wall = _on_the_wall(shown, recorded_at)
    return wall is None or (_meets_days(wall, mask.valid) and _meets_hours(wall, mask.hours))


def has_times(mask: Mask) -> bool:
    """Whether there is any time at which the mask might not hold."""
    return not (mask.start is None and mask.end is None and mask.valid is None and not mask.hours)


def check_recorded_at(recorded_at: datetime | None) -> None:
    """Raise PlanError for a time without an offset: 02:00 of no known place is no time."""
    if recorded_at is not None and recorded_at.utcoffset() is None:
        raise PlanError(_NO_OFFSET.with_(moment=recorded_at.isoformat()))


def _meets(shown: Interval, start: Fraction | None, end: Fraction | None) -> bool:
    begun = start is None or shown.end is None or shown.end > start or shown.start >= start
    return begun and (end is None or shown.start < end)


def _on_the_wall(shown: Interval, recorded_at: datetime) -> tuple[datetime, datetime] | None:
    """Local times of the frame's start and end, or None: the end is open, a clock was set back, the calendar ends."""
    if shown.end is None:
        return None
    try:
        first = _moved(recorded_at, floor(shown.start * 1_000_000))
        last = _moved(recorded_at, ceil(shown.end * 1_000_000))
    except OverflowError:
        return None
    return (first, last) if first < last else None


def _moved(moment: datetime, microseconds: int) -> datetime:
    """Local time after so many real microseconds (a zone's clock may jump in between)."""
    later = moment.astimezone(UTC) + timedelta(microseconds=microseconds)
    return later.astimezone(moment.tzinfo).replace(tzinfo=None)


def _meets_days(wall: tuple[datetime, datetime], valid: tuple[date, date] | None) -> bool:
    if valid is None:
        return True
    opens = datetime.combine(valid[0], time(0))
    return wall[1] > opens and wall[0].date() <= valid[1]


def _meets_hours(wall: tuple[datetime, datetime], hours: Iterable[Hours]) -> bool:
    """Windows of the day before are looked at too, because they may reach past midnight."""
    hours = tuple(hours)
    if not hours or wall[1] - wall[0] >= _DAY:
        return True
    days = [wall[0].date() + n * _DAY for n in (-1, 0, 1)]
    windows = [_window(day, each) for day in days for each in hours]
    return any(wall[0] < closes and wall[1] > opens for opens, closes in windows)


def _window(day: date, hours: Hours) -> tuple[datetime, datetime]:
    opens, closes = (datetime.combine(day, moment) for moment in hours)
    wraps = hours == WHOLE_DAY or closes <= opens
    return opens, closes + _DAY if wraps else closes


_NO_OFFSET = Text(
    "recorded_at：{moment} には時差がありません。2026-11-23T18:00:00+09:00 のように書いてください",
    "recorded_at: {moment} has no offset from UTC; write it as 2026-11-23T18:00:00+09:00",
)
