"""Messages inside packets that decoders skip: user data of any length could stand in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from privmask.video.inband import DELIMITERS, delimited, is_delimiter, kind_of
from privmask.video.nals import units_of

_H264_UNITS = {1, 2, 3, 4, 5, 7, 8, 9, 10, 11}
_HEVC_UNITS = {*range(10), *range(16, 22), 32, 33, 34, 35, 36, 37}
_H264_MARKS, _HEVC_MARKS = {9: 2, 10: 1, 11: 1}, {35: 3, 36: 2, 37: 2}
"""Delimiters and ends, and how many bytes they have."""
_SEI = {0, 1, 6, 129, 132, 137, 144, 147}
"""Timing, recovery points, parameter sets in use, hashes of pictures, and brightness (ITU-T H.264 and H.265, annexes D)."""
_H264_SEI, _HEVC_SEI = {6}, {39, 40}
_AV1_UNITS = {1, 2, 3, 4, 6, 7}
_AV1_METADATA, _AV1_BRIGHTNESS = 5, {1, 2}

_SETS = {"h264": {7, 8}, "hevc": {32, 33, 34}}
_MOST_SETS = 4096
"""Bytes of all sets of parameters before a picture; those of common encoders take 30 to 100."""

Look = Callable[[bytes], Iterator[str]]


def look_for(stream: Any) -> Look | None:
    """What tells the strange units of a packet of this stream, in words; None for codecs that have none."""
    codec = stream.codec_context.codec.canonical_name if stream.codec_context else ""
    extra = bytes(stream.codec_context.extradata or b"") if stream.codec_context else b""
    if stream.container.format.name == "mpegts":
        return InBand(codec).faults if codec in DELIMITERS else lambda _: iter((f"pictures coded as {codec}",))
    if codec == "h264" and extra[:1] == b"\x01":
        return lambda data: _strange_units(data, 1 + (extra[4] & 3), _h264_fault)
    if codec == "hevc" and extra[:1] == b"\x01":
        return lambda data: _strange_units(data, 1 + (extra[21] & 3), _hevc_fault)
    return _strange_obus if codec == "av1" else None


class InBand:
    """Looks at the packets of a copy in MPEG-TS one after the other, each after a delimiter and with start codes."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._fault = _h264_fault if codec == "h264" else _hevc_fault
        self._told: set[tuple[bytes, ...]] = set()

    def faults(self, data: bytes) -> Iterator[str]:
        """What is strange in a packet, in words."""
        units = [unit for unit in units_of(data, 0) if not is_delimiter(self._codec, unit)]
        if data != delimited(self._codec, units):
            yield "bytes between its units"
        yield from filter(None, map(self._fault, units))
        yield from self._strange_sets(units)

    def _strange_sets(self, units: list[bytes]) -> Iterator[str]:
        """Sets of parameters stand before all else; there are the encoder's, and those of what travelled as it was."""
        sets = tuple(unit for unit in units if kind_of(self._codec, unit) in _SETS[self._codec])
        if tuple(units[: len(sets)]) != sets or sum(map(len, sets)) > _MOST_SETS:
            yield "sets of parameters that are no part of a group's beginning"
        self._told |= {sets} - {()}
        if len(self._told) > 2:
            yield "other sets of parameters than those of its encoder and of what travelled"


def _strange_units(data: bytes, width: int, fault: Callable[[bytes], str]) -> Iterator[str]:
    at = 0
    while at + width < len(data):
        start = at + width
        at = start + int.from_bytes(data[at:start], "big")
        if found := fault(data[start:at]):
            yield found
    if at != len(data):
        yield "bytes after its last unit"


def _h264_fault(unit: bytes) -> str:
    kind = unit[0] & 0x1F if unit else -1
    if kind in _H264_SEI:
        return _message_fault(unit[1:])
    return "" if kind in _H264_UNITS and _is_short(unit, _H264_MARKS.get(kind)) else f"a unit of type {kind}"


def _hevc_fault(unit: bytes) -> str:
    kind = unit[0] >> 1 & 0x3F if len(unit) > 2 else -1
    if kind in _HEVC_SEI:
        return _message_fault(unit[2:])
    return "" if kind in _HEVC_UNITS and _is_short(unit, _HEVC_MARKS.get(kind)) else f"a unit of type {kind}"


def _is_short(unit: bytes, most: int | None) -> bool:
    """Whether the unit is not longer than it may be."""
    return most is None or len(unit) <= most


def _message_fault(body: bytes) -> str:
    """What is wrong with a unit of messages (SEI)."""
    body, at = body.replace(b"\0\0\x03", b"\0\0"), 0
    while body[at:] not in (b"", b"\x80"):
        kind, at = _counted(body, at)
        size, at = _counted(body, at)
        if kind not in _SEI:
            return f"user data (SEI message {kind}) of {size} bytes"
        at += size
    return ""


def _counted(body: bytes, at: int) -> tuple[int, int]:
    """A number that is written as so many bytes 255 and a last one."""
    value = 0
    while body[at : at + 1] == b"\xff":
        value, at = value + 255, at + 1
    return value + (body[at] if at < len(body) else 0), at + 1


def _strange_obus(data: bytes) -> Iterator[str]:
    at = 0
    while at < len(data):
        kind, extended, sized = data[at] >> 3 & 15, data[at] >> 2 & 1, data[at] >> 1 & 1
        at += 1 + extended
        size, at = _leb128(data, at) if sized else (len(data) - at, at)
        body = data[at : at + size]
        if kind == _AV1_METADATA and _leb128(body, 0)[0] not in _AV1_BRIGHTNESS:
            yield f"user data (a metadata unit) of {size} bytes"
        elif kind not in _AV1_UNITS and kind != _AV1_METADATA:
            yield f"a unit of type {kind} and {size} bytes"
        at += size


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 56, 7):
        byte = data[at] if at < len(data) else 0
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            break
    return value, at
