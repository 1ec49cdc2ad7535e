"""Every way in which a register can be edited behind its guards is found, and the first bad entry named."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from privmask.errors import PlanError
from privmask.register import Draft, Fault, check_register, open_register, verify_register
from privmask.register.chain import body_hash, commitment, entry_hash
from privmask.register.checking_personal import commitment_of
from privmask.register.schema import INDEX
from tests.conftest import ROOT
from tests.register.made import DAY, POLICY, START, edited, make, note, request

SCRIPT = ROOT / "src" / "privmask" / "register" / "verify-register.sh"
Edit = Callable[[sqlite3.Connection], object]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "register" / "register.sqlite"


def first(path: Path) -> Fault:
    return verify_register(path)[0]


def by_shell(path: Path) -> int | None:
    """The entry that the shell script names; None where it finds nothing wrong."""
    done = subprocess.run(["sh", str(SCRIPT), str(path)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) in ((0, ""), (1, "")), done
    return int(done.stdout.split()[1]) if done.returncode else None


def _sql(statement: str) -> Edit:
    return lambda connection: connection.execute(statement)


def _edit_and_hash(connection: sqlite3.Connection, seq: int = 3) -> tuple[str, str]:
    """Edit an entry, and its hashes with it."""
    query = "SELECT body, prev_hash FROM entry WHERE seq = ?"
    body, prev_hash = connection.execute(query, (seq,)).fetchone()
    body = body.replace("operator-1", "operator-2")
    hashed = body_hash(body.encode())
    whole = entry_hash(seq, prev_hash, hashed)
    update = "UPDATE entry SET body = ?, body_sha256 = ?, entry_hash = ? WHERE seq = ?"
    connection.execute(update, (body, hashed, whole, seq))
    return hashed, whole


def _edit_body_and_its_hash(connection: sqlite3.Connection) -> None:
    hashed, _ = _edit_and_hash(connection)
    connection.execute("UPDATE entry SET entry_hash = body_sha256 WHERE seq = 3 AND body_sha256 = ?", (hashed,))


def _swap(connection: sqlite3.Connection) -> None:
    for before, after in ((3, 99), (4, 3), (99, 4)):
        connection.execute("UPDATE entry SET seq = ? WHERE seq = ?", (after, before))


def _put_in(connection: sqlite3.Connection) -> None:
    for seq in (6, 5, 4):
        connection.execute("UPDATE entry SET seq = seq + 1 WHERE seq = ?", (seq,))
    ((body,),) = connection.execute("SELECT body FROM entry WHERE seq = 2")
    ((prev,),) = connection.execute("SELECT entry_hash FROM entry WHERE seq = 3")
    body = body.replace("2026-04-03", "2026-04-04")
    hashed = body_hash(body.encode())
    row = (4, body, hashed, prev, entry_hash(4, prev, hashed))
    connection.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", row)


# What is edited, the entry that is named, and a word of what is said.
CHAIN: dict[str, tuple[Edit, int, str]] = {
    "a body": (_sql("UPDATE entry SET body = replace(body, 'R-3', 'R-4') WHERE seq = 3"), 3, "was edited"),
    "one letter behind a body": (_sql("UPDATE entry SET body = body || ' ' WHERE seq = 3"), 3, "was edited"),
    "a line behind a body": (_sql("UPDATE entry SET body = body || char(10) WHERE seq = 3"), 3, "was edited"),
    "a NUL behind a body": (_sql("UPDATE entry SET body = body || char(0) || 'x' WHERE seq = 3"), 3, "was edited"),
    "a body that is no JSON": (_sql("UPDATE entry SET body = 'x' WHERE seq = 3"), 3, "was edited"),
    "an empty body": (_sql("UPDATE entry SET body = '' WHERE seq = 3"), 3, "was edited"),
    "letters that are no UTF-8": (_sql("UPDATE entry SET body = CAST(x'ff' AS TEXT) WHERE seq = 3"), 3, "was edited"),
    "the hash of a body": (_sql("UPDATE entry SET body_sha256 = upper(body_sha256) WHERE seq = 3"), 3, "was edited"),
    "a hash with more behind it": (
        _sql("UPDATE entry SET entry_hash = entry_hash || char(10) || 'x' WHERE seq = 3"),
        3,
        "hash of entry 3",
    ),
    "a hash with a NUL behind it": (
        _sql("UPDATE entry SET entry_hash = entry_hash || char(0) WHERE seq = 3"),
        3,
        "hash of entry 3",
    ),
    "a body and its hash": (_edit_body_and_its_hash, 3, "hash of entry 3"),
    "a body and both hashes": (_edit_and_hash, 4, "does not follow"),
    "the hash before": (_sql("UPDATE entry SET prev_hash = entry_hash WHERE seq = 3"), 3, "does not follow"),
    "a gap": (_sql("DELETE FROM entry WHERE seq = 3"), 3, "is missing"),
    "a long gap": (_sql("DELETE FROM entry WHERE seq IN (2, 3)"), 2, "2 to 3 are missing"),
    "the beginning": (_sql("DELETE FROM entry WHERE seq = 1"), 1, "is missing"),
    "two that changed places": (_swap, 3, "does not follow"),
    "one that was put in": (_put_in, 5, "does not follow"),
    "one in front": (
        _sql("INSERT INTO entry SELECT 0, body, body_sha256, prev_hash, entry_hash FROM entry WHERE seq = 1"),
        1,
        "out of its place",
    ),
}


@pytest.mark.parametrize("name", CHAIN)
def test_an_edit_of_the_chain_is_found_by_privmask_and_by_sqlite3_and_sha256sum(path: Path, name: str) -> None:
    edit, seq, word = CHAIN[name]
    make(path)
    assert verify_register(path) == []
    assert by_shell(path) is None
    with edited(path) as connection:
        edit(connection)
    assert first(path).seq == seq
    assert word in first(path).what.en
    assert by_shell(path) == (0 if name == "one in front" else seq)


# Edits of what stands beside the chain.
BESIDE: dict[str, tuple[Edit, int, str]] = {
    "a name": (
        _sql("UPDATE personal SET value = '山田 花子' WHERE seq = 3 AND field = 'requester.name'"),
        3,
        "was edited",
    ),
    "a salt": (_sql("UPDATE personal SET salt = zeroblob(32) WHERE seq = 3"), 3, "was edited"),
    "a day of erasure": (
        _sql("UPDATE personal SET erase_after = '2026-04-02T00:00:00Z' WHERE seq = 3"),
        3,
        "was edited",
    ),
    "a day of one value": (
        _sql("UPDATE personal SET erase_after = '2' WHERE seq = 3 AND field = 'requester.name'"),
        3,
        "requester.name",
    ),
    "a value that is gone": (_sql("DELETE FROM personal WHERE seq = 3 AND field = 'requester.name'"), 3, "is gone"),
    "all values that are gone": (_sql("DELETE FROM personal"), 1, "is gone"),
    "a value that was added": (
        _sql("INSERT INTO personal SELECT 3, 'x', salt, value, erase_after FROM personal WHERE seq = 3 LIMIT 1"),
        3,
        "added",
    ),
    "a value of one without any": (
        _sql("INSERT INTO personal SELECT 4, field, salt, value, erase_after FROM personal WHERE seq = 3"),
        4,
        "added",
    ),
    "a value of no entry": (
        _sql("INSERT INTO personal SELECT 44, field, salt, value, erase_after FROM personal WHERE seq = 3"),
        44,
        "not there",
    ),
    "another site": (_sql("UPDATE meta SET value = 'minato' WHERE name = 'site'"), 1, "minato"),
    "another birthday": (_sql("UPDATE meta SET value = 'x' WHERE name = 'created'"), 0, "was made"),
    "another format": (_sql("UPDATE meta SET value = 'x' WHERE name = 'format'"), 0, "format"),
    "a table more": (_sql("CREATE TABLE more (x)"), 0, "more"),
}


@pytest.mark.parametrize("name", BESIDE)
def test_an_edit_beside_the_chain_is_found(path: Path, name: str) -> None:
    edit, seq, word = BESIDE[name]
    make(path)
    with edited(path) as connection:
        edit(connection)
    assert first(path).seq == seq
    assert word in first(path).what.en
    assert first(path).what.ja != first(path).what.en


def _without_index(connection: sqlite3.Connection, seq: int) -> None:
    """Take an entry out of the index alone, as an editor of the file's bytes can."""
    connection.execute("PRAGMA writable_schema=ON")
    connection.execute(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'entry_by_kind'",
        ("WHERE", f"WHERE seq <> {seq} AND"),
    )
    connection.execute("PRAGMA writable_schema=RESET")
    connection.execute("REINDEX entry_by_kind")
    connection.execute("PRAGMA writable_schema=ON")
    connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'entry_by_kind'", (INDEX,))
    connection.execute("PRAGMA writable_schema=RESET")


@pytest.mark.parametrize("erased", [False, True])
def test_an_index_that_hides_an_entry_is_named(path: Path, erased: bool) -> None:
    make(path)
    now = START + 2000 * DAY
    with open_register(path) as register:
        if erased:
            register.erase_personal(now, now, actor="manager", policy_sha256=POLICY)
    with edited(path) as connection:
        _without_index(connection, 7 if erased else 3)
    with open_register(path) as register:
        assert 3 + 4 * erased not in [each.seq for kind in ("request", "erasure") for each in register.entries(kind)]
    assert [(fault.seq, "entry_by_kind" in fault.what.en) for fault in verify_register(path)] == [(0, True)]


def test_guards_that_were_dropped_are_named_after_the_first_bad_entry(path: Path) -> None:
    make(path)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER entry_is_not_edited")
        connection.execute("UPDATE entry SET body = 'x' WHERE seq = 5")
    found = verify_register(path)
    assert found[0].seq == 5
    assert (found[-1].seq, "entry_is_not_edited" in found[-1].what.en) == (0, True)


def test_a_cut_end_is_seen_by_a_receipt_and_by_nothing_else(path: Path) -> None:
    receipts = make(path)
    Path(f"{path}.head").unlink()  # the register's own note, which is a receipt as well
    with edited(path) as connection:
        connection.execute("DELETE FROM personal WHERE seq > 4")
        connection.execute("DELETE FROM entry WHERE seq > 4")
    assert verify_register(path) == []
    assert verify_register(path, [receipts[3]]) == []
    (fault,) = verify_register(path, [receipts[5]])
    assert fault.seq == 5
    assert "cut off from entry 5" in fault.what.en


def test_a_second_history_is_seen_by_a_receipt_of_the_first(path: Path, tmp_path: Path) -> None:
    first_history = make(path)
    other = tmp_path / "other" / "register.sqlite"
    shutil.copytree(path.parent, other.parent)
    with open_register(path) as register:
        told = register.append(note(7), START + 7 * DAY)
    with open_register(other) as register:
        register.append(note(8), START + 7 * DAY)
    assert verify_register(path, [*first_history, told]) == []
    (fault,) = verify_register(other, [*first_history, told])
    assert fault.seq == 7
    assert "rewritten" in fault.what.en


def test_a_receipt_of_another_site_is_no_proof(path: Path) -> None:
    receipt = make(path)[-1]
    (fault,) = verify_register(path, [replace(receipt, site="minato")])
    assert "minato" in fault.what.en


def test_a_value_that_was_erased_by_the_book_and_put_back_is_found(path: Path, tmp_path: Path) -> None:
    make(path)
    backup = tmp_path / "backup.sqlite"
    shutil.copy(path, backup)
    now = START + 2000 * DAY
    with open_register(path) as register:
        register.erase_personal(now, now, actor="manager", policy_sha256=POLICY)
    assert verify_register(path) == []
    with edited(path) as connection:
        connection.execute("ATTACH ? AS backup", (str(backup),))
        connection.execute("INSERT INTO personal SELECT * FROM backup.personal WHERE seq = 3")
    assert first(path).seq == 3
    assert "should have been erased" in first(path).what.en


def _forged(path: Path, kind: str, before: str) -> None:
    """An erasure that somebody adds by hand, with hashes that hold."""
    with edited(path) as connection:
        seq, last = connection.execute("SELECT seq, entry_hash FROM entry ORDER BY seq DESC").fetchone()
        header = {
            "at": (START + 9 * DAY).isoformat(),
            "site": "honcho",
            "kind": kind,
            "actor": "x",
            "policy_sha256": POLICY,
        }
        body = json.dumps({**header, "body": {"personal_before": before}}, separators=(",", ":"))
        hashed = body_hash(body.encode())
        row = (seq + 1, body, hashed, last, entry_hash(seq + 1, last, hashed))
        connection.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", row)
        connection.execute("DELETE FROM personal")


@pytest.mark.parametrize(("kind", "before"), [("erasure", "2099-01-01T00:00:00Z"), ("view", "2026-04-01T00:00:00Z")])
def test_an_erasure_before_its_time_is_found_though_its_hashes_hold(path: Path, kind: str, before: str) -> None:
    make(path)
    _forged(path, kind, before)
    assert any(fault.seq == 7 and "before their time" in fault.what.en for fault in verify_register(path))


def test_words_that_look_like_an_erasure_are_none(path: Path) -> None:
    make(path, 1)
    with open_register(path) as register:
        words = {
            "necessity": '"personal_before":"2099-01-01T00:00:00Z"',
            "x": {"personal_before": "2099-01-01T00:00:00Z"},
        }
        register.append(Draft("erasure", "a", words, policy_sha256=POLICY), START + DAY)
    assert verify_register(path) == []
    with edited(path) as connection:
        connection.execute("DELETE FROM personal")
    assert "no recorded erasure covers it" in first(path).what.en


def test_a_clock_that_was_set_back_behind_the_guards_is_found(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(path, 2)
    monkeypatch.setattr("privmask.register.register._moment", lambda _draft, at, _last: at)
    with open_register(path) as register:
        register.append(note(), START + timedelta(hours=1))
    assert first(path).seq == 3
    assert "earlier" in first(path).what.en


def test_damaged_bytes_are_named_and_never_pass(path: Path) -> None:
    make(path, 200)
    whole = path.read_bytes()
    for place in range(4096 + 5, len(whole), 4096):
        path.write_bytes(whole[:place] + bytes(200) + whole[place + 200 :])
        assert verify_register(path), place
    for length in (0, 50, 4096, len(whole) // 2, len(whole) - 4096):
        path.write_bytes(whole[:length])
        assert verify_register(path), length


def test_every_byte_of_the_texts_counts(path: Path) -> None:
    make(path, 2)
    whole = path.read_bytes()
    for word in (b"operator-1", b"honcho", "山田".encode(), b"2029-03"):
        place = whole.rfind(word)
        while place >= 4096:
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            assert verify_register(path), (word, place)
            place = whole.rfind(word, 0, place)


def test_a_check_tells_the_head_and_lists_no_more_faults_than_people_read(path: Path) -> None:
    receipts = make(path, 120)
    assert check_register(path).head == receipts[-1]
    with edited(path) as connection:
        connection.execute("UPDATE entry SET body = 'x'")
    assert 100 <= len(verify_register(path)) < 110


def test_a_check_changes_nothing_and_reads_a_copy_that_others_may_read(path: Path, tmp_path: Path) -> None:
    make(path)
    copy = tmp_path / "copy.sqlite"
    shutil.copy(path, copy)
    copy.chmod(0o444)
    assert verify_register(copy) == []
    assert copy.read_bytes() == path.read_bytes()


def test_there_is_no_verdict_on_a_register_that_is_not_there(path: Path) -> None:
    with pytest.raises(PlanError):
        verify_register(path)


def test_the_shell_script_counts_and_can_fail(path: Path, tmp_path: Path) -> None:
    last = make(path)[-1]
    done = subprocess.run(["sh", str(SCRIPT), str(path)], capture_output=True, text=True, timeout=60)
    assert done.stdout == f"6 entries hold; the hash of the last is {last.entry_hash}\n"
    (tmp_path / "x").write_bytes(b"no database" * 1000)
    for wrong in (tmp_path / "x", tmp_path / "nothing"):
        assert subprocess.run(["sh", str(SCRIPT), str(wrong)], capture_output=True, timeout=60).returncode == 2
    assert request().personal  # what the script does not look at: `register verify` does


@pytest.mark.parametrize("length", [0, 31, 32, 33, 64, 65, 200])
def test_the_commitment_that_is_computed_here_is_hmac(length: int) -> None:
    salt = bytes(range(200))[:length]
    assert commitment_of(salt, b"requester.name", "山田".encode()) == commitment(salt, "requester.name", "山田")
