"""Recorders' parts that some tests put to work: other people's programs, and GStreamer in the system's Python.

`needs("motion")` skips the test by that name where the part is missing, and says what to install. `.ci/run` installs all of
them and then sets PRIVMASK_PARTS=all: a test that is skipped after that would be a part that broke unseen, so it fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache

import pytest

SYSTEM_PYTHON = "/usr/bin/python3"  # the one that Debian's GStreamer embeds; it has `gi`, the environment of the tests has not


def _program(name: str) -> Callable[[], bool]:
    return lambda: shutil.which(name) is not None


def _import(what: str, version: str = "1.0") -> Callable[[], bool]:
    code = f"import gi; gi.require_version('{what}', '{version}'); from gi.repository import {what}"
    return lambda: _ends_well(SYSTEM_PYTHON, "-c", code)


def _element(name: str) -> Callable[[], bool]:
    return lambda: _ends_well("gst-inspect-1.0", name, **_unprejudiced())


# Part -> how to see whether it is here, and the Debian packages that bring it.
PARTS: dict[str, tuple[Callable[[], bool], str]] = {
    "motion": (_program("motion"), "motion"),
    "gst-launch": (_program("gst-launch-1.0"), "gstreamer1.0-tools"),
    "gst-python": (_import("GstVideo"), "python3-gi python3-gst-1.0 gir1.2-gst-plugins-base-1.0"),
    "gst-elements": (_element("python"), "gstreamer1.0-python3-plugin-loader"),
    "gst-x264": (_element("x264enc"), "gstreamer1.0-plugins-ugly"),
    "gst-parsers": (_element("h264parse"), "gstreamer1.0-plugins-bad"),
    "gst-mp4": (_element("mp4mux"), "gstreamer1.0-plugins-good"),
    "gst-libav": (_element("avdec_h264"), "gstreamer1.0-libav"),
    "rtsp-client": (_element("rtspsrc"), "gstreamer1.0-plugins-good"),
    "rtsp-server": (_import("GstRtspServer"), "gir1.2-gst-rtsp-server-1.0 gstreamer1.0-rtsp"),
}


def needs(*parts: str) -> None:
    """Skip the running test, or fail it where `.ci/run` has installed everything, if one of these parts is not here."""
    for part in parts:
        if not is_here(part):
            message = f"{part} is not here; on Debian: apt-get install {PARTS[part][1]}"
            if os.environ.get("PRIVMASK_PARTS") == "all":
                pytest.fail(message)
            pytest.skip(message)


@cache
def is_here(part: str) -> bool:
    """Whether a part can be used."""
    return PARTS[part][0]()


def needs_own_python_in_gstreamer() -> None:
    """Skip where GStreamer's Python is another than the one that privmask is installed for: there the element cannot run."""
    needs("gst-python")
    asked = [SYSTEM_PYTHON, "-c", "import sys; print(*sys.version_info[:2])"]
    theirs = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout.split()
    if theirs != [str(part) for part in sys.version_info[:2]]:
        pytest.skip(f"GStreamer runs Python {'.'.join(theirs)}, the tests run {sys.version_info[0]}.{sys.version_info[1]}")


def _unprejudiced() -> dict[str, str]:
    """GStreamer remembers what once failed to load, and its Python does so where another `python3` comes first in PATH."""
    return {"PATH": "/usr/bin:/bin", "GST_REGISTRY": os.path.join(_folder().name, "registry.bin")}


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


def _ends_well(*words: str, **more: str) -> bool:
    environment = {**os.environ, **more}
    try:
        return subprocess.run(words, env=environment, capture_output=True, timeout=60, check=False).returncode == 0
    except OSError:
        return False
