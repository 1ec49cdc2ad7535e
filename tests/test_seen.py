from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privmask.detect.trackfile import read_tracks
from privmask.frame import PIXEL_FORMATS, Frame
from privmask.geometry import Box, Size
from privmask.seen import Seen
from privmask.sighting import LABELS, Sighting

SIZE = Size(640, 480)
SIDES = st.integers(0, 400).map(lambda quarters: quarters / 4)
BOXES = st.builds(lambda x, y, w, h: Box(x, y, x + w + 0.25, y + h + 0.25), SIDES, SIDES, SIDES, SIDES)
FRAMES = st.lists(st.dictionaries(st.integers(1, 4), BOXES, max_size=4), min_size=1, max_size=12)


def frame_of(index: int, *, hide_all: bool = False) -> Frame:
    return Frame(index, index, index + 1, Fraction(1, 25), SIZE, PIXEL_FORMATS["gray"], (), hide_all=hide_all)


def remembered(frames: list[dict[int, Box]]) -> tuple[Seen, list[Frame], list[tuple[Sighting, ...]]]:
    """Track 1 is always of the first label, and so on."""
    seen, came, said = Seen(SIZE), [], []
    for index, boxes in enumerate(frames):
        sightings = tuple(Sighting(track, LABELS[track % len(LABELS)], box) for track, box in boxes.items())
        frame = frame_of(index)
        seen.note(frame, sightings)
        came.append(frame)
        said.append(sightings)
    return seen, came, said


@given(FRAMES)
def test_every_frame_gives_back_what_was_hidden_on_it(frames: list[dict[int, Box]]) -> None:
    seen, came, said = remembered(frames)
    assert [seen.again(frame) for frame in came] == list(zip(came, said, strict=True))


@given(frames=FRAMES)
def test_the_owners_file_says_the_same_of_every_frame(
    tmp_path_factory: pytest.TempPathFactory, frames: list[dict[int, Box]]
) -> None:
    path = tmp_path_factory.mktemp("tracks") / "tracks.jsonl"
    seen, came, said = remembered(frames)
    path.write_bytes(b"".join(seen.as_file(frozenset({"face"}))))
    tracks = read_tracks(path, SIZE, len(frames))
    assert tracks.searched == {"face"}
    for frame, sightings in zip(came, said, strict=True):
        assert sorted((each.label, str(each.box)) for each in tracks.at(frame)) == sorted(
            (each.label, str(each.box)) for each in sightings
        )


def test_a_frame_that_was_hidden_whole_is_hidden_whole_again() -> None:
    seen = Seen(SIZE)
    seen.note(frame_of(0), ())
    seen.note(frame_of(1, hide_all=True), ())
    assert [seen.again(frame_of(index))[0].hide_all for index in (0, 1)] == [False, True]


def test_tracks_are_counted_by_label() -> None:
    box = Box(0, 0, 10, 10)
    seen, *_ = remembered([{1: box, 2: box}, {1: box, 5: box}])
    assert seen.counted() == {LABELS[1]: 2, LABELS[2]: 1}


def test_of_a_long_clip_little_is_kept_and_every_frame_is_known() -> None:
    boxes = [
        {track: Box(index % 300, track, index % 300 + 20, track + 30.25) for track in range(1, 9)}
        for index in range(1000)
    ]
    seen, came, said = remembered(boxes)
    assert [seen.again(came[index])[1] for index in (0, 255, 256, 999, 511, 512)] == [
        said[index] for index in (0, 255, 256, 999, 511, 512)
    ]
    assert sum(map(len, seen._packed)) < 12 * 8 * 1000
    assert len(seen._values) < 8 * 6 * 256


def test_the_owners_file_is_written_block_by_block_and_says_the_same_each_time() -> None:
    seen, *_ = remembered([{track: Box(index, 0, index + 9, 9) for track in range(1, 9)} for index in range(500)])
    file = seen.as_file(frozenset())
    part = iter(file)
    assert next(part)
    blocks = list(file)
    assert [blocks[0], *part] == blocks
    assert max(map(len, blocks)) < 2**17
    assert len(blocks) > 2
    assert list(file) == list(file) == list(seen.as_file(frozenset())) == blocks
