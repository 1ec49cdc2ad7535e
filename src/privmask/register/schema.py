"""The register's file: its tables, the triggers that let it only grow, and how it is opened.

What SQLite can refuse whoever opens the file, the triggers refuse: UPDATE, DELETE, REPLACE, an entry out of its turn. They
look before the row is written, because REPLACE removes rows without asking DELETE's triggers; and `entry` has one unique
column only, because a second one would let REPLACE in by that door. DROP, ALTER and edited bytes cannot be refused:
`verify_register` finds them.

Entries of some kinds are found through an index of what stands in their bodies: nothing is written twice.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from privmask.errors import CopyError, EvidenceError
from privmask.language import Text
from privmask.register.chain import FORMAT, GENESIS

PathLike: TypeAlias = str | os.PathLike[str]

TABLES = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE entry (seq INTEGER PRIMARY KEY, body TEXT NOT NULL, body_sha256 TEXT NOT NULL,"
    " prev_hash TEXT NOT NULL, entry_hash TEXT NOT NULL) STRICT",
    "CREATE TABLE personal (seq INTEGER NOT NULL, field TEXT NOT NULL, salt BLOB NOT NULL, value TEXT NOT NULL,"
    " erase_after TEXT NOT NULL, PRIMARY KEY (seq, field)) STRICT, WITHOUT ROWID",
)
# Kinds that are asked for by themselves and are few; what else is said of a request or a copy comes after its first entry.
INDEXED = (
    "adoption", "briefing", "complaint", "copy", "disposal", "drift", "erasure", "hold", "inspection", "release", "request",
    "retirement", "review",
)  # fmt: skip
# SQL for an entry's kind: the first of that name stands in the header, and `"kind":"` stands in no text that JSON writes. An
# index of an untrusted schema may not call JSON's functions.
_FROM_KIND = 'substr(body, instr(body, \'","kind":"\') + 10, 20)'
KIND = f"substr({_FROM_KIND}, 1, instr({_FROM_KIND}, '\"') - 1)"
IS_INDEXED = f"{KIND} IN ({', '.join(map(repr, INDEXED))})"
INDEX = f"CREATE INDEX entry_by_kind ON entry ({KIND}) WHERE {IS_INDEXED}"


def _refusing(name: str, event: str, when: str = "") -> str:
    condition = f" WHEN {when}" if when else ""
    return f"CREATE TRIGGER {name} BEFORE {event}{condition} BEGIN SELECT RAISE(ABORT, 'the register is only added to'); END"


_LAST = "(SELECT max(seq) FROM entry)"
_OUT_OF_TURN = (
    f"NEW.seq IS NOT coalesce({_LAST}, 0) + 1"
    f" OR NEW.prev_hash IS NOT coalesce((SELECT entry_hash FROM entry WHERE seq = {_LAST}), '{GENESIS}')"
)
_NOT_OF_THE_LAST = (
    f"NEW.seq IS NOT {_LAST} OR EXISTS (SELECT 1 FROM personal WHERE seq = NEW.seq AND field = NEW.field)"
)
# The newest entry is an erasure that covers the value: so it is recorded before it is done, in one transaction. A trigger of an
# untrusted schema may not call json_extract; where words in a body look like an erasure, `verify_register` sees the difference.
_NOT_DUE = (
    f'NOT coalesce((SELECT instr(body, \'"kind":"erasure"\') AND OLD.seq < seq AND instr(body, \'"personal_before":"\')'
    ' AND substr(body, instr(body, \'"personal_before":"\') + 19, 20) >= OLD.erase_after'
    f" FROM entry WHERE seq = {_LAST}), 0)"
)
TRIGGERS = (
    _refusing("entry_comes_in_turn", "INSERT ON entry", _OUT_OF_TURN),
    _refusing("entry_is_not_edited", "UPDATE ON entry"),
    _refusing("entry_is_not_deleted", "DELETE ON entry"),
    _refusing("personal_comes_with_its_entry", "INSERT ON personal", _NOT_OF_THE_LAST),
    _refusing("personal_is_not_edited", "UPDATE ON personal"),
    _refusing("personal_is_erased_when_due", "DELETE ON personal", _NOT_DUE),
    _refusing("meta_is_not_added_to", "INSERT ON meta"),
    _refusing("meta_is_not_edited", "UPDATE ON meta"),
    _refusing("meta_is_not_deleted", "DELETE ON meta"),
)
WAIT_SECONDS = 30.0  # for other writers
_PRAGMAS = (
    "synchronous=FULL",  # in WAL mode: the log is on the disk before COMMIT returns
    "secure_delete=ON",
    "temp_store=MEMORY",
    "recursive_triggers=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
)


def make_tables(connection: sqlite3.Connection, site: str, created: str) -> None:
    """Fill an empty database with the tables of a register, and turn on the write-ahead log."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("BEGIN")
    for statement in (*TABLES, INDEX):
        connection.execute(statement)
    facts = {"format": FORMAT, "site": site, "created": created}
    connection.executemany("INSERT INTO meta VALUES (?, ?)", facts.items())
    for statement in TRIGGERS:
        connection.execute(statement)
    connection.execute("COMMIT")


def connect(path: PathLike, *, mode: str = "rw") -> sqlite3.Connection:
    """A connection in autocommit; `mode` is that of SQLite's URIs: ro, rw, rwc."""
    uri = f"{Path(os.path.abspath(path)).as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=WAIT_SECONDS)
    try:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def read_meta(connection: sqlite3.Connection) -> dict[str, str]:
    """What the register says about itself: format, site, created."""
    return {_text(name): _text(value) for name, value in connection.execute("SELECT name, value FROM meta")}


def altered_tables(connection: sqlite3.Connection) -> list[str]:
    """Names of tables, indexes and triggers that are not as privmask makes them: changed, missing, or added."""
    expected = {statement.split()[2]: statement for statement in (*TABLES, INDEX, *TRIGGERS)}
    # What has no text is SQLite's own.
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
    found = {_text(name): _text(sql) for name, sql in rows}
    return sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))


def _text(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction that waits for its turn, and that is undone unless the block and its commit come to their ends."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


@contextmanager
def told(path: PathLike) -> Iterator[None]:
    """What SQLite complains about inside the block, as errors of ours."""
    try:
        yield
    except sqlite3.Error as cause:
        raise _our_error(cause, os.fspath(path)) from cause


def _our_error(cause: sqlite3.Error, path: str) -> EvidenceError | CopyError:
    code = getattr(cause, "sqlite_errorcode", None)
    if code is None:  # the module's own: text that is no UTF-8, a closed connection
        return EvidenceError(_DAMAGED.with_(path=path, why=str(cause)))
    text = _REFUSALS.get(code & 0xFF)
    if text:
        return CopyError(text.with_(path=path, why=str(cause)))
    return EvidenceError(_DAMAGED.with_(path=path, why=str(cause)))


CANNOT_WRITE = Text(
    "{path} に書き込めません（{why}）。何も記載されていません",
    "{path} cannot be written ({why}); nothing was recorded",
)
_BUSY = Text(
    "台帳 {path} は別の処理が使用中です（{why}）。何も記載されていません。少し待ってやり直してください",
    "the register {path} is being used by others ({why}); nothing was recorded. Wait a little and try again",
)
_DAMAGED = Text(
    "台帳 {path} が壊れているか、書き換えられています（{why}）。privmask register verify で確かめてください",
    "the register {path} is damaged or was altered ({why}); look at it with: privmask register verify",
)
_REFUSALS = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_FULL: CANNOT_WRITE,
    sqlite3.SQLITE_IOERR: CANNOT_WRITE,
    sqlite3.SQLITE_READONLY: CANNOT_WRITE,
    sqlite3.SQLITE_PERM: CANNOT_WRITE,
    sqlite3.SQLITE_CANTOPEN: CANNOT_WRITE,
    sqlite3.SQLITE_NOMEM: CANNOT_WRITE,
}
