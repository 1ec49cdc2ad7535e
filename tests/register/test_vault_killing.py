"""kill -9, really: each task of the vault is run again and again, and each time killed one system call later than the last."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from privmask.errors import PolicyError
from privmask.register.sealing import open_sealed
from privmask.register.vault import open_vault
from privmask.register.vault_erasure import Step
from tests.conftest import ROOT
from tests.register.vaults import (
    FILES,
    ID,
    IDENTITY,
    PLANTED,
    RECIPIENT,
    TASKS,
    WORDS,
    content,
    hidden,
    putting,
    quickly_unlocked,
)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder in memory where there is one: some hundred vaults would wait for the disk most of the time."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def killed(task: str, folder: Path) -> list[Path]:
    """The folders in which the task was killed, one step later in each; in the last one it was not."""
    command = [sys.executable, "-m", "tests.register.vaults", task, str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=120)
    return sorted(folder.iterdir())


def test_a_put_that_is_killed_leaves_a_whole_copy_or_none_and_the_next_start_clears_the_rest(place: Path) -> None:
    held = []
    for run in killed("putting", place):
        assert PLANTED not in b"".join(content(run / "vault").values())
        vault = open_vault(run / "vault")
        assert vault.check(every_byte=True) == []
        held.append(len(list(vault.held())))
        if held[-1]:
            vault.take(ID, run / "taken")
            assert content(run / "taken") == FILES
        else:
            putting(run)
        assert not list((run / "vault" / "drafts").iterdir())
    assert held == sorted(held)  # first never, then always
    assert 0 < sum(held) < len(held)
    assert len(held) > 60


def test_an_erase_that_is_killed_is_completed_by_the_next_start(place: Path) -> None:
    left = []
    for run in killed("erasing", place):
        vault = open_vault(run / "vault")
        left.append(len(list(vault.held())))
        assert vault.check(every_byte=True) == []
        erasure = vault.erase(ID)
        assert erasure.steps == tuple(Step)
        assert not vault.finished or vault.finished == (erasure,)
        assert not left[-1] or not vault.finished
        assert set(content(run / "vault")) == {"vault.json", "site-key", "lock", f"erased/{ID}"}
    assert left == sorted(left, reverse=True)
    assert 0 < sum(left) < len(left)
    assert len(left) > 50


def test_what_a_killed_erase_left_does_not_open_even_before_the_next_start(place: Path) -> None:
    for run in killed("erasing", place):
        erasing = run / "vault" / "erasing" / ID
        steps = erasing / "steps"
        if steps.exists() and Step.KEY_OVERWRITTEN.value in steps.read_text():
            key = erasing / "key.age"
            assert not key.exists() or not any(key.read_bytes())


def test_a_take_that_is_killed_leaves_a_hidden_draft_at_most_which_the_next_one_clears(place: Path) -> None:
    drafts = 0
    for run in killed("taking", place):
        drafts += len(hidden(run))
        if (run / "taken").exists():
            assert content(run / "taken") == FILES
        vault = open_vault(run / "vault")
        vault.take(ID, run / "again")
        assert content(run / "again") == FILES
        assert not hidden(run)
    assert drafts > 20


def test_a_handing_over_that_is_killed_never_leaves_plaintext_nor_a_cut_file(place: Path) -> None:
    for run in killed("handing", place):
        left = {name: text for name, text in content(run).items() if not name.startswith("files/")}
        assert PLANTED not in b"".join(left.values())
        if (run / "handed.age").exists():
            open_sealed(run / "handed.age", run / "opened.tar", [IDENTITY])
        open_vault(run / "vault").hand_over(ID, run / "again.age", [RECIPIENT])
        assert not hidden(run)


def test_a_retirement_that_is_killed_is_completed_or_can_be_done_again(place: Path) -> None:
    for run in killed("retiring", place):
        vault = open_vault(run / "vault")
        if list(vault.held()):
            vault.erase(ID)
        assert Step.KEY_REMOVED in vault.retire().steps
        assert set(content(run / "vault")) == {"vault.json", "lock", f"erased/{ID}", "erased/site-key"}
        with pytest.raises(PolicyError, match="key is gone"):
            putting(run)


def test_a_vault_whose_making_is_killed_is_whole_or_not_there(place: Path) -> None:
    for run in killed("creating", place):
        if (run / "another").exists():
            assert open_vault(run / "another").check() == []
        else:
            TASKS["creating"](run)
            assert not hidden(run)


def test_a_lock_that_is_killed_leaves_the_key_as_it_was_or_locked(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("privmask.register.vault_key.unlock_identity", quickly_unlocked)
    locked = []
    for run in killed("locking", place):
        vault = open_vault(run / "vault", lambda: WORDS)
        locked.append(not vault.is_open)
        assert vault.check(every_byte=True) == []
        assert not list((run / "vault" / "drafts").iterdir())
        assert (b"AGE-SECRET-KEY" in b"".join(content(run / "vault").values())) == vault.is_open
    assert locked == sorted(locked)  # first never, then always
    assert 0 < sum(locked) < len(locked)
    assert len(locked) > 20
