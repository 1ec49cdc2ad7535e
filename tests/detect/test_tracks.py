"""Tracks of a whole clip: on which frames they hide what, and how they are written and read as text."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privmask.detect.trackfile import MOST_LINE, read_tracks, write_tracks
from privmask.detect.tracks import KeyBoxes, Tracks, as_rows, merge
from privmask.errors import PlanError
from privmask.geometry import Box
from privmask.sighting import Sighting
from tests.detect.drawing import SIZE, clip, every, holds, square

HEADER = {"format": "privmask.tracks.v1", "frame": [640, 360]}


def line(at: int | str | float, track: Any = 1, box: Any = (100, 100, 40, 40), label: Any = "face") -> dict[str, Any]:
    return {"frame" if type(at) is int else "time": at, "track": track, "label": label, "box": box}


def written(folder: Path, *lines: dict[str, Any] | str, header: dict[str, Any] | str = HEADER) -> Path:
    path = folder / "tracks.jsonl"
    texts = [each if isinstance(each, str) else json.dumps(each) for each in (header, *lines)]
    path.write_text("\n".join(texts), "utf-8")
    return path


def read(folder: Path, *lines: dict[str, Any] | str, header: dict[str, Any] | str = HEADER) -> Tracks:
    return read_tracks(written(folder, *lines, header=header), SIZE)


def complaints(folder: Path, *lines: dict[str, Any] | str, header: dict[str, Any] | str = HEADER) -> list[str]:
    with pytest.raises(PlanError) as caught:
        read(folder, *lines, header=header)
    return [each.partition("tracks.jsonl: ")[2] for each in caught.value.complaints]


def drawn(tracks: Tracks, starts: Sequence[Fraction]) -> str:
    return "".join(".#"[bool(sightings)] for _, sightings in tracks.along(clip(starts)))


def keyed(
    track: int, keys: Sequence[float], boxes: Sequence[Box], unit: Any = "frame", label: Any = "face"
) -> KeyBoxes:
    import numpy as np

    return KeyBoxes(track, label, unit, np.array(keys, float), as_rows(boxes))


def test_a_track_is_hidden_from_its_first_line_to_its_last_and_no_further(tmp_path: Path) -> None:
    tracks = read(tmp_path, line(3), line(7))
    assert drawn(tracks, every(10)) == "...#####.."


def test_between_two_lines_the_box_goes_straight_from_one_to_the_other(tmp_path: Path) -> None:
    tracks = read(tmp_path, line(0, box=[100, 100, 40, 40]), line(4, box=[180, 60, 80, 80]))
    places = [on[0].box for _, on in tracks.along(clip(every(5)))]
    assert places[0] == Box(100, 100, 140, 140)
    assert places[2] == Box(140, 80, 200, 140)
    assert places[4] == Box(180, 60, 260, 140)


def test_lines_may_come_in_any_order(tmp_path: Path) -> None:
    assert drawn(read(tmp_path, line(7), line(3)), every(10)) == "...#####.."


def test_a_time_means_every_frame_that_is_shown_then(tmp_path: Path) -> None:
    assert drawn(read(tmp_path, line("0.35")), every(8)) == "...#...."
    assert drawn(read(tmp_path, line("0.3")), every(8)) == "...#...."
    assert drawn(read(tmp_path, line(0.25), line("0.41")), every(8)) == "..###..."
    uneven = [Fraction(n, 10) for n in (0, 1, 20, 21, 90)]
    assert drawn(read(tmp_path, line(1.5), line(2.05)), uneven) == ".##.."


def test_times_count_from_the_first_frame_of_the_clip(tmp_path: Path) -> None:
    late = [3600 + start for start in every(8)]
    assert drawn(read(tmp_path, line("0.3")), late) == "...#...."


def test_a_frame_is_hidden_wherever_a_track_by_time_is_while_it_is_shown(tmp_path: Path) -> None:
    tracks = read(tmp_path, line("0", box=[100, 100, 40, 40]), line("0.2", box=[300, 100, 40, 40]))
    first, second, third = [on for _, on in tracks.along(clip(every(3)))]
    assert first[0].box == Box(100, 100, 240, 140)
    assert second[0].box == Box(200, 100, 340, 140)
    assert third[0].box == Box(300, 100, 340, 140)


def test_the_last_frame_counts_as_shown_for_ever_where_nobody_knows_its_end(tmp_path: Path) -> None:
    assert drawn(read(tmp_path, line("100")), every(4)) == "...#"


def test_a_box_that_has_left_the_picture_is_not_hidden(tmp_path: Path) -> None:
    tracks = read(tmp_path, line(0, box=[600, 0, 40, 40]), line(4, box=[760, 0, 40, 40]))
    assert drawn(tracks, every(5)) == "#...."


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    boxes = [square(100.126 + n, 99.994) for n in range(5)]
    tracks = Tracks(
        SIZE,
        (keyed(1, range(2, 7), boxes), keyed(4, [0.5, 1.25], boxes[:2], "time", "plate")),
        frozenset({"face"}),
        10,
        frozenset({7}),
        "0123456789abcdef" * 4,
    )
    again = round_trip(tracks, tmp_path)
    for name in ("size", "searched", "frames", "failed", "original_sha256"):
        assert getattr(again, name) == getattr(tracks, name)
    assert [(each.track, each.label, each.unit, each.keys.tolist()) for each in again.keyed] == [
        (each.track, each.label, each.unit, each.keys.tolist()) for each in tracks.keyed
    ]
    for one, other in zip(again.keyed, tracks.keyed, strict=True):
        for found, wanted in zip(one.boxes.tolist(), other.boxes.tolist(), strict=True):
            assert holds(Box(*found), Box(*wanted))
            assert found == pytest.approx(wanted, abs=0.011)


def round_trip(tracks: Tracks, folder: Path) -> Tracks:
    file = io.BytesIO()
    write_tracks(tracks, file)
    path = folder / "again.jsonl"
    path.write_bytes(file.getvalue())
    return read_tracks(path, tracks.size)


@given(
    st.lists(
        st.tuples(*[st.floats(-900, 900), st.floats(-900, 900), st.floats(0.01, 900), st.floats(0.01, 900)]), min_size=1
    )
)
def test_no_box_gets_smaller_on_its_way_through_a_file(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[float, float, float, float]]
) -> None:
    boxes = [Box(0, 0, 1, 1), *(Box(x, y, x + width, y + height) for x, y, width, height in drawn)]
    tracks = Tracks(SIZE, (keyed(1, range(len(boxes)), boxes),))
    (again,) = round_trip(tracks, tmp_path_factory.mktemp("tracks")).keyed
    assert all(holds(Box(*row), box) for row, box in zip(again.boxes.tolist(), boxes, strict=True))


def test_a_byte_order_mark_empty_lines_and_other_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "tracks.jsonl"
    text = "\ufeff" + json.dumps(HEADER) + "\r\n\r\n" + json.dumps(line(1)) + "\r\n\r\n"
    path.write_bytes(text.encode())
    assert drawn(read_tracks(path, SIZE), every(3)) == ".#."


def test_frames_that_failed_are_hidden_whole() -> None:
    out = list(Tracks(SIZE, failed=frozenset({1})).along(clip(every(3))))
    assert [frame.hide_all for frame, _ in out] == [False, True, False]


def test_tracks_of_two_sources_keep_apart() -> None:
    one = Tracks(SIZE, (keyed(3, [0, 5], [square(100)] * 2),), frozenset({"face"}), 6)
    other = Tracks(SIZE, (keyed(1, [2, 4], [square(300)] * 2, label="plate"),), frozenset({"plate"}))
    both = merge(one, other)
    assert [(each.track, each.label) for each in both.keyed] == [(3, "face"), (4, "plate")]
    assert both.searched == {"face", "plate"}
    assert both.frames == 6
    with pytest.raises(PlanError, match="cannot be merged"):
        merge(one, replace(other, frames=7))


def test_doubtful_tracks_stay_so_in_a_file_and_beside_others(tmp_path: Path) -> None:
    ways = tuple(keyed(number, [0, 5], [square(100 * number)] * 2) for number in (1, 2))
    tracks = Tracks(SIZE, ways, doubtful=frozenset({2}))
    assert round_trip(tracks, tmp_path).doubtful == {2}
    assert merge(tracks, tracks).doubtful == {2, 4}


def test_sightings_of_a_detector_are_numbered_after_those_of_a_file() -> None:
    tracks = Tracks(SIZE, (keyed(3, [0], [square(100)]),))
    seen = Sighting(1, "face", square(300))
    ((_, on),) = tracks.beside([(clip(every(1))[0], (seen,))])
    assert [each.track for each in on] == [3, 4]


def test_frames_that_the_clip_does_not_have_are_told(tmp_path: Path) -> None:
    tracks = read(tmp_path, line(3, 1), line(12, 2))
    with pytest.raises(PlanError, match="track 2: goes to frame 12, but the clip has only 10 frames"):
        tracks.check_frames(10)
    with pytest.raises(PlanError, match="track 2: goes to frame 12"):
        list(tracks.along(clip(every(10))))
    with pytest.raises(PlanError, match="track 2: goes to frame 12"):
        read_tracks(written(tmp_path, line(12, 2)), SIZE, frames=12)
    tracks.check_frames(13)


def test_tracks_of_a_clip_with_another_number_of_frames_are_told(tmp_path: Path) -> None:
    tracks = read(tmp_path, line(3), header={**HEADER, "frames": 20})
    with pytest.raises(PlanError, match="are of a clip of 20 frames, but this one has 10"):
        list(tracks.along(clip(every(10))))


def test_a_track_that_begins_after_the_clip_is_told(tmp_path: Path) -> None:
    *frames, last = clip(every(10))
    tracks = read(tmp_path, line("1.0", 5))
    with pytest.raises(PlanError, match="track 5: goes to 1 s"):
        list(tracks.along([*frames, replace(last, end=last.pts + 9000)]))


def test_a_clip_without_frames_is_nothing_to_complain_of_here() -> None:
    assert list(Tracks(SIZE, frames=3).along([])) == []


WRONG_LINES = [
    (line(-1), "frame is -1; expected a whole number"),
    (line(True), "time is True"),
    ({**line(1), "frame": 1.0}, "frame is 1.0; expected a whole number"),
    ({**line(1), "frame": 10**12}, "frame is 1000000000000; expected"),
    (line("-0.5"), "time is '-0.5'"),
    (line(-0.5), "time is -0.5"),
    (line("1e5"), "time is '1e5'"),
    ('{"time": NaN, "track": 1, "label": "face", "box": [1, 2, 3, 4]}', "NaN is no number"),
    ('{"frame": 1, "track": 1, "label": "face", "box": [1, 2, Infinity, 4]}', "Infinity is no number"),
    ('{"frame": 1, "track": 1, "label": "face", "box": [1, 2, 1e999, 4]}', "box is [1, 2, inf, 4]"),
    ('{"frame": 1, "frame": 2, "track": 1, "label": "face", "box": [1, 2, 3, 4]}', "the same key stands there twice"),
    ({**line(1), "time": 1}, 'either "frame" or "time"'),
    ({"track": 1, "label": "face", "box": [1, 2, 3, 4]}, 'either "frame" or "time"'),
    (line(1, box=[1, 2, -3, 4]), "its width and height must be more than 0"),
    (line(1, box=[1, 2, 3, 0]), "its width and height must be more than 0"),
    (line(1, box=[1, 2, 3]), "expected [left, top, width, height]"),
    (line(1, box=[1, 2, 3, "4"]), "expected [left, top, width, height]"),
    (line(1, box=[1, 2, 3, 4e9]), "expected [left, top, width, height]"),
    (line(1, box=None), "box is missing"),
    (line(1, track=0), "track is 0; expected a whole number from 1"),
    (line(1, track="1"), "track is '1'"),
    (line(1, label="vehicle"), "label 'vehicle' is not known; the labels are face, plate, text, person"),
    (line(1, label=["face"]), "label ['face'] is not known"),
    ({**line(1), "lable": "face"}, "'lable' is not known; did you mean 'label'?"),
    ("[1, 2]", "is no JSON object"),
    ('{"frame": 1', "is not JSON"),
    ("[" * 5000, "is not JSON"),
    ("1" * 5000, "is not JSON"),
]


@pytest.mark.parametrize(("wrong", "said"), WRONG_LINES)
def test_a_wrong_line_is_told_with_its_number(tmp_path: Path, wrong: dict[str, Any] | str, said: str) -> None:
    (complaint,) = complaints(tmp_path, line(1, 7), wrong)
    assert complaint.startswith("line 3: ")
    assert said in complaint


WRONG_HEADERS = [
    ("", "is not JSON"),
    ("privmask", "is not JSON"),
    (line(1), "format is missing; a tracks file opens with a header of format 'privmask.tracks.v1'"),
    ({**HEADER, "format": "privmask.tracks.v2"}, "format is 'privmask.tracks.v2'"),
    ({"format": HEADER["format"]}, "frame is missing"),
    ({**HEADER, "frame": [1920, 1080]}, "are of a picture of 1920x1080, but this clip shows 640x360"),
    ({**HEADER, "frame": [640.0, 360]}, "it is written [width, height], such as [640, 360]"),
    ({**HEADER, "frames": 0}, "frames is 0"),
    ({**HEADER, "searched": "face"}, "searched is 'face', which is no list"),
    ({**HEADER, "searched": ["ear"]}, "label 'ear' is not known"),
    ({**HEADER, "failed": [-1]}, "failed is -1"),
    ({**HEADER, "doubtful": [0]}, "doubtful is 0"),
    ({**HEADER, "original_sha256": "abc"}, "original_sha256 is 'abc'"),
    ({**HEADER, "serched": ["face"]}, "'serched' is not known; did you mean 'searched'?"),
]


@pytest.mark.parametrize(("header", "said"), WRONG_HEADERS)
def test_a_wrong_header_is_told(tmp_path: Path, header: dict[str, Any] | str, said: str) -> None:
    (complaint,) = complaints(tmp_path, line(1), header=header)
    assert complaint.startswith("line 1: ")
    assert said in complaint


def test_lines_that_contradict_each_other_are_told(tmp_path: Path) -> None:
    assert complaints(tmp_path, line(1), line(2, label="plate"), line("0.5"), line(1)) == [
        "line 3: track 1 is a plate here, but a face above",
        "line 4: track 1 goes by time here, but by frame above",
        "line 5: track 1 has a box at frame 1 already",
    ]


def test_a_box_that_was_said_long_before_is_told_in_any_order(tmp_path: Path) -> None:
    lines = [line(at) for at in (7, 3, 1, 5, 3, 9, 5)]
    assert complaints(tmp_path, *lines) == [
        f"line {number}: track 1 has a box at frame {at} already" for number, at in ((6, 3), (8, 5))
    ]


def test_a_track_that_hides_nothing_is_told(tmp_path: Path) -> None:
    assert complaints(tmp_path, line(1, box=[640, 0, 10, 10])) == ["track 1: lies outside of a picture of 640x360"]


def test_a_file_full_of_faults_is_not_told_to_its_end(tmp_path: Path) -> None:
    told = complaints(tmp_path, *["{"] * 1000)
    assert len(told) == 21
    assert told[-1] == "there may be more; the rest was not read"


def test_what_is_no_text_file_is_told_and_never_waited_for(tmp_path: Path) -> None:
    fifo, folder, latin, sparse, long = (tmp_path / name for name in ("fifo", "folder", "latin", "sparse", "long"))
    os.mkfifo(fifo)
    folder.mkdir()
    latin.write_bytes(json.dumps(HEADER).encode() + b'\n{"label": "\xe9"}')
    sparse.touch()
    os.truncate(sparse, 1 << 40)
    long.write_bytes(b" " * (MOST_LINE + 10))
    for path, said in [
        (fifo, "no regular file"),
        (folder, "Is a directory"),
        (tmp_path / "missing", "No such file"),
        (latin, "is not UTF-8"),
        (sparse, "larger than 512 MiB"),
        (long, "line 1 is longer than 1 MiB"),
    ]:
        with pytest.raises(PlanError, match=said):
            read_tracks(path, SIZE)
