"""The pipelines that the READMEs show, run as they stand."""

from __future__ import annotations

import re
import select
import shlex
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from tests.camera import Camera
from tests.conftest import ROOT
from tests.marked import ZONE, hides, marked_picture
from tests.needed import needs
from tests.recorders.gst import environment, launch, needs_element

PLAN = f"""
format = "privmask.plan.v1"
[[mask]]
token = "marked"
polygon = [{", ".join(f"[{corner}]" for corner in ZONE.split())}]
"""


def lines(name: str) -> list[str]:
    """The gst-launch-1.0 lines of that README."""
    found = re.findall(r"^gst-launch-1\.0 (.*)$", (ROOT / name).read_text("utf-8"), re.MULTILINE)
    assert len(found) == 2
    return [str(line) for line in found]


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for another process to bring that about."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        select.select([], [], [], 0.05)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    needs_element("gst-x264", "gst-parsers", "gst-mp4", "gst-libav")
    (tmp_path / "zones.toml").write_text(PLAN)
    return tmp_path


def test_both_readmes_show_the_same_pipelines() -> None:
    assert lines("README.md") == lines("README.ja.md")


def test_a_file_goes_through_the_pipeline_of_the_readme(folder: Path) -> None:
    with av.open(str(folder / "gate.mp4"), "w") as out:
        stream = out.add_stream("libx264", rate=25, width=320, height=240, pix_fmt="yuv420p")
        for number in range(30):
            out.mux(stream.encode(marked_picture(number, 320, 240)))
        out.mux(stream.encode(None))
    done = launch(lines("README.md")[0], folder)
    assert done.returncode == 0, done.stderr
    with av.open(str(folder / "masked.mp4")) as film:
        hidden = [hides(frame.reformat(format="yuv420p")) for frame in film.decode(video=0)]
    assert hidden == [True] * 30


def test_a_camera_goes_through_the_pipeline_of_the_readme(folder: Path) -> None:
    needs("rtsp-client", "rtsp-server")
    with Camera(folder) as camera:
        line = lines("README.md")[1].replace("rtsp://camera/gate", camera.url)
        process = subprocess.Popen(
            ["gst-launch-1.0", *shlex.split(line)], env=environment(folder), cwd=folder, stdout=subprocess.DEVNULL
        )
        try:
            until(lambda: (folder / "gate-00000.mp4").exists() and (folder / "gate-00000.mp4").stat().st_size > 20_000)
        finally:
            process.send_signal(signal.SIGINT)  # with -e the file is ended as it should be
        assert process.wait(timeout=30) == 0
    with av.open(str(folder / "gate-00000.mp4")) as film:
        hidden = [hides(frame.reformat(format="yuv420p")) for frame in film.decode(video=0)]
    assert len(hidden) > 5
    assert all(hidden)
