"""The examples run as they stand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import privmask
from tests.conftest import ROOT
from tests.video.clips import make_clip

PLAN = """
format = "privmask.plan.v1"
[[mask]]
token = "window"
polygon = [[0.1, 0.1], [0.5, 0.2], [0.4, 0.7]]
"""


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A key as ssh-keygen makes it, and its .pub beside it, in a folder of their own."""
    (tmp_path / "keys").mkdir(mode=0o700)
    path = tmp_path / "keys" / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


@pytest.mark.parametrize(
    ("example", "made"), [("mask_a_clip", "copy.mp4"), ("own_loop_pyav", "copy.mp4"), ("own_loop_opencv", "last.png")]
)
def test_each_example_does_what_it_says(tmp_path: Path, example: str, made: str) -> None:
    clip = make_clip(tmp_path / "clip.mp4", size=(96, 64))
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN)
    words = [clip] if example == "mask_a_clip" else [clip, plan]
    script = ROOT / "examples" / f"{example}.py"
    subprocess.run(
        [sys.executable, str(script), *map(str, words), str(tmp_path / made)], check=True, capture_output=True
    )
    assert (tmp_path / made).stat().st_size > 100


@pytest.mark.parametrize("example", ["mask_a_clip", "own_signer"])
def test_the_examples_that_sign_do_so(tmp_path: Path, example: str, key: Path) -> None:
    clip, copy, public = make_clip(tmp_path / "clip.mp4", size=(96, 64)), tmp_path / "copy.mp4", f"{key}.pub"
    (tmp_path / "plan.toml").write_text(PLAN)
    signing = ["ssh-keygen", "-Y", "sign", "-q", "-n", "privmask.provenance.v1", "-f", key]
    words = [clip, copy, key] if example == "mask_a_clip" else [clip, tmp_path / "plan.toml", copy, public, *signing]
    subprocess.run([sys.executable, ROOT / "examples" / f"{example}.py", *words], check=True, capture_output=True)
    (tmp_path / "allowed").write_text(f"me {Path(public).read_text()}")
    assert privmask.verify_copy(copy, allowed_signers=tmp_path / "allowed", signer="me").holds


def test_the_example_for_many_clips_masks_them_and_finds_them_done(tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    make_clip(tmp_path / "clips" / "a.mp4", size=(96, 64))
    (tmp_path / "plan.toml").write_text(PLAN)
    script = ROOT / "examples" / "mask_many.py"
    words: list[str | Path] = [sys.executable, script, *(tmp_path / name for name in ("clips", "plan.toml", "out"))]
    for ending in ("made", "there"):
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        assert f"{ending} {tmp_path}/clips/a.mp4" in done.stdout
    assert (tmp_path / "out" / "a.mp4").is_file()
