from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from privmask.cli import passphrases
from privmask.register.vault import create_vault, open_vault
from tests.cli.conftest import Privmask
from tests.cli.governed import enter
from tests.policy.sites import NOON
from tests.register.vaults import WORDS, quickly_locked, quickly_unlocked


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("privmask.register.vault_key.lock_identity", quickly_locked)
    monkeypatch.setattr("privmask.register.vault_key.unlock_identity", quickly_unlocked)
    monkeypatch.setattr("privmask.register.vault.lock_identity", quickly_locked)
    monkeypatch.delenv("PRIVMASK_PASSPHRASE_FILE", raising=False)


@pytest.fixture
def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    site = enter(tmp_path, monkeypatch)
    create_vault(site.parent / "vault", NOON)
    return site.parent / "vault"


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Somebody sits at the terminal and will type these; what was asked is in the list."""

    def sit(*answers: str) -> list[str]:
        asked: list[str] = []
        coming = iter(answers)

        def getpass(prompt: str) -> str:
            asked.append(prompt)
            return next(coming)

        monkeypatch.setattr(passphrases, "_is_terminal", lambda: True)
        monkeypatch.setattr("getpass.getpass", getpass)
        return asked

    return sit


def file_with(folder: Path, words: str) -> Path:
    path = folder / f"words-{len(os.listdir(folder))}"
    path.write_text(words + "\n")
    path.chmod(0o600)
    return path


def test_a_clerk_locks_the_vault_on_a_terminal_changes_the_words_and_takes_them_off(
    privmask: Privmask, vault: Path, types: Callable[..., list[str]]
) -> None:
    asked = types("too short", WORDS, "not the same words", WORDS, WORDS)
    done = privmask("vault", "lock")
    assert done.code == 0
    assert "too short" in done.err
    assert "two different passphrases" in done.err
    assert "write it on paper" in done.out
    assert len(asked) == 5
    assert not open_vault(vault).is_open
    asked = types(WORDS, "other words of them", "other words of them")
    assert "changed" in privmask("vault", "lock").out
    assert "site-key" in asked[0]
    types("other words of them")
    assert "no passphrase any more" in privmask("vault", "lock", "--remove").out
    assert open_vault(vault).is_open


def test_without_a_terminal_both_passphrases_come_from_private_files(
    privmask: Privmask, vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no terminal" in privmask("vault", "lock").err
    first, second = file_with(tmp_path, WORDS), file_with(tmp_path, "other words of them")
    assert privmask("vault", "lock", "--new-passphrase", first, "--json").data["locked"] is True
    assert privmask("vault", "lock", "--new-passphrase", second).code == 2  # who opens it?
    monkeypatch.setenv("PRIVMASK_PASSPHRASE_FILE", str(first))
    assert privmask("vault", "lock", "--new-passphrase", second).code == 0
    monkeypatch.setenv("PRIVMASK_PASSPHRASE_FILE", str(second))
    second.chmod(0o644)
    assert privmask("vault", "lock", "--remove").code == 2
    second.chmod(0o600)
    assert privmask("vault", "lock", "--remove", "--new-passphrase", first).code == 2
    assert privmask("vault", "lock", "--remove").code == 0
    assert open_vault(vault).is_open


def test_an_empty_answer_leaves_the_key_as_it_was(
    privmask: Privmask, vault: Path, types: Callable[..., list[str]]
) -> None:
    before = (vault / "site-key").read_bytes()
    types("")
    assert "--remove" in privmask("vault", "lock").err
    assert (vault / "site-key").read_bytes() == before


@pytest.mark.parametrize(("answers", "is_open"), [((WORDS, WORDS), False), (("",), True)])
def test_a_vault_that_is_made_is_offered_a_passphrase(
    privmask: Privmask,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    types: Callable[..., list[str]],
    answers: tuple[str, ...],
    is_open: bool,
) -> None:
    site = enter(tmp_path, monkeypatch)
    types(*answers)
    done = privmask("erase", "--due", "--as", "sato")
    assert done.code == 0
    assert "A vault for the copies is being made" in done.err
    assert ("privmask vault lock" in done.err) == is_open
    assert open_vault(site.parent / "vault").is_open == is_open


def test_an_inspection_names_a_vault_whose_key_has_no_passphrase_and_it_is_no_fault(
    privmask: Privmask, vault: Path, tmp_path: Path
) -> None:
    said = [
        each for each in privmask("inspect-site", "--audit", "--json").data["findings"] if "vault lock" in str(each)
    ]
    assert [(each["clause"], each["weight"]) for each in said] == [("II-10", "note")]
    privmask("vault", "lock", "--new-passphrase", file_with(tmp_path, WORDS))
    assert "vault lock" not in privmask("inspect-site", "--audit", "--json").out
    assert open_vault(vault).check() == []
