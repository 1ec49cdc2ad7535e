"""What the container's own bytes say: crops that only a player would apply."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import cast

import pytest

from privmask.errors import UnsupportedFootageError
from privmask.video.sharing import NamelessReader, SharedFile
from privmask.video.structure import check_structure
from tests.video.clips import make_clip
from tests.video.trips import frames_of


def shared(data: bytes) -> SharedFile:
    return SharedFile(cast(io.RawIOBase, io.BytesIO(data)))


def with_clap(data: bytes, width: int, offset: int = 0) -> bytes:
    """The MP4 with a clean aperture of `width` columns in its sample entry (64x48), in place of its `pasp` box."""
    clap = struct.pack(">I4sIIIIiIiI", 40, b"clap", width, 1, 48, 1, offset, 1, 0, 1)
    at = data.index(b"pasp") - 4
    grown = bytearray(data[:at] + clap + data[at + 16 :])
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"avc1"):
        place = grown.index(name) - 4
        grown[place : place + 4] = (int.from_bytes(grown[place : place + 4], "big") + 24).to_bytes(4, "big")
    return bytes(grown)


def test_a_clean_aperture_that_crops_is_refused(tmp_path: Path) -> None:
    data = make_clip(tmp_path / "a.mp4").read_bytes()
    (tmp_path / "b.mp4").write_bytes(with_clap(data, 60))
    with pytest.raises(UnsupportedFootageError, match="clap"):
        frames_of(tmp_path / "b.mp4")


def test_a_clean_aperture_of_the_whole_picture_is_nothing_special(tmp_path: Path) -> None:
    data = make_clip(tmp_path / "a.mp4").read_bytes()
    assert check_structure(shared(with_clap(data, 64)), "mov,mp4") is None
    with pytest.raises(UnsupportedFootageError):
        check_structure(shared(with_clap(data, 64, offset=2)), "mov,mp4")


@pytest.mark.parametrize("crop", [0x54AA, 0x54BB, 0x54CC, 0x54DD])
def test_a_matroska_crop_is_refused(crop: int) -> None:
    def element(kind: int, body: bytes) -> bytes:
        return kind.to_bytes((kind.bit_length() + 7) // 8, "big") + bytes([0x80 | len(body)]) + body

    def file(columns: int) -> SharedFile:
        video = element(0xE0, element(crop, bytes([columns])))
        return shared(element(0x1A45DFA3, b"") + element(0x18538067, element(0x1654AE6B, element(0xAE, video))))

    assert check_structure(file(0), "matroska,webm") is None
    with pytest.raises(UnsupportedFootageError, match="PixelCrop"):
        check_structure(file(2), "matroska,webm")


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.ts"])
def test_a_missing_last_byte_is_noticed(tmp_path: Path, name: str) -> None:
    data = make_clip(tmp_path / name, b_frames=0).read_bytes()
    container = {"mp4": "mov,mp4", "mkv": "matroska,webm", "avi": "avi", "ts": "mpegts"}[name[2:]]
    assert check_structure(shared(data), container) is None
    assert "cut short" in str(check_structure(shared(data[:-1]), container))


@pytest.mark.parametrize("missing", [1, 2, 40, 500])
def test_a_live_recording_that_breaks_off_within_a_part_is_noticed(tmp_path: Path, missing: int) -> None:
    data = bytearray(make_clip(tmp_path / "a.mkv", b_frames=0).read_bytes())
    size = data.index(b"\x18\x53\x80\x67") + 4
    data[size : size + 8] = b"\x01" + b"\xff" * 7  # as a recorder leaves it that does not know when it will end
    assert check_structure(shared(bytes(data)), "matroska,webm") is None
    assert "cut short" in str(check_structure(shared(bytes(data[:-missing])), "matroska,webm"))


def test_readers_of_one_file_keep_their_own_places() -> None:
    file = shared(bytes(range(100)))
    one, two = NamelessReader(file), NamelessReader(file)
    assert one.read(3) == b"\x00\x01\x02"
    two.seek(-2, io.SEEK_END)
    assert two.read(9) == b"\x62\x63"
    assert one.read(1) == b"\x03"
    assert (one.tell(), two.tell()) == (4, 100)
    assert not hasattr(one, "name")
