"""Ways to give words to `privmask`: inside this process, and as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from privmask.cli.ending import run
from privmask.street import PLAN, write_street
from tests.conftest import ROOT


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        found: dict[str, Any] = json.loads(self.out)
        return found


Privmask = Callable[..., Done]


@pytest.fixture
def privmask(capsys: pytest.CaptureFixture[str]) -> Privmask:
    """`privmask("probe", clip)` inside this process: quick, and open to monkeypatching."""

    def call(*words: object) -> Done:
        capsys.readouterr()
        code = run([str(word) for word in words])
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return call


def command(*words: object) -> list[str | bytes]:
    """The command line of a `privmask` process of this checkout."""
    return [sys.executable, "-m", "privmask", *(word if isinstance(word, bytes) else str(word) for word in words)]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "200", **more}


@pytest.fixture
def process(tmp_path: Path) -> Privmask:
    """`process("probe", clip)` as a process of its own, in `tmp_path`, both outputs being pipes."""

    def call(*words: object) -> Done:
        done = subprocess.run(command(*words), capture_output=True, cwd=tmp_path, env=environment(), timeout=60)
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@dataclass(frozen=True)
class Street:
    clip: Path
    plan: Path


@pytest.fixture(scope="session")
def street(tmp_path_factory: pytest.TempPathFactory) -> Street:
    """The drawn street and its plan of three zones; read-only for tests."""
    folder = tmp_path_factory.mktemp("street")
    street = Street(folder / "street.y4m", folder / "zones.toml")
    write_street(street.clip)
    street.plan.write_text(PLAN, encoding="utf-8")
    return street


@pytest.fixture(scope="session")
def short(street: Street, tmp_path_factory: pytest.TempPathFactory) -> Street:
    """The first six frames of the street, for jobs that are not about pictures."""
    clip = tmp_path_factory.mktemp("short") / "short.y4m"
    head, *frames = street.clip.read_bytes().split(b"FRAME\n", 7)[:7]
    clip.write_bytes(b"FRAME\n".join([head, *frames]))
    return Street(clip, street.plan)
