"""Searching a whole clip: what is written, that nothing is written when anything goes wrong, and correcting it by hand."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from privmask import (
    CopyError,
    CopyExistsError,
    DetectorError,
    Found,
    Looking,
    MaskPlan,
    OriginalChangedError,
    PlanError,
    PrivmaskError,
    Progress,
    Reading,
    UnsupportedFootageError,
    detect_clip,
    mask_clip,
)
from privmask.detect.detector import Detection
from privmask.detect.trackfile import read_tracks
from privmask.frame import Frame
from privmask.geometry import Box, Size
from privmask.masks import DynamicMask, Follow, Keep
from tests.finders import Scripted, finder
from tests.plans import polygon, three_zones
from tests.video.clips import make_clip

FRAMES = 20
LEFT = Box(16, 20, 32, 40)
RIGHT = Box(64, 20, 80, 40)
FACES = MaskPlan((), dynamic=(DynamicMask("face"),), follow=Follow())


class Both(Scripted):
    """Finds one face on the left and one on the right of each frame; calls `meanwhile` on the last one."""

    def __init__(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        super().__init__({})
        self._meanwhile = meanwhile

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        super().detect(frame)
        if frame.index == FRAMES - 1:
            self._meanwhile()
        return tuple(Detection("face", box, 0.9) for box in (LEFT, RIGHT))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", size=(96, 64), frames=FRAMES, gop=10)


def found_in(clip: Path, folder: Path, detector: Scripted | None = None, plan: MaskPlan = FACES, **more: Any) -> Found:
    more = {"tracks": folder / "tracks.jsonl", "sheet": folder / "tracks.png", **more}
    return detect_clip(clip, plan, finder=finder(detector or Both()), **more)


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_tracks_and_sheet_stand_for_their_owner_only(clip: Path, tmp_path: Path) -> None:
    before = clip.read_bytes(), clip.stat().st_mtime_ns
    found = found_in(clip, tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["tracks.jsonl", "tracks.png"]
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    assert (clip.read_bytes(), clip.stat().st_mtime_ns) == before
    assert (found.file, found.sheet) == (tmp_path / "tracks.jsonl", tmp_path / "tracks.png")


def test_the_file_says_of_which_clip_it_is_and_what_was_searched(clip: Path, tmp_path: Path) -> None:
    found = found_in(clip, tmp_path)
    header, *rest = lines_of(tmp_path / "tracks.jsonl")
    digest = sha256(clip.read_bytes()).hexdigest()
    assert header.pop("doubtful") == [1, 2], "every picture of this clip is another one"
    assert header == {
        "format": "privmask.tracks.v1",
        "frame": [96, 64],
        "frames": FRAMES,
        "searched": ["face"],
        "original_sha256": digest,
    }
    assert len(rest) == 2 * FRAMES
    assert found.counted == {"face": 2}
    assert (found.original.sha256, found.tracks.original_sha256) == (digest, digest)
    again = read_tracks(tmp_path / "tracks.jsonl", Size(96, 64), FRAMES)
    for one, other in zip(found.tracks.keyed, again.keyed, strict=True):
        assert (one.track, one.label) == (other.track, other.label)
        assert (one.boxes[:, :2] >= other.boxes[:, :2]).all(), "rounded outward"
        assert (np.abs(one.boxes - other.boxes) < 0.02).all()


def test_what_is_told_as_data_is_json_without_a_box(clip: Path, tmp_path: Path) -> None:
    data = json.loads(json.dumps(found_in(clip, tmp_path).as_data()))
    assert (data["found"], data["frames"], data["failed"]) == ({"face": 2}, FRAMES, [])
    assert data["detector"] == {"face": {"models": ["made up"]}}
    assert "box" not in data


def test_without_names_nothing_is_written(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = found_in(clip, tmp_path, tracks=None, sheet=None)
    assert (found.counted, found.file, found.sheet) == ({"face": 2}, None, None)
    assert os.listdir(tmp_path) == []


def test_a_clip_in_which_nothing_is_found_has_a_file_without_tracks(clip: Path, tmp_path: Path) -> None:
    found = found_in(clip, tmp_path, Scripted({}))
    assert found.counted == {"face": 0}
    assert len(lines_of(tmp_path / "tracks.jsonl")) == 1
    assert (tmp_path / "tracks.png").exists()


def test_each_frame_is_searched_once_and_then_drawn_and_both_are_told(clip: Path, tmp_path: Path) -> None:
    told: list[Progress] = []
    detector = Both()
    found_in(clip, tmp_path, detector, progress=told.append)
    assert detector.asked == list(range(FRAMES))
    assert [(each.stage, each.frames) for each in told] == [
        (stage, number) for stage in ("searching", "drawing") for number in range(1, FRAMES + 1)
    ]


def test_a_still_picture_and_a_clip_of_one_frame_are_searched(tmp_path: Path) -> None:
    for name, codec in (("one.mp4", "h264"), ("still.jpg", "mjpeg")):
        clip = make_clip(
            tmp_path / name, codec=codec, fmt="yuvj420p" if codec == "mjpeg" else "yuv420p", frames=1, size=(96, 64)
        )
        found = detect_clip(clip, FACES, finder=finder(Both()), sheet=tmp_path / f"{name}.png")
        assert (found.tracks.frames, found.counted) == (1, {"face": 2})


def test_the_sheet_hides_what_was_found_unless_it_is_to_be_clear(clip: Path, tmp_path: Path) -> None:
    found_in(clip, tmp_path)
    found_in(clip, tmp_path, tracks=None, sheet=tmp_path / "clear.png", clear=True)
    hidden, clear = (np.asarray(Image.open(tmp_path / name)).astype(int) for name in ("tracks.png", "clear.png"))
    assert hidden.shape == clear.shape
    assert np.abs(hidden - clear).max() > 20


@pytest.mark.parametrize(
    "plan",
    [
        MaskPlan(()),
        three_zones(),
        MaskPlan((), dynamic=(DynamicMask("face", enabled=False), DynamicMask("text", model="none"))),
    ],
    ids=["empty", "only zones", "nothing that is searched"],
)
def test_a_plan_with_nothing_to_look_for_is_refused(clip: Path, tmp_path: Path, plan: MaskPlan) -> None:
    with pytest.raises(PlanError, match="nothing to look for"):
        found_in(clip, tmp_path, plan=plan)
    assert os.listdir(tmp_path) == []


def test_a_plan_of_another_picture_is_refused_before_the_search(clip: Path, tmp_path: Path) -> None:
    detector = Both()
    with pytest.raises(PlanError, match="another shape"):
        found_in(clip, tmp_path, detector, MaskPlan((), frame=Size(64, 64), dynamic=FACES.dynamic))
    assert (detector.asked, os.listdir(tmp_path)) == ([], [])


def test_what_a_plan_keeps_visible_is_found_all_the_same(clip: Path, tmp_path: Path) -> None:
    keep = (Keep("A", "asked for it", track=1), Keep("B", "too", polygon=polygon("0,0 1,0 1,1 0,1")))
    assert found_in(clip, tmp_path, plan=MaskPlan((), dynamic=FACES.dynamic, keep=keep)).counted == {"face": 2}


def test_a_detector_that_fails_leaves_nothing(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(DetectorError, match="frame 7"):
        found_in(clip, tmp_path, Scripted({}, broken=(7,)))
    assert os.listdir(tmp_path) == []


def test_or_the_frame_is_marked_to_be_hidden_whole(clip: Path, tmp_path: Path) -> None:
    found = found_in(clip, tmp_path, Scripted({}, broken=(7,)), reading=Reading(damaged="hide"))
    assert lines_of(tmp_path / "tracks.jsonl")[0]["failed"] == [7]
    assert "1 frame could not be searched" in " ".join(map(str, found.notices))


def test_an_original_that_is_written_to_meanwhile_leaves_nothing(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=FRAMES)
    (tmp_path / "out").mkdir()
    with pytest.raises(OriginalChangedError):
        found_in(clip, tmp_path / "out", Both(lambda: os.utime(clip)))
    assert os.listdir(tmp_path / "out") == []


def test_control_c_leaves_nothing(clip: Path, tmp_path: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        found_in(clip, tmp_path, Both(interrupt))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("taken", ["tracks.jsonl", "tracks.png"])
def test_no_file_is_replaced(clip: Path, tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).write_text("mine")
    detector = Both()
    with pytest.raises(CopyExistsError, match=taken):
        found_in(clip, tmp_path, detector)
    assert (detector.asked, os.listdir(tmp_path)) == ([], [taken])


def test_a_name_that_is_taken_during_the_search_stays(clip: Path, tmp_path: Path) -> None:
    mine = tmp_path / "tracks.jsonl"
    with pytest.raises(CopyExistsError, match="came into being"):
        found_in(clip, tmp_path, Both(lambda: mine.write_text("mine")))
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


def test_the_clip_itself_is_no_place_for_tracks(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", size=(96, 64))
    before = clip.read_bytes()
    with pytest.raises(CopyError, match="is the original"):
        found_in(clip, tmp_path, tracks=clip)
    assert (clip.read_bytes(), os.listdir(tmp_path)) == (before, ["clip.mp4"])


@pytest.mark.parametrize(
    "more", [{"tracks": "missing/tracks.jsonl"}, {"sheet": "missing/tracks.png"}, {"sheet": "tracks.jsonl"}], ids=str
)
def test_a_place_where_nothing_can_be_written_is_told_before_the_search(
    clip: Path, tmp_path: Path, more: dict[str, str]
) -> None:
    detector = Both()
    with pytest.raises(CopyError):
        found_in(clip, tmp_path, detector, FACES, **{word: tmp_path / name for word, name in more.items()})
    assert (detector.asked, os.listdir(tmp_path)) == ([], [])


def test_a_size_that_changes_in_mid_stream_leaves_nothing(tmp_path: Path) -> None:
    clip = tmp_path / "clip.264"
    parts = [make_clip(tmp_path / f"{width}.264", size=(width, 64)) for width in (96, 128)]
    clip.write_bytes(b"".join(part.read_bytes() for part in parts))
    (tmp_path / "out").mkdir()
    with pytest.raises(UnsupportedFootageError, match="size changes"):
        found_in(clip, tmp_path / "out")
    assert os.listdir(tmp_path / "out") == []


def hidden_on(copy: Path, *boxes: Box) -> list[str]:
    """For each box, the frames on which it is black: "#", and "." else."""
    with av.open(str(copy)) as container:
        pictures = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    parts = [[p[int(b.top) : int(b.bottom), int(b.left) : int(b.right)] for p in pictures] for b in boxes]
    return ["".join("#" if (part < 24).all() else "." for part in row) for row in parts]


def masked_with(tracks: Path, clip: Path, copy: Path, plan: MaskPlan = FACES) -> Path:
    detector = Both()
    result = mask_clip(clip, copy, plan, looking=Looking(tracks=tracks, finder=finder(detector)))
    assert detector.asked == [], "it was searched before"
    return result.copy


def test_found_tracks_are_hidden_as_they_were_found(clip: Path, tmp_path: Path) -> None:
    found_in(clip, tmp_path)
    copy = masked_with(tmp_path / "tracks.jsonl", clip, tmp_path / "copy.mp4")
    assert hidden_on(copy, LEFT, RIGHT) == ["#" * FRAMES, "#" * FRAMES]


def test_a_file_of_tracks_is_corrected_by_hand(clip: Path, tmp_path: Path) -> None:
    found = found_in(clip, tmp_path)
    right = next(each.track for each in found.tracks.keyed if each.boxes[0, 0] > 48)
    header, *rest = lines_of(tmp_path / "tracks.jsonl")
    own = [{"time": time, "track": 9, "label": "face", "box": [4, 48, 12, 12]} for time in ("0.2", "0.4")]
    corrected = [header, *(line for line in rest if line["track"] != right), *own]
    path = tmp_path / "corrected.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in corrected))
    copy = masked_with(path, clip, tmp_path / "copy.mp4")
    assert hidden_on(copy, LEFT, RIGHT, Box(4, 48, 16, 60)) == [
        "#" * FRAMES,
        "." * FRAMES,
        "....." + "######" + "." * 9,
    ]


def test_a_frame_that_could_not_be_searched_is_hidden_whole_in_the_end(clip: Path, tmp_path: Path) -> None:
    found_in(clip, tmp_path, Scripted({}, broken=(7,)), reading=Reading(damaged="hide"))
    copy = masked_with(tmp_path / "tracks.jsonl", clip, tmp_path / "copy.mp4")
    assert hidden_on(copy, Box(0, 0, 96, 64)) == ["......." + "#" + "." * 12]


def test_a_corrected_file_with_a_mistake_makes_no_copy(clip: Path, tmp_path: Path) -> None:
    found_in(clip, tmp_path)
    path = tmp_path / "tracks.jsonl"
    path.write_text(path.read_text() + '{"frame": 3, "track": 9, "label": "face", "box": [4, 4, -2, 9]}\n')
    with pytest.raises(PlanError, match="line 42"):
        masked_with(path, clip, tmp_path / "copy.mp4")
    assert not (tmp_path / "copy.mp4").exists()


@pytest.mark.parametrize(
    ("name", "faces", "labels"),
    [("two_people_192p.264", 2, ("face",)), ("office_720p.264", 1, ("face", "person"))],
)
def test_real_faces_are_found_and_shown(
    footage: Callable[[str], Path], tmp_path: Path, name: str, faces: int, labels: Sequence[Any]
) -> None:
    plan = MaskPlan((), dynamic=tuple(map(DynamicMask, labels)))
    found = detect_clip(footage(name), plan, tracks=tmp_path / "tracks.jsonl", sheet=tmp_path / "tracks.png")
    assert found.counted["face"] == faces
    assert set(found.counted) == set(labels)
    assert found.detector["face"]["models"][0]["name"] == "yunet"
    with Image.open(tmp_path / "tracks.png") as sheet:
        assert sheet.width > 600


def test_without_the_model_the_one_command_is_said(
    footage: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRIVMASK_MODELS", str(tmp_path / "none"))
    with pytest.raises(PrivmaskError, match="privmask models install") as failed:
        detect_clip(footage("two_people_192p.264"), FACES, tracks=tmp_path / "tracks.jsonl")
    assert failed.value.exit_code == 8
    assert os.listdir(tmp_path) == []
