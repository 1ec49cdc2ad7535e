"""GStreamer for tests: its programs and its Python, in the environment that `privmask gst-env` prints."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

from privmask.recorders.gst.environment import variables
from tests.needed import SYSTEM_PYTHON, needs, needs_own_python_in_gstreamer

PLAN = """
format = "privmask.plan.v1"
camera = "gate"
[[mask]]
token = "window"
polygon = [[0.1, 0.1], [0.7, 0.1], [0.7, 0.6], [0.1, 0.6]]
"""


def needs_element(*more: str) -> None:
    """Skip unless GStreamer can run the element, and has these parts as well."""
    needs("gst-launch", "gst-elements", *more)
    needs_own_python_in_gstreamer()


def environment(cache: Path, **more: str) -> dict[str, str]:
    """With a registry of its own in `cache`."""
    plain = {**os.environ, "XDG_CACHE_HOME": str(cache), "LC_ALL": "C.UTF-8"}
    return {**plain, **variables(plain), **more}


def launch(line: str, cache: Path, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    """`gst-launch-1.0 -q` with that pipeline."""
    words = ["gst-launch-1.0", "-q", *shlex.split(line)]
    return subprocess.run(
        words, env=environment(cache, **more), cwd=cwd or cache, capture_output=True, text=True, timeout=120, check=False
    )


def system_python(script: Path, *words: object, cache: Path) -> subprocess.CompletedProcess[str]:
    """A script in GStreamer's own Python."""
    return subprocess.run(
        [SYSTEM_PYTHON, script, *map(str, words)],
        env=environment(cache), cwd=cache, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
