"""Footage of which a picture was lost, on the command line: no copy, or one that hides what came after, and says so."""

from __future__ import annotations

import json
from pathlib import Path

import av
import pytest

from tests.cli.conftest import Privmask
from tests.video.lossy import clip_of, without

WINDOW = "0.1,0.1 0.4,0.1 0.4,0.5"


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two groups of twelve frames, without the fourth packet."""
    clip = clip_of(
        tmp_path_factory.mktemp("cut") / "clip.mp4",
        "keyint=12:min-keyint=12:scenecut=0:bframes=2:b-adapt=0:b-pyramid=none",
        size=(96, 64),
    )
    return without(clip, [4])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "a picture before it is missing; masking it could leave private parts open. With --damaged hide such"),
        (
            "ja",
            "その前の画像が1つ以上欠けています）。このまま隠すと、隠すべき所が見えるおそれがあります。--damaged hide を",
        ),
    ],
)
def test_a_lost_picture_ends_with_six_and_leaves_no_copy(
    process: Privmask, cut: Path, tmp_path: Path, language: str, said: str
) -> None:
    done = process("--lang", language, "mask", cut, "-o", "copy.mp4", "--unsigned", "--zone", WINDOW)
    assert (done.code, done.out) == (6, "")
    assert said in done.err
    assert list(tmp_path.iterdir()) == []


def test_what_follows_is_hidden_stated_and_verified_where_that_is_asked_for(
    process: Privmask, cut: Path, tmp_path: Path
) -> None:
    words = ["mask", cut, "-o", "copy.mp4", "--unsigned", "--zone", WINDOW, "--damaged", "hide"]
    done = process("--lang", "ja", *words)
    assert done.code == 0, done.err
    assert "欠けています" in done.err
    statement = json.loads((tmp_path / "copy.mp4.provenance.json").read_text())
    stated = statement["predicate"]
    assert "hidden whole: frame 4, at 0.160 s: a picture before it is missing" in stated["notices"]
    assert stated["reading"] == {**stated["reading"], "damaged": "hide", "whole": [["4/25", "12/25"]]}
    with av.open(str(tmp_path / "copy.mp4")) as copy:
        spread = [int(frame.to_ndarray(format="gray").std()) for frame in copy.decode(video=0)]
    assert [index for index, each in enumerate(spread) if each == 0] == list(range(4, 11))
    for more in ([], ["--original", cut]):
        verified = process("verify", "copy.mp4", "--unsigned", *more)
        assert verified.code == 0, verified.out


def test_a_group_with_a_lost_picture_does_not_travel(process: Privmask, cut: Path, tmp_path: Path) -> None:
    """Nothing is hidden on its frames: as they are to be the original's, they would be shown as they are."""
    plan = tmp_path / "plan.toml"
    plan.write_text(
        'format = "privmask.plan.v1"\n[[mask]]\ntoken = "w"\nstart = 0.6\n'
        'polygon = [["1/10", "1/10"], ["4/10", "1/10"], ["4/10", "5/10"]]\n'
    )
    assert process("mask", cut, "-o", "copy.mp4", "--unsigned", "--plan", plan).code == 6


def test_searching_it_ends_so_as_well(process: Privmask, cut: Path, tmp_path: Path) -> None:
    done = process("detect", cut, "-o", "tracks.jsonl", "--faces")
    assert done.code == 6, done.err
    assert "a picture before it is missing" in done.err
    assert list(tmp_path.iterdir()) == []
