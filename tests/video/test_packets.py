"""Hashes of packets: FFmpeg's own figure, and which seconds were changed."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import pytest

from privmask.video import PacketHashes, Writing, hash_packets
from tests.video.clips import make_clip
from tests.video.trips import write_copy


def hashes(path: Path) -> PacketHashes:
    with path.open("rb", buffering=0) as file:
        return hash_packets(file)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_the_stream_hash_is_the_one_that_ffmpeg_gives(tmp_path: Path, name: str) -> None:
    clip = make_clip(tmp_path / name, frames=30)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(clip), "-map", "0:v", "-c", "copy"]
    said = subprocess.run(
        [*command, "-f", "streamhash", "-hash", "sha256", "-"], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == f"0,v,SHA256={hashes(clip).stream_sha256}"


def test_groups_start_at_key_frames_in_seconds_after_the_first_frame(tmp_path: Path) -> None:
    found = hashes(make_clip(tmp_path / "a.mp4", frames=36, gop=12, start=12800))
    assert [gop.start for gop in found.gops] == [Fraction(12 * n, 25) for n in range(3)]
    assert [gop.packets for gop in found.gops] == [12, 12, 12]


def test_one_changed_bit_changes_one_group(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=36, gop=12, muxing={"movflags": "faststart"})
    before = hashes(clip)
    data = bytearray(clip.read_bytes())
    data[-20] ^= 1
    clip.write_bytes(data)
    after = hashes(clip)
    assert [a == b for a, b in zip(before.gops, after.gops, strict=True)] == [True, True, False]
    assert before.stream_sha256 != after.stream_sha256


@pytest.mark.parametrize("codec", ["h264", "av1", "hevc"])
def test_a_copy_hides_no_packets(tmp_path: Path, codec: str) -> None:
    clip = make_clip(tmp_path / "a.mp4", size=(96, 64), start=700)
    write_copy(clip, tmp_path / "b", Writing(codec=codec))  # type: ignore[arg-type]  # all three are codecs
    found = hashes(tmp_path / "b")
    assert (found.packets, found.hidden) == (12, 0)


def test_packets_that_an_edit_list_hides_are_counted(tmp_path: Path) -> None:
    """A clip cut without encoding keeps what came before the cut, back to the key frame, and only marks it as not shown."""
    clip, cut = make_clip(tmp_path / "a.mp4", frames=36, gop=12), tmp_path / "b.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-ss", "0.7", "-i", str(clip), "-c", "copy", str(cut)]
    subprocess.run(command, check=True)
    assert hashes(cut).hidden > 0
