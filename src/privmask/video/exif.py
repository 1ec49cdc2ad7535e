"""Taking EXIF out of still pictures, but for the one thing that a picture needs to be held right: its orientation.

EXIF carries places, times, names of cameras and a thumbnail of the unmasked picture. It is removed before decoding, so that
nothing of it can travel, and a segment of our own with the orientation alone is put into the copy.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

import av

from privmask.errors import UnsupportedFootageError
from privmask.geometry import Rotation
from privmask.language import Text

_ROTATIONS: dict[int, Rotation] = {0: 0, 1: 0, 3: 180, 6: 90, 8: 270}
_ORIENTATIONS: dict[Rotation, int] = {0: 1, 180: 3, 90: 6, 270: 8}
_ORIENTATION = 0x0112
_EXIF = b"Exif\x00\x00"
_PNG_HEAD = 8 + 25
"""Bytes of a PNG's signature and its IHDR chunk."""


def without_exif(packet: Any, codec: str) -> tuple[Any, Rotation]:
    """The packet of a JPEG or PNG picture without EXIF, and the clockwise turn that its EXIF asked for.

    Raises UnsupportedFootageError for a mirrored orientation.
    """
    if codec not in ("mjpeg", "png") or not packet.size:
        return packet, 0
    clean, exif = (_split_jpeg if codec == "mjpeg" else _split_png)(bytes(packet))
    if exif is None:
        return packet, 0
    fresh = av.Packet(clean)
    fresh.pts, fresh.dts, fresh.duration = packet.pts, packet.dts, packet.duration
    fresh.time_base, fresh.stream, fresh.is_keyframe = packet.time_base, packet.stream, packet.is_keyframe
    return fresh, _rotation(exif)


def with_orientation(picture: bytes, rotation: Rotation) -> bytes:
    """The finished JPEG or PNG file with an EXIF segment that holds `rotation` and nothing else."""
    tiff = b"MM\x00\x2a" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, _ORIENTATIONS[rotation], 0, 0)
    if rotation == 0:
        return picture
    if picture.startswith(b"\xff\xd8"):
        body = _EXIF + tiff
        return picture[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + picture[2:]
    chunk = b"eXIf" + tiff
    return (
        picture[:_PNG_HEAD]
        + struct.pack(">I", len(tiff))
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + picture[_PNG_HEAD:]
    )


def _split_jpeg(data: bytes) -> tuple[bytes, bytes | None]:
    """The picture without its EXIF segments, and the TIFF data of the first of them."""
    kept, exif, at = [data[:2]], None, 2
    while data[at : at + 1] == b"\xff" and at + 4 <= len(data) and data[at + 1] != 0xDA:
        stop = at + 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
        if data[at + 1] == 0xE1 and data[at + 4 : at + 10] == _EXIF:
            exif = data[at + 10 : stop] if exif is None else exif
        else:
            kept.append(data[at:stop])
        at = stop
    return b"".join([*kept, data[at:]]), exif


def _split_png(data: bytes) -> tuple[bytes, bytes | None]:
    kept, exif, at = [data[:8]], None, 8
    while at + 12 <= len(data):
        stop = at + 12 + struct.unpack(">I", data[at : at + 4])[0]
        if data[at + 4 : at + 8] == b"eXIf":
            exif = data[at + 8 : stop - 4]
        else:
            kept.append(data[at:stop])
        at = stop
    return b"".join([*kept, data[at:]]), exif


def _rotation(exif: bytes) -> Rotation:
    orientation = _orientation(exif)
    if orientation not in _ROTATIONS:
        raise UnsupportedFootageError(_MIRRORED.with_(orientation=orientation))
    return _ROTATIONS[orientation]


def _orientation(exif: bytes) -> int:
    """The orientation tag of TIFF data, 1 when it has none or makes no sense."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None or len(exif) < 10:
        return 1
    (first,) = struct.unpack(order + "I", exif[4:8])
    (count,) = struct.unpack(order + "H", exif[first : first + 2].ljust(2, b"\0"))
    for number in range(count):
        entry = exif[first + 2 + 12 * number :][:12]
        if len(entry) == 12 and struct.unpack(order + "H", entry[:2])[0] == _ORIENTATION:
            return int(struct.unpack(order + "H", entry[8:10])[0])
    return 1


_MIRRORED = Text(
    "画面を反転して表示する画像です（EXIF の向き {orientation}）。回転だけに対応しています",
    "the picture is to be shown mirrored (EXIF orientation {orientation}); only turns are supported",
)
