"""The examples run as they stand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest
from numpy.typing import NDArray

import privmask
from tests.conftest import ROOT
from tests.recorders.gst import needs_element, system_python
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


@pytest.mark.parametrize("example", ["own_loop_pyav", "own_loop_opencv", "own_loop_gstreamer"])
def test_a_loop_of_ones_own_hides_the_zone_in_real_footage(
    example: str, tmp_path: Path, footage: Callable[[str], Path]
) -> None:
    out, clip, script = tmp_path / "out.mp4", footage("carphone_144p.mp4"), ROOT / "examples" / f"{example}.py"
    (tmp_path / "plan.toml").write_text(PLAN)
    words = [clip, tmp_path / "plan.toml", out.with_suffix(".png") if "opencv" in example else out]
    if "gstreamer" in example:
        needs_element("gst-x264", "gst-libav")
        done = system_python(script, *words, cache=tmp_path)
        assert done.returncode == 0, done.stderr
    else:
        subprocess.run([sys.executable, script, *words], check=True, capture_output=True)
    before, after = frames(clip), frames(words[-1])
    if "opencv" in example:
        before = before[-1:]
    assert len(before) == len(after) > 0
    for one, other in zip(before, after, strict=True):
        height, width = one.shape
        zone = (slice(int(0.25 * height), int(0.4 * height)), slice(int(0.3 * width), int(0.42 * width)))
        assert one[zone].max() > 60 > 30 > other[zone].max()
        assert abs(one[:, width // 2 + 8 :].astype(int) - other[:, width // 2 + 8 :]).mean() < 16  # PNG is of full range


def frames(path: Path) -> list[NDArray[Any]]:
    """The brightness of every frame, from black at 16 to white at 235."""
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="yuv420p")[: frame.height, : frame.width] for frame in film.decode(video=0)]


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
