"""Packets without decoding: what a verifier hashes to say which seconds of a copy were changed."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from privmask.errors import DamagedFootageError
from privmask.language import Text
from privmask.video.inband import DELIMITERS, begins_group
from privmask.video.opening import open_container, translated
from privmask.video.sharing import SharedFile
from privmask.video.streams import choose_stream, codec_name


@dataclass(frozen=True, slots=True)
class Gop:
    """A key frame and what follows until the next: its start (seconds after the first), and the SHA-256 of its packets."""

    start: Fraction
    packets: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PacketHashes:
    """The hashes of a video stream; `stream_sha256` equals `ffmpeg -i X -map 0:v -c copy -f streamhash -hash sha256 -`.

    `hidden` counts packets that are in the file and never shown: by an edit list, or marked to be decoded only.
    """

    packets: int
    hidden: int
    stream_sha256: str
    gops: tuple[Gop, ...]


def hash_packets(file: io.RawIOBase, stream: int | None = None) -> PacketHashes:
    """Hash the packets of the only (or the given) video stream, in the order of the file.

    `file` is binary and seekable, and stays the caller's. Raises FootageError when it cannot be read to its end.
    """
    shared = SharedFile(file)
    whole = hashlib.sha256()
    discarded = [0]
    with _opened(shared) as container:
        gops = tuple(_gops(container, choose_stream(container, stream), whole, discarded))
    packets = sum(gop.packets for gop in gops)
    # Decoding drops in silence what an edit list hides, a player need not: so count what is there without the list.
    with _opened(shared, ignore_edits=True) as container:
        there = sum(1 for _ in _payloads(container, choose_stream(container, stream)))
    return PacketHashes(packets, there - packets + discarded[0], whole.hexdigest(), gops)


@contextmanager
def _opened(file: SharedFile, *, ignore_edits: bool = False) -> Iterator[Any]:
    container = open_container(file, ignore_edits=ignore_edits)
    try:
        yield container
    finally:
        container.close()


def _gops(container: Any, stream: Any, whole: Any, discarded: list[int]) -> Iterator[Gop]:
    first, start, count, part = None, Fraction(0), 0, hashlib.sha256()
    begins = _beginning(container, stream)
    for packet in _payloads(container, stream):
        if count and begins(packet):
            yield Gop(start, count, part.hexdigest())
            count, part = 0, hashlib.sha256()
        if not count:
            time = Fraction(packet.pts if packet.pts is not None else packet.dts or 0) * packet.time_base
            first = time if first is None else first
            start = time - first
        discarded[0] += packet.is_discard
        payload = memoryview(packet)
        whole.update(payload)
        part.update(payload)
        count += 1
    if count:
        yield Gop(start, count, part.hexdigest())


def _beginning(container: Any, stream: Any) -> Callable[[Any], bool]:
    """What tells the packets with which groups begin; FFmpeg guesses at key frames in MPEG-TS, which does not mark them."""
    codec = codec_name(stream)
    if container.format.name == "mpegts" and codec in DELIMITERS:
        return lambda packet: begins_group(codec, memoryview(packet))
    return lambda packet: bool(packet.is_keyframe)


def _payloads(container: Any, stream: Any) -> Iterator[Any]:
    with translated(Text("パケットを読むとき", "reading the packets")):
        for packet in container.demux(stream):
            if packet.is_corrupt:
                raise DamagedFootageError("the file is damaged: it holds a packet that is cut or marked as corrupt")
            if packet.size:
                yield packet


def length_of(file: io.RawIOBase, stream: int | None = None) -> Fraction | None:
    """Seconds from when the first picture appears until the last one ends, by all packets; None where they have no times.

    Of a clip that privmask wrote this is exact. Raises FootageError when the file cannot be read to its end.
    """
    shared = SharedFile(file)
    first: Fraction | None = None
    last = Fraction(0)
    with _opened(shared) as container:
        for packet in _payloads(container, choose_stream(container, stream)):
            if packet.pts is None:
                return None
            begin = packet.pts * packet.time_base
            first = begin if first is None else min(first, begin)
            last = max(last, begin + (packet.duration or 0) * packet.time_base)
    return None if first is None else last - first
