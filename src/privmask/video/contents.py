"""Whether a copy holds anything besides pictures and the sound that was asked for.

Every byte of it is accounted for: each box, element, segment or chunk must be one that our own muxers write, and each byte of
the media must belong to a packet of a stream. What is not known is strange. Nothing is decoded.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeAlias

from privmask.errors import FootageError
from privmask.language import Text
from privmask.video.boxes import strange_boxes
from privmask.video.chunks import strange_chunks
from privmask.video.elements import strange_elements
from privmask.video.opening import open_container, translated
from privmask.video.sharing import SharedFile
from privmask.video.streams import find_streams
from privmask.video.transport import strange_transport
from privmask.video.units import look_for

_MOST = 5

_Packet: TypeAlias = tuple[int, int, int]
"""Its place, its size, and the number that the container gives its stream."""


def strange_contents(file: io.RawIOBase, *, audio: int) -> tuple[str, ...]:
    """What `file` (binary, seekable; it stays the caller's) holds that no copy does, in words; at most a few of them.

    `audio` is how many streams of sound were asked for. Raises FootageError where it cannot be opened, and nothing strange was
    found in it.
    """
    shared = SharedFile(file)
    found: dict[str, None] = {}
    try:
        packets = _look_into_streams(shared, audio, found)
    except FootageError:
        _add(found, _around(shared, None))
        if not found:
            raise
    else:
        _add(found, _around(shared, packets))
    return tuple(found)


def _look_into_streams(file: SharedFile, audio: int, found: dict[str, None]) -> list[_Packet]:
    """Note what is strange in the streams; all their packets."""
    container = open_container(file, ignore_edits=True)
    try:
        wanted, seen = {"video": 1, "audio": audio}, Counter[str]()
        for each in find_streams(container):
            seen[each.kind] += 1
            most = wanted.get(each.kind, 0)
            if seen[each.kind] > most:
                what = f"another {each.kind} stream, {each.what}" if most else f"{each.kind} {each.what}".strip()
                _add(found, iter((what,)))
        return list(_packets(container, found))
    finally:
        container.close()


def _packets(container: Any, found: dict[str, None]) -> Iterator[_Packet]:
    looks = {stream.index: look_for(stream) for stream in container.streams.video}
    with translated(Text("パケットを読むとき", "reading the packets")):
        for packet in container.demux():
            if packet.size:
                yield packet.pos if packet.pos is not None else -1, packet.size, packet.stream.id
                look = looks.get(packet.stream.index)
                if look is not None:
                    _add(found, (f"{fault} in a packet" for fault in look(bytes(packet))))


def _around(file: SharedFile, packets: list[_Packet] | None) -> Iterator[str]:
    """What is strange around the packets; by the first bytes of the file, whatever its name says."""
    head = file.read_at(0, 12)
    if head[4:8] == b"ftyp":
        return strange_boxes(file, None if packets is None else [(place, size) for place, size, _ in packets])
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return strange_elements(file)
    if head.startswith(b"\x47"):
        return strange_transport(file, None if packets is None else [(stream, size) for _, size, stream in packets])
    if head.startswith((b"\xff\xd8", b"\x89PNG")):
        return strange_chunks(file)
    return iter(("another container than a copy has",))


def _add(found: dict[str, None], more: Iterator[str]) -> None:
    for each in more:
        if len(found) >= _MOST:
            return
        found.setdefault(each)
