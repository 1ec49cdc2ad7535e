"""A track that is to stay visible is one person from its beginning to its end, or it is doubtful. Ten frames a second.

S  surely one person        ?  doubtful        .  no track        |  a cut before the next frame
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from privmask.detect.tracks import Tracks
from privmask.detect.twopass import find_tracks
from privmask.geometry import Box
from tests.detect.drawing import HOLD, SIZE, Finds, Scripted, both, clip, every, finds, holds, shots, square


def apart(script: Sequence[Finds | None], in_shot: Sequence[int] | None = None) -> Tracks:
    return find_tracks(clip(every(len(script)), in_shot), Scripted(script), HOLD, SIZE, apart=True)


def drawn(tracks: Tracks, frames: int, box: Callable[[int], Box] = lambda _: square(320)) -> str:
    """What is known of who is at `box` on each frame."""
    marks = ["."] * frames
    for each in tracks.keyed:
        for key, row in zip(each.keys, each.boxes, strict=True):
            if holds(Box(*row.tolist()), box(int(key))):
                marks[int(key)] = "?" if each.track in tracks.doubtful else "S"
    return "".join(marks)


def check(row: str, expected: str) -> None:
    places = shots(row)
    found = iter(drawn(apart(finds(row), places), len(places)))
    assert "".join(mark if mark == "|" else next(found) for mark in row) == expected


def test_who_is_found_all_along_is_one_person() -> None:
    check(
        "....FFFFFFFF....",
        ".?SSSSSSSSSSSS?.",
    )
    check(
        "....FF..FwwfF...",
        ".?SSSSSSSSSSSSS?",
    )


def test_who_was_not_seen_for_a_while_may_be_another_one_afterwards() -> None:
    check(
        "FFFFFFFF........FFFFFFFF",
        "SSSSSSSSSS????SSSSSSSSSS",
    )


def test_who_is_found_once_is_known_for_a_moment() -> None:
    check(
        "........F..........",
        ".....?SSSSS?.......",
    )


def test_behind_a_cut_is_another_one_even_in_the_same_place() -> None:
    check(
        "FFFFFFFFFFFF|FFFFFFFFFFFF",
        "SSSSSSS?????|??????SSSSSS",
    )


def numbers(tracks: Tracks, at: int, box: Box) -> set[int]:
    found = set()
    for each in tracks.keyed:
        where = each.on(at, at)
        if where is not None and holds(where, box):
            found.add(each.track)
    return found - tracks.doubtful


def test_no_number_is_on_both_sides_of_a_doubt() -> None:
    row = "FFFFFFFF........FFFFFFFF|FFFFFFFFFFFF"
    tracks = apart(finds(row), shots(row))
    seen = [numbers(tracks, at, square(320)) for at in (3, 17, 33)]
    assert seen == [{1}, {3}, {6}]


def walking(row: str, start: float, speed: float, y: float = 180) -> list[Finds]:
    return finds(row, lambda n: square(start + speed * n, y))


def test_when_two_people_pass_each_other_nobody_is_sure_who_is_who() -> None:
    everywhere = "F" * 60
    script = both(walking(everywhere, 30, 10), walking(everywhere, 620, -10, y=190))
    tracks = apart(script)
    assert drawn(tracks, 60, lambda n: square(30 + 10 * n)) == "S" * 22 + "?" * 16 + "S" * 22
    assert drawn(tracks, 60, lambda n: square(620 - 10 * n, 190)) == "S" * 22 + "?" * 16 + "S" * 22


def test_people_side_by_side_are_told_apart() -> None:
    tracks = apart(both(walking("F" * 30, 100, 5), walking("F" * 30, 165, 5)))
    assert (len(tracks.keyed), tracks.doubtful) == (2, frozenset())


def test_somebody_who_was_not_seen_while_he_passed_is_found_to_have_been_near() -> None:
    subject, other = walking("F" * 40, 320, 0), walking("FFFFFFFFFFFF.......FFFFFFFFFFFFFFFFFFFFF", 130, 12)
    tracks = apart(both(subject, other))
    assert drawn(tracks, 40)[10:21] == "?" * 11


def test_a_track_that_jumps_to_somebody_else_ends_there() -> None:
    subject = "F" * 15 + "." * 15
    other = "." * 15 + "F" * 15
    script = both(walking(subject, 320, 0), walking(other, 352, 0))
    tracks = apart(script)
    assert drawn(tracks, 30, lambda n: square(320 if n < 15 else 352)) == "S" * 10 + "?" * 11 + "S" * 9
    assert numbers(tracks, 3, square(320)) & numbers(tracks, 28, square(352)) == set()


def test_who_is_hardly_found_beside_is_somebody_all_the_same() -> None:
    subject, other = walking("F" * 40, 320, 0), walking("...............w....w...................", 340, 0)
    assert "?" in drawn(apart(both(subject, other)), 40)


ROWS = st.text("F..w", min_size=30, max_size=30)


@given(ROWS, ROWS, st.integers(-8, 8), st.integers(-8, 8))
def test_parts_hide_on_each_frame_what_whole_tracks_hide(one: str, other: str, fast: int, slow: int) -> None:
    script = both(walking(one, 300, fast), walking(other, 340, slow))
    frames = clip(every(30))
    whole = find_tracks(frames, Scripted(script), HOLD, SIZE)
    parts = find_tracks(frames, Scripted(script), HOLD, SIZE, apart=True)
    for frame in frames:
        boxes = [sorted((each.box.left, each.box.top) for each in tracks.at(frame)) for tracks in (whole, parts)]
        assert boxes[0] == boxes[1]
