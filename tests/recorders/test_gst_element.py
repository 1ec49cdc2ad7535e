"""The element at work in real pipelines."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from privmask import FrameMasker, parse_plan
from tests.conftest import ROOT
from tests.recorders.gst import PLAN, launch, needs_element, system_python
from tests.video.clips import make_clip

WIDTH, HEIGHT = 322, 242
SOURCE = f"videotestsrc pattern=ball num-buffers=3 ! video/x-raw,format=%s,width={WIDTH},height={HEIGHT},framerate=25/1"


@pytest.fixture(autouse=True)
def _plan(tmp_path: Path) -> None:
    needs_element()
    (tmp_path / "zones.toml").write_text(PLAN)


def raw(path: Path) -> NDArray[np.uint8]:
    return np.frombuffer(path.read_bytes(), np.uint8)


def frames_of(data: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The luma of each picture, with the padding of its rows."""
    stride = -(-WIDTH // 4) * 4
    return data.reshape(3, -1)[:, : stride * HEIGHT].reshape(3, HEIGHT, stride).copy()


@pytest.mark.parametrize("layout", ["I420", "YV12", "NV12", "GRAY8"])
def test_pictures_come_out_with_their_zones_hidden_and_nothing_else_changed(layout: str, tmp_path: Path) -> None:
    bare = launch(f"{SOURCE % layout} ! filesink location=bare", tmp_path)
    done = launch(f"{SOURCE % layout} ! privmask plan=zones.toml camera=gate ! filesink location=masked", tmp_path)
    assert (bare.returncode, done.returncode) == (0, 0), done.stderr
    before, after = raw(tmp_path / "bare"), raw(tmp_path / "masked")
    assert before.size == after.size > 0
    luma = (slice(0, 3), slice(0, HEIGHT), slice(0, WIDTH))
    before, after = (frames_of(each) for each in (before, after))
    for frame in (expected := before.copy()):
        masker = FrameMasker(parse_plan(PLAN), (WIDTH, HEIGHT), "gray", range="full" if layout == "GRAY8" else "limited")
        masker.apply_planes([frame])
    assert (after[luma] == expected[luma]).all()
    assert (after[luma] != before[luma]).any()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "no plan"),
        ("plan=missing.toml", "missing.toml: the plan file cannot be read"),
        ("plan=zones.toml camera=back", "'back' is not in the plan, which holds 'gate'"),
        ("plan=faces.toml", "searches no picture"),
        ("plan=tall.toml", "another"),
        ("zone=0.1,0.1", "needs at least 3"),
        ("plan=zones.toml recorded-at=yesterday", "yesterday"),
    ],
)
def test_without_a_plan_that_stands_and_fits_nothing_comes_out(words: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "faces.toml").write_text('format = "privmask.plan.v1"\n[[dynamic]]\nlabel = "face"\n')
    (tmp_path / "tall.toml").write_text(PLAN.replace("[[mask]]", "frame = [100, 400]\n[[mask]]"))
    done = launch(f"{SOURCE % 'I420'} ! privmask {words} ! filesink location=masked", tmp_path)
    assert done.returncode != 0
    assert said in done.stderr
    assert not (tmp_path / "masked").exists() or not raw(tmp_path / "masked").size


def test_zones_can_be_said_without_a_plan_file(tmp_path: Path) -> None:
    zones = "'zone=0,0 1,0 1,1 0,1; 0.1,0.1 0.2,0.1 0.2,0.2'"
    assert launch(f"{SOURCE % 'GRAY8'} ! privmask {zones} ! filesink location=masked", tmp_path).returncode == 0
    assert not raw(tmp_path / "masked").any()


def test_one_branch_of_a_tee_is_masked_and_the_other_keeps_its_pictures(tmp_path: Path) -> None:
    tee = "tee name=t t. ! queue ! privmask plan=zones.toml ! filesink location=masked t. ! queue ! filesink location=other"
    source = (SOURCE % "I420").replace("322", "320")  # no padding, which nobody sets
    assert launch(f"{source} ! {tee}", tmp_path).returncode == 0
    assert launch(f"{source} ! filesink location=bare", tmp_path).returncode == 0
    assert (raw(tmp_path / "other") == raw(tmp_path / "bare")).all()
    assert (raw(tmp_path / "masked") != raw(tmp_path / "bare")).any()


def test_sizes_turns_strides_and_seconds_are_followed_as_buffers_bring_them(tmp_path: Path) -> None:
    (tmp_path / "timed.toml").write_text(PLAN + "start = 1\nend = 2\n")
    script = ROOT / "tests" / "recorders" / "gst_changes.py"
    done = system_python(script, tmp_path / "zones.toml", tmp_path / "timed.toml", cache=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "64x48": "hidden",
        "128x96": "hidden",
        "turned": "hidden where the viewer sees it",
        "padded": "hidden, padding blank",
        "seconds": ["public", "hidden", "public", "hidden"],
        "unknown": ["hidden"] * 4,
    }


def test_a_turned_clip_is_fitted_as_it_is_seen_once_somebody_says_so(tmp_path: Path) -> None:
    needs_element("gst-libav", "gst-mp4")
    make_clip(tmp_path / "turned.mp4", size=(96, 64), rotation=90)
    corners = "polygon = [[0, 0], [32, 0], [32, 48]]"
    (tmp_path / "tall.toml").write_text(f'format = "privmask.plan.v1"\nframe = [64, 96]\n[[mask]]\ntoken = "a"\n{corners}\n')
    line = "filesrc location=turned.mp4 ! decodebin ! videoconvert ! privmask plan=tall.toml {} ! filesink location=masked"
    assert "rotation=follow" in launch(line.format(""), tmp_path).stderr
    assert not raw(tmp_path / "masked").size
    assert "another shape" in launch(line.format("rotation=ignore"), tmp_path).stderr
    done = launch(line.format("rotation=follow"), tmp_path)
    assert done.returncode == 0, done.stderr
    assert raw(tmp_path / "masked").size


def test_whatever_is_raised_wherever_no_unmasked_buffer_comes_out_and_the_pipeline_ends(tmp_path: Path) -> None:
    done = system_python(ROOT / "tests" / "recorders" / "gst_drill.py", tmp_path / "zones.toml", cache=tmp_path)
    assert done.returncode == 0, done.stderr
    sound, *faults = [json.loads(line) for line in done.stdout.splitlines()]
    assert (sound["out"], sound["unmasked"], sound["error"]) == (6, 0, None)
    assert len(faults) >= 50
    assert [fault for fault in faults if fault["unmasked"] or fault["out"] > 3 or not fault["error"]] == []
    silent = [fault["fault"] for fault in faults if fault["by"] != "mask"]
    assert silent == ["telling raises as well", "words cannot be found"]  # GStreamer itself then says that the stream ended


def test_an_error_ends_gst_launch_with_a_message_and_a_code_that_is_not_0(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("raise ImportError('numpy is for another Python')\n")
    line = f"{SOURCE % 'I420'} ! privmask plan=zones.toml ! filesink location=masked"
    done = launch(line, tmp_path, PATH="/usr/bin:/bin", PYTHONPATH=f"{tmp_path}:{ROOT / 'src'}")
    assert done.returncode != 0
    assert "numpy is for another Python" in done.stderr
    assert 'eval "$(privmask gst-env)"' in done.stderr
    assert not (tmp_path / "masked").exists() or not raw(tmp_path / "masked").size
