"""What is hidden when, drawn: a character a frame of a tenth of a second; five frames are looked ahead, two are held."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Generator
from copy import copy
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privmask.detect.detector import Detection
from privmask.detect.follow import MOST_FRAMES, Hold, Tally, follow
from privmask.detect.linking import RULES, Track
from privmask.errors import DetectorError
from privmask.frame import Frame, Plane
from privmask.geometry import Box
from tests.detect.drawing import (
    HOLD,
    SIZE,
    STEP,
    Finds,
    Scripted,
    both,
    clip,
    covered,
    every,
    find,
    finds,
    followed,
    hidden,
    holds,
    one_by_one,
    shots,
    square,
)

LONG = Hold(look_ahead=Fraction(1, 2), hold=Fraction(1))


def check(drawn: str, expected: str, hold: Hold = HOLD) -> None:
    assert hidden(drawn, hold) == expected


def test_a_face_is_hidden_before_it_is_first_found_and_after_it_is_last_found() -> None:
    check(
        "......F.......",
        "...#######....",
    )
    check(
        ".....FFFF.....",
        "..##########..",
    )


def test_a_face_that_is_there_from_the_first_frame_to_the_last_is_hidden_on_all() -> None:
    check("FFFFFFFF", "########")


def test_a_gap_in_the_finds_is_no_gap_in_the_hiding() -> None:
    check(
        ".....F......F.....",
        "..##############..",
    )


def test_searching_every_third_frame_hides_the_frames_between() -> None:
    check("F..F..F..F..F..F..F..F..F", "#" * 25)


def test_a_gap_longer_than_look_ahead_and_hold_together_is_open_in_its_middle() -> None:
    check(
        "...F..............F....",
        "#######........#######.",
    )


def test_a_lone_find_that_is_not_sure_is_noise() -> None:
    check("......w.......", "..............")
    check("......f.......", "..............")


def test_weak_finds_lengthen_a_track_that_is_sure_elsewhere() -> None:
    check(
        "......w.w.F.w.w....",
        ".....#############.",
    )


def test_several_fair_finds_of_one_thing_count_as_a_sure_one() -> None:
    check(
        "....ffff.......",
        "..#########....",
    )
    check("....fff........", "...............")


def test_fair_finds_that_are_far_apart_in_time_do_not_add_up() -> None:
    check("f.....f.....f.....f", "...................")


def test_fair_finds_in_different_places_do_not_add_up() -> None:
    scattered = finds("ffff", lambda n: square(80 + 160 * n))
    assert followed(scattered) == [()] * 4


def test_nothing_is_held_over_a_cut() -> None:
    check(
        "......F|.......",
        ".######|.......",
        LONG,
    )
    check(
        "......|...F......",
        "......|##########",
        LONG,
    )


def test_until_a_cut_is_certain_what_comes_after_it_is_held_before_it() -> None:
    """The new shot has to be seen for 0.3 s; frames that leave until then could be of the same."""
    check(
        "......|F......",
        ".###..|#######",
        LONG,
    )


def test_nothing_is_bridged_over_a_cut() -> None:
    check(
        "...F.....|.....F...",
        ".#####...|...#####.",
        Hold(Fraction(1, 2), Fraction(1, 10)),
    )


def test_where_a_cut_is_only_doubted_faces_in_two_places_are_two() -> None:
    """A first shot of one frame is too short to tell a cut by."""
    frames = clip(every(4), shots("F|..F"))
    near = followed([[find(square(320))], [], [], [find(square(325))]], frames)
    assert {each.track for on in near for each in on} == {1}
    away = followed([[find(square(320))], [], [], [find(square(370))]], frames)
    assert {each.track for on in away for each in on} == {1, 2}


def test_a_flash_is_no_cut() -> None:
    frames = clip(every(14))
    bright = replace(frames[7], planes=(Plane(np.full((36, 64), 255, np.uint8), 64),))
    found = followed(finds(".....F........"), [*frames[:7], bright, *frames[8:]], LONG)
    assert all(covered(sightings, square(320)) for sightings in found)


def test_a_face_on_both_sides_of_a_cut_has_two_numbers() -> None:
    drawn = "FFFFF|FFFFF"
    found = followed(finds(drawn), clip(every(10), shots(drawn)))
    assert [{each.track for each in sightings} for sightings in found] == [{1}] * 5 + [{2}] * 5


def test_a_moving_face_is_hidden_where_it_is_and_not_where_it_was() -> None:
    """40 samples large, 25 samples a frame; not found for half a second."""

    def box(n: int) -> Box:
        return square(60 + 25 * n)

    found = followed(finds("FFFFF.....FFFFF", box))
    assert all(covered(sightings, box(n)) for n, sightings in enumerate(found))
    assert not any(covered(sightings, box(n - 5)) for n, sightings in enumerate(found) if n > 4)


def test_a_moving_face_is_hidden_where_it_goes_when_it_is_found_no_more() -> None:
    def box(n: int) -> Box:
        return square(60 + 15 * n)

    found = followed(finds("FFFFFFFF..", box))
    assert [covered(sightings, box(n)) for n, sightings in enumerate(found)] == [True] * 10


def test_a_moving_face_is_hidden_where_it_came_from_before_it_was_found() -> None:
    def box(n: int) -> Box:
        return square(300 + 15 * n)

    found = followed(finds("..FFFFFFFF", box))
    assert [covered(sightings, box(n)) for n, sightings in enumerate(found)] == [True] * 10


def test_a_face_that_may_have_stopped_is_hidden_where_it_was_as_well() -> None:
    found = followed(finds("FFFFF..", lambda n: square(60 + 25 * n)))
    assert covered(found[6], square(160))


def test_a_face_that_turns_back_while_it_is_not_found_is_hidden_where_it_went_on() -> None:
    found = followed(finds("FFFFF......FFFFF", lambda n: square(100 + 20 * n) if n < 9 else square(420 - 20 * n)))
    assert covered(found[6], square(220))


def test_a_speed_that_is_no_longer_seen_is_not_believed_for_long() -> None:
    """250 samples a second, held for one: it may have gone on for half of that, but not for all."""
    found = followed(finds("FFFFF..........", lambda n: square(60 + 25 * n)), hold=LONG)
    (last,) = found[-1]
    assert 250 < last.box.right < 340


def test_two_finds_on_neighbouring_frames_make_no_speed() -> None:
    script: list[Finds] = [[find(square(320))], [find(square(322))], *[[] for _ in range(98)]]
    found = followed(script, clip(every(100, Fraction(1, 100))), LONG)
    assert max(on[0].box.right for on in found if on) < 360


def test_two_faces_that_pass_each_other_stay_two_and_are_both_hidden() -> None:
    def right(n: int) -> Box:
        return square(120 + 20 * n, 160)

    def left(n: int) -> Box:
        return square(520 - 20 * n, 200)

    found = followed(both(finds("FFFFFFF.......FFFFFFF", right), finds("FFFFFFF.......FFFFFFF", left)))
    assert all(covered(on, right(n)) and covered(on, left(n)) for n, on in enumerate(found))
    assert {each.track for on in found for each in on} == {1, 2}


def test_a_face_that_passes_behind_another_is_hidden_all_the_while() -> None:
    def walks(n: int) -> Box:
        return square(160 + 20 * n)

    found = followed(both(finds("FFFFFF......FFFFFF", walks), finds("F" * 18)))
    assert all(covered(on, walks(n)) and covered(on, square(320)) for n, on in enumerate(found))


def test_one_find_of_half_a_face_does_not_show_the_other_half() -> None:
    script = finds("FFFFFFF")
    script[3] = [find(Box(300, 160, 320, 200))]
    assert covered(followed(script)[3], square(320))


def test_a_box_that_almost_touches_the_edge_reaches_to_it() -> None:
    (sighting,) = followed([[find(Box(4, 5, 44, 45)), find(Box(596, 315, 636, 356))]])[0][:1]
    assert (sighting.box.left, sighting.box.top) == (0, 0)
    far = followed([[find(Box(596, 315, 636, 356))]])[0][0].box
    assert (far.right, far.bottom) == (640, 360)
    inner = Box(300, 100, 340, 140)
    assert followed([[find(inner)]])[0][0].box == inner


def test_what_has_left_the_picture_is_not_hidden_outside_of_it() -> None:
    found = followed(finds("FFF...", lambda n: square(600 + 60 * n)))
    assert all(each.box.left < SIZE.width for on in found for each in on)


def test_time_is_counted_in_seconds_where_the_rate_varies() -> None:
    starts = [Fraction(n, 100) for n in (0, 50, 80, 81, 82, 100, 101, 102, 121, 170)]
    script: list[Finds] = [[], [], [], [], [find(square(320))], [], [], [], [], []]
    found = followed(script, clip(starts), Hold(Fraction(1), Fraction(1, 5)))
    # The find is shown from 0.82 to 1.00 s. 0.50 is shown until 0.80; 1.21 comes more than 0.2 s after 1.00.
    assert ["#" if on else "." for on in found] == list(".#######..")


def test_at_a_frame_a_second_the_frames_next_to_a_find_are_hidden() -> None:
    script: list[Finds] = [[], [], [find(square(320))], [], []]
    found = followed(script, clip(every(5, Fraction(2))), HOLD)
    assert [bool(on) for on in found] == [False, True, True, True, False]


def test_a_clip_of_one_frame_is_searched_and_comes_out() -> None:
    (on,) = followed(finds("F"))
    assert [(each.track, each.label, each.box) for each in on] == [(1, "face", square(320))]
    assert followed([]) == []


def test_vehicles_are_never_hidden() -> None:
    assert followed([[Detection("vehicle", square(320), 0.9)]]) == [()]


def test_a_face_and_a_plate_in_one_place_are_two_tracks() -> None:
    face, plate = find(square(320)), find(square(320), label="plate")
    for on in followed([[face], [plate]]):
        assert {(each.track, each.label) for each in on} == {(1, "face"), (2, "plate")}


def test_a_weak_find_of_what_is_found_already_is_no_second_track() -> None:
    found = followed([[find(square(320)), find(square(324), 0.5)]] * 6)
    assert {each.track for on in found for each in on} == {1}


@pytest.mark.parametrize("prompt", [False, True])
def test_frames_come_out_as_they_went_in_and_no_later_than_promised(*, prompt: bool) -> None:
    frames, taken, detector = clip(every(30)), list[int](), Scripted(finds("." * 30))
    for n, (frame, _) in enumerate(follow(one_by_one(frames, taken), detector, HOLD, SIZE, prompt=prompt)):
        assert frame is frames[n]
        assert taken[-1] - n <= (5 if prompt else 6)
    assert n == 29


@pytest.mark.parametrize("prompt", [False, True])
def test_no_more_frames_are_held_than_the_bounds_say_whatever_is_asked_for(*, prompt: bool) -> None:
    for hold, step, most in ((Hold(Fraction(60)), STEP, 15), (Hold(), Fraction(1, 1000), MOST_FRAMES - 1)):
        taken = list[int]()
        frames = clip(every(300, step))
        for frame, _ in follow(one_by_one(frames, taken), Scripted([[]] * 300), hold, SIZE, prompt=prompt):
            assert taken[-1] - frame.index <= most + (not prompt)


@pytest.mark.parametrize("prompt", [False, True])
def test_large_frames_are_held_up_to_so_many_bytes(monkeypatch: pytest.MonkeyPatch, *, prompt: bool) -> None:
    monkeypatch.setattr("privmask.detect.follow.MOST_BYTES", 64 * 36 * 3)
    taken = list[int]()
    for frame, _ in follow(one_by_one(clip(every(20)), taken), Scripted([[]] * 20), HOLD, SIZE, prompt=prompt):
        assert taken[-1] - frame.index <= 3 + (not prompt)


class Waiting(Scripted):
    """A detector that is not ready with the second frame before it is `free`."""

    def __init__(self) -> None:
        super().__init__(finds("..."))
        self.began, self.free = threading.Event(), threading.Event()
        self.searched = list[bool]()

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        if frame.index == 1:
            self.began.set()
            self.searched.append(self.free.wait(10))
        return super().detect(frame)


def test_a_frame_is_hidden_while_the_next_one_is_searched() -> None:
    detector = Waiting()
    for frame, _ in follow(clip(every(3)), detector, Hold(look_ahead=Fraction(0)), SIZE):
        if frame.index == 0:
            assert detector.began.wait(10)
            detector.free.set()
    assert detector.searched == [True]


def test_who_leaves_while_a_frame_is_searched_waits_for_it() -> None:
    detector = Waiting()
    pairs = follow(clip(every(3)), detector, Hold(look_ahead=Fraction(0)), SIZE)
    next(pairs)
    assert detector.began.wait(10)
    leaving = threading.Thread(target=pairs.close)
    leaving.start()
    while leaving.is_alive() and inspect.getgeneratorstate(pairs) != inspect.GEN_RUNNING:
        pass
    detector.free.set()
    leaving.join(10)
    assert detector.searched == [True]
    assert not any(each.name == "privmask-search" for each in threading.enumerate())


def test_memory_of_finds_stays_flat() -> None:
    count = 2000
    tally = Tally()
    pairs = follow(clip(every(count)), Scripted(finds("F" * count)), HOLD, SIZE, tally=tally)
    for frame, _ in pairs:
        if frame.index == count // 2:
            links = pairs.gi_frame.f_locals["links"]  # type: ignore[attr-defined]  # a generator
            assert [len(track.times) < 50 for track in links.linker.tracks] == [True]
    assert tally == Tally(frames=count, failed=0, tracks=1)


def test_a_detector_that_fails_ends_it() -> None:
    script: list[Finds | None] = [*finds("FFF"), None, *finds("FF")]
    with pytest.raises(DetectorError, match="frame 3"):
        followed(script)


def test_a_frame_that_could_not_be_searched_is_hidden_whole_if_asked_for() -> None:
    script: list[Finds | None] = [*finds("FFF"), None, *finds("FF")]
    tally = Tally()
    out = list(follow(clip(every(6)), Scripted(script), HOLD, SIZE, failing="hide", tally=tally))
    assert [frame.hide_all for frame, _ in out] == [False] * 3 + [True] + [False] * 2
    assert all(covered(sightings, square(320)) for _, sightings in out)
    assert (tally.failed, tally.frames) == (1, 6)


def test_a_frame_that_is_hidden_whole_already_is_not_searched() -> None:
    detector = Scripted(finds("FFFFFF"))
    out = list(follow(clip(every(6), hide_all=[2, 3]), detector, HOLD, SIZE))
    assert detector.asked == [0, 1, 4, 5]
    assert len(out) == 6


def test_it_can_be_left_early() -> None:
    closed = []

    def frames() -> Generator[Frame, None, None]:
        try:
            yield from clip(every(20))
        finally:
            closed.append(True)

    source = frames()
    pairs = follow(source, Scripted([[]] * 20), HOLD, SIZE)
    next(pairs)
    pairs.close()
    source.close()
    assert closed == [True]


places = st.builds(square, st.integers(20, 620), st.integers(20, 340), st.integers(10, 120))
found_here = st.lists(st.builds(find, places, st.sampled_from((0.35, 0.5, 0.9))), max_size=3)


@given(st.lists(st.tuples(found_here, st.integers(0, 2), st.integers(1, 900)), min_size=1, max_size=20))
def test_every_sure_find_is_hidden_whole_on_its_frame(drawn: list[tuple[Finds, int, int]]) -> None:
    """Whatever is found, wherever shots end and however long frames are shown."""
    script = [found for found, _, _ in drawn]
    starts = [Fraction(sum(length for _, _, length in drawn[:n]), 1000) for n in range(len(drawn))]
    frames = clip(starts, [shot for _, shot, _ in drawn])
    out = list(follow(frames, Scripted(script), HOLD, SIZE))
    assert [frame for frame, _ in out] == frames
    for found, (_, sightings) in zip(script, out, strict=True):
        assert all(any(holds(on.box, each.box) for on in sightings) for each in found if each.score >= 0.6)
        assert len({each.track for each in sightings}) == len(sightings)


@given(st.lists(st.tuples(st.floats(0.01, 0.8), st.floats(-20, 20), st.booleans()), min_size=2, max_size=12))
def test_a_speed_that_is_remembered_is_the_one_that_would_be_worked_out(steps: list[tuple[float, float, bool]]) -> None:
    track, seconds, x = Track(1, "face"), 0.0, 50.0
    for passed, across, forgetting in steps:
        seconds, x = seconds + passed, x + across
        track.add(seconds, seconds, Detection("face", Box(x, 0, x + 10, 10), 0.8), RULES)
        if forgetting:
            track.forget(seconds - 2.4)
        forgetful = copy(track)
        last = len(track.times) - 1
        for number in range(last + 1):
            forgetful._speeds, forgetful._onward = {}, None
            assert track.speed_after(number, 0) == forgetful.speed_after(number, 0)
            assert track.speed_before(number, last) == forgetful.speed_before(number, last)
        assert track.expected(seconds + 0.1, RULES) == forgetful.expected(seconds + 0.1, RULES)
    assert len(track._speeds) < 5
