"""`privmask gst-env`, and what it says where GStreamer cannot run the element. Made-up programs stand for GStreamer's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from privmask.recorders.gst.environment import binding_folders, embedded_python, gap, library_folders, variables
from tests.cli.conftest import Privmask
from tests.recorders.gst import needs_element

OURS = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture
def inspect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH; `gst-inspect-1.0` in it says what is in `python` and `privmask`."""
    monkeypatch.setenv("PATH", str(tmp_path))
    program = tmp_path / "gst-inspect-1.0"
    program.write_text('#!/bin/sh\nIFS=\nwhile read -r line; do echo "$line"; done < "${0%/*}/$1" 2>/dev/null || :\n')
    program.chmod(0o755)
    return tmp_path


def loader(folder: Path, version: str) -> None:
    """GStreamer's loader of Python plugins, linked to that Python."""
    library = folder / "libgstpython.so"
    library.write_bytes(b"\x7fELF\0\0libpython" + version.encode() + b".so.1.0\0")
    (folder / "python").write_text(f"Plugin Details:\n  Name   python\n  Filename                 {library}\n")


def test_without_gstreamer_or_its_loader_it_says_what_to_install(inspect: Path, privmask: Privmask) -> None:
    done = privmask("gst-env")
    assert (done.code, done.out) == (1, "")
    assert "gstreamer1.0-python3-plugin-loader" in done.err
    (inspect / "gst-inspect-1.0").unlink()
    done = privmask("gst-env", "--json")
    assert (done.code, done.data["exit_code"]) == (1, 1)
    assert "gstreamer1.0-tools" in done.data["error"]["message"]


def test_another_python_in_gstreamer_is_told_with_both_versions(inspect: Path, privmask: Privmask) -> None:
    loader(inspect, "3.9")
    done = privmask("gst-env")
    assert (done.code, done.out) == (1, "")
    assert "GStreamer runs Python 3.9" in done.err
    assert f"for Python {OURS}" in done.err
    assert "Python 3.9 の環境" in privmask("--lang", "ja", "gst-env").err


def test_an_element_that_is_not_found_is_told(inspect: Path, privmask: Privmask) -> None:
    loader(inspect, OURS)
    assert "gst-inspect-1.0 privmask" in privmask("gst-env").err
    (inspect / "privmask").write_text("+----PrivmaskElement\n")
    assert privmask("gst-env").code == 0


def test_the_environment_keeps_what_was_there_and_says_each_folder_once() -> None:
    found = variables({"GST_PLUGIN_PATH": "/a", "PYTHONPATH": "/b", "HOME": "/home/x"})
    assert found["GST_PLUGIN_PATH"].endswith("/privmask/recorders/gst:/a")
    assert found["PYTHONPATH"].split(":") == [*library_folders(), *binding_folders(), "/b"]
    assert found["GST_REGISTRY"].startswith("/home/x/.cache/privmask/")
    assert variables({**found, "HOME": "/home/x"}) == found
    assert variables({"XDG_CACHE_HOME": "/c"})["GST_REGISTRY"].startswith("/c/privmask/")


def test_the_python_of_a_loader_is_read_from_it(tmp_path: Path) -> None:
    loader(tmp_path, "3.14")
    assert embedded_python(tmp_path / "libgstpython.so") == "3.14"
    (tmp_path / "static").write_bytes(b"no library")
    assert embedded_python(tmp_path / "static") is None


def test_what_it_prints_is_for_a_shell(privmask: Privmask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needs_element()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "it's here"))
    done = privmask("gst-env", "--check")
    assert (done.code, done.err) == (0, "")
    assert [line.split("=")[0] for line in done.out.splitlines()] == [
        "export GST_PLUGIN_PATH", "export PYTHONPATH", "export GST_REGISTRY",
    ]  # fmt: skip
    assert gap({"PATH": "/usr/bin:/bin", **variables({"HOME": str(tmp_path)})}) is None


def test_it_runs_in_an_active_virtual_environment_too(
    privmask: Privmask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_element()
    subprocess.run(["/usr/bin/python3", "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    monkeypatch.setenv("PATH", f"{tmp_path / 'venv' / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    done = privmask("gst-env", "--check")
    assert (done.code, done.err) == (0, "")


def test_a_failure_that_gstreamer_remembers_is_forgotten(tmp_path: Path) -> None:
    needs_element()
    base = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    ours = {**base, **variables(base)}
    broken = {**ours, "PYTHONPATH": str(tmp_path)}
    (tmp_path / "gi.py").write_text("raise ImportError('for now')\n")
    assert gap(broken) is not None
    assert Path(ours["GST_REGISTRY"]).is_file()
    assert gap(ours) is None


def test_where_the_trial_fails_it_says_what_gstreamer_said(
    privmask: Privmask, inspect: Path
) -> None:
    loader(inspect, OURS)
    (inspect / "privmask").write_text("+----PrivmaskElement\n")
    (inspect / "gst-launch-1.0").write_text("#!/bin/sh\necho it broke >&2\nexit 1\n")
    (inspect / "gst-launch-1.0").chmod(0o755)
    assert privmask("gst-env").code == 0
    done = privmask("gst-env", "--check")
    assert (done.code, done.out) == (1, "")
    assert "it broke" in done.err
