"""The register (台帳): made once, added to, read; never edited. What `append` returned a receipt for is on the disk.

An entry's time is when it went in, and so never before that of the entry before it: writers that wait for each other get the
time of the one before. A time that is more than a minute earlier means that the clock was set back; that is refused, unless
the body says "clock_set_back": true, which then stands in the register for everybody to see.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self, TypeAlias

from privmask.errors import CopyError, EvidenceError, PlanError, PolicyError
from privmask.register import register_words as words
from privmask.register import schema
from privmask.register.chain import FORMAT, GENESIS, body_hash, entry_hash, in_utc, to_second, written
from privmask.register.entry import CLOCK_SET_BACK, PERSONAL_BEFORE, Draft, Entry, read_entry, require_sound, sealed
from privmask.register.note import note_of, read_note, write_note
from privmask.register.private import require_private
from privmask.register.receipts import Receipt
from privmask.register.schema import PathLike, told, writing

CLOCK_SLACK = timedelta(seconds=60)  # more than a writer waits for its turn
_PAGE = 500  # entries read at a time, so that no reader holds up the truncation of the log
_BEHIND_ALL = 2**63 - 1  # SQLite's numbers end there

About: TypeAlias = tuple[str, str]
"""A dotted name and its value in the bodies of wanted entries, such as ("request_id", "R-2026-0001")."""


def open_register(path: PathLike, site: str | None = None) -> Register:
    """Open the register, to be used in a `with`. With `site`, that of another site is refused (PolicyError).

    Raises PlanError if there is none or it is of a newer privmask, PolicyError if others may read it, EvidenceError if its
    tables were altered.
    """
    require_private(path)
    with told(path):
        connection = schema.connect(path)
        try:
            return Register(connection, os.fspath(path), _checked_site(connection, os.fspath(path), site))
        except BaseException:
            connection.close()
            raise


def _checked_site(connection: sqlite3.Connection, path: str, site: str | None) -> str:
    try:
        meta = schema.read_meta(connection)
    except sqlite3.OperationalError as cause:
        raise EvidenceError(words.NO_REGISTER.with_(path=path)) from cause
    if meta.get("format") != FORMAT:
        raise PlanError(words.OTHER_FORMAT.with_(path=path, found=meta.get("format"), expected=FORMAT))
    altered = schema.altered_tables(connection)
    if altered:
        raise EvidenceError(words.ALTERED.with_(path=path, names=", ".join(altered)))
    if site is not None and meta["site"] != site:
        raise PolicyError(words.OTHER_SITE.with_(path=path, found=meta["site"], expected=site), clause="III")
    return meta["site"]


class Register:
    """An open register of one site. Several processes may have it open; a connection belongs to one thread."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: str,
        site: str,
        salts: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._connection, self._path, self._salts = connection, path, salts
        self.site = site

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; the last one to do so folds the write-ahead log into it."""
        self._connection.close()

    def append(self, draft: Draft, at: datetime) -> Receipt:
        """Record the draft; when this returns, it is on the disk.

        Raises PlanError for a draft that cannot be recorded, PolicyError for a clock that was set back, CopyError if the disk
        refuses, EvidenceError if the register's end does not hold: nothing is recorded then.
        """
        require_sound(draft)
        if PERSONAL_BEFORE in draft.body:
            raise PlanError(words.RESERVED.with_(name=PERSONAL_BEFORE))
        with told(self._path), writing(self._connection):
            self._require_end()
            receipt = self._add(draft, at)
        write_note(self._path, receipt)
        return receipt

    def erase_personal(self, before: datetime, at: datetime, *, actor: str, policy_sha256: str) -> int:
        """Erase the personal values whose `erase_after` is not after `before`, and record that; returns from how many entries.

        Where there is nothing to erase nothing is recorded. The files are swept either way, so that an erasure which was cut
        off is completed by the next: CopyError if another process hinders that (do it again).
        """
        due = in_utc(before)
        if before > at:
            raise PolicyError(words.BEFORE_TIME.with_(before=before.isoformat(), at=at.isoformat()), clause="II-7(2)")
        with told(self._path):
            with writing(self._connection):
                self._require_end()
                entries, values = self._connection.execute(
                    "SELECT count(DISTINCT seq), count(*) FROM personal WHERE erase_after <= ?", (due,)
                ).fetchone()
                if values:
                    body = {PERSONAL_BEFORE: due, "entries": entries, "values": values}
                    draft = Draft("erasure", actor, body, policy_sha256=policy_sha256)
                    require_sound(draft)
                    self._add(draft, at)
                    self._connection.execute("DELETE FROM personal WHERE erase_after <= ?", (due,))
            write_note(self._path, self._head())
        self._sweep()
        return int(entries)

    def head(self) -> Receipt:
        """The receipt of the last entry; seq 0 before there is any."""
        with told(self._path):
            return self._head()

    def entry(self, seq: int) -> Entry:
        """The entry of that number; PlanError if there is none."""
        found = self._rows("seq = ?", seq)
        if not found:
            raise PlanError(words.NO_ENTRY.with_(seq=seq))
        return found[0]

    def entries(
        self, kind: str | None = None, since: datetime | None = None, *, after: int = 0, about: About | None = None
    ) -> Iterator[Entry]:
        """All entries in their order, or those of one kind, not before `since`, behind the entry `after`, and of `about`."""
        where, values = _wanted(kind, about)
        while page := self._rows(f"seq > ?{where} ORDER BY seq LIMIT {_PAGE}", after, *values):
            after = page[-1].seq
            yield from (each for each in page if _is_about(each, about) and (since is None or each.at >= since))

    def latest(self, kind: str, about: About | None = None) -> Entry | None:
        """The last entry of that kind, and of `about`; None if there is none."""
        where, values = _wanted(kind, about)
        before = _BEHIND_ALL
        while found := self._rows(f"seq < ?{where} ORDER BY seq DESC LIMIT 1", before, *values):
            if _is_about(found[0], about):
                return found[0]
            before = found[0].seq
        return None

    def personal_until(self, end: datetime) -> Iterator[Entry]:
        """The entries that still have personal values which are to be erased at `end` or before."""
        with told(self._path):
            query = "SELECT DISTINCT seq FROM personal WHERE erase_after <= ? ORDER BY seq"
            found = [seq for (seq,) in self._connection.execute(query, (in_utc(end),))]
        return map(self.entry, found)

    def _rows(self, where: str, *values: object) -> list[Entry]:
        with told(self._path):
            self._connection.execute("BEGIN")  # an entry and its personal values in one state of the file
            try:
                rows = self._connection.execute(
                    f"SELECT seq, body, entry_hash FROM entry WHERE {where}", values
                ).fetchall()
                personal = self._personal([seq for seq, _, _ in rows])
            finally:
                self._connection.execute("ROLLBACK")
        return [read_entry(seq, body, stated, personal.get(seq, {})) for seq, body, stated in rows]

    def _personal(self, of: Sequence[int]) -> Mapping[int, dict[str, str]]:
        found: dict[int, dict[str, str]] = {}
        query = f"SELECT seq, field, value FROM personal WHERE seq IN ({', '.join('?' * len(of))})"
        for seq, field, value in self._connection.execute(query, of):
            found.setdefault(seq, {})[field] = value
        return found

    def _head(self) -> Receipt:
        query = "SELECT seq, body, body_sha256, prev_hash, entry_hash FROM entry ORDER BY seq DESC LIMIT 1"
        found = self._connection.execute(query).fetchone()
        if found is None:
            created = schema.read_meta(self._connection)["created"]
            return Receipt(self.site, 0, GENESIS, datetime.fromisoformat(created))
        seq, body, body_sha256, prev_hash, stated = found
        if body_hash(body.encode()) != body_sha256 or entry_hash(seq, prev_hash, body_sha256) != stated:
            raise EvidenceError(words.BAD_END.with_(path=self._path, seq=seq))
        return Receipt(self.site, seq, stated, read_entry(seq, body, stated, {}).at)

    def _require_end(self) -> None:
        """EvidenceError if the register's own note tells of an entry that is not there."""
        noted = read_note(self._path)
        if noted is None or noted.site != self.site or not noted.seq:
            return
        query = "SELECT entry_hash FROM entry WHERE seq = ?"
        if self._connection.execute(query, (noted.seq,)).fetchone() != (noted.entry_hash,):
            raise EvidenceError(words.ENDS_EARLY.with_(path=self._path, seq=noted.seq, note=note_of(self._path)))

    def _add(self, draft: Draft, at: datetime) -> Receipt:
        last = self._head()
        moment = _moment(draft, to_second(at), last)
        seq = last.seq + 1
        body, personal = sealed(draft, self.site, moment, self._salts)
        hashed = body_hash(body)
        stated = entry_hash(seq, last.entry_hash, hashed)
        self._connection.execute(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?)", (seq, body.decode(), hashed, last.entry_hash, stated)
        )
        if draft.erase_after is not None:
            end = in_utc(draft.erase_after)
            rows = [(seq, each.name, each.salt, each.value, end) for each in personal]
            self._connection.executemany("INSERT INTO personal VALUES (?, ?, ?, ?, ?)", rows)
        return Receipt(self.site, seq, stated, moment)

    def _sweep(self) -> None:
        """Leave no byte of what was erased.

        Pages that SQLite has rearranged keep pieces of it, which secure_delete does not see: the file is written anew (in
        memory first, as temp_store says), and the log cut to nothing.
        """
        try:
            self._connection.execute("VACUUM")
            busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.DatabaseError as cause:
            raise CopyError(words.NOT_SWEPT.with_(path=self._path, why=str(cause))) from cause
        if busy:
            raise CopyError(words.LOG_BUSY.with_(path=self._path))


def _wanted(kind: str | None, about: About | None) -> tuple[str, list[object]]:
    """Conditions in SQL that every wanted entry meets, and perhaps another one, with their values."""
    where, values = "", list[object]()
    if kind is not None:
        indexed = (
            f" AND {schema.IS_INDEXED}" if kind in schema.INDEXED else ""
        )  # or SQLite does not see that it may use it
        where, values = f" AND {schema.KIND} = ?{indexed}", [kind]
    if about is not None:
        said = written({about[0].rpartition(".")[2]: about[1]}).decode()[1:-1]
        where, values = f"{where} AND instr(body, ?)", [*values, said]
    return where, values


def _is_about(entry: Entry, about: About | None) -> bool:
    return about is None or entry.value(about[0]) == about[1]


def _moment(draft: Draft, at: datetime, last: Receipt) -> datetime:
    """The time that the entry gets."""
    if at >= last.at or draft.body.get(CLOCK_SET_BACK) is True:
        return at
    if last.at - at > CLOCK_SLACK:
        raise PolicyError(words.SET_BACK.with_(at=at.isoformat(), last=last.at.isoformat()), clause="II-7(2)")
    return last.at.astimezone(at.tzinfo)
