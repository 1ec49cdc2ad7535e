"""The examples run as they stand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.video.clips import make_clip

PLAN = """
format = "privmask.plan.v1"
[[mask]]
token = "window"
polygon = [[0.1, 0.1], [0.5, 0.2], [0.4, 0.7]]
"""


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
