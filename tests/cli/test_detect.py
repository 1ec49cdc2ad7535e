from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from privmask.language import Text
from privmask.masks import MaskPlan
from tests.cli.conftest import Privmask, Street, command, environment


class Corridor:
    """Stands where `detect_clip` is, and notes what it was called with."""

    notices = (Text("壊れたコマがありました", "a frame was damaged"),)

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def __call__(self, original: Path, plan: MaskPlan, **more: Any) -> Any:
        self.calls.append({"original": original, "plan": plan, **more})
        self.file, self.sheet = more["tracks"], more["sheet"]
        return self

    counted, seconds = {"face": 3, "text": 0}, 1.25

    class tracks:  # noqa: N801  stands for the value of that name
        frames = 250

    def as_data(self) -> dict[str, object]:
        return {"found": self.counted}


@pytest.fixture
def corridor(monkeypatch: pytest.MonkeyPatch) -> Corridor:
    fake = Corridor()
    monkeypatch.setattr("privmask.detecting.detect_clip", fake)
    return fake


def test_the_words_reach_the_corridor_as_checked_values(privmask: Privmask, corridor: Corridor, street: Street) -> None:
    words = ["--plan", street.plan, "--faces", "--text", "--min-face", "24", "--stream", "1", "--damaged", "hide"]
    words += ["--jobs", "3"]
    done = privmask("detect", street.clip, "-o", "tracks.jsonl", *words, "--sheet", "tracks.png", "--clear")
    assert done.code == 0, done.err
    (call,) = corridor.calls
    assert (call["original"], call["tracks"], call["sheet"]) == (street.clip, Path("tracks.jsonl"), Path("tracks.png"))
    assert [(mask.label, mask.min_size) for mask in call["plan"].dynamic] == [("face", 24), ("text", None)]
    assert len(call["plan"].masks) == 3
    assert (call["reading"].stream, call["reading"].damaged, call["clear"]) == (1, "hide", True)
    assert call["jobs"] == 3


def test_what_was_found_and_what_comes_next_is_said(privmask: Privmask, corridor: Corridor, street: Street) -> None:
    done = privmask("detect", "my clip.mp4", "-o", "tracks.jsonl", "--faces", "--plan", street.plan)
    assert "3 face, 0 text; no detector finds everything" in done.out
    then = f"privmask mask 'my clip.mp4' -o COPY --tracks 'tracks.jsonl' --plan '{street.plan}'"
    assert done.out.splitlines()[-1].strip() == then
    assert "sheet" not in done.out
    assert done.err == "note: a frame was damaged\n"
    told = privmask("--lang", "ja", "detect", "my clip.mp4", "-o", "tracks.jsonl", "--faces", "--plan", street.plan)
    assert "発見       顔 3、文字 0。検出器は全てを見つけるとは限りません" in told.out
    assert told.out.splitlines()[-1].strip() == then
    assert told.err == "注意：壊れたコマがありました\n"
    assert privmask("detect", "clip.mp4", "-o", "tracks.jsonl", "--persons", "--json").data == {
        "found": corridor.counted
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "nothing to look for"),
        (["--sheet", "tracks.png"], "nothing to look for"),
        (["--faces", "--clear"], "--sheet"),
        (["--plates", "--min-face", "20"], "--faces"),
        (["--faces", "--camera", "gate"], "--camera"),
        (["--plan", "missing.toml"], "missing.toml"),
    ],
)
def test_wrong_words_are_told_before_anything_is_read(
    words: list[str], said: str, privmask: Privmask, corridor: Corridor
) -> None:
    done = privmask("detect", "clip.mp4", "-o", "tracks.jsonl", *words)
    assert (done.code, done.out, corridor.calls) == (2, "", [])
    assert said in done.err


def test_a_plan_of_zones_alone_has_nothing_to_look_for(privmask: Privmask, street: Street, tmp_path: Path) -> None:
    done = privmask("detect", street.clip, "-o", tmp_path / "tracks.jsonl", "--plan", street.plan)
    assert (done.code, os.listdir(tmp_path)) == (2, [])
    assert "nothing to look for" in done.err


def test_without_the_model_the_one_command_is_said(
    privmask: Privmask, short: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRIVMASK_MODELS", str(tmp_path / "none"))
    done = privmask("detect", short.clip, "-o", tmp_path / "tracks.jsonl", "--faces", "--json")
    assert (done.code, os.listdir(tmp_path)) == (8, [])
    assert "privmask models install" in done.data["error"]["message"]


@pytest.mark.parametrize("place", ["taken.jsonl", "missing/tracks.jsonl"])
def test_where_tracks_cannot_stand_is_told_with_a_code(
    place: str, privmask: Privmask, short: Street, tmp_path: Path
) -> None:
    (tmp_path / "taken.jsonl").write_text("mine")
    done = privmask("detect", short.clip, "-o", tmp_path / place, "--faces")
    assert (done.code, done.out, os.listdir(tmp_path)) == (7, "", ["taken.jsonl"])
    assert (tmp_path / "taken.jsonl").read_text() == "mine"


def test_real_faces_are_searched_corrected_and_masked(
    process: Privmask, footage: Callable[[str], Path], tmp_path: Path
) -> None:
    clip = footage("two_people_192p.264")
    done = process("detect", clip, "-o", "tracks.jsonl", "--faces", "--sheet", "tracks.png", "--json")
    assert (done.code, "%" in done.err, "\x1b" in done.err) == (0, False, False), done.err
    assert done.data["found"] == {"face": 2}
    header, *rest = (tmp_path / "tracks.jsonl").read_text().splitlines()
    left = [line for line in rest if json.loads(line)["track"] == 1]
    (tmp_path / "one.jsonl").write_text("\n".join([header, *left]) + "\n")
    done = process("mask", clip, "-o", "copy.mp4", "--tracks", "one.jsonl", "--unsigned", "--json")
    assert done.code == 0, done.err
    assert done.data["sightings"] == {"face": 1}


def test_control_c_in_the_middle_of_a_search_leaves_nothing(street: Street, tmp_path: Path) -> None:
    words = command("detect", street.clip, "-o", "tracks.jsonl", "--persons", "--text", "--sheet", "tracks.png")
    screen, terminal = pty.openpty()
    with subprocess.Popen(words, cwd=tmp_path, env=environment(TERM="xterm"), stderr=terminal) as job:
        os.close(terminal)
        with open(screen, "rb", buffering=0) as shown:
            said = b""
            while b"searching" not in said:
                said += shown.read(1 << 16)
            job.send_signal(signal.SIGINT)
            with contextlib.suppress(OSError):  # how a terminal ends when nobody writes to it any more
                while more := shown.read(1 << 16):
                    said += more
    assert (job.returncode, os.listdir(tmp_path)) == (130, []), said
    assert b"interrupted" in said
