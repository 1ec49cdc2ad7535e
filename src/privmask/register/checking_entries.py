"""One walk through the entries of a register, page by page: a page on which all is plain passes by few comparisons of whole
columns; on any other each entry is looked at by itself, and what is wrong with it is named.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import accumulate
from typing import Any, TypeAlias

from privmask.language import Text
from privmask.register import faults
from privmask.register.chain import FORMAT, GENESIS, in_utc, written
from privmask.register.checking_index import INDEXED, mark
from privmask.register.checking_personal import HAS_PERSONAL, Value, as_committed, commitment_of
from privmask.register.entry import CLOCK_SET_BACK, PERSONAL_BEFORE
from privmask.register.faults import Fault
from privmask.register.kinds import KINDS

Row: TypeAlias = tuple[int, bytes, bytes, bytes, bytes]
"""seq, body, body_sha256, prev_hash, entry_hash"""

Values: TypeAlias = Mapping[int, Sequence[Value]]


class Erasures:
    """The recorded erasures of personal values: the entry of each, and until when values were due."""

    def __init__(self, recorded: Sequence[tuple[int, str]]) -> None:
        self._seqs = [seq for seq, _ in recorded]
        self._until = [*accumulate((before for _, before in reversed(recorded)), max)][::-1]

    def cover(self, seq: int, end: str) -> bool:
        """Whether values of that entry, which are due at `end`, were erased by the book."""
        place = bisect_right(self._seqs, seq)
        return place < len(self._until) and self._until[place] >= end


class Walk:
    """Where the walk is (`seq`, `last` hash, `time` as it is written), and what it found."""

    def __init__(self, site: str, created: bytes, erasures: Erasures) -> None:
        self.seq, self.last, self.time, self.marks = 0, GENESIS.encode(), created, 0
        self.faults: list[Fault] = []
        self._shown_site, self._site = site, b'","site":%b,"kind":"' % written(site)
        self._erasures = erasures

    def find(self, seq: int, what: Text) -> None:
        """Note a fault."""
        self.faults.append(Fault(seq, what))

    def look_at(self, page: Sequence[Row], values: Values) -> None:
        """The entries that come next, and the personal values until the last of them."""
        if self._is_plain(page, values):
            self.seq, body, _, _, self.last = page[-1]
            self.time = body[_TIME:_ZONE] + self.time[_ZONE - _TIME :]
            return
        for row in page:
            self._look_at(row, values.get(row[0], ()))
        for seq in values.keys() - {row[0] for row in page}:
            self.find(seq, faults.STRAY.with_(seq=seq))

    def _is_plain(self, page: Sequence[Row], values: Values) -> bool:
        seqs, bodies, sums, befores, stated = zip(*page, strict=True)
        return (
            seqs == (*range(self.seq + 1, self.seq + 1 + len(page)),)
            and befores == (self.last, *stated[:-1])
            and _lines([sha256(body).hexdigest() for body in bodies]) == b"\n".join(sums)
            and _lines([sha256(_LINK % row).hexdigest() for row in zip(seqs, befores, sums, strict=True)])
            == b"\n".join(stated)
            and self._are_plain(seqs, bodies, values)
        )

    def _are_plain(self, seqs: Sequence[int], bodies: Sequence[bytes], values: Values) -> bool:
        """The header stands first, so that it can be compared as it should be written, without reading all of the JSON."""
        begins = self.time[_ZONE - _TIME :] + self._site
        kind_starts = _ZONE + len(begins)
        if {body[:_TIME] for body in bodies} != {_START} or {body[_ZONE:kind_starts] for body in bodies} != {begins}:
            return False
        ends = [body.find(b'"', kind_starts) for body in bodies]
        kinds = [body[kind_starts:end] for body, end in zip(bodies, ends, strict=True)]
        if not _KINDS.issuperset(kinds) or not self._in_order(bodies):
            return False
        if b"erasure" in kinds and any(_ERASURE in body for body in bodies):
            return False
        with_personal = [
            (seq, body, end)
            for seq, body, end in zip(seqs, bodies, ends, strict=True)
            if body.startswith(HAS_PERSONAL, end)
        ]
        if not values.keys() <= {seq for seq, _, _ in with_personal}:
            return False
        if not all(self._personal_holds(seq, body, end, values.get(seq)) for seq, body, end in with_personal):
            return False
        self.marks += sum([mark(kind, seq) for kind, seq in zip(kinds, seqs, strict=True) if kind in INDEXED])
        return True

    def _in_order(self, bodies: Sequence[bytes]) -> bool:
        try:
            times = [datetime.fromisoformat(body[_TIME:_ZONE].decode()) for body in bodies]
            times.insert(0, datetime.fromisoformat(self.time[: _ZONE - _TIME].decode()))
            return times == sorted(times)
        except (ValueError, TypeError):  # TypeError: one that is not of this length, and has a zone
            return False

    def _personal_holds(self, seq: int, body: bytes, header_ends: int, values: Sequence[Value] | None) -> bool:
        """Whether all values are there and none was changed, or all are gone by the book."""
        end_starts = header_ends + len(HAS_PERSONAL)
        covered = self._erasures.cover(seq, body[end_starts : body.find(b'"', end_starts)].decode(errors="replace"))
        return covered if values is None else not covered and body.startswith(as_committed(values), header_ends)

    def _look_at(self, row: Row, values: Sequence[Value]) -> None:
        seq, body, body_sha256, prev_hash, stated = row
        body_holds = sha256(body).hexdigest().encode() == body_sha256
        whole = body_holds and sha256(_LINK % (seq, prev_hash, body_sha256)).hexdigest().encode() == stated
        if not whole or seq != self.seq + 1 or prev_hash != self.last:
            self._name_the_break(seq, prev_hash, body_holds, whole)
        self.seq, self.last = seq, stated
        try:
            self._look_inside(seq, body, values)
        except (ValueError, TypeError, KeyError, AttributeError):  # also a time without a zone
            self.find(seq, faults.FOREIGN.with_(seq=seq, site=self._shown_site))

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

    def _look_inside(self, seq: int, body: bytes, values: Sequence[Value]) -> None:
        time_ends = body.find(b'"', _TIME)
        kind_starts = time_ends + len(self._site)
        header_ends = body.find(b'"', kind_starts)
        kind = body[kind_starts:header_ends]
        if not body.startswith(_START) or body[time_ends:kind_starts] != self._site or kind not in _KINDS:
            raise ValueError("no header of this site")
        time = body[_TIME:time_ends]
        moment = datetime.fromisoformat(time.decode())
        set_back = moment < datetime.fromisoformat(self.time.decode())
        self.time = time
        data = json.loads(body)
        if set_back and data["body"].get(CLOCK_SET_BACK) is not True:
            self.find(seq, faults.SET_BACK.with_(seq=seq, at=moment.isoformat()))
        if kind in INDEXED:
            self.marks += mark(kind, seq)
        if values or "personal" in data:
            self._look_at_personal(seq, data, values)
        before = data["body"].get(PERSONAL_BEFORE)
        if before is not None and (kind != b"erasure" or before > in_utc(moment)):
            self.find(seq, faults.TOO_EARLY.with_(seq=seq))

    def _look_at_personal(self, seq: int, data: Mapping[str, Any], values: Sequence[Value]) -> None:
        committed, end = data.get("personal", {}), data.get("erase_after", "")
        covered = self._erasures.cover(seq, end)
        found = {
            shown(name): commitment_of(salt, name, value) if shown(erase_after) == end else ""
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


def shown(text: bytes) -> str:
    """What may be no text any more, for people."""
    return text.decode(errors="replace")


def _lines(hashes: Sequence[str]) -> bytes:
    return "\n".join(hashes).encode()


_START = b'{"at":"'
_TIME = len(_START)
_ZONE = _TIME + len(b"2026-04-01T09:00:00")
_LINK = FORMAT.encode() + b"\n%d\n%b\n%b\n"
_KINDS = frozenset(kind.encode() for kind in KINDS)
_ERASURE = f'"{PERSONAL_BEFORE}":'.encode()
