"""A long clip is searched by several processes, each with sections of its own, and the same is found by any number."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import av
import pytest

from privmask import (
    DetectorError,
    FootageError,
    Found,
    Looking,
    MaskPlan,
    PlanError,
    Reading,
    Result,
    Writing,
    detect_clip,
    mask_clip,
    verify_copy,
)
from privmask.copying import Progress
from privmask.detect import Ask, make_detector
from privmask.detect.follow import Hold
from privmask.detect.models import Model
from privmask.detect.sectioned import InSections
from privmask.detect.twopass import find_tracks
from privmask.errors import DamagedFootageError
from privmask.geometry import Box
from privmask.masks import DynamicMask, Follow
from privmask.parts import Crew
from privmask.video import Cutter, Sections, open_video
from tests.detect.conftest import installed
from tests.finders import Scripted, finder
from tests.parts.lying import LIE
from tests.parts.test_parts import assert_nothing_left, left_by, noon, workers
from tests.video.clips import make_clip
from tests.video.travel import CLOSED

__all__ = ["installed"]

SHORT = Sections(1, 16)
FACES = MaskPlan((), dynamic=(DynamicMask("face", "Pixelated"),))
FIRST, FRAMES = 25, 80
"""The frames of the street that are used: three faces go through them, and a cut."""


@pytest.fixture(scope="module")
def street(
    tmp_path_factory: pytest.TempPathFactory, footage: Callable[[str], Path], installed: Callable[[str], Model]
) -> Path:
    """A real street with real faces, in groups of five frames."""
    for name in ("yunet", "centerface"):
        installed(name)
    with av.open(str(footage("bikes_272p.mp4"))) as clip:
        pictures = [picture.to_ndarray(format="yuv420p") for picture in clip.decode(video=0)][FIRST : FIRST + FRAMES]
    width, height = 640, 272

    def paint(index: int, planes: list[Any]) -> None:
        samples = pictures[index]
        planes[0][:] = samples[:height]
        for number, start in ((1, height), (2, height + height // 4)):
            planes[number][:] = samples[start : start + height // 4].reshape(height // 2, width // 2)

    folder = tmp_path_factory.mktemp("street")
    return make_clip(folder / "street.mp4", size=(width, height), frames=FRAMES, private=paint, **CLOSED)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, installed: Callable[[str], Model]) -> Path:
    """A small clip of nothing, quickly searched."""
    installed("yunet")
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", size=(96, 64), frames=90, **CLOSED)


def detected(clip: Path, folder: Path, jobs: int, **words: Any) -> Found:
    folder.mkdir(exist_ok=True)
    words = {"plan": FACES, "sections": SHORT, **words}
    return detect_clip(clip, words.pop("plan"), tracks=folder / "tracks.jsonl", jobs=jobs, **words)


def masked(clip: Path, folder: Path, jobs: int, **words: Any) -> Result:
    folder.mkdir(exist_ok=True)
    words = {"plan": FACES, "looking": Looking(two_pass=True), "writing": Writing(sections=SHORT), **words}
    return mask_clip(clip, folder / "copy.mp4", words.pop("plan"), jobs=jobs, clock=noon, **words)


def test_the_tracks_have_the_same_bytes_however_many_search(street: Path, tmp_path: Path) -> None:
    found = [detected(street, tmp_path / str(jobs), jobs, sheet=tmp_path / f"{jobs}.png") for jobs in (1, 2, 3)]
    assert [(each.parts.jobs, each.parts.sections) for each in found] == [(1, 4), (2, 4), (3, 4)]
    assert [each.parts.why_not for each in found] == ["one process was asked for", None, None]
    tracks = {(tmp_path / str(jobs) / "tracks.jsonl").read_bytes() for jobs in (1, 2, 3)}
    assert len(tracks) == 1
    assert len({(tmp_path / f"{jobs}.png").read_bytes() for jobs in (1, 2, 3)}) == 1
    assert found[0].counted["face"] >= 2
    assert found[0].detector == found[1].detector == found[2].detector
    assert found[0].detector["face"]["sections"] == 4
    assert found[0].detector["face"]["frames"] == FRAMES
    assert workers() == []


def test_the_copy_and_its_statement_have_the_same_bytes_however_many_search_and_mask(
    street: Path, tmp_path: Path
) -> None:
    results = [masked(street, tmp_path / str(jobs), jobs) for jobs in (1, 2, 3)]
    searched = [each.search_parts for each in results]
    assert [each and (each.jobs, each.sections) for each in searched] == [(1, 4), (2, 4), (3, 4)]
    one, *others = map(left_by, results)
    assert "copy.mp4.private-tracks.jsonl" in one
    assert all(other == one for other in others)
    assert results[0].sightings["face"] >= 2
    card = json.loads(one["copy.mp4.provenance.json"])["predicate"]["search"]["detector"]["face"]
    assert (card["sections"], card["frames"]) == (4, FRAMES)
    assert verify_copy(results[-1].copy, original=street, accept_unsigned=True).holds


@pytest.mark.parametrize("name", ["corridor_walk_270p", "corridor_pause_270p", "classroom_270p"])
def test_no_face_shows_because_a_clip_is_searched_in_sections(
    footage: Callable[[str], Path], installed: Callable[[str], Model], name: str
) -> None:
    """Each begins anew after four frames: every face that was marked by hand is hidden, as grown as masks are."""
    installed("yunet")
    truth = footage(f"{name}.mp4").parents[1] / "gt" / f"{name}.faces.jsonl"
    faces = [json.loads(line)["boxes"] for line in truth.read_text().splitlines()]
    with footage(f"{name}.mp4").open("rb", buffering=0) as file, open_video(file) as source:
        size = source.info.picture.displayed
        begins = Cutter(Sections(0, 4), source.info.time_base).begins
        detector = InSections(make_detector(source.info.picture, [Ask("face")]), begins)
        frames = list(source.frames())
        found = find_tracks(frames, detector, Hold(), size).along(frames)
        showing = [
            (frame.index, face)
            for frame, sightings in found
            for face in faces[frame.index]
            if not face.get("ignore") and not any(_hides(each.box, face) for each in sightings)
        ]
    assert sum(map(len, faces)) > 50
    assert showing == []


def _hides(box: Box, face: dict[str, float]) -> bool:
    """Whether the middle of a face, 80 % of its width and height, lies in the box, when that is grown."""
    across, down = 0.3 * (box.right - box.left), 0.3 * (box.bottom - box.top)
    left, top, width, height = (face[side] for side in "xywh")
    return (
        box.left - across <= left + 0.1 * width
        and box.right + across >= left + 0.9 * width
        and box.top - down <= top + 0.1 * height
        and box.bottom + down >= top + 0.9 * height
    )


def test_groups_that_travel_are_searched_by_many_all_the_same(clip: Path, tmp_path: Path) -> None:
    """Nothing is found in this clip, so that all of it travels, and one process writes it."""
    result = masked(clip, tmp_path / "out", 2)
    assert result.search_parts is not None
    assert (result.search_parts.jobs, result.search_parts.why_not) == (2, None)
    assert "groups of its pictures travel" in str(result.parts.why_not)
    assert result.as_data()["search_parts"] == {"jobs": 2, "sections": 4, "why_not": None}


ALONE: dict[str, dict[str, Any]] = {
    "one process was asked for": {"jobs": 1},
    "not privmask's own": {"finder": finder(Scripted({}))},
    "no longer than one section": {"sections": Sections(60)},
    "what is damaged is to be hidden": {"reading": Reading(damaged="hide")},
}


@pytest.mark.parametrize("why_not", ALONE)
def test_where_many_cannot_search_one_does_and_says_why(clip: Path, tmp_path: Path, why_not: str) -> None:
    words = dict(ALONE[why_not])
    found = detected(clip, tmp_path, words.pop("jobs", 2), **words)
    assert found.parts.jobs == 1
    assert why_not in str(found.parts.why_not)
    assert found.as_data()["parts"]["why_not"] == found.parts.why_not


def test_a_detector_of_ones_own_is_not_begun_anew(clip: Path, tmp_path: Path) -> None:
    faces = {index: Box(10 + index / 2, 20, 30 + index / 2, 40) for index in range(20, 60)}
    own = Scripted(faces)
    result = masked(clip, tmp_path, 2, looking=Looking(two_pass=True, finder=finder(own)))
    assert own.asked == list(range(90))
    assert result.search_parts is not None
    assert (result.search_parts.jobs, result.search_parts.sections) == (1, 1)


def test_without_two_passes_nothing_is_searched_before(clip: Path, tmp_path: Path) -> None:
    result = masked(clip, tmp_path, 2, looking=Looking())
    assert result.search_parts is None
    assert "with --two-pass" in str(result.parts.why_not)


@pytest.mark.parametrize("jobs", [0, -1])
def test_no_process_is_a_wrong_word(clip: Path, tmp_path: Path, jobs: int) -> None:
    with pytest.raises(PlanError, match="--jobs"):
        detected(clip, tmp_path / "out", jobs)
    assert_nothing_left(tmp_path / "out")


def kill_one(progress: Progress, killed: list[int]) -> None:
    if progress.stage == "searching" and not killed:
        killed.extend(workers()[:1])
        os.kill(killed[0], signal.SIGKILL)


@pytest.mark.parametrize("make", [detected, masked])
def test_a_searcher_that_is_killed_leaves_nothing(clip: Path, tmp_path: Path, make: Callable[..., object]) -> None:
    with pytest.raises(FootageError, match="SIGKILL"):
        make(clip, tmp_path / "out", 2, progress=partial(kill_one, killed=[]))
    assert_nothing_left(tmp_path / "out")


def interrupt(progress: Progress) -> None:
    if progress.stage == "searching":
        raise KeyboardInterrupt


@pytest.mark.parametrize("make", [detected, masked])
def test_an_interrupt_leaves_nothing(clip: Path, tmp_path: Path, make: Callable[..., object]) -> None:
    with pytest.raises(KeyboardInterrupt):
        make(clip, tmp_path / "out", 3, progress=interrupt)
    assert_nothing_left(tmp_path / "out")


@pytest.mark.parametrize("make", [detected, masked])
def test_damage_is_told_as_one_process_tells_it(tmp_path: Path, make: Callable[..., object]) -> None:
    clip = make_clip(tmp_path / "clip.mkv", size=(96, 64), frames=90, **CLOSED)
    data = bytearray(clip.read_bytes())
    at = len(data) * 2 // 3
    data[at : at + 60] = bytes(60)
    clip.write_bytes(data)
    for jobs in (1, 2):
        with pytest.raises(DamagedFootageError):
            make(clip, tmp_path / str(jobs), jobs)
        assert_nothing_left(tmp_path / str(jobs))


def test_a_detector_that_fails_in_a_worker_is_told_as_such(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privmask.detecting.Crew", partial(Crew, child="tests.parts.lying"))
    monkeypatch.setenv(LIE, "its detector fails")
    with pytest.raises(DetectorError, match="frame 25: the detector failed"):
        detected(clip, tmp_path / "out", 2)
    assert_nothing_left(tmp_path / "out")


def test_footage_that_turns_interlaced_is_searched_again_in_one_piece(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privmask.detecting.Crew", partial(Crew, child="tests.parts.lying"))
    monkeypatch.setenv(LIE, "turns interlaced")
    found = detected(clip, tmp_path / "out", 2)
    assert (found.parts.jobs, found.parts.why_not) == (1, "it is interlaced")
    assert found.tracks.frames == 90
    assert workers() == []


LIES = {
    "finds on fewer frames": "something else than what it was asked for",
    "finds on more frames": "a worker process died",
    "finds what no detector finds": "a worker process died",
    "tells of another detector": "not searched in the same way",
    "masks instead": "something else than what it was asked for",
    "counts backwards": "not searched in the same way",
    "has no card": "a worker process died",
    "has no outline": "a worker process died",
}


@pytest.mark.parametrize("lie", LIES)
def test_what_a_searcher_makes_up_comes_to_nothing(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lie: str
) -> None:
    monkeypatch.setattr("privmask.detecting.Crew", partial(Crew, child="tests.parts.lying"))
    monkeypatch.setenv(LIE, lie)
    with pytest.raises((FootageError, DetectorError), match=LIES[lie]):
        detected(clip, tmp_path / "out", 2)
    assert_nothing_left(tmp_path / "out")


def test_a_plan_of_several_labels_is_searched_by_many(
    clip: Path, tmp_path: Path, installed: Callable[[str], Model]
) -> None:
    """Each search begins anew at every section, also that of plates, which asks other models for their opinion."""
    for name in ("plates", "ppocr-det", "nanodet"):
        installed(name)
    plan = replace(FACES, dynamic=tuple(DynamicMask(each) for each in ("face", "plate", "person")), follow=Follow())
    found = [detected(clip, tmp_path / str(jobs), jobs, plan=plan) for jobs in (1, 2)]
    assert found[0].detector == found[1].detector
    assert {label: card["sections"] for label, card in found[0].detector.items()} == dict.fromkeys(
        ("face", "plate", "person"), 4
    )
    assert (tmp_path / "1" / "tracks.jsonl").read_bytes() == (tmp_path / "2" / "tracks.jsonl").read_bytes()
