"""MPEG-TS taken apart into its packets of 188 bytes, here called cells, and put together with something more in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

SIZE = 188
PICTURES = 0x100

Change = Callable[[list[bytes]], list[bytes]]


def cells_of(data: bytes) -> list[bytes]:
    return [data[at : at + SIZE] for at in range(0, len(data), SIZE)]


def stream_of(cell: bytes) -> int:
    return int.from_bytes(cell[1:3], "big") & 0x1FFF


def starts(cell: bytes) -> bool:
    """Whether a unit or a table begins in the cell."""
    return bool(cell[1] & 0x40)


def cell(stream: int, content: bytes, *, start: bool = False) -> bytes:
    """A cell with nothing but a header and that content, stuffed at its end."""
    return bytes([0x47, start << 6 | stream >> 8, stream & 255, 0x10]) + content.ljust(SIZE - 4, b"\xff")


def edited(where: Callable[[bytes], bool], edit: Callable[[bytes], bytes], *, every: bool = False) -> Change:
    """A change of the first cell for which `where` holds, or of all of them."""

    def change(cells: list[bytes]) -> list[bytes]:
        chosen = [number for number, each in enumerate(cells) if where(each)]
        assert chosen
        for number in chosen if every else chosen[:1]:
            cells[number] = edit(cells[number])
            assert len(cells[number]) == SIZE
        return cells

    return change


def patched(at: int, new: bytes) -> Callable[[bytes], bytes]:
    """An edit that writes `new` over what stands at that place of a cell."""
    return lambda cell: cell[:at] + new + cell[at + len(new) :]


def counted(cells: list[bytes]) -> list[bytes]:
    """The cells, each stream's counted anew."""
    counts: dict[int, int] = {}
    return list(_counted(cells, counts))


def _counted(cells: list[bytes], counts: dict[int, int]) -> Iterator[bytes]:
    for each in cells:
        stream = stream_of(each)
        count = counts.get(stream, 0)
        yield each[:3] + bytes([each[3] & 0xF0 | count]) + each[4:]
        counts[stream] = (count + bool(each[3] & 0x10)) & 15


def with_checksum(table: bytes) -> bytes:
    """A table with the checksum that belongs to it (ISO/IEC 13818-1, annex A), bit by bit as the standard draws it."""
    register = 0xFFFFFFFF
    for bit in (byte >> shift & 1 for byte in table for shift in range(7, -1, -1)):
        register = (register << 1 & 0xFFFFFFFF) ^ (0x04C11DB7 if register >> 31 ^ bit else 0)
    return table + register.to_bytes(4, "big")
