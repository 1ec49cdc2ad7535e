"""Two counts of the same pictures: what one forgets with a lost key frame, the other remembers."""

from __future__ import annotations

from pathlib import Path

import pytest

from privmask.errors import DamagedFootageError
from privmask.video.pace import Pace
from tests.video.lossy import WRONG, clip_of, drawn, packets_of, shown_in, without

FITTING = "keyint=25:min-keyint=25:scenecut=0:b-adapt=0:bframes=2:b-pyramid=normal"
"""A key frame, sixteen pictures that others refer to, and the next key frame: numbers begin again after sixteen."""


def test_a_lost_key_frame_is_missed_though_the_numbers_go_on_as_if_nothing_were(tmp_path: Path) -> None:
    clip = clip_of(tmp_path / "clip.mp4", f"{FITTING}:rc-lookahead=5", frames=50)
    keys = [number for number, packet in enumerate(packets_of(clip)) if packet.is_keyframe]
    assert keys == [0, 25]
    cut = without(clip, [25])
    with pytest.raises(DamagedFootageError, match="a picture before it is missing"):
        shown_in(cut)
    seen = drawn(shown_in(without(clip)), shown_in(cut, "hide"))
    assert WRONG not in seen
    assert seen == "." * 25 + " " + "#" * 24


def follow(pace: Pace, pictures: list[tuple[int, int]], *, restarts: bool = False) -> list[bool]:
    return [pace.goes_on(order, time, 64, leads=True, restarts=restarts) for order, time in pictures]


@pytest.fixture
def pace() -> Pace:
    """After a key frame and twenty pictures, each four later in the order, which is two frames of 40 ms."""
    pace = Pace()
    pace.begin(0, 0)
    assert all(follow(pace, [(4 * n % 64, 80 * n) for n in range(1, 21)]))
    return pace


def test_order_may_not_go_back_while_time_goes_on(pace: Pace) -> None:
    assert follow(pace, [(76 % 64, 1680)]) == [False]


def test_a_pause_is_no_loss(pace: Pace) -> None:
    assert follow(pace, [(84 % 64, 9000), (88 % 64, 9001), (92 % 64, 9002)], restarts=True) == [True] * 3


def test_more_pictures_at_a_time_are_no_loss_where_time_goes_along(pace: Pace) -> None:
    assert follow(pace, [(92 % 64, 1840)], restarts=True) == [True]


def test_pictures_that_came_too_early_are_no_loss_unless_there_seems_to_be_a_key_frame(pace: Pace) -> None:
    """Recorders may note when a picture arrived, and several arrive at once after a hitch of the network."""
    assert follow(pace, [(92 % 64, 1610)]) == [True]


def test_a_leap_that_time_does_not_tell_is_a_loss_where_the_other_count_begins_anew(pace: Pace) -> None:
    assert follow(pace, [(102 % 64, 1720)], restarts=True) == [False]


def test_what_has_no_time_is_not_judged(pace: Pace) -> None:
    assert pace.goes_on(3, None, 64, leads=True, restarts=True)
    assert follow(pace, [(0, 1)], restarts=True) == [True]
    pace.begin(0, None)
    assert follow(pace, [(0, 1), (0, 2)], restarts=True) == [True] * 2


def test_pictures_all_at_the_same_place_are_a_bad_encoder_and_no_loss() -> None:
    pace = Pace()
    pace.begin(0, 0)
    assert follow(pace, [(0, 40 * n) for n in range(1, 5)], restarts=True) == [True] * 4
