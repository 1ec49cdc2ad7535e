"""What is handed out: wheel, sdist, pinned versions, and a checkout that names nobody's machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.recorders.gst import needs_element

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PINS = dict(re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE))


def run(*words: object, cwd: Path, **more: str) -> str:
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, env={**os.environ, **more}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with an sdist, and the wheel built from that sdist (not from the checkout)."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=ROOT)
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=unpacked)
    return folder


def test_the_wheel_holds_the_types_the_licence_and_every_module_and_no_test(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    modules = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src").rglob("*.py")}
    assert modules <= names
    assert {"privmask/py.typed", "privmask/detect/models.toml"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert {name.split("/")[0] for name in names} == {"privmask", f"privmask-{PROJECT['version']}.dist-info"}


def test_the_sdist_can_be_tested_where_it_is_unpacked(dist: Path) -> None:
    (unpacked,) = (dist / "unpacked").iterdir()
    for name in ("Makefile", "constraints.txt", ".ci/run", "tests/conftest.py", "README.md", "README.ja.md", "LICENSE"):
        assert (unpacked / name).is_file(), name


def test_the_installed_wheel_masks_a_clip_elsewhere(dist: Path, tmp_path: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    site = tmp_path / "site"
    pip = ("-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps", "--no-index", "--no-compile")
    run(sys.executable, *pip, "--target", site, wheel, cwd=tmp_path)
    where = run(sys.executable, "-c", "import privmask; print(privmask.__file__)", cwd=tmp_path, PYTHONPATH=str(site))
    assert Path(where.strip()) == site / "privmask" / "__init__.py"
    run(site / "bin" / "privmask", "demo", "--out", "out", cwd=tmp_path, PYTHONPATH=str(site))
    assert (tmp_path / "out" / "masked.mp4").is_file()
    needs_element()
    told = run(
        site / "bin" / "privmask", "gst-env", "--check", "--json",
        cwd=tmp_path, PYTHONPATH=str(site), XDG_CACHE_HOME=str(tmp_path),
    )  # fmt: skip
    assert json.loads(told)["GST_PLUGIN_PATH"].startswith(str(site))


@pytest.mark.parametrize(
    "needed",
    [*PROJECT["dependencies"], *(each for extra in PROJECT["optional-dependencies"].values() for each in extra)],
)
def test_each_dependency_is_bounded_below_and_above_and_pinned_for_tests(needed: str) -> None:
    if needed.startswith("privmask["):
        return
    name, bounds = re.match(r"([A-Za-z0-9_.-]+)(.*)", needed).groups()  # type: ignore[union-attr]  # every line matches
    assert re.fullmatch(r">=[\d.]+,<[\d.]+", bounds), needed
    lowest, highest = ([int(part) for part in bound[1:].strip("=").split(".")] for bound in bounds.split(","))
    pinned = [int(part) for part in PINS[name].split(".")]
    assert lowest <= pinned < highest


def test_the_pinned_versions_are_those_in_use() -> None:
    from importlib.metadata import version

    assert {name: version(name) for name in PINS} == PINS


def test_the_constraints_are_names_and_versions_only() -> None:
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        assert line.startswith("#") or re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][0-9a-z.]*", line), line


@pytest.mark.parametrize("name", ["README.md", "README.ja.md", "CHANGELOG.md"])
def test_every_path_that_a_document_names_is_there(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (ROOT / link).exists(), link
    for path in re.findall(r"`((?:src|tests|examples|benchmarks)/[\w./-]*)`", text):
        assert (ROOT / path).exists(), path
