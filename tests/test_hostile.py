"""Foreign footage is hostile: each of these ends in a clear refusal in seconds, nothing left, nothing else opened."""

from __future__ import annotations

import os
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest

from privmask import mask_clip
from privmask.errors import FootageError, PrivmaskError
from tests.plans import three_zones
from tests.video.clips import make_clip

PLAN = three_zones()
SECONDS = 20


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", size=(96, 64), frames=40, gop=10)


def refuse(clip: Path, folder: Path) -> FootageError:
    """Mask `clip`, which must be refused as footage (exit 6) in good time and leave the folder as it was."""
    before = sorted(path.name for path in folder.iterdir())
    with in_good_time(), pytest.raises(FootageError) as refusal:
        mask_clip(clip, folder / "copy.mp4", PLAN)
    assert sorted(path.name for path in folder.iterdir()) == before
    assert refusal.value.exit_code == 6
    return refusal.value


@contextmanager
def in_good_time() -> Iterator[None]:
    """End the whole run where something hangs: a hang in foreign code cannot be raised into."""
    alarm = threading.Timer(SECONDS, os.abort)
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    assert "no such file" in str(refuse(tmp_path / "nothing.mp4", tmp_path)).lower()


def test_a_folder_is_no_footage(tmp_path: Path) -> None:
    (tmp_path / "folder.mp4").mkdir()
    assert "folder" in str(refuse(tmp_path / "folder.mp4", tmp_path))


def test_a_fifo_is_refused_and_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    refuse(tmp_path / "pipe.mp4", tmp_path)


def test_a_device_is_refused(tmp_path: Path) -> None:
    refuse(Path("/dev/zero"), tmp_path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    assert "empty" in str(refuse(tmp_path / "empty.mp4", tmp_path))


@pytest.mark.parametrize("suffix", [".mp4", ".txt", ".mkv", ".ts"])
def test_a_text_is_not_taken_for_a_picture(tmp_path: Path, suffix: str) -> None:
    text = tmp_path / f"letter{suffix}"
    text.write_text("Dear sir,\nthis is no film at all.\n" * 200)
    refuse(text, tmp_path)


@pytest.mark.parametrize(
    "words",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{decoy}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{decoy}'\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:1/clip.ts\n#EXT-X-ENDLIST\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    ],
    ids=["playlist", "concat script", "network playlist", "session description"],
)
def test_a_playlist_dressed_as_a_clip_opens_nothing(tmp_path: Path, words: str) -> None:
    decoy = tmp_path / "decoy.mp4"
    os.mkfifo(decoy)  # whoever opened it would hang
    playlist = tmp_path / "clip.mp4"
    playlist.write_text(words.format(decoy=decoy))
    refuse(playlist, tmp_path)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9, 0.99])
def test_a_truncated_clip_is_refused(tmp_path: Path, clip: Path, share: float) -> None:
    cut = tmp_path / "cut.mp4"
    data = clip.read_bytes()
    cut.write_bytes(data[: int(len(data) * share)])
    refuse(cut, tmp_path)


@pytest.mark.parametrize("container", ["mkv", "ts", "avi", "264"])
@pytest.mark.parametrize("share", [0.3, 0.7, 0.97])
def test_a_truncated_clip_of_any_container_gives_no_copy_with_a_broken_picture(
    tmp_path: Path, container: str, share: float
) -> None:
    """A stream that is cut between two frames is a shorter stream; one that is cut within a frame is damaged."""
    whole = make_clip(tmp_path / f"whole.{container}", size=(96, 64), frames=40, gop=10)
    cut = tmp_path / f"cut.{container}"
    data = whole.read_bytes()
    cut.write_bytes(data[: int(len(data) * share)])
    with in_good_time():
        try:
            result = mask_clip(cut, tmp_path / "copy.mp4", PLAN)
        except FootageError:
            return
    with av.open(str(tmp_path / "copy.mp4")) as copy:
        assert sum(1 for _ in copy.decode(video=0)) == result.frames


@pytest.mark.parametrize("seed", range(12))
def test_a_bit_flipped_clip_never_shows_what_is_private(tmp_path: Path, clip: Path, seed: int) -> None:
    data = bytearray(clip.read_bytes())
    for position in np.random.default_rng(seed).integers(len(data) // 4, len(data), 3):
        data[position] ^= 1 << int(position) % 8
    (tmp_path / "flipped.mp4").write_bytes(data)
    with in_good_time():
        try:
            mask_clip(tmp_path / "flipped.mp4", tmp_path / "copy.mp4", PLAN)
        except PrivmaskError:
            assert [path.name for path in tmp_path.iterdir()] == ["flipped.mp4"]


def test_a_picture_of_sixty_thousand_by_sixty_thousand_is_refused_by_its_size(tmp_path: Path) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    (tmp_path / "huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    assert "60000" in str(refuse(tmp_path / "huge.png", tmp_path))


def test_a_hundred_streams_are_too_many(tmp_path: Path) -> None:
    crowd = tmp_path / "crowd.mkv"
    with av.open(str(crowd), "w") as container:
        streams = [container.add_stream("mpeg4", rate=25) for _ in range(100)]
        picture = av.VideoFrame(32, 32, "yuv420p")
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for stream in streams:
            picture.pts = 0
            container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
    refuse(crowd, tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "two words.mp4",
        "two\nlines.mp4",
        'it\'s "quoted".mp4',
        "防犯カメラ 正門.mp4",
        "-dash.mp4",
        "concat:a|b.mp4",
        "cam%d.mp4",
        "pipe:0.mp4",
    ],
)
def test_a_name_is_only_a_name(tmp_path: Path, clip: Path, name: str) -> None:
    original = tmp_path / name
    original.write_bytes(clip.read_bytes())
    copy = tmp_path / f"copy of {name}"
    assert mask_clip(original, copy, PLAN).frames == 40
    assert copy.stat().st_size > 0


def test_a_name_that_is_no_text_is_kept(tmp_path: Path, clip: Path) -> None:
    original = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.mp4"))
    original.write_bytes(clip.read_bytes())
    assert mask_clip(original, tmp_path / "copy.mp4", PLAN).frames == 40


def test_a_jpeg_of_sixty_thousand_by_sixty_thousand_is_refused_by_its_size(tmp_path: Path) -> None:
    small = make_clip(tmp_path / "huge.jpg", size=(64, 48), fmt="yuvj420p", codec="mjpeg", frames=1)
    data = bytearray(small.read_bytes())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", 60_000, 60_000)
    small.write_bytes(data)
    assert "60000" in str(refuse(small, tmp_path))
