"""What is seen is hidden: from a detector or a file, through the whole job, to the proof of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from privmask import DetectorError, MaskPlan, PlanError, Reading, Result, mask_clip, verify_copy
from privmask.geometry import Box
from privmask.masks import DynamicMask, Follow, Keep
from privmask.watching import Looking
from tests.finders import Scripted, finder
from tests.plans import polygon, three_zones
from tests.video.clips import make_clip

FRAMES = 20
MOVING = {index: Box(20 + index, 20, 32 + index, 36) for index in range(FRAMES)}
SHORT = Follow(Fraction(1, 5), Fraction(1, 5))
FACES = MaskPlan((), dynamic=(DynamicMask("face"),), follow=SHORT)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", size=(96, 64), frames=FRAMES, gop=10)


def masked(clip: Path, folder: Path, plan: MaskPlan = FACES, places: Mapping[int, Box] = MOVING, **more: Any) -> Result:
    looking = Looking(finder=finder(Scripted(places)), **more)
    return mask_clip(clip, folder / "copy.mp4", plan, looking=looking)


def search_of(result: Result) -> dict[str, Any]:
    search: dict[str, Any] = json.loads(result.statement.read_bytes())["predicate"]["search"]
    return search


def lumas(path: Path) -> list[np.ndarray[Any, Any]]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="gray").astype(int) for frame in container.decode(video=0)]


def dark(picture: np.ndarray[Any, Any], box: Box) -> bool:
    inside = picture[int(box.top) : int(box.bottom), int(box.left) : int(box.right)]
    return bool((inside < 24).all())


def write_tracks(path: Path, *lines: Mapping[str, Any], searched: tuple[str, ...] = ()) -> Path:
    header = {"format": "privmask.tracks.v1", "frame": [96, 64], "searched": list(searched)}
    path.write_text("\n".join(map(json.dumps, (header, *lines))))
    return path


@pytest.mark.parametrize("two_pass", [False, True])
def test_what_is_found_is_hidden_where_it_is(clip: Path, tmp_path: Path, two_pass: bool) -> None:
    result = masked(clip, tmp_path, two_pass=two_pass)
    assert all(dark(picture, MOVING[index]) for index, picture in enumerate(lumas(result.copy)))
    assert result.sightings == {"face": 1}
    far = slice(48, 64), slice(80, 96)
    before, after = lumas(clip), lumas(result.copy)
    assert all(abs(one[far] - other[far]).mean() < 3 for one, other in zip(before, after, strict=True))


@pytest.mark.parametrize("two_pass", [False, True])
def test_a_face_that_is_found_once_is_hidden_before_and_after(clip: Path, tmp_path: Path, two_pass: bool) -> None:
    result = masked(clip, tmp_path, places={10: MOVING[0]}, two_pass=two_pass)
    hidden = "".join("#" if dark(picture, MOVING[0]) else "." for picture in lumas(result.copy))
    assert hidden[5:16] == "###########", "a fifth of a second of 25 frames before and after"
    assert hidden[:4] == "...."
    assert hidden[-3:] == "..."


def test_a_copy_with_moving_masks_is_proved_with_its_owners_file(clip: Path, tmp_path: Path) -> None:
    result = masked(clip, tmp_path)
    assert result.tracks == tmp_path / "copy.mp4.private-tracks.jsonl"
    verdict = verify_copy(result.copy, original=clip, accept_unsigned=True)
    assert verdict.holds
    assert {check.outcome for check in verdict.checks if check.number not in (2, 3)} == {"PASS"}


def test_a_recipient_without_the_file_is_told_what_could_not_be_looked_at(clip: Path, tmp_path: Path) -> None:
    result = masked(clip, tmp_path)
    away = (result.tracks or tmp_path).rename(tmp_path / "kept-at-home.jsonl")
    checks = {check.number: check for check in verify_copy(result.copy, accept_unsigned=True).checks}
    assert (checks[12].outcome, checks[13].outcome) == ("NOT CHECKED", "NOT CHECKED")
    assert verify_copy(result.copy, accept_unsigned=True).holds
    assert not verify_copy(result.copy, original=clip, accept_unsigned=True).holds, "asked for, and not looked at"
    assert verify_copy(result.copy, original=clip, tracks=away, accept_unsigned=True).holds


def test_a_recipient_still_sees_that_fixed_zones_are_hidden(clip: Path, tmp_path: Path) -> None:
    plan = MaskPlan(three_zones().masks, dynamic=FACES.dynamic, follow=SHORT)
    result = masked(clip, tmp_path, plan)
    assert verify_copy(result.copy, original=clip, accept_unsigned=True).holds
    (result.tracks or tmp_path).unlink()
    checks = {check.number: check for check in verify_copy(result.copy, accept_unsigned=True).checks}
    assert checks[12].outcome == "PASS"


def test_another_file_of_tracks_proves_nothing(clip: Path, tmp_path: Path) -> None:
    result = masked(clip, tmp_path)
    text = (result.tracks or tmp_path).read_text()
    (result.tracks or tmp_path).write_text(text.replace('"frame": 3,', '"frame": 2,', 1))
    checks = {check.number: check for check in verify_copy(result.copy, original=clip, accept_unsigned=True).checks}
    assert checks[13].outcome == "FAIL"
    assert checks[14].outcome == "NOT CHECKED"


def test_the_statement_says_how_it_was_looked_and_not_where_anybody_was(clip: Path, tmp_path: Path) -> None:
    result = masked(clip, tmp_path)
    said = search_of(result)
    assert said["labels"] == ["face"]
    assert said["tracks"] == {"face": 1}
    assert (said["frames"], said["passes"], said["given"]) == (FRAMES, 1, None)
    assert said["detector"] == {"face": {"models": ["made up"]}}
    assert said["tracks_file"]["name"] == "copy.mp4.private-tracks.jsonl"
    assert "box" not in json.dumps(said)


def test_one_who_is_kept_is_left_visible_and_recorded(clip: Path, tmp_path: Path) -> None:
    everywhere = polygon("0,0 1,0 1,1 0,1")
    plan = MaskPlan((), dynamic=FACES.dynamic, follow=SHORT, keep=(Keep("A", "asked for it", polygon=everywhere),))
    result = masked(clip, tmp_path, plan)
    assert not any(dark(picture, MOVING[index]) for index, picture in enumerate(lumas(result.copy)))
    assert search_of(result)["kept"] == [{"name": "A", "reason": "asked for it", "frames": FRAMES}]
    assert verify_copy(result.copy, original=clip, accept_unsigned=True).holds


def test_a_keep_that_matches_nothing_ends_the_job(clip: Path, tmp_path: Path) -> None:
    corner = polygon("9/10,9/10 1,9/10 1,1 9/10,1")
    plan = MaskPlan((), dynamic=FACES.dynamic, follow=SHORT, keep=(Keep("A", "asked for it", polygon=corner),))
    with pytest.raises(PlanError, match="matched nothing"):
        masked(clip, tmp_path, plan)
    assert list(tmp_path.iterdir()) == []


def test_boxes_made_by_hand_are_hidden_beside_those_found(clip: Path, tmp_path: Path) -> None:
    own = [{"frame": at, "track": 7, "label": "face", "box": [70, 40, 12, 12]} for at in (2, 17)]
    result = masked(clip, tmp_path, tracks=write_tracks(tmp_path / "own.jsonl", *own))
    pictures = lumas(result.copy)
    assert all(dark(pictures[index], Box(70, 40, 82, 52)) for index in range(2, 18))
    assert all(dark(pictures[index], MOVING[index]) for index in range(FRAMES))
    assert result.sightings == {"face": 2}
    assert search_of(result)["given"]["name"] == "own.jsonl"
    assert verify_copy(result.copy, original=clip, accept_unsigned=True).holds


def test_what_a_file_says_was_searched_is_not_searched_again(clip: Path, tmp_path: Path) -> None:
    own = write_tracks(tmp_path / "own.jsonl", searched=("face",))
    detector = Scripted(MOVING)
    result = mask_clip(clip, tmp_path / "copy.mp4", FACES, looking=Looking(tracks=own, finder=finder(detector)))
    assert detector.asked == []
    assert result.sightings == {}


def test_a_track_of_a_file_can_be_kept_by_its_number(clip: Path, tmp_path: Path) -> None:
    boxes = [{"frame": 0, "track": 3, "label": "face", "box": [10, 10, 12, 12]}]
    boxes += [{"frame": 0, "track": 4, "label": "face", "box": [60, 40, 12, 12]}]
    own = write_tracks(tmp_path / "own.jsonl", *boxes, searched=("face",))
    plan = MaskPlan((), dynamic=FACES.dynamic, keep=(Keep("A", "asked for it", track=3),))
    result = mask_clip(clip, tmp_path / "copy.mp4", plan, looking=Looking(tracks=own))
    first = lumas(result.copy)[0]
    assert (dark(first, Box(10, 10, 22, 22)), dark(first, Box(60, 40, 72, 52))) == (False, True)
    assert verify_copy(result.copy, original=clip, accept_unsigned=True).holds
    wrong = MaskPlan((), dynamic=FACES.dynamic, keep=(Keep("A", "asked for it", track=5),))
    with pytest.raises(PlanError, match="no track 5"):
        mask_clip(clip, tmp_path / "other.mp4", wrong, looking=Looking(tracks=own))


def test_a_detector_that_fails_ends_the_job_and_leaves_nothing(clip: Path, tmp_path: Path) -> None:
    looking = Looking(finder=finder(Scripted(MOVING, broken=(7,))))
    with pytest.raises(DetectorError, match="frame 7"):
        mask_clip(clip, tmp_path / "copy.mp4", FACES, looking=looking)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("two_pass", [False, True])
def test_or_the_frame_is_hidden_whole_and_recorded(clip: Path, tmp_path: Path, two_pass: bool) -> None:
    looking = Looking(finder=finder(Scripted(MOVING, broken=(7,))), two_pass=two_pass)
    result = mask_clip(clip, tmp_path / "copy.mp4", FACES, looking=looking, reading=Reading(damaged="hide"))
    whole = [index for index, picture in enumerate(lumas(result.copy)) if dark(picture, Box(0, 0, 96, 64))]
    assert whole == [7]
    predicate = json.loads(result.statement.read_bytes())["predicate"]
    assert predicate["reading"]["whole"] == [["7/25", "8/25"]]
    assert verify_copy(result.copy, original=clip, accept_unsigned=True).holds


def test_a_label_that_nobody_searches_for_is_refused(clip: Path, tmp_path: Path) -> None:
    plan = MaskPlan((), dynamic=(DynamicMask("plate"),))
    with pytest.raises(PlanError, match="plate"):
        mask_clip(clip, tmp_path / "copy.mp4", plan, looking=Looking(finder=finder(Scripted(MOVING, "face"))))
    unsearched = MaskPlan((), dynamic=(DynamicMask("face", model="none"),))
    with pytest.raises(PlanError, match="file of tracks"):
        mask_clip(clip, tmp_path / "copy.mp4", unsearched)
    assert list(tmp_path.iterdir()) == []


def test_tracks_of_another_clip_are_refused(clip: Path, tmp_path: Path) -> None:
    late = {"frame": FRAMES, "track": 1, "label": "face", "box": [1, 1, 9, 9]}
    own = write_tracks(tmp_path / "own.jsonl", late)
    with pytest.raises(PlanError, match="only 20 frames"):
        masked(clip, tmp_path, tracks=own)
    assert [path.name for path in tmp_path.iterdir()] == ["own.jsonl"]


def test_tracks_that_were_made_of_another_original_are_refused(clip: Path, tmp_path: Path) -> None:
    header = {"format": "privmask.tracks.v1", "frame": [96, 64], "original_sha256": "0" * 64}
    (tmp_path / "own.jsonl").write_text(json.dumps(header))
    with pytest.raises(PlanError, match="another clip"):
        masked(clip, tmp_path, tracks=tmp_path / "own.jsonl")
    header["original_sha256"] = hashlib.sha256(clip.read_bytes()).hexdigest()
    (tmp_path / "own.jsonl").write_text(json.dumps(header))
    assert masked(clip, tmp_path, tracks=tmp_path / "own.jsonl").frames == FRAMES


def test_footage_without_moving_masks_is_not_searched(clip: Path, tmp_path: Path) -> None:
    result = mask_clip(clip, tmp_path / "copy.mp4", three_zones())
    assert (result.tracks, result.sightings) == (None, {})
    assert "search" not in json.loads(result.statement.read_bytes())["predicate"]
