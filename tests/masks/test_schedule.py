"""When a mask holds, drawn: a character a frame, # where it holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from privmask.errors import PlanError
from privmask.masks.planfile import plan_from_data
from privmask.masks.schedule import Interval, check_recorded_at, has_times, holds
from tests.masks.made import box, zone

SECOND = Fraction(1)
TOKYO = timezone(timedelta(hours=9))


def drawn(starts: list[Fraction], recorded_at: datetime | None = None, last: Fraction | None = None, **times: Any) -> str:
    """One character a frame; each is shown until the next one starts, the last one until `last`."""
    mask = zone(box(0, 0, 1, 1), **times)
    ends = [*starts[1:], last]
    shown = [Interval(start, end) for start, end in zip(starts, ends, strict=True)]
    return "".join("#" if holds(mask, each, recorded_at) else "." for each in shown)


def every(step: Fraction, count: int) -> list[Fraction]:
    return [step * n for n in range(count)]


def test_a_mask_without_times_holds_always() -> None:
    assert drawn(every(SECOND, 4)) == "####"
    assert not has_times(zone(box(0, 0, 1, 1)))


def test_a_mask_holds_on_every_frame_that_is_still_shown_when_it_starts() -> None:
    assert drawn(every(SECOND / 2, 10), start=Fraction(1), end=Fraction(5, 2)) == "..###....."
    assert drawn(every(SECOND / 2, 10), last=SECOND * 5, start=Fraction("1.2"), end=Fraction("2.1")) == "..###....."


def test_the_last_frame_has_no_known_end_and_counts_as_shown_for_ever() -> None:
    assert drawn(every(SECOND, 4), start=SECOND * 100) == "...#"
    assert drawn(every(SECOND, 4), last=SECOND * 4, start=SECOND * 100) == "...."
    assert drawn(every(SECOND, 4), end=SECOND * 2) == "##.."


def test_frames_of_uneven_length_are_told_by_their_times_and_not_by_their_number() -> None:
    starts = [Fraction(0), Fraction(1, 10), Fraction(2), Fraction("2.04"), Fraction(9)]
    assert drawn(starts, last=SECOND * 10, start=SECOND, end=SECOND * 2) == ".#..."


def test_a_frame_of_no_length_is_judged_by_its_start() -> None:
    assert drawn([SECOND, SECOND, SECOND * 2], last=SECOND * 3, start=SECOND, end=SECOND * 2) == "##."


def test_hours_hold_from_the_first_to_before_the_second_and_may_pass_midnight() -> None:
    hours = ((time(18), time(6)),)
    noon = datetime(2026, 11, 23, 12, tzinfo=TOKYO)
    assert drawn(every(SECOND * 3600, 24), noon, SECOND * 86400, hours=hours) == "......" + "#" * 12 + "......"
    assert drawn(every(SECOND * 3600, 3), noon, SECOND * 10800, hours=((time(13), time(14)),)) == ".#."
    assert drawn(every(SECOND * 3600, 3), noon, SECOND * 10800, hours=((time(0), time(0)),)) == "###"


def test_hours_that_begin_while_a_frame_is_shown_hold_on_it() -> None:
    just_before = datetime(2026, 11, 23, 17, 59, 59, tzinfo=TOKYO)
    assert drawn(every(SECOND * 2, 2), just_before, SECOND * 4, hours=((time(18), time(19)),)) == "##"
    assert drawn(every(SECOND, 2), just_before, SECOND * 2, hours=((time(18), time(19)),)) == ".#"


def test_both_days_of_valid_belong_to_it() -> None:
    valid = (date(2026, 4, 1), date(2026, 4, 2))
    eve = datetime(2026, 3, 31, 12, tzinfo=TOKYO)
    assert drawn(every(SECOND * 43200, 8), eve, SECOND * 43200 * 8, valid=valid) == ".####..."


def test_without_a_vouched_time_dates_and_hours_lift_nothing() -> None:
    long_ago = (date(1999, 1, 1), date(1999, 1, 2))
    assert drawn(every(SECOND, 3), None, SECOND * 3, valid=long_ago, hours=((time(3), time(4)),)) == "###"


def test_hours_and_dates_never_bring_back_a_mask_whose_own_seconds_are_over() -> None:
    assert drawn(every(SECOND, 3), None, SECOND * 3, end=SECOND, hours=((time(3), time(4)),)) == "#.."


def test_where_the_calendar_or_the_clock_breaks_the_mask_holds() -> None:
    at_the_end = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert drawn(every(SECOND, 3), at_the_end, SECOND * 3, hours=((time(3), time(4)),)).endswith("##")
    fall_back = datetime(2026, 10, 25, 2, 59, 59, tzinfo=ZoneInfo("Europe/Berlin"))
    assert drawn([Fraction(0), Fraction(2)], fall_back, SECOND * 4, hours=((time(12), time(13)),)) == "#."
    assert drawn([Fraction(0)], fall_back, None, hours=((time(12), time(13)),)) == "#"


def test_a_frame_shown_for_longer_than_a_day_meets_all_hours() -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=TOKYO)
    assert drawn([Fraction(0)], noon, SECOND * 86400, hours=((time(3), time(4)),)) == "#"


def test_a_time_of_recording_needs_an_offset() -> None:
    check_recorded_at(None)
    check_recorded_at(datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(PlanError, match="no offset from UTC"):
        check_recorded_at(datetime(2026, 1, 1))


def test_hours_survive_the_way_through_data() -> None:
    hours = ((time(18), time(6)), (time(0), time(0)), (time(1, 2, 3), time(4, 5)), (time(22), time(0)))
    mask = zone(box(0, 0, 1, 1), hours=hours)
    data = {"format": "privmask.plan.v1", "mask": [mask.as_data()]}
    assert data["mask"][0]["hours"] == ["18:00-06:00", "00:00-24:00", "01:02:03-04:05", "22:00-24:00"]  # type: ignore[index]  # a list
    assert plan_from_data(data).masks == (mask,)
