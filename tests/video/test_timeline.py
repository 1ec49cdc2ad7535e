"""When pictures are shown: no time is made up where the footage tells some."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import pytest

from privmask.errors import DamagedFootageError
from privmask.video.timeline import Timeline


@dataclass
class Shown:
    """All that a timeline asks of a picture."""

    pts: int | None
    dts: int | None = None


def test_pictures_without_any_time_are_counted() -> None:
    line = Timeline(Fraction(1, 1000), Fraction(25))
    assert [line.stamp(Shown(None)) for _ in range(3)] == [0, 1, 2]
    assert line.made
    assert line.time_base == Fraction(1, 25)


@pytest.mark.parametrize("pts", [[None, None, 80], [0, 40, None]])
def test_where_some_pictures_have_a_time_and_others_none_nothing_is_made_up(pts: list[int | None]) -> None:
    """As in a Matroska file that was cut before its first time: counted from there, zones would hold too late or too early."""
    line = Timeline(Fraction(1, 1000), Fraction(25))
    line.stamp(Shown(pts[0]))
    line.stamp(Shown(pts[1]))
    with pytest.raises(DamagedFootageError, match=r"frame 2.*the picture has"):
        line.stamp(Shown(pts[2]))
