"""Days and times as people in Japanese offices type them."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privmask.policy.calendar import in_japanese, read_day, read_moment

WIDE = {ord(letter): ord(letter) + 0xFEE0 for letter in "0123456789:"}


@pytest.mark.parametrize(
    "typed",
    [
        "2026-04-01",
        "2026/4/1",
        "2026.4.1",
        "2026年4月1日",
        "令和8年4月1日",
        "R8.4.1",
        "2026年4月1日".translate(WIDE),
        " 2026-04-01 ",
    ],
)
def test_a_day_is_understood_however_an_office_writes_it(typed: str) -> None:
    assert read_day(typed) == date(2026, 4, 1)


@pytest.mark.parametrize(
    "typed", ["", "2026-13-45", "2026-02-29", "4月1日", "令和0年1月1日x", "2026-04-01 10:00", "tomorrow"]
)
def test_what_is_no_day_is_none(typed: str) -> None:
    assert read_day(typed) is None


@given(st.dates(date(1926, 12, 25), date(2099, 12, 31)))
def test_a_day_as_it_is_printed_is_understood(day: date) -> None:
    assert read_day(in_japanese(day)) == day


@pytest.mark.parametrize(
    "typed",
    [
        "2026-04-01 10:05",
        "2026-04-01T10:05",
        "2026/4/1　10:05",
        "令和8年4月1日 10時5分",
        "R8.4.1 10:05".translate(WIDE),
    ],
)
def test_a_time_is_understood_however_an_office_writes_it(typed: str) -> None:
    assert read_moment(typed) == datetime(2026, 4, 1, 10, 5)  # the site's zone comes later


@pytest.mark.parametrize("typed", ["2026-04-01", "2026-04-01 25:00", "10:05", "2026-04-01 noon", ""])
def test_what_is_no_time_is_none(typed: str) -> None:
    assert read_moment(typed) is None


def test_a_whole_hour_needs_no_minutes() -> None:
    assert read_moment("令和8年4月1日 18時") == datetime(2026, 4, 1, 18)
