"""Somebody who can write the register's file and knows all about it: what is named, and what is said to be invisible.

Each attack is one edit, by somebody who puts guards, index and, where it helps him, hashes right again, and takes away the
register's own note. What no walk through the register can see, a receipt or head from outside shows; that is why they are
handed out.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from privmask.register import Receipt, open_register, verify_register
from privmask.register.chain import body_hash, commitment, entry_hash
from tests.conftest import ROOT
from tests.register.made import DAY, POLICY, START, edited, make

SCRIPT = ROOT / "src" / "privmask" / "register" / "verify-register.sh"
Attack = Callable[[sqlite3.Connection], object]


def _sql(*statements: str) -> Attack:
    def run(connection: sqlite3.Connection) -> None:
        for statement in statements:
            connection.execute(statement)

    return run


def _rebuilt(seq: int, old: str, new: str) -> Attack:
    """Every entry from that one on written anew, with hashes that hold."""

    def run(connection: sqlite3.Connection) -> None:
        query = "SELECT seq, body, prev_hash FROM entry WHERE seq >= ? ORDER BY seq"
        last = ""
        for each, body, before in connection.execute(query, (seq,)).fetchall():
            text = body.replace(old, new) if each == seq else body
            row = (text, body_hash(text.encode()), last or before)
            last = entry_hash(each, row[2], row[1])
            update = "UPDATE entry SET body = ?, body_sha256 = ?, prev_hash = ?, entry_hash = ? WHERE seq = ?"
            connection.execute(update, (*row, last, each))

    return run


def _recommitted(connection: sqlite3.Connection) -> None:
    """A name, its commitment, and every hash after it."""
    ((salt, body),) = connection.execute(
        "SELECT salt, body FROM personal JOIN entry USING (seq) WHERE seq = 3 AND field = 'requester.name'"
    )
    connection.execute("UPDATE personal SET value = 'x' WHERE seq = 3 AND field = 'requester.name'")
    old = json.loads(body)["personal"]["requester.name"]
    _rebuilt(3, old, commitment(salt, "requester.name", "x"))(connection)


def _last_again(connection: sqlite3.Connection) -> None:
    body, last = connection.execute("SELECT body, entry_hash FROM entry WHERE seq = 6").fetchone()
    hashed = body_hash(body.encode())
    connection.execute("INSERT INTO entry VALUES (7, ?, ?, ?, ?)", (body, hashed, last, entry_hash(7, last, hashed)))


_COPY_OF_THREE = "SELECT {}, body, body_sha256, prev_hash, entry_hash FROM entry WHERE seq = 3"
# What is done; the entry that is named, None where only a receipt shows it; whether the shell script sees it too.
ATTACKS: dict[str, tuple[Attack, int | None, bool]] = {
    "entry.seq": (_sql("UPDATE entry SET seq = 99 WHERE seq = 3"), 3, True),
    "entry.body": (_sql("UPDATE entry SET body = replace(body, 'R-3', 'R-8') WHERE seq = 3"), 3, True),
    "entry.body_sha256": (_sql(f"UPDATE entry SET body_sha256 = '{'a' * 64}' WHERE seq = 3"), 3, True),
    "entry.prev_hash": (_sql(f"UPDATE entry SET prev_hash = '{'a' * 64}' WHERE seq = 3"), 3, True),
    "entry.entry_hash": (_sql(f"UPDATE entry SET entry_hash = '{'a' * 64}' WHERE seq = 3"), 3, True),
    "entry.entry_hash of the last": (_sql(f"UPDATE entry SET entry_hash = '{'a' * 64}' WHERE seq = 6"), 6, True),
    "deleted": (_sql("DELETE FROM personal WHERE seq = 3", "DELETE FROM entry WHERE seq = 3"), 3, True),
    "swapped": (
        _sql(*(f"UPDATE entry SET seq = {new} WHERE seq = {old}" for old, new in ((3, 99), (5, 3), (99, 5)))),
        3,
        True,
    ),
    "bodies swapped": (
        _sql(
            "UPDATE entry SET (body, body_sha256) = (SELECT body, body_sha256 FROM entry o WHERE o.seq = 8 - entry.seq)"
            " WHERE seq IN (3)"
        ),
        3,
        True,
    ),
    "duplicated at the end": (_sql("INSERT INTO entry " + _COPY_OF_THREE.format(7)), 7, True),
    "a second line of nothing": (_sql("INSERT INTO entry VALUES (-5, '', '', '', '')"), -5, True),
    "rebuilt from the middle": (_rebuilt(3, "operator-1", "operator-2"), None, False),
    "rebuilt, another time": (_rebuilt(3, "2026-04-04", "2026-04-03"), None, False),
    "rebuilt, a time before the last": (_rebuilt(3, "2026-04-04", "2026-04-01"), 3, False),
    "rebuilt, another kind": (_rebuilt(4, '"kind":"view"', '"kind":"gossip"'), 4, False),
    "rebuilt, another site": (_rebuilt(3, '"site":"honcho"', '"site":"minato"'), 3, False),
    "rebuilt, a value's day": (_rebuilt(3, '"erase_after":"2029', '"erase_after":"2027'), 3, False),
    "rebuilt, a value more": (_rebuilt(3, '"personal":{', '"personal":{"a":"b",'), 3, False),
    "rebuilt, a name with its commitment": (_recommitted, None, False),
    "cut": (_sql("DELETE FROM personal WHERE seq > 4", "DELETE FROM entry WHERE seq > 4"), None, False),
    "emptied": (_sql("DELETE FROM personal", "DELETE FROM entry"), None, False),
    "personal.seq": (_sql("UPDATE personal SET seq = 4 WHERE seq = 3"), 3, False),
    "personal.field": (_sql("UPDATE personal SET field = 'x' WHERE seq = 3 AND field = 'requester.name'"), 3, False),
    "personal.salt": (_sql("UPDATE personal SET salt = x'' WHERE seq = 3"), 3, False),
    "personal.value": (_sql("UPDATE personal SET value = 'x' WHERE seq = 3"), 3, False),
    "personal.value of one letter": (_sql("UPDATE personal SET value = value || ' ' WHERE seq = 5"), 5, False),
    "personal.erase_after": (_sql("UPDATE personal SET erase_after = '2099' WHERE seq = 3"), 3, False),
    "personal of two changed places": (
        _sql(*(f"UPDATE personal SET seq = {new} WHERE seq = {old}" for old, new in ((3, 99), (5, 3), (99, 5)))),
        3,
        False,
    ),
    "personal far before all": (
        _sql(
            "INSERT INTO personal SELECT -9223372036854775808, field, salt, value, erase_after FROM personal WHERE seq = 3"
        ),
        -(2**63),
        False,
    ),
    "meta.site": (_sql("UPDATE meta SET value = 'minato' WHERE name = 'site'"), 1, False),
    "meta.format": (_sql("UPDATE meta SET value = 'privmask.register.v9' WHERE name = 'format'"), 0, False),
    "meta.created to a later time": (
        _sql("UPDATE meta SET value = '2027-01-01T00:00:00Z' WHERE name = 'created'"),
        1,
        False,
    ),
    "meta.created gone": (_sql("DELETE FROM meta WHERE name = 'created'"), 0, False),
    "a table more": (_sql("CREATE TABLE hidden (x)"), 0, False),
    "a view in the place of a table": (
        _sql("ALTER TABLE personal RENAME TO p", "CREATE VIEW personal AS SELECT * FROM p"),
        0,
        False,
    ),
    "the index dropped": (_sql("DROP INDEX entry_by_kind"), 0, False),
}


def _attacked(path: Path, attack: Attack) -> None:
    try:
        with edited(path) as connection:
            attack(connection)
    except sqlite3.OperationalError:
        assert verify_register(path)
    Path(f"{path}.head").unlink()


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_named_or_is_seen_by_a_receipt_from_outside(tmp_path: Path, name: str) -> None:
    attack, seq, _ = ATTACKS[name]
    path = tmp_path / "register" / "register.sqlite"
    receipts = make(path)
    _attacked(path, attack)
    found = verify_register(path)
    if seq is None:
        assert found == []
        assert [fault.seq for fault in verify_register(path, receipts)][:1] in ([1], [3], [5])
        assert verify_register(path, receipts[-1:])  # the head alone is enough
    else:
        assert (found[0].seq, verify_register(path, receipts)[0].seq) == (seq, seq)
        assert found[0].what.ja != found[0].what.en


@pytest.mark.parametrize("name", ATTACKS)
def test_the_shell_script_agrees_about_the_chain(tmp_path: Path, name: str) -> None:
    attack, seq, seen = ATTACKS[name]
    path = tmp_path / "register" / "register.sqlite"
    make(path)
    _attacked(path, attack)
    done = subprocess.run(["sh", str(SCRIPT), str(path)], capture_output=True, text=True, timeout=60)
    assert (done.returncode == 1) == seen, done
    if seen and name != "a second line of nothing":
        assert done.stdout.split()[1] == str(seq)


def test_what_somebody_adds_at_the_end_with_hashes_that_hold_is_an_entry_like_any_other(tmp_path: Path) -> None:
    """Nothing in the file can tell: whoever may write it may record. Its owner and mode are what keeps others out."""
    path = tmp_path / "register" / "register.sqlite"
    receipts = make(path)
    _attacked(path, _last_again)
    assert verify_register(path, receipts) == []


def test_what_cannot_be_seen_without_a_receipt_is_seen_with_the_one_that_was_handed_out_last(tmp_path: Path) -> None:
    path = tmp_path / "register" / "register.sqlite"
    handed_out = Receipt.parse(make(path)[3].as_text())
    _attacked(path, _rebuilt(5, "operator-1", "operator-2"))
    assert verify_register(path, [handed_out]) == []  # it was rewritten behind it: nobody ever held a receipt of that
    _attacked_again = _rebuilt(4, "operator-1", "operator-2")
    with edited(path) as connection:
        _attacked_again(connection)
    assert [fault.seq for fault in verify_register(path, [handed_out])] == [4]


def test_values_that_were_erased_by_a_forged_entry_before_their_day_are_named(tmp_path: Path) -> None:
    path = tmp_path / "register" / "register.sqlite"
    make(path)
    kept = tmp_path / "kept"
    shutil.copytree(path.parent, kept)
    now = START + 5000 * DAY
    with open_register(path) as register:
        register.erase_personal(now, now, actor="m", policy_sha256=POLICY)
    _attacked(path, _rebuilt(7, f'"at":"{now.isoformat()}', f'"at":"{(START + 8 * DAY).isoformat()}'))
    assert [(fault.seq, "before their time" in fault.what.en) for fault in verify_register(path)] == [(7, True)]
