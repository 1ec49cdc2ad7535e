"""What a JPEG or PNG file holds that no copy of ours has: segments and chunks that nobody sees, bytes behind the picture."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

from privmask.video.exif import with_orientation
from privmask.video.sharing import SharedFile

_LARGEST = 512 << 20
_BLOCK = 1 << 20
_PNG_MARK = b"\x89PNG\r\n\x1a\n"
_PNG_SIZES = {
    b"IHDR": 13,
    b"pHYs": 9,
    b"gAMA": 4,
    b"cHRM": 32,
    b"sRGB": 1,
    b"cICP": 4,
    b"mDCV": 24,
    b"cLLI": 8,
    b"IEND": 0,
}
_SAMPLES = {0: 1, 2: 3, 4: 2, 6: 4}
"""Samples of a pixel by the colour type in the header."""

_JPEG_TABLES = {0xDB, 0xC4, 0xC0, 0xC1, 0xDD}
"""Markers of quantisation and Huffman tables, frame header and restart interval (ITU-T T.81, table B.1)."""
_SOS, _EOI, _COM = 0xDA, 0xD9, 0xFE
_JFIF = re.compile(rb"JFIF\0\x01[\0-\x02][\0-\x02].{4}\0\0", re.DOTALL)
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7]")

_TURNED = {with_orientation(b"\xff\xd8", turn)[6:] for turn in (90, 180, 270)}
"""The only EXIF that a copy has."""


def strange_chunks(file: SharedFile) -> Iterator[str]:
    """Each thing in a still that is not part of its picture, in words."""
    if file.size() > _LARGEST:
        yield f"{file.size()} bytes, which is more than any still"
        return
    data = file.read_at(0, file.size())
    yield from _in_png(data) if data.startswith(_PNG_MARK) else _in_jpeg(data)


def _in_jpeg(data: bytes) -> Iterator[str]:
    at, scans = 2, 0
    while at + 4 <= len(data) and data[at] == 0xFF:
        kind, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if kind == _EOI:
            break
        if fault := _segment_fault(kind, data[at + 4 : at + 2 + size]):
            yield fault
        at += 2 + size
        if kind == _SOS:
            scans += 1
            found = _MARKER.search(data, at)
            at = found.start() if found else len(data)
    if scans != 1:
        yield f"{scans} scans instead of one"
    if data[at : at + 2] != b"\xff\xd9":
        yield "no end of the picture"
    elif len(data) > at + 2:
        yield f"{len(data) - at - 2} bytes after its end"


def _segment_fault(kind: int, body: bytes) -> str:
    if kind in _JPEG_TABLES or kind == _SOS:
        return ""
    if kind == 0xE0 and _JFIF.fullmatch(body):
        return ""
    if kind == 0xE1 and body in _TURNED:
        return ""
    name = f"APP{kind - 0xE0}" if 0xE0 <= kind <= 0xEF else "comment" if kind == _COM else f"{kind:#x}"
    return f"a segment {name} of {len(body)} bytes"


def _in_png(data: bytes) -> Iterator[str]:
    at, kind, pixels = len(_PNG_MARK), b"", zlib.decompressobj()
    expected = _pixel_bytes(data[at + 8 : at + 21])
    got = 0
    while at + 12 <= len(data) and kind != b"IEND":
        size, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + size]
        if kind == b"IDAT":
            got += _inflated(pixels, body, expected - got)
        elif kind == b"eXIf":
            if b"Exif\0\0" + body not in _TURNED:
                yield f"a chunk eXIf of {size} bytes"
        elif size != _PNG_SIZES.get(kind):
            yield f"a chunk {kind.decode('latin-1')!r} of {size} bytes"
        at += 12 + size
    if kind != b"IEND":
        yield "no end of the picture"
    elif at < len(data):
        yield f"{len(data) - at} bytes after its end"
    if got != expected or not pixels.eof or pixels.unused_data:
        yield "something behind the samples of its picture"


def _pixel_bytes(header: bytes) -> int:
    """How many bytes the samples of a PNG picture take, a byte for the filter of each row included."""
    width, height, depth, color = struct.unpack(">IIBB", header[:10]) if len(header) >= 10 else (0, 0, 0, 0)
    return int(height * (1 + (width * depth * _SAMPLES.get(color, 0) + 7) // 8))


def _inflated(pixels: zlib._Decompress, body: bytes, most: int) -> int:
    """How many bytes come out of `body`, which are thrown away; it stops soon after there are too many."""
    count = 0
    try:
        while body and not pixels.eof and count <= most:
            count += len(pixels.decompress(body, _BLOCK))
            body = pixels.unconsumed_tail
    except zlib.error:
        return count - 1  # never as many as expected
    return count
