"""Whether a register is what its writers left: every hash computed again, from the first entry to the last.

1. Every entry's number follows, its body has its hash, it names the hash of the entry before it, and its own hash holds.
2. Its body is as privmask writes it: of this site, of a known kind, not earlier than the one before unless it says so.
3. Every personal value is the one it was, or was erased by a recorded erasure that covers it; then it is gone.
4. Every receipt from outside finds its entry: a cut end and a register rewritten from some entry on are seen by this alone.
5. Tables, their index and triggers are as they were made, and the index says what the entries say.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from math import inf

from privmask.errors import PlanError
from privmask.language import Text
from privmask.register import faults, schema
from privmask.register.chain import FORMAT, in_utc
from privmask.register.checking_entries import Erasures, Row, Walk, shown
from privmask.register.checking_index import read_index
from privmask.register.checking_personal import read_values
from privmask.register.entry import PERSONAL_BEFORE
from privmask.register.faults import Fault
from privmask.register.note import read_note
from privmask.register.receipts import Receipt
from privmask.register.schema import PathLike

__all__ = ["MOST_FAULTS", "Checked", "Fault", "check_register", "verify_register"]

MOST_FAULTS = 100


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: the last entry as it was read, if the register could be read to its end, and the faults.

    The first bad entry comes first, faults of the register as a whole last. At most `MOST_FAULTS` are listed.
    """

    head: Receipt | None
    faults: tuple[Fault, ...]


def verify_register(path: PathLike, anchors: Sequence[Receipt] = ()) -> list[Fault]:
    """The faults of the register, the first bad entry first; none if it holds. It is only read, and may be a copy of it.

    Without an anchor from outside nobody can see that its end was cut off, or that all of it was written anew.
    Raises PlanError if there is no file.
    """
    return list(check_register(path, anchors).faults)


def check_register(path: PathLike, anchors: Sequence[Receipt] = ()) -> Checked:
    """The same, with the head that was found."""
    if not os.path.isfile(path):
        raise PlanError(faults.NO_FILE.with_(path=os.fspath(path)))
    noted = read_note(path)
    check = _Check([*anchors, *([noted] if noted else [])])
    try:
        connection = _opened(path)
        try:
            check.run(connection)
        finally:
            connection.close()
    except sqlite3.Error as cause:
        check.break_off(str(cause))
        return Checked(None, check.faults())
    return Checked(check.head(), check.faults())


def _opened(path: PathLike) -> sqlite3.Connection:
    """Read-only; in a folder that cannot be written to, a register without a write-ahead log is read without locks."""
    connection = schema.connect(path, mode="ro")
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        if os.path.exists(f"{os.fspath(path)}-wal"):
            raise
        connection = schema.connect(path, mode="ro&immutable=1")
    connection.text_factory = bytes
    return connection


class _Check:
    """What a check found, and the walk it went."""

    def __init__(self, anchors: Iterable[Receipt]) -> None:
        self._anchors = sorted(anchors, key=lambda anchor: anchor.seq)
        self._seen: dict[int, str] = {anchor.seq: "" for anchor in self._anchors}
        self.site, self.walk = "", Walk("", _NO_TIME, Erasures(()))
        self._faults: list[Fault] = []
        self._read = _BEFORE_ALL  # until which entry personal values were read

    def faults(self) -> tuple[Fault, ...]:
        found = (*self._faults, *self.walk.faults)
        return tuple(sorted(found, key=lambda fault: (fault.seq == 0, fault.seq))[:MOST_FAULTS])

    def head(self) -> Receipt:
        at = datetime.fromisoformat(self.walk.time.decode())
        return Receipt(self.site, self.walk.seq, shown(self.walk.last), at)

    def break_off(self, why: str) -> None:
        """Note that nothing can be read behind the place where the walk is."""
        seq = self.walk.seq
        self._find(seq + 1 if seq else 0, faults.DAMAGED.with_(after=seq, why=why))

    def run(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN")  # one state of it, whoever writes meanwhile
        created = self._look_at_meta(connection)
        self._look_at_tables(connection)
        index = read_index(connection)
        self._go(connection, created, index and index[1])
        if not index or index[0] != self.walk.marks:
            self._go(connection, created, None)  # an erasure was perhaps among what the index hides
            if not index or not self.walk.faults:
                self._find(0, faults.INDEX)
        if len(self.walk.faults) < MOST_FAULTS:
            self._look_at_anchors()

    def _go(self, connection: sqlite3.Connection, created: bytes, erasures: Sequence[int] | None) -> None:
        self.walk = Walk(self.site, created, Erasures([*_recorded_erasures(connection, erasures)]))
        rows, self._read = connection.execute(_ENTRIES), _BEFORE_ALL
        page: list[Row] = []
        while len(self.walk.faults) < MOST_FAULTS:
            page.clear()
            try:
                page.extend(islice(rows, _PAGE))
            finally:  # what came before a damaged place is looked at first
                self._look_at(connection, page)
            if not page:
                break
        for seq in sorted(read_values(connection, self._read, _BEHIND_ALL)):
            self.walk.find(seq, faults.STRAY.with_(seq=seq))

    def _look_at(self, connection: sqlite3.Connection, page: Sequence[Row]) -> None:
        if page:
            self.walk.look_at(page, read_values(connection, self._read, page[-1][0]))
            self._read = page[-1][0]
            if self._anchors:
                self._seen |= {row[0]: shown(row[4]) for row in page if row[0] in self._seen}

    def _find(self, seq: int, what: Text) -> None:
        self._faults.append(Fault(seq, what))

    def _look_at_meta(self, connection: sqlite3.Connection) -> bytes:
        """When the register was made, as it is written."""
        meta = schema.read_meta(connection)
        if meta.get("format") != FORMAT:
            self._find(0, faults.OTHER_FORMAT.with_(found=meta.get("format"), expected=FORMAT))
        self.site = meta.get("site", "")
        try:
            in_utc(datetime.fromisoformat(meta.get("created", "")))
            return meta["created"].encode()
        except (ValueError, PlanError):
            self._find(0, faults.NO_BIRTHDAY)
            return _NO_TIME

    def _look_at_tables(self, connection: sqlite3.Connection) -> None:
        altered = schema.altered_tables(connection)
        if altered:
            self._find(0, faults.ALTERED.with_(names=", ".join(altered)))

    def _look_at_anchors(self) -> None:
        for anchor in self._anchors:
            if anchor.site != self.site:
                self._find(0, faults.OTHER_SITE.with_(found=anchor.site, expected=self.site))
            elif anchor.seq > self.walk.seq:
                self._find(self.walk.seq + 1, faults.CUT.with_(first=self.walk.seq + 1, last=anchor.seq))
            elif anchor.seq and self._seen[anchor.seq] != anchor.entry_hash:
                self._find(anchor.seq, faults.FORK.with_(seq=anchor.seq))


def _recorded_erasures(connection: sqlite3.Connection, indexed: Sequence[int] | None) -> Iterator[tuple[int, str]]:
    """Number of each erasure of personal values, and until when they were due; all bodies are read if there is no index."""
    for seq, body in _bodies(connection, indexed):
        try:
            data = json.loads(body)
            before = data["body"][PERSONAL_BEFORE]
            if data["kind"] == "erasure" and isinstance(before, str):
                yield seq, before
        except (ValueError, TypeError, KeyError):
            continue  # of copies, or the words stand elsewhere in it, or the walk finds that it was edited


def _bodies(connection: sqlite3.Connection, of: Sequence[int] | None) -> Iterator[tuple[int, bytes]]:
    if of is None:
        yield from connection.execute(
            "SELECT seq, body FROM entry WHERE instr(body, ?) ORDER BY seq", (PERSONAL_BEFORE,)
        )
        return
    for seq in of:
        yield from connection.execute("SELECT seq, body FROM entry WHERE seq = ?", (seq,))


_PAGE = 200
_BEFORE_ALL, _BEHIND_ALL = -inf, inf
_NO_TIME = b"0001-01-02T00:00:00+00:00"
_ENTRIES = "SELECT seq, body, body_sha256, prev_hash, entry_hash FROM entry ORDER BY seq"
