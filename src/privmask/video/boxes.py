"""What an MP4 file holds that no copy of ours has: boxes that no player shows, and bytes that no packet owns."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from privmask.video.headers import PLAIN, PLAIN_PICTURES
from privmask.video.sharing import SharedFile

_MOST_BOXES = 10_000
_LONGEST_HEADER = 256
_PARENTS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf"}
_ROWS = {b"stts": 8, b"ctts": 8, b"stss": 4, b"stco": 4, b"co64": 8, b"stsc": 12}
"""Tables: after version, flags and the number of rows come rows of so many bytes."""
_SMALL = {b"sgpd": 64, b"sbgp": 64}
_LARGE = {b"stsz", b"sdtp"}
_KNOWN = {*_PARENTS, *_ROWS, *PLAIN, *_SMALL, *_LARGE, b"mdat", b"free", b"hdlr", b"dref", b"stsd", b"udta"}
_EXACT = {
    b"free": b"",
    b"dref": bytes.fromhex("00000000000000010000000c75726c2000000001"),
    b"udta": bytes.fromhex(
        "000000356d657461" + "00" * 7 + "2168646c72" + "00" * 8 + "6d6469726170706c" + "00" * 12 + "08696c7374"
    ),
}
"""What our muxer writes there in each file: nothing, "in this file", and a list of no tags."""
_HANDLER = re.compile(rb"\0{8}(vide|soun)\0{12}(Video|Sound)Handler\0")
_OF_PICTURES = 78
_ENTRIES = {
    b"avc1": _OF_PICTURES,
    b"hev1": _OF_PICTURES,
    b"hvc1": _OF_PICTURES,
    b"av01": _OF_PICTURES,
    b"FFV1": _OF_PICTURES,
    b"mp4a": 28,
    b"Opus": 28,
    b"ac-3": 28,
    b"ec-3": 28,
}
_ENTRIES |= {b"fLaC": 28, b"alac": 28, b".mp3": 28}
"""Sample entries that a copy may have, and how many bytes stand in them before the boxes inside."""
_IN_ENTRY = {b"avcC", b"hvcC", b"av1C", b"glbl", b"esds", b"dOps", b"dac3", b"dec3", b"dfLa", b"alac"}
_IN_ENTRY |= {b"colr", b"pasp", b"fiel", b"btrt", b"mdcv", b"clli", b"chnl", b"clap"}

Row = tuple[bytes, int, int]


def strange_boxes(file: SharedFile, packets: list[tuple[int, int]] | None) -> Iterator[str]:
    """Each thing in the file that is not part of a plain clip, in words.

    `packets` are place and size of all packets, None where they are not known: then no byte is missed among the media.
    """
    length = file.size()
    media: list[tuple[int, int]] = []
    for count, (kind, start, end) in enumerate(_boxes(file, 0, length)):
        if kind == b"" or count == _MOST_BOXES:
            yield f"{length - start} bytes after its end" if kind == b"" else "more boxes than any copy has"
            return
        if kind == b"mdat":
            media.append((start, end))
        elif fault := _fault(file, kind, start, end):
            yield fault
    if len(media) != 1:
        yield f"{len(media)} boxes mdat instead of one"
    elif packets is not None:
        yield from _unowned(*media[0], packets)


def _boxes(file: SharedFile, start: int, end: int) -> Iterator[Row]:
    """Kind, start and end of the content of each box, those in known parents after it; what is no box has the kind b""."""
    while start < end:
        found = _box(file, start, end)
        if found is None:
            yield b"", start, end
            return
        kind, content, start = found
        yield kind, content, start
        if kind in _PARENTS:
            yield from _boxes(file, content, start)


def _box(file: SharedFile, start: int, end: int) -> Row | None:
    head = file.read_at(start, 16)
    if len(head) < 8 or end - start < 8:
        return None
    size, kind = struct.unpack_from(">I4s", head)
    content = start + 8
    if size == 1 and len(head) == 16:
        size, content = int.from_bytes(head[8:], "big"), start + 16
    if start + size < content or start + size > end:
        return None
    return kind, content, start + size


def _fault(file: SharedFile, kind: bytes, start: int, end: int) -> str:
    """What is wrong with a box; "" if it is as our muxer writes it."""
    size, name = end - start, _name(kind)
    if kind not in _KNOWN:
        return f"a box {name} of {size} bytes"
    if kind in _EXACT and (size > 64 or file.read_at(start, size) != _EXACT[kind]):
        return f"a box {name} of {size} bytes that says something"
    if kind in PLAIN and not PLAIN[kind].fullmatch(file.read_at(start, min(size, _LONGEST_HEADER))):
        return f"a header (box {name}) that says more than it must"
    if kind == b"hdlr" and not _HANDLER.fullmatch(file.read_at(start, min(size, 64))):
        return "a handler (box hdlr) with a name of its own"
    if kind == b"stsd":
        return _entry_fault(file, start, end)
    return "" if _fits(file, kind, start, size) else f"a box {name} that is longer than what it has to say"


def _fits(file: SharedFile, kind: bytes, start: int, size: int) -> bool:
    """Whether a box is as long as what it has to say."""
    if kind in _ROWS:
        return size == 8 + _ROWS[kind] * int.from_bytes(file.read_at(start + 4, 4), "big")
    if kind == b"stsz":
        each, count = struct.unpack(">II", file.read_at(start + 4, 8).ljust(8, b"\0"))
        return bool(size == 12 + (0 if each else 4 * count))
    return size <= _SMALL.get(kind, size)


def _entry_fault(file: SharedFile, start: int, end: int) -> str:
    """A description of samples holds one entry, and in that only boxes that say how to decode and show them."""
    entry = _box(file, start + 8, end)
    if entry is None or entry[2] != end or entry[0] not in _ENTRIES:
        return "a description of samples (box stsd) of another kind"
    kind, at, _ = entry
    if _ENTRIES[kind] == _OF_PICTURES and not PLAIN_PICTURES.fullmatch(file.read_at(at, _OF_PICTURES)):
        return f"a header (box {_name(kind)}) that says more than it must"
    at += _ENTRIES[kind]
    while at < end:
        inner = _box(file, at, end)
        if inner is None:
            trailing = file.read_at(at, 4)
            return (
                ""
                if trailing == bytes(4) == file.read_at(at, end - at)
                else f"bytes after {_name(kind)} in its box stsd"
            )
        if inner[0] not in _IN_ENTRY:
            return f"a box {_name(inner[0])} of {inner[2] - inner[1]} bytes"
        at = inner[2]
    return ""


def _unowned(start: int, end: int, packets: list[tuple[int, int]]) -> Iterator[str]:
    """Bytes of the box of media that belong to no packet."""
    free, at = 0, start
    for place, size in sorted(packets):
        if start <= place < end:
            free += max(0, place - at)
            at = max(at, place + size)
    free += max(0, end - at)
    if free:
        yield f"{free} bytes in the box mdat that belong to no packet"


def _name(kind: bytes) -> str:
    return repr(kind.decode("latin-1"))
