"""A copy for the person in the pictures, with real faces and the real models: that person is seen, and nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from privmask.policy import Ground
from tests.cli.conftest import Privmask
from tests.cli.governed import enter
from tests.test_governing import NO_REFERENCE
from tests.test_requesting import form

CLIP, FRAMES, PEOPLE = "corridor_pause_270p.mp4", 41, 3
RULES = ("--site", "site.toml", "--recorded-at", "2026-11-19T21:30+09:00", "--camera", "arcade", "--as", "suzuki")
Picture = NDArray[np.int64]
Face = tuple[int, int, int, int]


@pytest.fixture
def clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, privmask: Privmask, footage: Callable[[str], Path]) -> Path:
    """Three people who come up to the camera; one of them asks for the pictures, and the manager approved it."""
    found = footage(CLIP)
    enter(tmp_path, monkeypatch, NO_REFERENCE)
    Path("request.json").write_text(json.dumps(form(Ground.SUBJECT, cameras=["arcade"])))
    assert privmask("request", "new", "--as", "suzuki", "--from", "request.json").code == 0
    decided = privmask("request", "decide", "R-2026-0001", "--as", "sato", "--approve", "--reason", "本人の画像である")
    assert decided.code == 0, decided.err
    return found


def masked(privmask: Privmask, clip: Path, *words: str) -> int:
    words = ("mask", str(clip), "-o", "copy.mp4", *RULES, "--request", "R-2026-0001", "--keep-plain", *words)
    return privmask(*words).code


def faces(clip: Path) -> list[dict[str, Face]]:
    """For each frame the middle of everybody's face, by name."""
    lines = (clip.parent.parent / "gt" / f"{clip.stem}.faces.jsonl").read_text().splitlines()
    frames = [json.loads(line)["boxes"] for line in lines]
    return [
        {str(each["id"]): _middle(each["x"], each["y"], each["w"], each["h"]) for each in boxes} for boxes in frames
    ]


def _middle(x: float, y: float, wide: float, high: float) -> Face:
    return int(x + wide / 10), int(y + high / 10), int(x + 0.9 * wide), int(y + 0.9 * high)


def pictures(path: Path) -> list[Picture]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="gray").astype(np.int64) for frame in container.decode(video=0)]


def seen(clip: Path, copy: Path) -> dict[str, int]:
    """On how many frames each face is seen as it was; a face that is neither that nor hidden ends the test."""
    count: dict[str, int] = {}
    for before, after, people in zip(pictures(clip), pictures(copy), faces(clip), strict=True):
        for who, (left, top, right, bottom) in people.items():
            was, now = before[top:bottom, left:right], after[top:bottom, left:right]
            hidden, shown = bool((now < 24).all()), bool(np.abs(was - now).mean() < 6)
            assert hidden != shown, who
            count[who] = count.get(who, 0) + shown
    return count


def number_at(tracks: Path, face: Face) -> str:
    """The number of the track on the first frame whose box holds the middle of this face: what a clerk reads off the sheet."""
    x, y = (face[0] + face[2]) / 2, (face[1] + face[3]) / 2
    for line in map(json.loads, tracks.read_text().splitlines()[1:]):
        left, top, wide, high = line["box"]
        if line["frame"] == 0 and left < x < left + wide and top < y < top + high:
            return str(line["track"])
    raise AssertionError("nobody was found there")


def test_ii_7_1_the_applicant_is_seen_on_every_frame_and_nobody_else_on_any(privmask: Privmask, clip: Path) -> None:
    found = privmask("detect", str(clip), "--faces", "-o", "tracks.jsonl", "--sheet", "sheet.png")
    assert found.code == 0, found.err
    people = sorted(faces(clip)[0].items(), key=lambda person: person[1])
    assert len(people) == PEOPLE
    applicant, face = people[1]
    number = number_at(Path("tracks.jsonl"), face)
    assert masked(privmask, clip, "--tracks", "tracks.jsonl", "--keep-track", number) == 0
    assert seen(clip, Path("copy.mp4")) == {who: FRAMES if who == applicant else 0 for who, _ in people}


def test_ii_7_1_tracks_that_do_not_say_of_which_clip_they_are_keep_nobody(privmask: Privmask, clip: Path) -> None:
    header = {"format": "privmask.tracks.v1", "frame": [480, 270], "searched": ["face"]}
    line = {"frame": 0, "track": 1, "label": "face", "box": [100, 100, 30, 40]}
    Path("tracks.jsonl").write_text(f"{json.dumps(header)}\n{json.dumps(line)}\n")
    assert masked(privmask, clip, "--tracks", "tracks.jsonl", "--keep-track", "1") == 2
    assert not Path("copy.mp4").exists()


def test_ii_7_1_without_a_track_nobody_is_seen(privmask: Privmask, clip: Path) -> None:
    assert masked(privmask, clip) == 0
    assert set(seen(clip, Path("copy.mp4")).values()) == {0}
