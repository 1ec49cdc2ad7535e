"""What is searched when: small faces large enough, the cost bounded, and by time, not by frames."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privmask.detect.detector import Ask
from privmask.detect.looks import Look, Timetable, plan_looks, scaled
from privmask.frame import PIXEL_FORMATS, Frame
from privmask.geometry import Size

FULL_HD = Size(1920, 1080)


def a_frame(index: int, seconds: Fraction) -> Frame:
    return Frame(index, int(seconds * 1000), None, Fraction(1, 1000), FULL_HD, PIXEL_FORMATS["gray"], ())


def drawn(look: Look, rate: int, frames: int) -> str:
    """`#` for each frame that is searched, at `rate` frames a second."""
    timetable, marks = Timetable(look), ""
    for n in range(frames):
        frame = a_frame(n, Fraction(n, rate))
        marks += "#" if timetable.due(frame) else "."
        if marks[-1] == "#":
            timetable.note(frame)
    assert timetable.done == marks.count("#")
    return marks


@pytest.mark.parametrize(
    ("rate", "searched"),
    [(25, "#....#....#"), (50, "#.........#"), (10, "#.#.#.#.#.#"), (5, "#.#.#.#.#.#")],
)
def test_a_look_comes_again_by_time_but_not_on_every_frame_if_it_is_costly(rate: int, searched: str) -> None:
    assert drawn(Look("thorough", FULL_HD, Fraction(1, 5), 2), rate, 11) == searched


def test_a_cheap_look_may_come_on_every_frame() -> None:
    assert drawn(Look("glance", FULL_HD, Fraction(1, 50)), 25, 6) == "######"


def test_a_look_that_a_better_one_has_spared_is_due_as_long_after_it() -> None:
    timetable = Timetable(Look("glance", FULL_HD, Fraction(1, 10)))
    timetable.spare(a_frame(3, Fraction(3, 25)))
    assert [timetable.due(a_frame(n, Fraction(n, 25))) for n in (4, 5, 6)] == [False, False, True]
    assert timetable.done == timetable.recalled == 0


def test_after_a_gap_in_time_a_look_is_due_at_once() -> None:
    timetable = Timetable(Look("thorough", FULL_HD, Fraction(1, 5)))
    timetable.note(a_frame(0, Fraction(0)))
    assert not timetable.due(a_frame(1, Fraction(1, 25)))
    assert timetable.due(a_frame(1, Fraction(3)))


@pytest.mark.parametrize(("displayed", "smallest"), [(FULL_HD, 16), (Size(960, 540), 16), (FULL_HD, 40), (FULL_HD, 8)])
def test_the_smallest_face_is_seen_ten_samples_high(displayed: Size, smallest: int) -> None:
    thorough, glance = plan_looks(displayed, Ask("face", smallest))["good"]
    assert smallest * thorough.size.height / displayed.height >= 10.6
    assert glance.size.height == pytest.approx(thorough.size.height / 2, rel=0.05)


def test_a_full_hd_picture_is_searched_four_times_a_second_and_glanced_at_eight_times() -> None:
    thorough, glance = plan_looks(FULL_HD, Ask("face"))["good"]
    assert (thorough.size, glance.size) == (Size(1280, 720), Size(640, 360))
    assert Fraction(1, 5) < thorough.every < Fraction(1, 4)
    assert glance.every < Fraction(1, 8)


@given(st.integers(16, 8192), st.integers(16, 8192), st.integers(1, 200), st.sampled_from(["auto", "fast", "robust"]))
def test_no_look_is_larger_than_memory_allows_and_each_comes_again_soon(
    width: int, height: int, smallest: int, model: str
) -> None:
    ask = Ask("face", smallest, model)  # type: ignore[arg-type]
    for looks in plan_looks(Size(width, height), ask).values():
        for look in looks:
            assert look.size.width % 32 == 0
            assert look.size.width * look.size.height <= 8_400_000 + 33 * look.size.height
            assert look.every <= Fraction(1, 4)


def test_poor_light_brings_the_robust_model_unless_the_fast_one_was_asked_for() -> None:
    names = {
        model: {
            light: [look.name for look in looks] for light, looks in plan_looks(FULL_HD, Ask("face", 16, model)).items()
        }
        for model in ("auto", "fast", "robust")
    }
    assert names["auto"] == {"good": ["thorough", "glance"], "poor": ["robust", "thorough"]}
    assert names["fast"] == {"good": ["thorough", "glance"], "poor": ["thorough", "glance"]}
    assert names["robust"] == {light: ["robust", "thorough", "glance"] for light in ("good", "poor")}


def test_a_scaled_picture_keeps_its_shape_and_is_whole_32s_wide() -> None:
    assert scaled(FULL_HD, 0.5) == Size(960, 540)
    assert scaled(FULL_HD, 0.51) == Size(992, 558)
    assert scaled(Size(16, 16), 0.5) == Size(32, 32)
