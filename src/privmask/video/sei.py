"""Taking the encoder's visiting card out of a stream: x264 writes its version and all settings into the first picture."""

from __future__ import annotations

import re
from typing import Any

import av

_START = re.compile(rb"\x00\x00\x01")
_USER_DATA = {4, 5}
"""SEI payload types of registered and unregistered user data."""


def without_user_data(packet: Any, codec: str) -> Any:
    """The packet (H.264 or HEVC in Annex B form) without SEI user data; others pass as they are."""
    if codec not in ("h264", "hevc"):
        return packet
    data = bytes(packet)
    kept = b"".join(unit for unit in split_units(data) if not _is_user_data(unit, codec))
    if kept == data:
        return packet
    return replaced(packet, kept)


def replaced(packet: Any, data: bytes) -> Any:
    """Another packet of the same times, with these bytes; it is of no stream yet."""
    other = av.Packet(data)
    other.pts, other.dts, other.duration = packet.pts, packet.dts, packet.duration
    other.time_base, other.is_keyframe = packet.time_base, packet.is_keyframe
    return other


def split_units(data: bytes) -> list[bytes]:
    """The NAL units of an Annex B stream, each with the start code before it."""
    starts = [m.start() - (data[m.start() - 1 : m.start()] == b"\x00") for m in _START.finditer(data)]
    return [data[a:b] for a, b in zip(starts, [*starts[1:], len(data)], strict=True)]


def _is_user_data(unit: bytes, codec: str) -> bool:
    body = unit[unit.index(b"\x01") + 1 :]
    if codec == "h264":
        return body[0] & 0x1F == 6 and body[1] in _USER_DATA
    return body[0] >> 1 & 0x3F in (39, 40) and body[2] in _USER_DATA
