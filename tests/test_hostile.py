"""Foreign footage is hostile: each of these ends in a clear refusal in seconds, nothing left, nothing else opened."""

from __future__ import annotations

import hashlib
import json
import os
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import rfc8785

from privmask import mask_clip, verify_copy
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


VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**53 - 1,
    "",
    "x",
    "-1/3",
    "9" * 20,
    [],
    {},
    ["0", "1"],
    [[]],
    "\0",
    "Blurred",
    [["-5", None]],
)
"""What stands in a hostile statement instead of what was there."""


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in a statement something stands; of long lists the first two."""
    yield place
    keys = value if isinstance(value, dict) else range(min(len(value), 2)) if isinstance(value, list) else ()
    for key in keys:
        yield from _places(value[key], (*place, key))


def _with(data: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    changed = data.copy()
    changed[place[0]] = _with(data[place[0]], place[1:], value)
    return changed


def test_a_statement_that_says_anything_anywhere_gives_a_verdict(tmp_path: Path) -> None:
    """It is canonical and may be signed: what it says of pictures is still not believed, and never a traceback."""
    clip = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=4)
    result = mask_clip(clip, tmp_path / "copy.mp4", three_zones(start="0.04", end="0.12"))
    said = json.loads(result.statement.read_bytes())
    for number, place in enumerate(_places(said)):
        changed = _with(said, place, VALUES[number % len(VALUES)])
        if place[:2] == ("predicate", "plan"):
            hashed = hashlib.sha256(rfc8785.dumps(changed["predicate"]["plan"])).hexdigest()
            changed = _with(changed, ("predicate", "plan_sha256"), hashed)
        result.statement.write_bytes(rfc8785.dumps(changed))
        with in_good_time():
            verdict = verify_copy(result.copy, original=clip, accept_unsigned=True)
        assert [check.number for check in verdict.checks] == list(range(1, 16))
        assert all(check.reason for check in verdict.checks)


HOSTILE_STATEMENTS = {
    "no JSON": b"Dear sir,",
    "a key twice": b'{"_type":"a","_type":"b"}',
    "a float": b'{"_type":1.5}',
    "half a character": b'{"_type":"\\ud800"}',
    "a depth without a bottom": b'{"_type":' + b"[" * 1_000_000,
    "values without number": b'{"_type":[' + b"[]," * 5_000_000 + b"[]]}",
    "all of 63 MiB": b'{"_type":"' + b"a" * (63 << 20) + b'"}',
}


@pytest.mark.parametrize("text", HOSTILE_STATEMENTS.values(), ids=HOSTILE_STATEMENTS)
def test_a_statement_that_is_none_fails_with_a_sentence_and_in_bounded_memory(
    text: bytes, tmp_path: Path, clip: Path
) -> None:
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(clip.read_bytes())
    (tmp_path / "copy.mp4.provenance.json").write_bytes(text)
    (tmp_path / "copy.mp4.provenance.json.sig").write_bytes(b"-----BEGIN SSH SIGNATURE-----\n" * 100)
    script = (
        "import re, sys; from privmask import verify_copy; verdict = verify_copy(sys.argv[1])\n"
        # ru_maxrss would begin with that of this process, out of which it was started.
        "peak = int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) >> 10\n"
        "print(verdict.checks[0].outcome, verdict.holds, peak)"
    )
    done = subprocess.run([sys.executable, "-c", script, copy], capture_output=True, text=True, check=True, timeout=60)
    outcome, holds, mebibytes = done.stdout.split()
    assert (outcome, holds) == ("FAIL", "False")
    assert int(mebibytes) < 600


def test_a_statement_may_not_lead_out_of_its_folder(tmp_path: Path, clip: Path) -> None:
    result = mask_clip(clip, tmp_path / "copy.mp4", PLAN)
    said = json.loads(result.statement.read_bytes())
    said["predicate"]["copy"]["name"] = said["subject"][0]["name"] = "../copy.mp4"
    result.statement.write_bytes(rfc8785.dumps(said))
    check = verify_copy(result.copy, accept_unsigned=True).checks[0]
    assert (check.outcome, "without a folder" in check.reason) == ("FAIL", True)
