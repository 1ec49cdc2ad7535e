"""Of several runs that want to make one copy, one begins; a claim ends with its process, and is swept like any draft."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from privmask.errors import CopyError
from privmask.evidence import claims, sweep
from privmask.evidence.claims import claim_copy
from tests.conftest import ROOT
from tests.evidence.small import names

HOLDS = """
import sys
from privmask.evidence.claims import claim_copy
with claim_copy(sys.argv[1]) as ours:
    print(ours, flush=True)
    sys.stdin.read()
"""


def holder(copy: Path) -> subprocess.Popen[str]:
    """Another process that holds the claim on `copy`, if it gets it, until its input is closed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    words = [sys.executable, "-c", HOLDS, str(copy)]
    return subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_one_run_has_the_claim_and_leaves_nothing(tmp_path: Path) -> None:
    with claim_copy(tmp_path / "copy.mp4") as ours:
        assert ours
        with claim_copy(tmp_path / "copy.mp4") as theirs, claim_copy(tmp_path / "other.mp4") as others:
            assert (theirs, others) == (False, True)
    assert names(tmp_path) == set()


def test_a_claim_ends_with_its_process_and_is_swept(tmp_path: Path) -> None:
    copy = tmp_path / "copy.mp4"
    with holder(copy) as other:
        assert other.stdout
        assert other.stdout.readline() == "True\n"
        with claim_copy(copy) as ours:
            assert not ours
        assert sweep(tmp_path) == (), "a living run keeps its claim"
        other.kill()
    assert len(names(tmp_path)) == 1
    with claim_copy(copy) as ours:
        assert ours, "nobody waits for the dead"
    assert names(tmp_path) == set()


def test_what_a_killed_run_claimed_is_cleared_away(tmp_path: Path) -> None:
    with holder(tmp_path / "copy.mp4") as other:
        assert other.stdout
        other.stdout.readline()
        other.kill()
    assert len(sweep(tmp_path)) == 1
    assert names(tmp_path) == set()


def test_a_claim_that_was_swept_before_it_was_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, swept = claims._locked, list[str]()

    def late(descriptor: int) -> bool:
        if not swept:
            swept.extend(sweep(tmp_path))
        return locked(descriptor)

    monkeypatch.setattr(claims, "_locked", late)
    with claim_copy(tmp_path / "copy.mp4") as ours:
        assert ours
        assert swept
        assert len(names(tmp_path)) == 1


def test_where_there_are_no_locks_everybody_is_let_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(_descriptor: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr("fcntl.flock", flock)
    with claim_copy(tmp_path / "copy.mp4") as ours, claim_copy(tmp_path / "copy.mp4") as theirs:
        assert (ours, theirs) == (True, True)
    assert names(tmp_path) == set()


def test_where_nothing_can_be_written_the_claim_says_so(tmp_path: Path) -> None:
    with pytest.raises(CopyError, match="nowhere"), claim_copy(tmp_path / "nowhere" / "copy.mp4"):
        pass
    with pytest.raises(CopyError, match="too long"), claim_copy(tmp_path / f"{'x' * 250}.mp4"):
        pass
