"""The register's own note of its last entry: accidents that leave a whole register which ends too early."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from privmask.errors import CopyError, EvidenceError, PolicyError
from privmask.register import Receipt, create_register, open_register, verify_register
from privmask.register.note import read_note, write_note
from tests.register.made import DAY, NAME, POLICY, START, make, note

Accident = Callable[[Path, Path], object]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "register" / "register.sqlite"


def grown(path: Path, backup: Path) -> None:
    """A register of 6 entries, its backup, and then 5 entries more of which the last 2 are in the log only."""
    make(path)
    shutil.copytree(path.parent, backup)
    with open_register(path) as register:
        for number in range(7, 10):
            register.append(note(number), START + number * DAY)
        shutil.copy(f"{path}-wal", backup / "older-wal")
    with open_register(path) as register:
        for number in range(10, 12):
            register.append(note(number), START + number * DAY)
        now = {end: Path(f"{path}{end}").read_bytes() for end in ("", "-wal", ".head")}
    for end, content in now.items():  # as a power cut would have left them
        Path(f"{path}{end}").write_bytes(content)
        Path(f"{path}{end}").chmod(0o600)
    Path(f"{path}-shm").unlink(missing_ok=True)


def _backup_put_back(path: Path, backup: Path) -> None:
    shutil.copy(backup / path.name, path)
    Path(f"{path}-wal").unlink()


ACCIDENTS: dict[str, Accident] = {
    "its log was deleted": lambda path, _: Path(f"{path}-wal").unlink(),
    "a backup was put back": _backup_put_back,
    "a backup was put back under the log of today": lambda path, backup: shutil.copy(backup / path.name, path),
    "it got the log of another day": lambda path, backup: shutil.copy(backup / "older-wal", f"{path}-wal"),
}


@pytest.mark.parametrize("name", ACCIDENTS)
def test_an_accident_that_cut_the_end_off_is_named_and_nothing_is_added_to_it(
    path: Path, tmp_path: Path, name: str
) -> None:
    grown(path, tmp_path / "backup")
    shutil.copytree(path.parent, tmp_path / "kept")
    ACCIDENTS[name](path, tmp_path / "backup")
    assert "cut off" in verify_register(path)[0].what.en or "damaged" in verify_register(path)[0].what.en
    with pytest.raises(EvidenceError), open_register(path) as register:
        register.append(note(), START + 90 * DAY)
    with pytest.raises(EvidenceError), open_register(path) as register:
        register.erase_personal(START + 9000 * DAY, START + 9000 * DAY, actor="m", policy_sha256=POLICY)
    shutil.rmtree(path.parent)
    shutil.copytree(tmp_path / "kept", path.parent)  # the newer one is brought back
    with open_register(path) as register:
        assert register.append(note(), START + 90 * DAY).seq == 12
    assert verify_register(path) == []


def test_a_register_without_its_note_or_with_half_of_one_is_added_to(path: Path) -> None:
    make(path, 2)
    head = Path(f"{path}.head")
    for content in (None, b"", head.read_bytes()[:90], b"\xff" * 3000):
        head.unlink()
        if content is not None:
            head.write_bytes(content)
            head.chmod(0o600)
        assert verify_register(path) == []
        with open_register(path) as register:
            last = register.append(note(), START + 9 * DAY)
        assert read_note(path) == last


def test_a_note_that_fell_behind_is_no_harm_and_one_of_another_history_is(path: Path) -> None:
    receipts = make(path, 4)
    write_note(path, receipts[1])
    assert verify_register(path) == []
    with open_register(path) as register:
        register.append(note(), START + 9 * DAY)
    write_note(path, Receipt("honcho", 3, "0" * 64, START))
    assert [fault.seq for fault in verify_register(path)] == [3]
    with open_register(path) as register, pytest.raises(EvidenceError, match="lacks the entry 3"):
        register.append(note(), START + 9 * DAY)


def test_the_note_is_private_and_names_nobody(path: Path) -> None:
    make(path, 3)
    head = Path(f"{path}.head")
    assert stat.S_IMODE(head.stat().st_mode) == 0o600
    assert not any(part in head.read_text("utf-8") for part in (NAME, "operator", "R-"))
    head.chmod(0o644)
    with pytest.raises(PolicyError, match="open to other users"):
        open_register(path)


def test_a_note_that_cannot_be_written_does_not_lose_the_entry(path: Path) -> None:
    make(path, 1)
    head = Path(f"{path}.head")
    head.unlink()
    head.mkdir(mode=0o700)
    with open_register(path) as register:
        assert register.append(note(), START + 9 * DAY).seq == 2
    assert verify_register(path) == []


def test_a_network_share_holds_no_register(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(path, 1)
    for number in (0x6969, 0xFF534D42, 0xFE534D42):
        monkeypatch.setattr("privmask.register.private._file_system", lambda _, number=number: number)
        with pytest.raises(PolicyError, match="network share"):
            open_register(path)
        with pytest.raises(PolicyError, match="network share"):
            create_register(path.parent / "another.sqlite", "honcho", START)
    assert verify_register(path) == []


def test_an_erasure_that_has_no_room_to_sweep_says_what_is_left_and_is_completed(path: Path) -> None:
    make(path, 3)
    now = START + 9000 * DAY
    with open_register(path) as register:
        connection = register._connection

        def full(_: int, word: str | None, *_more: object) -> int:
            return sqlite3.SQLITE_DENY if word == "wal_checkpoint" else sqlite3.SQLITE_OK

        connection.set_authorizer(full)
        with pytest.raises(CopyError, match="traces may be left"):
            register.erase_personal(now, now, actor="m", policy_sha256=POLICY)
        connection.set_authorizer(None)
        assert register.head().seq == 4
    with open_register(path) as register:
        assert register.erase_personal(now, now, actor="m", policy_sha256=POLICY) == 0
    assert not any(NAME.encode() in each.read_bytes() for each in path.parent.iterdir())
    assert verify_register(path) == []
