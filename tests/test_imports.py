"""`import privmask` is cheap, and its public names are there when asked for."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import privmask
from tests.conftest import ROOT

HEAVY = ("numpy", "numba", "av", "cv2", "onnxruntime", "pydantic", "typer", "rich", "PIL", "cryptography")
BUSY = 4 if os.environ.get("CI") else 2  # how much slower than promised a busy machine may be


def loaded_after(code: str) -> set[str]:
    """The top-level packages that a fresh Python has loaded after `code`."""
    script = f"import sys, json\n{code}\nprint(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=_environment()
    )
    return set(json.loads(done.stdout))


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src")}


def test_importing_privmask_loads_no_heavy_package() -> None:
    assert loaded_after("import privmask").isdisjoint(HEAVY)


def test_reading_a_plan_needs_no_video_and_no_compiler() -> None:
    loaded = loaded_after("import privmask; privmask.load_plan; privmask.MaskPlan")
    assert loaded.isdisjoint({"numba", "av", "cv2", "typer", "rich"})


def test_verifying_the_bytes_of_a_copy_needs_no_pictures() -> None:
    assert loaded_after("import privmask.evidence").isdisjoint({"numpy", "numba", "av", "cv2", "PIL"})


def test_looking_after_keys_loads_cryptography_only_when_it_is_used() -> None:
    rooms = "privmask.evidence.keychange, privmask.evidence.signers, privmask.evidence.signed"
    assert loaded_after(f"import privmask.evidence, {rooms}").isdisjoint({*HEAVY, "bcrypt", "subprocess"})


@pytest.mark.parametrize(("name", "promised"), [("privmask", 0.1), ("privmask.evidence", 0.15)])
def test_an_import_takes_no_longer_than_promised(name: str, promised: float) -> None:
    # The processor's time, which other programs on this machine do not take part in.
    script = f"import time; start = time.process_time(); import {name}; print(time.process_time() - start)"
    seconds = []
    for _ in range(5):
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=_environment()
        )
        seconds.append(float(done.stdout))
    assert min(seconds) < promised * BUSY


@pytest.mark.parametrize("name", privmask.__all__)
def test_each_public_name_can_be_loaded(name: str) -> None:
    assert getattr(privmask, name) is not None
    assert name in dir(privmask)


def test_type_checkers_see_the_names_that_are_loaded_lazily() -> None:
    tree = ast.parse(Path(privmask.__file__).read_text("utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert seen == privmask._MODULE_OF
    assert {*seen, "__version__"} == set(privmask.__all__)


def test_a_misspelt_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="mask_klip"):
        privmask.mask_klip  # noqa: B018  the access is what is tested


def test_the_version_is_the_installed_one() -> None:
    assert privmask.__version__.count(".") == 2
