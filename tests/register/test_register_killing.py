"""What was acknowledged is never lost: kill −9, four writers at once, a full disk, the power cut."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from privmask.errors import CopyError
from privmask.register import Receipt, create_register, open_register, verify_register
from tests.conftest import ROOT
from tests.register.made import DAY, NAME, POLICY, START, make, note, request


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "register" / "register.sqlite"
    create_register(path, "honcho", START)
    return path


def start(path: Path, count: int, largest: int = 0, pages: int = 1000) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "tests.register.writer", str(path), str(count), str(largest), str(pages)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)


def receipts(text: str) -> list[Receipt]:
    """Of the lines that were written whole."""
    lines = [line.split() for line in text.splitlines(keepends=True) if line.endswith("\n") and line[0].isdigit()]
    return [Receipt("honcho", int(seq), entry_hash, START) for seq, entry_hash in lines]


@pytest.mark.slow
@pytest.mark.parametrize(
    "pages", [1000, 1]
)  # 1: the log is folded into the file after each entry, and so it is often killed then
def test_a_writer_that_is_killed_at_any_point_loses_nothing_that_it_had_acknowledged(path: Path, pages: int) -> None:
    randomness = random.Random(4)
    acknowledged: list[Receipt] = []
    for _ in range(12):
        writer = start(path, 10_000, pages=pages)
        assert writer.stdout
        lines = [writer.stdout.readline() for _ in range(randomness.randrange(1, 12))]
        for _ in range(randomness.randrange(20_000)):  # somewhere inside the next append
            pass
        writer.send_signal(signal.SIGKILL)
        lines.append(writer.communicate()[0])
        acknowledged += receipts("".join(lines))
        assert verify_register(path, acknowledged) == []
    with open_register(path) as register:
        assert register.head().seq >= acknowledged[-1].seq
        register.append(note(), START + DAY)
    assert verify_register(path, acknowledged) == []


def test_four_writers_at_once_take_turns(path: Path) -> None:
    writers = [start(path, 40) for _ in range(4)]
    told = [receipt for writer in writers for receipt in receipts(writer.communicate(timeout=120)[0])]
    assert sorted(receipt.seq for receipt in told) == list(range(1, 161))
    assert verify_register(path, told) == []


@pytest.mark.parametrize("room", [0, 4096, 20_000, 100_000])
def test_a_full_disk_refuses_and_loses_nothing(path: Path, room: int) -> None:
    largest = path.stat().st_size + room
    writer = start(path, 10_000, largest)
    text = writer.communicate(timeout=120)[0]
    assert "refused" in text
    assert "cannot be written" in text
    told = receipts(text)
    assert bool(told) == (room > 10_000)
    assert verify_register(path, told) == []
    with open_register(path) as register:  # there is room again
        assert register.append(note(), START + DAY).seq == len(told) + 1
    assert verify_register(path, told) == []


def test_wherever_the_power_cuts_the_log_what_was_acknowledged_is_there(path: Path, tmp_path: Path) -> None:
    log = Path(f"{path}-wal")
    with open_register(path) as register:
        told = [(register.append(note(number), START + number * DAY), log.stat().st_size) for number in range(30)]
        base, whole = path.read_bytes(), log.read_bytes()
    randomness = random.Random(7)
    for number in range(60):
        cut = randomness.randrange(len(whole) + 1)
        copy = tmp_path / f"cut-{number}" / "register.sqlite"
        copy.parent.mkdir(mode=0o700)
        copy.write_bytes(base)
        rest = randomness.randbytes(len(whole) - cut) if number % 2 else b""
        Path(f"{copy}-wal").write_bytes(whole[:cut] + rest)
        for file in copy.parent.iterdir():
            file.chmod(0o600)
        on_disk = [receipt for receipt, size in told if size <= cut]
        with open_register(copy) as register:
            assert register.head().seq == len(on_disk)
        assert verify_register(copy, on_disk) == []


@pytest.mark.slow
def test_a_copy_of_the_files_of_a_stopped_writer_holds_all_that_it_had_acknowledged(path: Path, tmp_path: Path) -> None:
    writer = start(path, 1500)
    assert writer.stdout
    lines = []
    for number in range(15):
        lines += [writer.stdout.readline() for _ in range(60)]
        writer.send_signal(signal.SIGSTOP)
        copy = tmp_path / f"copy-{number}" / "register.sqlite"
        copy.parent.mkdir(mode=0o700)
        for end in ("", "-wal"):
            shutil.copy(f"{path}{end}", f"{copy}{end}")
        writer.send_signal(signal.SIGCONT)
        assert verify_register(copy, receipts("".join(lines))) == []
    writer.kill()
    writer.communicate()


def test_an_append_is_on_the_disk_before_it_returns(path: Path) -> None:
    with open_register(path) as register:
        pragmas = ("synchronous", "secure_delete", "temp_store", "recursive_triggers", "trusted_schema")
        ask = register._connection.execute
        assert [ask(f"PRAGMA {name}").fetchone()[0] for name in pragmas] == [2, 1, 2, 1, 0]
        assert ask("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_writer_that_never_gets_its_turn_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("privmask.register.schema.WAIT_SECONDS", 0.1)
    with open_register(path) as first, open_register(path) as second:
        first._connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(CopyError, match="used by others"):
            second.append(note(), START)


def test_a_register_that_was_not_made_to_its_end_has_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_off(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("privmask.register.schema.make_tables", break_off)
    path = tmp_path / "r" / "register.sqlite"
    with pytest.raises(KeyboardInterrupt):
        create_register(path, "honcho", START)
    assert list(path.parent.iterdir()) == []
    monkeypatch.undo()
    make(path, 1)


def _erase(path: Path, step: int) -> None:
    """In a process of its own, which SQLite ends by itself after so many steps of its machine."""
    now, done = START + 9000 * DAY, 0

    def die() -> int:
        nonlocal done
        done += 1
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    with open_register(path) as register:
        register._connection.set_progress_handler(die, 10)
        register.erase_personal(now, now, actor="manager", policy_sha256=POLICY)


def _killed(path: Path, step: int) -> bool:
    child = os.fork()
    if not child:
        try:
            _erase(path, step)
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_an_erasure_of_names_that_is_killed_at_any_point_is_completed_by_the_next(path: Path, tmp_path: Path) -> None:
    with open_register(path) as register:
        told = [register.append(request(number), START) for number in range(40)]
    step, recorded, now = 1, [], START + 9000 * DAY
    while True:
        copy = tmp_path / f"{step}" / "register" / path.name
        shutil.copytree(path.parent, copy.parent)
        if not _killed(copy, step):
            break
        assert verify_register(copy, told) == []
        with open_register(copy) as register:
            recorded.append(register.head().seq - len(told))
            assert register.erase_personal(now, now, actor="manager", policy_sha256=POLICY) == 40 * (1 - recorded[-1])
        assert not any(NAME.encode() in each.read_bytes() for each in copy.parent.iterdir())
        assert verify_register(copy, told) == []
        step += 1 + step // 10
    assert recorded == sorted(recorded)  # first not at all, then whole
    assert {*recorded} == {0, 1}


def test_a_folder_that_became_read_only_refuses_and_the_register_is_still_read(path: Path) -> None:
    """As a disk that was mounted again after errors. Root writes everywhere, so the file itself is opened as the disk would."""
    told = []
    with open_register(path) as register:
        told.append(register.append(note(), START))
        register._connection.execute("PRAGMA query_only=ON")
        with pytest.raises(CopyError, match="nothing was recorded"):
            register.append(note(), START)
        assert [each.seq for each in register.entries()] == [1]
    assert verify_register(path, told) == []
