"""What an MPEG-TS file holds that no copy of ours has: streams, tables, fields and stuffing that say something.

Each of its packets of 188 bytes (ISO/IEC 13818-1, 2.4.3) is one of three tables, which are the same each time, or belongs to a
stream that the table of the programme names. Most are headers of four bytes and nothing but payload: these are looked at by the
thousand, and the others one by one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from privmask.video.sharing import SharedFile

Rows: TypeAlias = NDArray[np.uint8]

SIZE = 188
_AT_ONCE = 1 << 14
_SYNC, _START, _PAYLOAD, _FIELD_AND_PAYLOAD = 0x47, 0x40, 0x10, 0x30
_MARKS = 0xE0
"""Of the second byte: an error, the start of a unit, a priority."""
_RANDOM_ACCESS, _CLOCK, _PRIVATE = 0x40, 0x10, 0x02
_TABLES = {
    0x0011: bytes.fromhex("42f0250001c10000ff01ff0001fc8014481201064646") + b"mpeg\x09Service01" + b"\x77\x7c\x43\xca",
    0x0000: bytes.fromhex("00b00d0001c100000001f0002ab104b2"),
}
"""Where our muxer names the service and the programme, it writes this."""
_PROGRAM, _PICTURES = 0x1000, 0x100
_TABLES_FIRST = len(_TABLES) + 1
"""Packets with which a file begins: each table once."""
_KNOWN_BY = 13
_PROGRAM_TABLE = re.compile(
    rb"\x02\xb0(?P<length>.)\0\x01\xc1\0\0\xe1\0\xf0\0"
    rb"(?:\x1b\xe1\0\xf0\0|\x24\xe1\0\xf0(?:\0|\x06\x05\x04HEVC))"
    rb"(?P<sound>(?:[\x03\x04\x0f]\xe1.\xf0\0|\x81\xe1.\xf0\x06\x05\x04AC-3|\x87\xe1.\xf0\x06\x05\x04EAC3)*)",
    re.DOTALL,
)
"""Pictures in H.264 or H.265, and sound in MPEG audio, AAC, AC-3 or E-AC-3, with what FFmpeg's muxer says of each."""
_SOUND = re.compile(rb".(\xe1.)\xf0(?:\0|\x06.{6})", re.DOTALL)
_ODD = rb"[" + b"".join(b"\\x%02x" % odd for odd in range(1, 256, 2)) + rb"]"
_REST = rb"." + _ODD + rb"." + _ODD
_UNIT = re.compile(
    rb"\0\0\x01(?:\xe0\0\0|[\xc0\xbd](?!\0\0)..)\x80"
    rb"(?:\x80\x05(?P<shown>[\x21\x23\x25\x27\x29\x2b\x2d\x2f]" + _REST + rb")"
    rb"|\xc0\x0a(?P<late>[\x31\x33\x35\x37\x39\x3b\x3d\x3f]" + _REST + rb")"
    rb"(?P<decoded>[\x11\x13\x15\x17\x19\x1b\x1d\x1f]" + _REST + rb"))",
    re.DOTALL,
)
"""The header of a unit (ISO/IEC 13818-1, 2.4.3.6): when it is shown, and where that is another time, when it is decoded."""
_PICTURES_ID = 0xE0
_WRAP = 1 << 33


def strange_transport(file: SharedFile, packets: list[tuple[int, int]] | None) -> Iterator[str]:
    """Each thing in the file that is not part of a plain clip, in words.

    `packets` are stream and size of all that a player would decode, None where they are not known: then nothing is missed
    among them.
    """
    length = file.size()
    walk = _Walk()
    for at in range(0, length - length % SIZE, SIZE * _AT_ONCE):
        size = min(SIZE * _AT_ONCE, length - length % SIZE - at)
        yield from walk.faults(np.frombuffer(file.read_at(at, size), np.uint8).reshape(-1, SIZE))
    if length % SIZE:
        yield f"{length % SIZE} bytes after its end"
    if packets is not None:
        yield from walk.unowned(packets)


def lengthen(path: str) -> None:
    """Repeat the tables at the end of a file of a few small frames, so that it is known for what it is.

    FFmpeg tells MPEG-TS by a dozen of packets, and takes a shorter file for another format.
    """
    with open(path, "r+b") as file:
        data = file.read(SIZE * _KNOWN_BY)
        cells = [data[at : at + SIZE] for at in range(0, len(data), SIZE)]
        for number in range(_KNOWN_BY - len(cells)):
            table = cells[number % _TABLES_FIRST]
            count = sum(cell[1:3] == table[1:3] for cell in cells) & 15
            cells.append(table[:3] + bytes([table[3] & 0xF0 | count]) + table[4:])
            file.write(cells[-1])


class _Walk:
    """Goes over the packets of a file."""

    def __init__(self) -> None:
        self._payload: Counter[int] = Counter()
        self._units: Counter[int] = Counter()
        self._program = b""
        self._streams: set[int] = set()
        self._counts: dict[int, int] = {}
        self._times: dict[int, int] = {}

    def faults(self, rows: Rows) -> Iterator[str]:
        """What is strange in the next packets, each a row."""
        marks, pids = rows[:, 1] & _MARKS, (rows[:, 1] & 31).astype(int) << 8 | rows[:, 2]
        plain = (rows[:, 0] == _SYNC) & (marks == 0) & (rows[:, 3] & 0xF0 == _PAYLOAD)
        for index in np.flatnonzero(~plain):
            if fault := self._fault(int(pids[index]), rows[index].tobytes()):
                yield fault
        for pid in np.unique(pids):
            yield from self._counted(int(pid), rows[pids == pid, 3] & 15)
        for pid in np.unique(pids[plain]):
            self._payload[int(pid)] += int((pids[plain] == pid).sum()) * (SIZE - 4)
            if pid not in self._streams:
                yield f"packets of a stream {pid:#x} that its table does not name"

    def unowned(self, packets: list[tuple[int, int]]) -> Iterator[str]:
        """What went by and is in none of these packets: each is one unit, and all the units have is theirs."""
        owned: Counter[int] = Counter()
        for stream, size in packets:
            owned[stream] += size
        if free := sum((self._payload - owned).values()):
            yield f"{free} bytes that belong to no packet"
        if more := sum((self._units - Counter(stream for stream, _ in packets)).values()):
            yield f"{more} units more than there are packets"

    def _counted(self, pid: int, counts: Any) -> Iterator[str]:
        """Packets of a stream are counted from 0 to 15 and again."""
        expected = (self._counts.get(pid, 0) + np.arange(len(counts))) & 15
        if (counts != expected).any():
            yield f"packets of the stream {pid:#x} that are missing or there twice"
        self._counts[pid] = (int(counts[-1]) + 1) & 15

    def _fault(self, pid: int, row: bytes) -> str:
        """What is wrong with a packet that has more than a header and payload; "" if it is as our muxer writes it."""
        if row[0] != _SYNC:
            return "bytes that are no transport packet"
        if row[1] & (_MARKS - _START) or row[3] & 0xC0 or not row[3] & _PAYLOAD:
            return f"a packet of the stream {pid:#x} that is marked otherwise than any of ours"
        if pid in _TABLES or pid == _PROGRAM:
            return self._table_fault(pid, row)
        if pid not in self._streams:
            return f"packets of a stream {pid:#x} that its table does not name"
        return self._stream_fault(pid, row)

    def _table_fault(self, pid: int, row: bytes) -> str:
        table = _TABLES.get(pid) or self._program or _program_table(row[5:])
        if row[1] & _MARKS != _START or row[3] & 0xF0 != _PAYLOAD or not table or row[4:] != _padded(table):
            return f"a table (in the stream {pid:#x}) that says more than it must"
        if pid == _PROGRAM and not self._program:
            self._program, self._streams = table, {_PICTURES, *_sounds(table)}
        return ""

    def _stream_fault(self, pid: int, row: bytes) -> str:
        starts, clock, body = bool(row[1] & _START), b"", row[4:]
        if row[3] & 0x20:
            field, body = row[5 : 5 + row[4]], row[5 + row[4] :]
            if fault := _field_fault(field, starts=starts):
                return fault
            clock = field[1:7] if field and field[0] & _CLOCK else b""
        if not body:
            return "a packet that is all stuffing"
        if starts:
            return self._unit_fault(pid, clock, body)
        self._payload[pid] += len(body)
        return ""

    def _unit_fault(self, pid: int, clock: bytes, body: bytes) -> str:
        """A unit (PES) begins with its times, and nothing else; the clock, where it is told, shows when it is decoded."""
        found = _UNIT.match(body)
        if found is None or (body[3] == _PICTURES_ID) != (pid == _PICTURES):
            return f"a header in the stream {pid:#x} that says more than it must"
        shown = _time(found["shown"] or found["late"])
        decoded = shown if found["decoded"] is None else _time(found["decoded"])
        if not _follows(decoded, shown) or not 0 < (decoded - self._times.get(pid, decoded - 1)) % _WRAP < _WRAP // 2:
            return f"times in the stream {pid:#x} that do not rise"
        if clock and (pid != _PICTURES or clock != (decoded << 15 | 0x7E00).to_bytes(6, "big")):
            return "a clock that is not that of the pictures"
        self._times[pid] = decoded
        self._units[pid] += 1
        self._payload[pid] += len(body) - found.end()
        return ""


def _field_fault(field: bytes, *, starts: bool) -> str:
    """What is wrong with a field (of adaptation) before the payload, which may be of a packet that `starts` a unit."""
    flags = field[0] if field else 0
    if flags & _PRIVATE:
        return "private data in a packet"
    if flags & ~(_RANDOM_ACCESS | _CLOCK) or (flags and not starts):
        return "a field in a packet that none of ours has"
    stuffing = field[7 if flags & _CLOCK else 1 :]
    return f"stuffing of {len(stuffing)} bytes that says something" if stuffing.strip(b"\xff") else ""


def _padded(table: bytes) -> bytes:
    """A table as it stands in its packet, right from its start."""
    return (b"\0" + table).ljust(SIZE - 4, b"\xff")


def _program_table(data: bytes) -> bytes:
    """The table of the programme at the start of `data`; b"" where it is none of ours."""
    found = _PROGRAM_TABLE.match(data)
    if found is None:
        return b""
    table = data[: 3 + found["length"][0]]
    named = _sounds(table)
    ours = len(table) == found.end() + 4 and named == [_PICTURES + 1 + number for number in range(len(named))]
    return table if ours and _checksum(table) == 0 else b""


def _sounds(table: bytes) -> list[int]:
    """The streams of sound that a table of the programme names."""
    found = _PROGRAM_TABLE.match(table)
    return [int.from_bytes(pid, "big") & 0x1FFF for pid in _SOUND.findall(found["sound"] if found else b"")]


def _checksum(table: bytes) -> int:
    """0 for a table whose last four bytes are its checksum (ISO/IEC 13818-1, annex A)."""
    remainder = 0xFFFFFFFF
    for byte in table:
        remainder ^= byte << 24
        for _ in range(8):
            remainder = (remainder << 1 ^ (0x04C11DB7 if remainder >> 31 else 0)) & 0xFFFFFFFF
    return remainder


def _follows(one: int, other: int) -> bool:
    """Whether a time is not later than another, as they count on from 0 after 33 bits."""
    return (other - one) % _WRAP < _WRAP // 2


def _time(data: bytes) -> int:
    """The time in five bytes, in 1/90000 s: of 36 bits three are set to part it."""
    whole = int.from_bytes(data, "big")
    return (whole >> 33 & 7) << 30 | (whole >> 17 & 0x7FFF) << 15 | whole >> 1 & 0x7FFF
