"""What a container's own bytes say and FFmpeg keeps to itself: cropping to be applied when shown, and files cut short.

Only sizes and a few fields are read, by walking from box to box; a box that promises more bytes than there are means that the
file is cut. Nothing is trusted further than that.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from privmask.errors import UnsupportedFootageError
from privmask.language import Text
from privmask.video.opening import MAX_PIXELS, too_large
from privmask.video.sharing import SharedFile

_MOST_BOXES = 1_000_000
_MP4_PARENTS = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}
_SEGMENT, _TRACKS, _TRACK, _VIDEO = 0x18538067, 0x1654AE6B, 0xAE, 0xE0
_EBML_PARENTS = {_SEGMENT, _TRACKS, _TRACK, _VIDEO}
_PIXEL_CROPS = {0x54AA, 0x54BB, 0x54CC, 0x54DD}
_UNKNOWN = {(1 << (7 * n)) - 1 for n in range(1, 9)}
_JPEG_SCAN = 0xDA
_JPEG_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG frame header (ITU-T T.81, table B.1): its height and width follow."""
_VISUAL_ENTRY = 86
"""Bytes of an MP4 visual sample entry before the boxes inside it."""


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes | int
    start: int
    end: int
    open_end: bool = False


def check_structure(file: SharedFile, container: str) -> Text | None:
    """What is missing at the end of `file`, in words, or None.

    `container` is FFmpeg's name of the format. Raises UnsupportedFootageError when the pictures are to be cropped for display
    by the container, which would move every zone.
    """
    length = file.size()
    for name, check in _CHECKS.items():
        if name in container.split(","):
            return check(file, length)
    return None


def _check_mp4(file: SharedFile, length: int) -> Text | None:
    for box in _mp4_boxes(file, 0, length, length):
        if box.end > length:
            return _cut(_BOX.with_(kind=_shown(box.kind)), box.end - length)
        if box.kind == b"stsd":
            _refuse_clap(file, box)
    return None


def _mp4_boxes(file: SharedFile, start: int, end: int, length: int) -> Iterator[_Box]:
    """All boxes of a file in order, those inside the known parents as well."""
    for _ in range(_MOST_BOXES):
        if start + 8 > end:
            return
        size, kind = struct.unpack(">I4s", file.read_at(start, 8))
        header = 8
        if size == 1:
            size, header = int.from_bytes(file.read_at(start + 8, 8), "big"), 16
        stop = end if size == 0 else start + size
        if stop < start + header:
            return
        yield _Box(kind, start + header, stop)
        if kind in _MP4_PARENTS:
            yield from _mp4_boxes(file, start + header, min(stop, end), length)
        start = stop


def _refuse_clap(file: SharedFile, stsd: _Box) -> None:
    data = file.read_at(stsd.start, min(stsd.end - stsd.start, 1 << 16))
    at = data.find(b"clap")
    if at < 8 + _VISUAL_ENTRY or len(data) < at + 36:
        return
    numbers = struct.unpack(">IIIIiIiI", data[at + 4 : at + 36])
    entry_width, entry_height = struct.unpack(">HH", data[8 + 32 : 8 + 36])
    wanted = (entry_width * numbers[1], entry_height * numbers[3], 0, 0)
    if (numbers[0], numbers[2], numbers[4], numbers[6]) != wanted:
        raise UnsupportedFootageError(
            "the container crops the picture for display (a clean aperture, MP4 box clap), which FFmpeg leaves to the player; "
            "zones would be shown in another place. Re-wrap the clip without it"
        )


def _check_matroska(file: SharedFile, length: int) -> Text | None:
    for element in _ebml_elements(file, 0, length):
        if not element.open_end and element.end > length:
            return _cut(_THE_SEGMENT, element.end - length)
        if element.kind in _PIXEL_CROPS and any(file.read_at(element.start, min(element.end - element.start, 8))):
            raise UnsupportedFootageError(
                "the container crops the picture for display (Matroska PixelCrop), which FFmpeg leaves to the player; "
                "zones would be shown in another place. Re-wrap the clip without it"
            )
        if element.kind == _SEGMENT and element.open_end:
            missing = _missing(file, element.start, length)
            if missing:
                return _cut(_LAST_PART, missing)
    return None


def _missing(file: SharedFile, start: int, length: int) -> int:
    """How many bytes the last element promises beyond the end, in a segment of unknown size, as live recorders write it."""
    at = start
    while at < length:
        kind, after_kind = _vint(file, at, keep_marker=True)
        size, body = _vint(file, after_kind, keep_marker=False)
        if kind == 0:
            return 0  # no element at all, which is left to the demuxer
        unknown = size == (1 << (7 * (body - after_kind))) - 1
        at = body if unknown else body + size
    return at - length


def _ebml_elements(file: SharedFile, start: int, end: int) -> Iterator[_Box]:
    """The elements of a Matroska file as far as its tracks; what follows them is not looked at."""
    for _ in range(_MOST_BOXES):
        if start + 2 > end:
            return
        kind, after_kind = _vint(file, start, keep_marker=True)
        size, body = _vint(file, after_kind, keep_marker=False)
        if kind == 0:
            return
        open_end = size in _UNKNOWN
        stop = end if open_end else body + size
        yield _Box(kind, body, stop, open_end)
        if kind in _EBML_PARENTS:
            yield from _ebml_elements(file, body, min(stop, end))
        if kind == _TRACKS or open_end:
            return
        start = stop


def _vint(file: SharedFile, at: int, *, keep_marker: bool) -> tuple[int, int]:
    first = file.read_at(at, 1)
    if not first or not first[0]:
        return 0, at + 1
    width = 9 - first[0].bit_length()
    value = int.from_bytes(file.read_at(at, width), "big")
    return (value if keep_marker else value & ((1 << (7 * width)) - 1)), at + width


def _check_avi(file: SharedFile, length: int) -> Text | None:
    start = 0
    while start + 12 <= length:
        kind, size = struct.unpack("<4sI", file.read_at(start, 8))
        if kind != b"RIFF":
            return None
        if size == 0:
            return _UNFINISHED
        if start + 8 + size > length:
            return _cut(_RIFF, start + 8 + size - length)
        start += 8 + size + (size & 1)
    return None


def _check_ts(file: SharedFile, length: int) -> Text | None:
    heads = file.read_at(0, 1) + file.read_at(188, 1)
    if heads == b"\x47\x47" and length % 188:
        return _cut(_LAST_PACKET, 188 - length % 188)
    return None


def _check_png(file: SharedFile, _length: int) -> Text | None:
    _refuse_large(file.read_at(16, 8))  # IHDR is always first
    return None


def _check_jpeg(file: SharedFile, length: int) -> Text | None:
    start = 2
    while start + 9 < length:
        mark, kind, size, _, height, width = struct.unpack(">BBHBHH", file.read_at(start, 9))
        if mark != 0xFF or kind == _JPEG_SCAN:
            return None
        if kind in _JPEG_FRAMES:
            _refuse_large(struct.pack(">II", width, height))
        start += 2 + size
    return None


def _refuse_large(size: bytes) -> None:
    """FFmpeg's own limit bites first, but calls such a picture damaged."""
    width, height = struct.unpack(">II", size) if len(size) == 8 else (0, 0)
    if width * height > MAX_PIXELS:
        raise UnsupportedFootageError(too_large(width, height))


_CHECKS = {
    "png_pipe": _check_png,
    "jpeg_pipe": _check_jpeg,
    "mp4": _check_mp4,
    "matroska": _check_matroska,
    "avi": _check_avi,
    "mpegts": _check_ts,
}


def _cut(what: Text, missing: int) -> Text:
    return _CUT_SHORT.with_(what=what, missing=f"{missing:,}")


def _shown(kind: bytes | int) -> str:
    return kind.decode("ascii", "replace") if isinstance(kind, bytes) else hex(kind)


_CUT_SHORT = Text(
    "ファイルが途中で切れています。{what}によれば、あと {missing} バイト続くはずです",
    "the file is cut short: {what} promises {missing} bytes more than there are",
)
_BOX = Text("ボックス {kind} ", "its box {kind}")
_THE_SEGMENT, _LAST_PART = Text("セグメント", "its segment"), Text("最後の部分", "its last part")
_RIFF, _LAST_PACKET = Text("RIFF ヘッダー", "its RIFF header"), Text("最後の TS パケット", "its last transport packet")
_UNFINISHED = Text(
    "ヘッダーが書き終わっていません（録画装置の電源が切れたときなど）",
    "its header was never finished, as when a recorder is switched off",
)
