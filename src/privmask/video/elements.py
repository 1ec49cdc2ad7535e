"""What a Matroska file holds that no copy of ours has: elements that no player shows, and blocks of no stream."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from privmask.video.sharing import SharedFile

_VOID, _CRC = 0xEC, 0xBF
_SEGMENT, _SIMPLE_BLOCK, _BLOCK, _TRACK_NUMBER = 0x18538067, 0xA3, 0xA1, 0xD7
_NAMES = {_VOID: "Void", 0x1941A469: "Attachments", 0x1043A770: "Chapters", 0x75A1: "BlockAdditions", 0x536E: "Name"}

_PARENTS = {
    0x1A45DFA3, _SEGMENT,
    0x114D9B74, 0x4DBB,  # SeekHead, Seek
    0x1549A966,  # Info
    0x1654AE6B, 0xAE, 0xE0, 0xE1, 0x55B0, 0x55D0, 0x7670,  # Tracks: TrackEntry, Video, Audio, Colour, mastering, Projection
    0x1254C367, 0x7373, 0x63C0, 0x67C8,  # Tags, Tag, Targets, SimpleTag
    0x1F43B675, 0xA0,  # Cluster, BlockGroup
    0x1C53BB6B, 0xBB, 0xB7,  # Cues, CuePoint, CueTrackPositions
}  # fmt: skip
_NUMBERS = {
    0x4286, 0x42F7, 0x42F2, 0x42F3, 0x4287, 0x4285,  # of EBML
    0x53AB, 0x53AC,  # of Seek
    0x2AD7B1, 0x4489,  # TimestampScale, Duration
    _TRACK_NUMBER, 0x73C5, 0x9C, 0x88, 0x83, 0x23E383, 0x55EE, 0x55AA, 0xB9, 0x56AA, 0x56BB,  # of a track
    0xB0, 0xBA, 0x9A, 0x9D, 0x54B0, 0x54BA, 0x54B2,  # of Video
    0x9F, 0xB5, 0x78B5, 0x6264,  # of Audio
    0x55B1, 0x55B2, 0x55B3, 0x55B4, 0x55B5, 0x55B6, 0x55B7, 0x55B8, 0x55B9, 0x55BA, 0x55BB, 0x55BC, 0x55BD,  # of Colour
    0x55D1, 0x55D2, 0x55D3, 0x55D4, 0x55D5, 0x55D6, 0x55D7, 0x55D8, 0x55D9, 0x55DA,  # of mastering
    0x7671, 0x7673, 0x7674, 0x7675,  # of Projection
    0x63C5, 0x68CA,  # of Targets
    0xE7, 0x9B, 0xFB, 0x75A2,  # of Cluster and BlockGroup
    0xB3, 0xF7, 0xF1, 0xF0, 0xB2,  # of Cues
    _CRC,
}  # fmt: skip
_LONGEST_NUMBER = 8
_TEXTS = {
    0x4282: re.compile(rb"matroska"),
    0x4D80: re.compile(rb"Lavf"),
    0x5741: re.compile(rb"Lavf"),
    0x22B59C: re.compile(rb"und"),
    0x86: re.compile(rb"[VA]_[A-Z0-9/_]{1,30}"),
    0x45A3: re.compile(rb"DURATION"),
    0x4487: re.compile(rb"[0-9:.]{1,24}\0*"),
}
"""What stands in each file: kind of document, muxer, no language, codec, and each stream's length as its only tag."""
_LONGEST_TEXT = 64
_CODEC_PRIVATE = 0x63A2
_UNKNOWN = {(1 << (7 * n)) - 1 for n in range(1, 9)}


@dataclass(frozen=True, slots=True)
class _Element:
    kind: int
    start: int
    end: int


def strange_elements(file: SharedFile) -> Iterator[str]:
    """Each thing in the file that is not part of a plain clip, in words."""
    length = file.size()
    tracks: set[int] = set()
    for element in _elements(file, 0, length):
        if element.kind == 0:
            yield f"{length - element.start} bytes after its end"
            return
        if element.kind == _TRACK_NUMBER:
            tracks.add(int.from_bytes(_content(file, element), "big"))
        if fault := _fault(file, element, tracks):
            yield fault


def _elements(file: SharedFile, start: int, end: int) -> Iterator[_Element]:
    """All elements, those in known parents after them; what is no element has the kind 0."""
    while start < end:
        found = _element(file, start, end)
        yield found or _Element(0, start, end)
        if found is None:
            return
        if found.kind in _PARENTS:
            yield from _elements(file, found.start, found.end)
        start = found.end


def _element(file: SharedFile, start: int, end: int) -> _Element | None:
    head = file.read_at(start, 12)
    kind_width = 9 - head[0].bit_length() if head and head[0] else 0
    if not 1 <= kind_width <= 4 or len(head) <= kind_width or not head[kind_width]:
        return None
    width = 9 - head[kind_width].bit_length()
    content = start + kind_width + width
    size = int.from_bytes(head[kind_width : kind_width + width], "big") & ((1 << (7 * width)) - 1)
    if size in _UNKNOWN and size == (1 << (7 * width)) - 1:
        return None
    if content + size > end:
        return None
    return _Element(int.from_bytes(head[:kind_width], "big"), content, content + size)


def _content(file: SharedFile, element: _Element) -> bytes:
    return file.read_at(element.start, min(element.end - element.start, _LONGEST_TEXT))


def _fault(file: SharedFile, element: _Element, tracks: set[int]) -> str:
    """What is wrong with an element; "" if it is as our muxer writes it."""
    kind, size = element.kind, element.end - element.start
    if kind in (_SIMPLE_BLOCK, _BLOCK):
        return _block_fault(file.read_at(element.start, 12), tracks)
    if kind in _PARENTS or kind == _CODEC_PRIVATE:
        return ""
    if kind == _VOID:
        return "" if _is_zero(file, element) else f"an element Void of {size} bytes that are not empty"
    if kind in _NUMBERS:
        return "" if size <= _LONGEST_NUMBER else f"a number (element {kind:#x}) of {size} bytes"
    if kind in _TEXTS:
        plain = size <= _LONGEST_TEXT and _TEXTS[kind].fullmatch(_content(file, element))
        return "" if plain else f"a text (element {kind:#x}) of {size} bytes that our muxer does not write"
    return f"an element {_NAMES.get(kind, f'{kind:#x}')} of {size} bytes"


def _block_fault(head: bytes, tracks: set[int]) -> str:
    width = 9 - head[0].bit_length() if head and head[0] else 9
    if len(head) < width + 3:
        return "a block that is cut"
    number = int.from_bytes(head[:width], "big") & ((1 << (7 * width)) - 1)
    if number not in tracks:
        return f"a block of the stream {number}, which there is not"
    return "a block with several packets in one" if head[width + 2] & 0x06 else ""


def _is_zero(file: SharedFile, element: _Element) -> bool:
    """Whether the element holds zeros alone; our muxer reserves some hundred bytes."""
    size = element.end - element.start
    return size <= 1 << 16 and not any(file.read_at(element.start, size))
