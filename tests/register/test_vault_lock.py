"""The passphrase of the site's key: set, changed, taken off; what is left of a key that it replaced, or that was destroyed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from privmask.errors import PolicyError
from privmask.register.vault import create_vault, open_vault
from privmask.register.vault_erasure import Step
from tests.register.vaults import FILES, ID, NOON, WORDS, content, put, quickly_locked, quickly_unlocked, write_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(create_vault(tmp_path / "vault", NOON), write_files(tmp_path / "files"), ID)
    return tmp_path / "vault"


@pytest.mark.slow
def test_a_vault_is_locked_changed_and_opened_again(folder: Path, tmp_path: Path) -> None:
    open_vault(folder).lock(WORDS)
    assert b"AGE-SECRET-KEY" not in b"".join(content(folder).values())
    with pytest.raises(PolicyError, match="passphrase"):
        open_vault(folder).take(ID, tmp_path / "taken")
    with pytest.raises(PolicyError, match="wrong"):
        open_vault(folder, lambda: "another of twelve").lock(None)
    open_vault(folder, lambda: WORDS).lock("another of twelve")
    changed = open_vault(folder, lambda: "another of twelve")
    assert not changed.is_open
    changed.take(ID, tmp_path / "taken")
    assert content(tmp_path / "taken") == FILES
    changed.lock(None)
    assert open_vault(folder).is_open
    assert changed.check(every_byte=True) == []


def test_a_short_passphrase_changes_nothing(folder: Path) -> None:
    before = (folder / "site-key").read_bytes()
    with pytest.raises(PolicyError, match="too short"):
        open_vault(folder).lock("short")
    assert (folder / "site-key").read_bytes() == before
    assert open_vault(folder).check() == []


def test_a_lock_that_does_not_open_again_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("privmask.register.vault_key.lock_identity", quickly_locked)
    monkeypatch.setattr("privmask.register.vault_key.unlock_identity", lambda *_: "something else")
    before = content(folder)
    with pytest.raises(Exception, match="as it was"):
        open_vault(folder).lock(WORDS)
    assert content(folder) == before


def test_a_key_without_a_passphrase_is_overwritten_when_it_gets_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privmask.register.vault_key.lock_identity", quickly_locked)
    monkeypatch.setattr("privmask.register.vault_key.unlock_identity", quickly_unlocked)
    with (folder / "site-key").open("rb") as old:
        open_vault(folder).lock(WORDS)
        assert {*old.read()} == {0}
    assert open_vault(folder, lambda: WORDS).check(every_byte=True) == []


def test_the_bytes_of_a_destroyed_key_are_overwritten_and_nowhere_else(folder: Path) -> None:
    place = folder / "copies" / ID
    with (place / "key.age").open("rb") as key, (place / "copy.age").open("rb") as copy:
        was = key.read()
        assert Step.KEY_OVERWRITTEN in open_vault(folder).erase(ID).steps
        assert [{*os.pread(each.fileno(), 1 << 20, 0)} for each in (key, copy)] == [{0}, {0}]
    left = b"".join(content(folder.parent / "vault").values())
    assert not any(piece in left for piece in (was, was[-40:], was[60:100]))
    with (folder / "site-key").open("rb") as site_key:
        assert Step.KEY_OVERWRITTEN in open_vault(folder).retire().steps
        assert {*site_key.read()} == {0}
    assert b"AGE-SECRET-KEY" not in b"".join(content(folder).values())
