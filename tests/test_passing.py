"""Groups of pictures with nothing to hide travel as they are: which ones, and how it is stated and proved."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from privmask import CopyError, Mask, MaskPlan, Reading, Result, Writing, mask_clip
from privmask.errors import DamagedFootageError
from privmask.frame import Frame
from privmask.geometry import Box
from privmask.masks import DynamicMask, Follow
from privmask.video import Route, Source, passable
from privmask.video.mixing import MixedOutput
from privmask.watching import Looking
from tests.finders import Scripted, finder
from tests.plans import polygon
from tests.tampering.scene import KEY, NOON, Scene, check_of
from tests.tampering.wrapping import gops_of, parts_of, wrap
from tests.video.clips import make_clip
from tests.video.test_passing import packets_of, rewrapped
from tests.video.travel import CLOSED, HEVC, seen_in

FRAMES = 30
"""Six groups of five frames: each group lasts a fifth of a second."""

ZONE = Mask("window", polygon("1/4,1/4 3/4,1/4 3/4,3/4 1/4,3/4"), "Blurred")
MOVING = MaskPlan((), dynamic=(DynamicMask("face"),), follow=Follow(Fraction(1, 100), Fraction(1, 100)))
FACES = {index: Box(20, 20, 40, 40) for index in (11, 12, 13)}


def shown(start: str, end: str) -> MaskPlan:
    """The zone between two moments, in seconds of the clip."""
    return MaskPlan((replace(ZONE, start=Fraction(start), end=Fraction(end)),))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", size=(96, 64), frames=FRAMES, **CLOSED)


def way(result: Result) -> str:
    """Each group of five frames as a dot if it travelled, else as #."""
    travelled = {group.frame // 5 for group in result.passed_through.groups}
    return "".join("." if group in travelled else "#" for group in range(6))


def stated(result: Result) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(result.statement.read_bytes())["predicate"]
    return said


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("1/5", "2/5", ".#...."),
        ("3/10", "7/10", ".###.."),
        ("1/5", "21/100", ".#...."),
        ("19/100", "1/5", "#....."),
        ("119/100", "2", ".....#"),
        ("5", "6", ".....#"),
        ("0", "2", "######"),
    ],
)
def test_a_group_travels_where_no_zone_holds_on_any_of_its_frames(
    clip: Path, tmp_path: Path, start: str, end: str, expected: str
) -> None:
    """The last frame lasts for nobody knows how long, so that a zone that begins later may hold on it."""
    result = mask_clip(clip, tmp_path / "copy.mp4", shown(start, end))
    assert way(result) == expected
    pictures = zip(seen_in(clip), seen_in(result.copy), strict=True)
    assert [one.digest == other.digest for one, other in pictures] == [
        each == "." for each in expected for _ in range(5)
    ]
    assert (result.passed_through.why_not is None) == ("." in expected)


def test_zones_by_the_hours_of_the_day_decide_as_well(clip: Path, tmp_path: Path) -> None:
    plan = MaskPlan((replace(ZONE, hours=((time(18), time(6)),)),))
    began = datetime(2026, 11, 23, 17, 59, 59, 500_000, tzinfo=UTC)
    assert way(mask_clip(clip, tmp_path / "copy.mp4", plan, recorded_at=began)) == "..####"
    nobody_knows = mask_clip(clip, tmp_path / "unknown.mp4", plan)
    assert way(nobody_knows) == "######"


@pytest.mark.parametrize(
    ("plan", "made", "why"),
    [
        (shown("1/5", "2/5"), {"writing": Writing(pass_through=False)}, "it was not wanted"),
        (MaskPlan((ZONE,)), {}, "a zone without times is hidden on every frame"),
        (shown("0", "2"), {}, "no group of pictures is free of what is hidden"),
        (shown("1/5", "2/5"), {"reading": Reading(damaged="hide")}, "what is damaged is to be hidden"),
        (
            MOVING,
            {"looking": Looking(finder=finder(Scripted(dict.fromkeys(range(FRAMES), Box(20, 20, 40, 40)))))},
            "no group of pictures is free of what is hidden",
        ),
    ],
)
def test_why_nothing_travelled_is_answered_and_stated(
    clip: Path, tmp_path: Path, plan: MaskPlan, made: dict[str, Any], why: str
) -> None:
    result = mask_clip(clip, tmp_path / "copy.mp4", plan, **made)
    assert way(result) == "######"
    assert why in str(result.as_data()["passed_through"]["why_not"])
    assert stated(result)["passed_through"] == {
        "groups": [],
        "frames": 0,
        "why_not": result.as_data()["passed_through"]["why_not"],
    }


@pytest.mark.parametrize(("suffix", "expected"), [(".mp4", "######"), (".mkv", ".#...."), (".ts", "######")])
def test_where_only_a_container_tells_the_range_of_colours_a_copy_has_it_on_every_frame(
    tmp_path: Path, suffix: str, expected: str
) -> None:
    """x264 leaves out a limited range that stands alone: an mkv has a place of its own for it, mp4 and ts have none."""
    clip = make_clip(tmp_path / "clip.mkv", size=(96, 64), frames=FRAMES, color=(1, 2, 2, 2), **CLOSED)
    result = mask_clip(clip, tmp_path / f"copy{suffix}", shown("1/5", "2/5"))
    assert way(result) == expected
    assert (result.passed_through.why_not is None) == (suffix == ".mkv")
    for each in (clip, result.copy):
        with av.open(str(each)) as container:
            assert {frame.color_range for frame in container.decode(video=0)} == {1}


def test_groups_on_which_nothing_was_found_travel_after_a_first_pass(clip: Path, tmp_path: Path) -> None:
    looking = Looking(finder=finder(Scripted(FACES)), two_pass=True)
    result = mask_clip(clip, tmp_path / "copy.mp4", MOVING, looking=looking, signer=KEY, clock=lambda: NOON)
    assert way(result) == "..#..."
    assert result.sightings == {"face": 1}
    scene = Scene(tmp_path, result.copy, clip)
    scene.trust(KEY)
    assert scene.verify(with_original=True).holds


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ((), "......"),
        ((0,), "#....."),
        ((29,), ".....#"),
        ((12,), "..#..."),
        ((4, 5, 17), "##.#.."),
        ((7, 22, 23), ".#..#."),
        ((2, 8, 13, 18), "####.."),
        ((6, 21), ".#..#."),
    ],
)
@pytest.mark.parametrize("two_pass", [False, True])
def test_what_is_found_decides_in_one_pass_as_in_two(
    clip: Path, tmp_path: Path, found: Sequence[int], expected: str, two_pass: bool
) -> None:
    """A track that holds for a hundredth of a second stays on the frames on which it was found."""
    faces = dict.fromkeys(found, Box(20, 20, 40, 40))
    looking = Looking(finder=finder(Scripted(faces)), two_pass=two_pass)
    result = mask_clip(clip, tmp_path / "copy.mp4", MOVING, looking=looking, signer=KEY, clock=lambda: NOON)
    assert way(result) == expected
    pictures = zip(seen_in(clip), seen_in(result.copy), strict=True)
    assert [one.digest == other.digest for one, other in pictures] == [
        each == "." for each in expected for _ in range(5)
    ]
    scene = Scene(tmp_path, result.copy, clip)
    scene.trust(KEY)
    assert scene.verify(with_original=True).holds


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [("24/25", "1", "....#."), ("4/5", "21/25", "....#."), ("29/25", "6/5", ".....#"), ("0", "1/25", "#.....")],
)
def test_what_is_hidden_on_the_last_or_the_first_frame_of_a_group_alone_keeps_all_of_it(
    clip: Path, tmp_path: Path, start: str, end: str, expected: str
) -> None:
    """In one pass; what is found is hidden for a moment before and after, and never on one frame alone, as a zone may be."""
    plan = replace(MOVING, masks=shown(start, end).masks)
    looking = Looking(finder=finder(Scripted({})))
    assert way(mask_clip(clip, tmp_path / "copy.mp4", plan, looking=looking)) == expected


def test_groups_that_are_too_long_to_wait_are_masked_and_the_others_travel(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = Looking(finder=finder(Scripted(FACES)))
    frame = 96 * 64 * 3 // 2
    monkeypatch.setattr(passable, "MOST_HELD", 5 * frame)
    assert way(mask_clip(clip, tmp_path / "held.mp4", MOVING, looking=looking)) == "..#..."
    monkeypatch.setattr(passable, "MOST_HELD", 5 * frame - 1)
    result = mask_clip(clip, tmp_path / "long.mp4", MOVING, looking=looking)
    assert way(result) == "######"
    assert "too long to be held" in str(result.passed_through.why_not)


@pytest.mark.parametrize(("lost", "words"), [(14, "at another time"), (29, "is missing")])
def test_frames_that_are_not_those_of_the_packets_end_the_job(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: int, words: str
) -> None:
    every = Source.frames

    def some(source: Source, route: Route | None = None) -> Iterator[Frame]:
        return (frame for frame in every(source, route) if frame.index != lost)

    monkeypatch.setattr(Source, "frames", some)
    with pytest.raises(DamagedFootageError, match=words):
        mask_clip(clip, tmp_path / "copy.mp4", MOVING, looking=Looking(finder=finder(Scripted(FACES))))
    assert list(tmp_path.iterdir()) == []


def test_groups_of_which_a_file_of_tracks_says_nothing_travel(clip: Path, tmp_path: Path) -> None:
    tracks = tmp_path / "tracks.jsonl"
    header = {"format": "privmask.tracks.v1", "frame": [96, 64], "searched": ["face"]}
    box = {"frame": 22, "track": 1, "label": "face", "box": [20, 20, 40, 40]}
    tracks.write_text("\n".join(map(json.dumps, (header, box, {**box, "frame": 23}))))
    result = mask_clip(clip, tmp_path / "copy.mp4", MOVING, looking=Looking(tracks=tracks))
    assert way(result) == "....#."


def test_the_copy_has_the_originals_codec_where_some_of_it_travels(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=FRAMES, **HEVC)
    assert mask_clip(clip, tmp_path / "some.mp4", shown("1/5", "2/5")).codec_out == "hevc"
    assert mask_clip(clip, tmp_path / "none.mp4", shown("0", "2")).codec_out == "h264"
    asked = mask_clip(clip, tmp_path / "asked.mp4", shown("1/5", "2/5"), writing=Writing(codec="h264"))
    assert (asked.codec_out, way(asked)) == ("h264", "######")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
@pytest.mark.parametrize("what", [CLOSED, HEVC], ids=["H.264", "HEVC"])
def test_what_travelled_is_listed_and_proved(tmp_path: Path, what: dict[str, Any], suffix: str) -> None:
    scene = made_scene(tmp_path, suffix, what)
    said = scene.predicate()
    gops = said["copy"]["gops"]
    assert [gop["start"] for gop in gops] == ["0", "1/5", "2/5", "3/5", "4/5", "1"]
    frames = [(0, 0), (2, 10), (3, 15), (4, 20), (5, 25)]
    assert said["passed_through"] == {
        "frames": 25,
        "groups": [{"frame": frame, **gops[group]} for group, frame in frames],
        "why_not": None,
    }
    assert said["self_check"]["frames"] == FRAMES
    for with_original in (False, True):
        verdict = scene.verify(with_original=with_original)
        assert [check.reason for check in verdict.checks if check.outcome == "FAIL"] == []
        assert verdict.holds
    assert "25 travelled packet by packet" in check_of(verdict, 14).reason


def made_scene(folder: Path, suffix: str = ".mp4", what: dict[str, Any] = CLOSED) -> Scene:
    """A signed copy of which the second group is painted."""
    clip = make_clip(folder / "clip.mkv", size=(96, 64), frames=FRAMES, **what)
    copy = folder / f"copy{suffix}"
    mask_clip(clip, copy, shown("1/5", "2/5"), signer=KEY, clock=lambda: NOON)
    scene = Scene(folder, copy, clip)
    scene.trust(KEY)
    return scene


def claim(*groups: int) -> Callable[[dict[str, Any]], None]:
    """What an insider states: that these groups travelled as they are."""

    def change(said: dict[str, Any]) -> None:
        listed = [{"frame": 5 * group, **said["copy"]["gops"][group]} for group in groups]
        said["passed_through"] = {"groups": listed, "frames": 5 * len(groups), "why_not": None}

    return change


def test_a_group_with_something_to_hide_cannot_be_said_to_have_travelled(tmp_path: Path) -> None:
    """An insider leaves a zone open, and says that nothing was to be hidden there."""
    scene = made_scene(tmp_path)
    scene.restate(claim(0, 1, 2, 3, 4, 5))
    found = check_of(scene.verify(with_original=False), 12)
    assert found.outcome == "FAIL"
    assert (
        "frame 5 (0.200 s): it travelled as it is in the original, and something has to be hidden on it" in found.reason
    )


def test_pictures_that_are_not_the_originals_cannot_be_said_to_have_travelled(tmp_path: Path) -> None:
    """An insider puts the pictures of one quiet group in the place of another; without the original nobody can tell."""
    scene = made_scene(tmp_path)
    groups = gops_of(parts_of(scene.copy))
    ticks = groups[4][0].pts - groups[3][0].pts
    groups[3] = [part.later(-ticks) for part in groups[4]]
    wrap(scene.copy, [part for group in groups for part in group])
    scene.restate(claim(0, 2, 3, 4, 5))
    assert scene.verify(with_original=False).holds
    found = check_of(scene.verify(with_original=True), 14)
    assert found.outcome == "FAIL"
    assert "the pictures from 0.6 s on (frames 15 to 19) are said to have travelled" in found.reason


def change_group(change: dict[str, Any], said: dict[str, Any]) -> None:
    said["passed_through"]["groups"][1].update(change)


def test_what_travelled_must_be_among_the_groups_of_the_copy(tmp_path: Path) -> None:
    for change in ({"frame": 1}, {"sha256": "0" * 64}, {"packets": 4}, {"start": "1/25"}):
        folder = tmp_path / "-".join(change)
        folder.mkdir()
        scene = made_scene(folder)
        scene.edit(partial(change_group, change))
        scene.sign()
        found = check_of(scene.verify(with_original=False), 1)
        assert (found.outcome, "what travelled is not among the copy's groups" in found.reason) == ("FAIL", True)


def test_a_changed_packet_of_what_travelled_is_found_without_the_original(tmp_path: Path) -> None:
    scene = made_scene(tmp_path)
    data, packet = bytearray(scene.copy.read_bytes()), gops_of(parts_of(scene.copy))[3][2].data
    data[data.index(packet) + len(packet) // 2] ^= 1
    scene.copy.write_bytes(data)
    scene.list_sums()
    assert "pictures changed between 0.6 s and 0.8 s" in check_of(scene.verify(with_original=False), 10).reason


def test_a_statement_from_before_groups_could_travel_is_still_read(tmp_path: Path) -> None:
    scene = made_scene(tmp_path)
    scene.edit(lambda said: said.pop("passed_through"))
    scene.sign()
    assert scene.verify(with_original=False).holds


def test_a_frame_that_travels_is_asked_again_what_has_to_be_hidden_on_it(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong in finding the groups, no frame travels on which a zone holds."""
    monkeypatch.setattr("privmask.masks.cover.Cover.is_empty", property(lambda cover: not cover.moving))
    monkeypatch.setattr("privmask.copying.require_empty", lambda frame, cover: require_none(frame, cover))

    def require_none(frame: Any, cover: Any) -> None:
        if cover.tokens:
            raise CopyError(f"frame {frame.index}")

    with pytest.raises(CopyError, match="frame 5"):
        mask_clip(clip, tmp_path / "copy.mp4", shown("1/5", "2/5"))
    assert list(tmp_path.iterdir()) == []


def test_the_self_check_holds_what_travelled_against_the_original(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy with one bit of what travelled changed on the way is thrown away."""
    write = MixedOutput._write

    def careless(self: MixedOutput, number: int, units: Sequence[bytes], pts: int, *, clean: bool) -> None:
        if number == 17:
            units = [*units[:-1], units[-1][:-4] + bytes([units[-1][-4] ^ 1]) + units[-1][-3:]]
        write(self, number, units, pts, clean=clean)

    monkeypatch.setattr(MixedOutput, "_write", careless)
    with pytest.raises(CopyError, match=r"frames 15 to 19\) are said to have travelled"):
        mask_clip(clip, tmp_path / "copy.mp4", shown("1/5", "2/5"))
    assert list(tmp_path.iterdir()) == []


def scribbled(index: int, planes: list[NDArray[Any]]) -> None:
    """Noise in the zone while it is hidden."""
    if 10 <= index < 20:
        rng = np.random.default_rng(index)
        for plane in planes:
            rows, columns = plane.shape[0] // 4, plane.shape[1] // 4
            part = plane[rows + 1 : 3 * rows - 1, columns + 1 : 3 * columns - 1]
            part[:] = rng.integers(0, 255, part.shape)


LOSSLESS = {
    "h264": "keyint=5:min-keyint=1:scenecut=0:qp=0",
    "hevc": "log-level=none:frame-threads=1:pools=1:open-gop=0:keyint=5:min-keyint=1:scenecut=0:lossless=1",
}
_PARAMS = {"h264": "x264-params", "hevc": "x265-params"}


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_clips_that_differ_only_while_and_where_they_are_hidden_give_identical_copies(
    tmp_path: Path, codec: str, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The busy clip has other key frames there; its packets elsewhere are those of the quiet one.

    Only without loss are its public samples there the same; H.264 has a profile of its own for that, which is let in here.
    """
    monkeypatch.setattr("privmask.video.avc._PLAIN", {100, 244})
    fixed: dict[str, Any] = {"codec": codec, "size": (96, 64), "frames": FRAMES}
    words = LOSSLESS[codec]
    quiet = make_clip(tmp_path / "quiet.mp4", **fixed, b_frames=0, options={_PARAMS[codec]: words})
    private = {"private": scribbled, "options": {_PARAMS[codec]: words.replace("keyint=5:min", "keyint=2:min")}}
    packets, noisy = packets_of(quiet), packets_of(make_clip(tmp_path / "noisy.mp4", **fixed, b_frames=0, **private))
    busy = rewrapped(quiet, tmp_path / "busy.mp4", [*packets[:10], *noisy[10:20], *packets[20:]])
    keys = ["".join("I" if packet.is_keyframe else "P" for packet in each[10:20]) for each in (packets, noisy)]
    assert keys == ["IPPPPIPPPP", "IPIPIPIPIP"]
    copies = []
    for each in (quiet, busy):
        result = mask_clip(each, each.with_name(f"copy of {each.stem}{suffix}"), shown("2/5", "4/5"))
        assert way(result) == "..##.."
        copies.append(result.copy.read_bytes())
    assert [one.digest == other.digest for one, other in zip(seen_in(quiet), seen_in(busy), strict=True)] == [
        not 10 <= index < 20 for index in range(FRAMES)
    ]
    assert copies[0] == copies[1]


def test_what_travels_tells_what_is_not_private(clip: Path, tmp_path: Path) -> None:
    """The test above can fail: a clip that differs while nothing is hidden gives another copy."""
    other = make_clip(tmp_path / "other.mp4", size=(96, 64), frames=FRAMES, private=scribbled, **CLOSED)
    copies = [mask_clip(each, tmp_path / f"copy-{each.name}", shown("4/5", "1")).copy for each in (clip, other)]
    assert copies[0].read_bytes() != copies[1].read_bytes()
