"""The whole clip searched first: what that hides more, and that it hides no less."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from privmask.detect.follow import Hold, Tally
from privmask.detect.twopass import find_tracks
from privmask.errors import DetectorError
from tests.detect.drawing import (
    HOLD,
    SIZE,
    Finds,
    Scripted,
    clip,
    covered,
    every,
    find,
    finds,
    followed,
    holds,
    shots,
    square,
)


def hidden(drawn: str, hold: Hold = HOLD) -> str:
    places = shots(drawn)
    frames = clip(every(len(places)), places)
    found = iter(find_tracks(frames, Scripted(finds(drawn)), hold, SIZE).along(frames))
    return "".join(mark if mark == "|" else ".#"[covered(next(found)[1], square(320), share=1)] for mark in drawn)


def check(drawn: str, expected: str) -> None:
    assert hidden(drawn) == expected


def test_what_one_pass_hides_two_passes_hide() -> None:
    check(
        "......F.......",
        "...#######....",
    )
    check(
        ".....FFFF.....",
        "..##########..",
    )


def test_a_gap_that_is_too_long_for_the_delay_line_is_bridged() -> None:
    check(
        "...F............F....",
        "####################.",
    )
    check(
        "...F................F....",
        "#######..........#######.",
    )


def test_a_track_that_is_sure_only_at_its_end_is_hidden_from_its_beginning() -> None:
    check(
        "....w.........w.....F....",
        ".#######################.",
    )


def test_several_fair_finds_count_from_the_first() -> None:
    check(
        ".....f..f..f..f....",
        "..################.",
    )


def test_nothing_is_held_over_a_cut_not_even_just_before_it_is_certain() -> None:
    places = shots("..........|F.........")
    frames = clip(every(20), places)
    tracks = find_tracks(frames, Scripted(finds("..........F.........")), Hold(Fraction(1, 2), Fraction(1)), SIZE)
    assert ["#" if on else "." for _, on in tracks.along(frames)] == list("..........##########")


def test_no_frame_is_kept_while_the_clip_is_searched() -> None:
    import weakref

    class Watched(Scripted):
        alive = 0

        def detect(self, frame):  # type: ignore[no-untyped-def]
            self.alive += 1
            weakref.finalize(frame.planes[0].samples, self.gone)
            assert self.alive <= 2
            return super().detect(frame)

        def gone(self) -> None:
            self.alive -= 1

    frames = (frame for start in range(20) for frame in clip([Fraction(start)]))
    find_tracks(frames, Watched(finds("F")), HOLD, SIZE)


def test_the_tracks_say_what_was_searched_and_what_could_not_be() -> None:
    script: list[Finds | None] = [*finds("FFF"), None, *finds("FF")]
    tally = Tally()
    tracks = find_tracks(clip(every(6)), Scripted(script), HOLD, SIZE, failing="hide", tally=tally)
    assert (tracks.searched, tracks.frames, tracks.failed) == (frozenset({"face"}), 6, frozenset({3}))
    assert tally == Tally(frames=6, failed=1, tracks=1)
    with pytest.raises(DetectorError, match="frame 3"):
        find_tracks(clip(every(6)), Scripted(script), HOLD, SIZE)


def test_a_clip_of_one_frame_and_one_of_none() -> None:
    assert len(find_tracks(clip(every(1)), Scripted(finds("F")), HOLD, SIZE).keyed) == 1
    assert find_tracks([], Scripted([]), HOLD, SIZE).keyed == ()


places = st.builds(square, st.integers(20, 620), st.integers(20, 340), st.integers(10, 120))
found_here = st.lists(st.builds(find, places, st.sampled_from((0.35, 0.5, 0.9))), max_size=2)


A_LONG_GONE_FIND_FITS_BETTER = [
    ([find(square(20, 20, 21), 0.35)], 1),
    ([], 195),
    ([find(square(20, 20, 10), 0.9)], 505),
    ([find(square(20, 20, 15), 0.35)], 201),
    ([], 1),
]


@given(st.lists(st.tuples(found_here, st.integers(1, 900)), min_size=1, max_size=20))
@example(A_LONG_GONE_FIND_FITS_BETTER)
def test_every_sure_find_is_hidden_and_no_frame_is_left_out_that_one_pass_hides(drawn: list[tuple[Finds, int]]) -> None:
    script = [found for found, _ in drawn]
    frames = clip([Fraction(sum(length for _, length in drawn[:n]), 1000) for n in range(len(drawn))])
    once = followed(script, frames)
    twice = [on for _, on in find_tracks(frames, Scripted(script), HOLD, SIZE).along(frames)]
    for found, first, second in zip(script, once, twice, strict=True):
        assert second or not first
        assert all(any(holds(on.box, each.box) for on in second) for each in found if each.score >= 0.6)
