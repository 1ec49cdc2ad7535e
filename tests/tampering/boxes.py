"""Files as rows of boxes, chunks and elements: where things can be put that no player shows."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path


def box(kind: bytes, content: bytes) -> bytes:
    """An MP4 box."""
    return struct.pack(">I4s", 8 + len(content), kind) + content


def top_boxes(data: bytes | bytearray) -> list[tuple[bytes, int, int]]:
    """Kind, start and end of each outermost box of an MP4 file."""
    found, start = [], 0
    while start < len(data):
        size, kind = struct.unpack_from(">I4s", data, start)
        assert size >= 8, "the drill's own copies are small and have plain boxes"
        found.append((kind, start, start + size))
        start += size
    return found


def append(file: Path, content: bytes) -> None:
    """Put bytes after the end."""
    with file.open("ab") as out:
        out.write(content)


def enlarge_last_box(file: Path, kind: bytes, content: bytes) -> None:
    """Put bytes at the end of an MP4 file and into its last box, where nothing refers to them."""
    data = bytearray(file.read_bytes())
    last, start, end = top_boxes(data)[-1]
    assert (last, end) == (kind, len(data))
    struct.pack_into(">I", data, start, end - start + len(content))
    file.write_bytes(data + content)


def insert_in_moov(file: Path, content: bytes) -> None:
    """Put a box into an MP4 file's moov, and tell its table of chunks that they moved."""
    data = bytearray(file.read_bytes())
    _, start, end = next(found for found in top_boxes(data) if found[0] == b"moov")
    struct.pack_into(">I", data, start, end - start + len(content))
    table = data.index(b"stco") + 8
    (count,) = struct.unpack_from(">I", data, table)
    for at in range(table + 4, table + 4 + 4 * count, 4):
        struct.pack_into(">I", data, at, struct.unpack_from(">I", data, at)[0] + len(content))
    file.write_bytes(data[:end] + content + data[end:])


def edit_after(file: Path, kind: bytes, offset: int, new: bytes, *, last: bool = False) -> None:
    """Overwrite what stands so many bytes after the first (or last) place of a box's name."""
    data = bytearray(file.read_bytes())
    at = (data.rindex(kind) if last else data.index(kind)) + offset
    data[at : at + len(new)] = new
    file.write_bytes(data)


def add_to_jpeg(file: Path, marker: int, content: bytes) -> None:
    """Put a segment behind the start of a JPEG picture."""
    data = file.read_bytes()
    file.write_bytes(data[:2] + struct.pack(">BBH", 0xFF, marker, 2 + len(content)) + content + data[2:])


def add_to_png(file: Path, kind: bytes, content: bytes) -> None:
    """Put a chunk behind the header of a PNG picture."""
    data, after_header = file.read_bytes(), 8 + 25
    chunk = struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    file.write_bytes(data[:after_header] + chunk + data[after_header:])
