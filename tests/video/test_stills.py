"""Still pictures: the same kind, the same size, held the same way, and no EXIF."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from privmask.errors import UnsupportedFootageError
from privmask.geometry import Rotation
from privmask.video import Writing
from privmask.video.exif import with_orientation
from tests.video.clips import make_clip
from tests.video.trips import round_trip, write_copy

STILLS: dict[str, dict[str, Any]] = {
    "420.jpg": {"codec": "mjpeg", "fmt": "yuvj420p", "size": (65, 49)},
    "422.jpg": {"codec": "mjpeg", "fmt": "yuvj422p"},
    "444.jpg": {"codec": "mjpeg", "fmt": "yuvj444p"},
    "rgb.png": {"codec": "png", "fmt": "rgb24", "size": (33, 21)},
    "rgba.png": {"codec": "png", "fmt": "rgba"},
    "grey.png": {"codec": "png", "fmt": "gray"},
}


def writing(name: str) -> Writing:
    return Writing(container="png" if name.endswith("png") else "jpeg")


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("name", STILLS)
def test_a_still_keeps_its_look_and_its_turn(tmp_path: Path, name: str, rotation: Rotation) -> None:
    still = make_clip(tmp_path / name, **STILLS[name], frames=1)
    still.write_bytes(with_orientation(still.read_bytes(), rotation))
    trip = round_trip(still, tmp_path, writing(name))
    assert trip.copy_info.picture == trip.info.picture
    assert trip.info.picture.rotation == rotation
    assert trip.worst_psnr == 99 if name.endswith("png") else trip.worst_psnr > 45
    assert trip.info.is_still
    assert trip.copy_info.is_still


def png_in_passes(width: int, height: int) -> bytes:
    """A grey PNG in the seven passes of its "interlace" method, which has nothing to do with fields."""
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    rows = (
        bytes([0, *((x * 11 + y * 7) % 256 for x in range(left, width, right))])
        for left, top, right, down in passes
        for y in range(top, height, down)
    )

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 1))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b"")


def test_an_interlaced_png_has_no_fields(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png_in_passes(17, 13))
    trip = round_trip(tmp_path / "a.png", tmp_path, writing("a.png"))
    assert not trip.original[0].interlaced
    assert trip.worst_psnr == 99


def test_a_jpeg_copy_does_not_name_the_library_that_wrote_it(tmp_path: Path) -> None:
    write_copy(make_clip(tmp_path / "a.jpg", codec="mjpeg", fmt="yuvj420p"), tmp_path / "b", writing("b.jpg"))
    assert b"Lavc" not in (tmp_path / "b").read_bytes()


def exif(words: bytes, orientation: int = 1) -> bytes:
    body = b"Exif\x00\x00II\x2a\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00"
    body += orientation.to_bytes(4, "little") + bytes(4) + words
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body


def test_exif_does_not_travel_but_the_turn_does(tmp_path: Path) -> None:
    still = make_clip(tmp_path / "a.jpg", codec="mjpeg", fmt="yuvj420p")
    data = still.read_bytes()
    still.write_bytes(data[:2] + exif(b"35.6812 N 139.7671 E", 6) + data[2:])
    trip = round_trip(still, tmp_path, Writing(container="jpeg"))
    assert trip.copy_info.picture.rotation == 90
    assert b"139.7671" not in (tmp_path / "copy").read_bytes()


@pytest.mark.parametrize("orientation", [2, 4, 5, 7, 99])
def test_a_mirrored_still_is_refused(tmp_path: Path, orientation: int) -> None:
    still = make_clip(tmp_path / "a.jpg", codec="mjpeg", fmt="yuvj420p")
    data = still.read_bytes()
    still.write_bytes(data[:2] + exif(b"", orientation) + data[2:])
    with pytest.raises(UnsupportedFootageError, match="mirrored"):
        write_copy(still, tmp_path / "b", Writing(container="jpeg"))


def test_a_picture_that_jpeg_cannot_carry_is_refused_with_what_can(tmp_path: Path) -> None:
    still = make_clip(tmp_path / "a.png", codec="png", fmt="rgb24", frames=1)
    with pytest.raises(UnsupportedFootageError, match="as png"):
        write_copy(still, tmp_path / "b", Writing(container="jpeg"))
