"""Footage that comes as bytes through a pipe: read once, in order, without ever going back.

What FFmpeg does not say of a stream, the bytes do: whether it was cut. Its demuxers drop a last picture that is not whole
without a word, so each format is asked for its own proof that it came to its end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol, TypeAlias

import av
import av.container

from privmask.language import Text
from privmask.video.opening import MAX_PIXELS, MAX_STREAMS, STRICT, open_nothing_else, prove_lists_bite, translated
from privmask.video.structure import check_structure

Piped: TypeAlias = Literal["mpegts", "nut", "matroska", "y4m"]
"""A format that can be read and written in one go."""

FFMPEG_NAMES: dict[Piped, str] = {"mpegts": "mpegts", "nut": "nut", "matroska": "matroska", "y4m": "yuv4mpegpipe"}

_TS_PACKET = 188
_HEAD = 1 << 16
"""Bytes at the start of a stream that are kept: more than any header up to the first picture."""
_NUT_INDEX = b"NX\xdd\x67\x2f\x23\xe6\x4e"
"""What begins the last thing in a NUT stream; only a muxer that was closed in peace has written it."""
_SEGMENT, _CLUSTER = 0x18538067, 0x1F43B675


class Read(Protocol):
    """Gives up to so many bytes, at least one; none at the end."""

    def __call__(self, size: int, /) -> bytes:
        """The next bytes."""
        ...


class OneWayReader:
    """What FFmpeg reads a pipe through: no place to go back to, and an eye on how the stream ends."""

    def __init__(self, read: Read, format: Piped) -> None:
        self._read, self._format = read, format
        self.head = b""
        self.taken = 0
        self._walker = _Elements() if format == "matroska" else None
        self._index_seen, self._overlap = False, b""

    def read(self, size: int) -> bytes:
        """The next bytes, as FFmpeg asks for them."""
        data = self._read(size)
        self.taken += len(data)
        if len(self.head) < _HEAD:
            self.head += data[: _HEAD - len(self.head)]
        if self._walker is not None:
            self._walker.pass_by(data)
        elif self._format == "nut" and not self._index_seen:
            self._index_seen = _NUT_INDEX in self._overlap + data
            self._overlap = (self._overlap + data)[-len(_NUT_INDEX) :]
        return data

    def missing(self, pictures_end: int | None) -> str:
        """What says that the stream was cut, "" if it came to its end; `pictures_end` is the byte after its last picture."""
        if self._format == "mpegts" and self.head[:1] == self.head[_TS_PACKET : _TS_PACKET + 1] == b"\x47":
            return "its last transport packet is not whole" if self.taken % _TS_PACKET else ""
        if self._format == "nut" and not self._index_seen:
            return "its index is missing, which stands at the end of a NUT stream"
        if self._format == "y4m" and pictures_end not in (None, self.taken):
            return "its last picture is not whole"
        return self._walker.missing() if self._walker is not None else ""


class _Elements:
    """Walks over the elements of a Matroska stream (RFC 8794) as they pass; segments and clusters are walked into."""

    def __init__(self) -> None:
        self._at = self._skip = self._end = 0
        self._header = b""

    def pass_by(self, data: bytes) -> None:
        while data:
            if self._skip:
                step = min(self._skip, len(data))
                self._skip -= step
            else:
                step = self._take_header(data)
            self._at += step
            data = data[step:]

    def _take_header(self, data: bytes) -> int:
        """Read as much of an element's name and size as there is; how many bytes that was."""
        had = len(self._header)
        self._header += data[:12]
        if (parsed := _element(self._header)) is None:
            return min(len(data), 12)
        kind, size, length = parsed
        self._header = b""
        start = self._at + length - had
        if kind in (_SEGMENT, _CLUSTER):
            if size is not None:
                self._end = max(self._end, start + size)
        else:
            self._skip = size or 0
        return length - had

    def missing(self) -> str:
        whole = not (self._skip or self._header) and self._at >= self._end
        return "" if whole else "it promises more bytes than there are"


def _element(header: bytes) -> tuple[int, int | None, int] | None:
    """Name, size (None: unknown) and length of an element's header; None where more bytes are needed."""
    if not header:
        return None
    name = 9 - header[0].bit_length()
    if len(header) <= name:
        return None
    width = 9 - header[name].bit_length()
    if len(header) < name + width:
        return None
    size = int.from_bytes(header[name : name + width], "big") & ((1 << 7 * width) - 1)
    return int.from_bytes(header[:name], "big"), None if size == (1 << 7 * width) - 1 else size, name + width


class _Head:
    """The start of a stream as a file that seems to have no end, for those who look for what its header says."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read_at(self, at: int, size: int) -> bytes:
        return self._data[at : at + size]

    def size(self) -> int:
        return 1 << 62


def open_piped(reader: OneWayReader, format: Piped) -> av.container.InputContainer:
    """The stream as a container; of no other format, whatever its bytes are, and it can open nothing else.

    Raises DamagedFootageError when it is not of that format, UnsupportedFootageError when it is not in the allow-lists.
    """
    prove_lists_bite()
    name = FFMPEG_NAMES[format]
    options = {
        "format_whitelist": name,
        "protocol_whitelist": "none",
        "codec_whitelist": STRICT["codec_whitelist"],
        "max_streams": str(MAX_STREAMS),
        "max_pixels": str(MAX_PIXELS),
    }
    with translated(Text("ストリームを開くとき", "opening the stream")):
        container = av.open(
            reader, "r", format=name, metadata_errors="replace", io_open=open_nothing_else, options=options
        )
    if format == "matroska":
        check: Callable[..., object] = check_structure
        check(_Head(reader.head), "matroska")
    return container
