"""Whether a register is what its writers left: every hash computed again, from the first entry to the last.

1. Every entry's number follows, its body has its hash, it names the hash of the entry before it, and its own hash holds.
2. Its body is as privmask writes it: of this site, of a known kind, not earlier than the one before unless it says so.
3. Every personal value is the one it was, or was erased by a recorded erasure that covers it; then it is gone.
4. Every receipt from outside finds its entry: a cut end and a register rewritten from some entry on are seen by this alone.
5. Tables and triggers are as they were made.
"""

from __future__ import annotations

import hmac
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from math import inf
from typing import Any, TypeAlias

from privmask.errors import PlanError
from privmask.language import Text
from privmask.register import faults, schema
from privmask.register.chain import FORMAT, GENESIS, in_utc, written
from privmask.register.entry import CLOCK_SET_BACK, PERSONAL_BEFORE
from privmask.register.kinds import KINDS
from privmask.register.receipts import Receipt
from privmask.register.schema import PathLike

MOST_FAULTS = 100

_Row: TypeAlias = tuple[int, bytes, bytes, bytes, bytes]  # seq, body, body_sha256, prev_hash, entry_hash
_Value: TypeAlias = tuple[int, bytes, bytes, bytes, bytes]  # seq, field, salt, value, erase_after


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an entry; seq 0 is the register as a whole."""

    seq: int
    what: Text


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
    check = _Check(anchors)
    try:
        connection = _opened(path)
        try:
            check.run(connection)
        finally:
            connection.close()
    except sqlite3.Error as cause:
        check.find(check.seq + 1 if check.seq else 0, faults.DAMAGED.with_(after=check.seq, why=str(cause)))
        return Checked(None, check.sorted())
    return Checked(check.head(), check.sorted())


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
    """One walk through a register: where it is, and what it found."""

    def __init__(self, anchors: Iterable[Receipt]) -> None:
        self.seq, self.last, self.at = 0, GENESIS.encode(), datetime.min
        self.site, self._site = "", b""
        self._anchors = sorted(anchors, key=lambda anchor: anchor.seq)
        self._seen: dict[int, str] = {anchor.seq: "" for anchor in self._anchors}
        self._faults: list[Fault] = []
        self._erasures: list[tuple[int, str]] = []

    def find(self, seq: int, what: Text) -> None:
        self._faults.append(Fault(seq, what))

    def sorted(self) -> tuple[Fault, ...]:
        return tuple(sorted(self._faults, key=lambda fault: (fault.seq == 0, fault.seq)))

    def head(self) -> Receipt:
        return Receipt(self.site, self.seq, self.last.decode(errors="replace"), self.at)

    def run(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN")  # one state of it, whoever writes meanwhile
        self._look_at_meta(connection)
        self._look_at_tables(connection)
        self._erasures = list(self._recorded_erasures(connection))
        personal = _Personal(connection)
        for row in connection.execute(_WALK):
            self._look_at(row, personal)
            if len(self._faults) >= MOST_FAULTS:
                return
        for seq in personal.rest():
            self.find(seq, faults.STRAY.with_(seq=seq))
        self._look_at_anchors()

    def _look_at(self, row: _Row, personal: _Personal) -> None:
        """One entry. A sound one passes few comparisons; what is wrong with another is found out after them."""
        seq, body, body_sha256, prev_hash, stated = row
        link = b"%b\n%d\n%b\n%b\n" % (_FORMAT, seq, prev_hash, body_sha256)
        whole = _hash(body) == body_sha256 and _hash(link) == stated
        if not whole or seq != self.seq + 1 or prev_hash != self.last:
            self._name_the_break(seq, prev_hash, _hash(body) == body_sha256, whole)
        self.seq, self.last = seq, stated
        if seq in self._seen:
            self._seen[seq] = _shown(stated)
        self._look_inside(seq, body, personal.of(seq) if personal.next <= seq else ())

    def _look_inside(self, seq: int, body: bytes, values: Sequence[_Value]) -> None:
        """The header stands first, so that it can be compared as it should be written, without reading all of the JSON."""
        time_ends = body.find(b'"', len(_START))
        kind_starts = time_ends + len(self._site)
        header_ends = body.find(b'"', kind_starts)
        try:
            if not body.startswith(_START) or not body.startswith(self._site, time_ends):
                raise ValueError("no header of this site")
            moment = datetime.fromisoformat(body[len(_START) : time_ends].decode())
            set_back = moment < self.at
            if body[kind_starts:header_ends] not in _KINDS:
                raise ValueError("no known kind")
            if set_back and json.loads(body)["body"].get(CLOCK_SET_BACK) is not True:
                self.find(seq, faults.SET_BACK.with_(seq=seq, at=moment.isoformat()))
            if values or body.startswith(_HAS_PERSONAL, header_ends):
                covered = values and self._covered(seq, values[0][4].decode())
                if covered or not values or not body.startswith(_as_committed(values), header_ends):
                    self._look_at_personal(seq, json.loads(body), values)
            self.at = moment
        except (ValueError, TypeError, KeyError, AttributeError):  # also a time without a zone
            self.find(seq, faults.FOREIGN.with_(seq=seq, site=self.site))

    def _look_at_meta(self, connection: sqlite3.Connection) -> None:
        meta = schema.read_meta(connection)
        if meta.get("format") != FORMAT:
            self.find(0, faults.OTHER_FORMAT.with_(found=meta.get("format"), expected=FORMAT))
        self.site = meta.get("site", "")
        self._site = b'","site":%b,"kind":"' % written(self.site)
        try:
            self.at = datetime.fromisoformat(meta.get("created", ""))
            in_utc(self.at)
        except (ValueError, PlanError):
            self.find(0, faults.NO_BIRTHDAY)
            self.at = datetime.fromisoformat("0001-01-02T00:00:00+00:00")

    def _look_at_tables(self, connection: sqlite3.Connection) -> None:
        altered = schema.altered_tables(connection)
        if altered:
            self.find(0, faults.ALTERED.with_(names=", ".join(altered)))

    def _recorded_erasures(self, connection: sqlite3.Connection) -> Iterator[tuple[int, str]]:
        """Number of each erasure of personal values, and until when they were due."""
        for seq, body in connection.execute(
            "SELECT seq, body FROM entry WHERE instr(body, ?)", (f'"{PERSONAL_BEFORE}":',)
        ):
            try:
                data = json.loads(body)
                before, at = data["body"][PERSONAL_BEFORE], datetime.fromisoformat(data["at"])
                if data["kind"] != "erasure" or before > in_utc(at):
                    self.find(seq, faults.TOO_EARLY.with_(seq=seq))
                yield seq, before
            except (ValueError, TypeError, KeyError):
                continue  # the words stand elsewhere in it, or the walk finds that it was edited

    def _name_the_break(self, seq: int, prev_hash: bytes, body_holds: bool, whole: bool) -> None:
        expected = self.seq + 1
        if seq < expected:
            self.find(expected, faults.MISPLACED.with_(seq=seq))
        elif seq > expected:
            missing = faults.MISSING if seq == expected + 1 else faults.MISSING_MANY
            self.find(expected, missing.with_(first=expected, last=seq - 1))
        elif prev_hash != self.last:
            self.find(seq, faults.BROKEN.with_(seq=seq, before=self.seq))
        if not body_holds:
            self.find(seq, faults.EDITED.with_(seq=seq))
        elif not whole:
            self.find(seq, faults.REHASHED.with_(seq=seq))

    def _covered(self, seq: int, end: str) -> bool:
        """Whether values of that entry, which are due at `end`, were erased by the book."""
        return any(later > seq and before >= end for later, before in self._erasures)

    def _look_at_personal(self, seq: int, data: Mapping[str, Any], values: Sequence[_Value]) -> None:
        committed, end = data.get("personal", {}), data.get("erase_after", "")
        covered = self._covered(seq, end)
        found = {
            _shown(name): _commitment(salt, name, value) if _shown(erase_after) == end else ""
            for _, name, salt, value, erase_after in values
        }
        for name in sorted(committed.keys() | found.keys()):
            if name not in committed:
                self.find(seq, faults.ADDED.with_(seq=seq, name=name))
            elif name not in found and not covered:
                self.find(seq, faults.GONE.with_(seq=seq, name=name))
            elif name in found and covered:
                self.find(seq, faults.BACK.with_(seq=seq, name=name))
            elif not covered and found[name] != committed[name]:
                self.find(seq, faults.EDITED_VALUE.with_(seq=seq, name=name))

    def _look_at_anchors(self) -> None:
        for anchor in self._anchors:
            if anchor.site != self.site:
                self.find(0, faults.OTHER_SITE.with_(found=anchor.site, expected=self.site))
            elif anchor.seq > self.seq:
                self.find(self.seq + 1, faults.CUT.with_(first=self.seq + 1, last=anchor.seq))
            elif anchor.seq and self._seen[anchor.seq] != anchor.entry_hash:
                self.find(anchor.seq, faults.FORK.with_(seq=anchor.seq))


class _Personal:
    """The personal values, taken out in step with the entries. `next` is the entry of the value that comes next."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        query = "SELECT seq, field, salt, value, erase_after FROM personal ORDER BY seq, field"
        self._values: Iterator[_Value] = connection.execute(query)
        self._strays: list[int] = []
        self._value = next(self._values, None)
        self.next: float = self._value[0] if self._value else inf

    def of(self, seq: int) -> Sequence[_Value]:
        """The values of that entry; those of entries before it were not asked for, and stray."""
        taken = []
        while self._value and self._value[0] <= seq:
            taken.append(self._value)
            self._value = next(self._values, None)
        self.next = self._value[0] if self._value else inf
        self._strays += [value[0] for value in taken if value[0] < seq]
        return [value for value in taken if value[0] == seq]

    def rest(self) -> Sequence[int]:
        """The entries that values name and that are not there."""
        self.of(_BEHIND_ALL)
        return sorted({*self._strays})


def _hash(text: bytes) -> bytes:
    return sha256(text).hexdigest().encode()


def _commitment(salt: bytes, field: bytes, value: bytes) -> str:
    """As `chain.commitment`, for what may be no text any more."""
    return hmac.digest(salt, b"%b\n%b" % (field, value), "sha256").hex()


def _as_committed(values: Sequence[_Value]) -> bytes:
    """What stands in the body for these values, if they are all of them and none was changed."""
    ends = {value[4] for value in values}
    listed = b",".join(
        b'"%b":"%b"' % (name, _commitment(salt, name, value).encode()) for _, name, salt, value, _ in values
    )
    return b'%b%b","personal":{%b},"actor":' % (_HAS_PERSONAL, ends.pop() if len(ends) == 1 else b"?", listed)


def _shown(text: bytes) -> str:
    return text.decode(errors="replace")


_BEHIND_ALL = 2**63  # SQLite's numbers end before it
_FORMAT = FORMAT.encode()
_KINDS = frozenset(kind.encode() for kind in KINDS)
_WALK = "SELECT seq, body, body_sha256, prev_hash, entry_hash FROM entry ORDER BY seq"
_START, _HAS_PERSONAL = b'{"at":"', b'","erase_after":"'
