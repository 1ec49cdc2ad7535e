"""`privmask pipe` as it is used: a process of its own, between FFmpeg's on both sides."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

from privmask.cli.gathering import AS_USUAL, Moving, gather_hiding
from privmask.errors import DamagedFootageError, DetectorError, FootageError
from privmask.geometry import Box
from privmask.masks import DynamicMask, MaskPlan
from privmask.recorders.pipe import mask_pipe
from privmask.streaming import Hiding
from privmask.video import Writing
from privmask.watching import Looking
from tests.cli.conftest import command, environment
from tests.finders import Scripted, finder
from tests.marked import ZONE, Shown, marked_clip, shown, time_of, two_sizes

FFMPEG = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-loglevel", "error"]
NAMES = {"mpegts": "mpegts", "nut": "nut", "matroska": "matroska", "y4m": "yuv4mpegpipe"}
SECONDS = 120


def pipe(data: bytes, format: str, *words: str) -> subprocess.CompletedProcess[bytes]:
    """`data` through a `privmask pipe` of that format, with the zone that hides what is private."""
    return subprocess.run(
        command("pipe", "-i", "-", "-f", format, "--zone", ZONE, "-o", "-", *words),
        input=data, capture_output=True, env=environment(), timeout=SECONDS, check=False,
    )  # fmt: skip


def inside(data: bytes, format: Any, hiding: Hiding | None = None, to: Any = None) -> tuple[bytes, Any]:
    """The same in this process, which is quicker; what came out, and what was raised."""
    hiding = hiding or gather_hiding(None, None, [ZONE], Moving(), AS_USUAL)
    source, target = _memory(data), _memory(b"")
    try:
        mask_pipe(source, target, format, to or format, hiding, Writing())
        raised = None
    except Exception as error:
        raised = error
    os.lseek(target, 0, os.SEEK_SET)
    found = b"".join(iter(lambda: os.read(target, 1 << 20), b""))
    for each in (source, target):
        os.close(each)
    return found, raised


def _memory(data: bytes) -> int:
    descriptor = os.memfd_create("pipe")
    os.write(descriptor, data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bytes]:
    """The bytes of a marked clip of forty pictures, in that format."""
    folder, made = tmp_path_factory.mktemp("clips"), dict[str, bytes]()

    def make(format: str) -> bytes:
        if format not in made:
            made[format] = marked_clip(folder / format, NAMES[format]).read_bytes()
        return made[format]

    return make


@pytest.mark.parametrize("format", NAMES)
def test_every_frame_comes_out_masked_at_its_own_time(format: str, clip: Callable[[str], bytes]) -> None:
    before, done = shown(clip(format)), pipe(clip(format), format)
    after = shown(done.stdout)
    assert done.returncode == 0, done.stderr
    assert after.numbers == before.numbers == list(range(40))
    assert after.times == before.times
    assert len(before.open) == 40
    assert not after.open


def test_frames_without_loss_are_the_originals_outside_of_the_zone(clip: Callable[[str], bytes]) -> None:
    quality = pipe(clip("nut"), "nut", "--lossless", "--to", "y4m")
    again = pipe(clip("nut"), "nut", "--lossless")
    assert (quality.returncode, again.returncode) == (0, 0)
    raw = subprocess.run(
        [*FFMPEG, "-i", "-", "-f", "yuv4mpegpipe", "-"], input=again.stdout, capture_output=True, check=True
    )
    head, _, pictures = quality.stdout.partition(b"FRAME\n")
    assert head.startswith(b"YUV4MPEG2 W320 H240 F25:1")
    assert raw.stdout.partition(b"FRAME\n")[2] == pictures


def test_between_ffmpeg_on_both_sides_sound_is_dropped_unless_it_is_asked_for(tmp_path: Path) -> None:
    source = marked_clip(tmp_path / "in.mkv", "matroska")
    tone = ["-f", "lavfi", "-i", "sine=frequency=440:duration=1.6"]
    feed = [*FFMPEG, "-i", str(source), *tone, "-c:v", "copy", "-c:a", "aac", "-f", "mpegts", "-"]
    for words, streams in (([], ["video"]), (["--audio", "keep"], ["video", "audio"])):
        out = tmp_path / f"out{len(streams)}.mp4"
        with (
            subprocess.Popen(feed, stdout=subprocess.PIPE) as one,
            subprocess.Popen(
                command("pipe", "-f", "mpegts", "--zone", ZONE, *words),
                stdin=one.stdout, stdout=subprocess.PIPE, env=environment(),
            ) as masking,
            subprocess.Popen([*FFMPEG, "-f", "mpegts", "-i", "-", "-c", "copy", str(out)], stdin=masking.stdout) as last,
        ):  # fmt: skip
            for each in (one, masking, last):
                assert each.wait(SECONDS) == 0
        probed = subprocess.run(
            ["ffprobe", "-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0", str(out)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert probed.stdout.split() == streams
        assert shown(out).numbers == list(range(40))
        assert not shown(out).open


@pytest.mark.parametrize("format", NAMES)
@pytest.mark.parametrize("cut", [37, 1000, 9000])
def test_input_that_was_cut_stops_it_after_whole_masked_frames(
    format: str, cut: int, clip: Callable[[str], bytes]
) -> None:
    out, raised = inside(clip(format)[:-cut], format)
    assert isinstance(raised, DamagedFootageError)
    after = shown(out)
    assert not after.open
    assert after.numbers == list(range(len(after.numbers)))
    assert len(after.numbers) < 40


def test_damage_in_the_middle_stops_it_and_nothing_unmasked_is_written(clip: Callable[[str], bytes]) -> None:
    whole = clip("mpegts")
    middle = len(whole) // 188 // 2 * 188
    done = pipe(whole[:middle] + whole[middle + 2 * 188 :], "mpegts")
    assert done.returncode == 6
    assert not shown(done.stdout).open


def test_a_picture_that_was_lost_on_the_way_stops_it(tmp_path: Path) -> None:
    # FFmpeg would put an older picture in its place, and blocks of a private zone might move out of it.
    source = marked_clip(tmp_path / "in.mkv", "matroska", bf="0")
    lossy = [*FFMPEG, "-i", str(source), "-c", "copy", "-bsf:v", "noise=drop='eq(n,20)'", "-f", "nut", "-"]
    fed = subprocess.run(lossy, capture_output=True, check=True).stdout
    assert len(shown(fed).numbers) == 39
    out, raised = inside(fed, "nut")
    assert isinstance(raised, DamagedFootageError)
    assert "a picture before it is missing" in str(raised)
    assert not shown(out).open


@pytest.mark.parametrize("format", NAMES)
def test_a_playlist_on_standard_input_opens_nothing(format: str, tmp_path: Path) -> None:
    secret = marked_clip(tmp_path / "secret.mp4", "mp4")
    for text in (
        f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{secret}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile '{secret}'\n",
    ):
        out, raised = inside(text.encode(), format)
        assert isinstance(raised, FootageError)
        assert out == b""


def test_another_format_than_the_one_that_was_named_is_not_opened(clip: Callable[[str], bytes]) -> None:
    assert (done := pipe(clip("matroska"), "mpegts")).returncode == 6
    assert done.stdout == b""


def test_a_blocked_reader_blocks_the_writer_in_little_memory(tmp_path: Path) -> None:
    frames = 400
    source = marked_clip(tmp_path / "in.nut", "nut", frames, g="50")
    feed = [*FFMPEG, "-stream_loop", "-1", "-i", str(source), "-c", "copy", "-f", "matroska", "-"]
    with (
        subprocess.Popen(feed, stdout=subprocess.PIPE) as feeder,
        subprocess.Popen(
            command("pipe", "-f", "matroska", "--to", "y4m", "--zone", ZONE),
            stdin=feeder.stdout, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
        ) as masking,
    ):  # fmt: skip
        assert masking.stdout is not None
        first = masking.stdout.read(100_000)
        spent = _stands_still(masking.pid)
        assert spent is not None, "it went on working although nobody read"
        assert masking.poll() is None
        more = masking.stdout.read(100_000)  # and goes on once somebody reads
        assert first.startswith(b"YUV4MPEG2")
        assert len(more) == 100_000
        memory = _memory_of(masking.pid)
        masking.stdout.close()
        assert masking.wait(SECONDS) == 0
        feeder.kill()
    assert memory < 600 << 20


def _stands_still(process: int) -> float | None:
    """The CPU time of a process once a second has passed in which it did next to nothing; None if it never stands still."""
    end, before = time.monotonic() + SECONDS, _spent(process)
    while time.monotonic() < end:
        time.sleep(1)
        now = _spent(process)
        if now - before <= 0.05:
            return now
        before = now
    return None


def _spent(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_of(process: int) -> int:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def test_a_reader_that_leaves_ends_it_cleanly(clip: Callable[[str], bytes], tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(clip("y4m"))
    script = '"$@" < "$CLIP" | head -c 300000 > "$OUT"; echo "${PIPESTATUS[0]}"'
    words = ["bash", "-c", script, "bash", *map(str, command("pipe", "-f", "y4m", "--zone", ZONE))]
    where = environment(CLIP=str(tmp_path / "in"), OUT=str(tmp_path / "out"))
    done = subprocess.run(words, capture_output=True, text=True, env=where, timeout=SECONDS, check=False)
    assert done.stdout.strip() == "0"
    assert "closed the pipe" in done.stderr
    assert "Traceback" not in done.stderr
    assert not shown((tmp_path / "out").read_bytes()).open


def test_a_full_disk_stops_it(clip: Callable[[str], bytes]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            command("pipe", "-f", "nut", "--zone", ZONE),
            input=clip("nut"), stdout=full, stderr=subprocess.PIPE, env=environment(), timeout=SECONDS, check=False,
        )  # fmt: skip
    assert done.returncode == 7
    assert b"disk" in done.stderr


def test_a_signal_ends_it_while_it_waits_for_input(clip: Callable[[str], bytes]) -> None:
    words = command("pipe", "-f", "y4m", "--zone", ZONE)
    kept = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(words, env=environment(), **kept) as masking:  # type: ignore[call-overload]
        masking.stdin.write(clip("y4m")[:500_000])
        masking.stdin.flush()
        assert masking.stdout.read(100)
        masking.send_signal(signal.SIGTERM)
        assert masking.wait(SECONDS) == 130


def test_words_that_hide_nothing_or_name_files_are_refused(clip: Callable[[str], bytes], tmp_path: Path) -> None:
    for words in (
        ["-f", "nut"],
        ["-f", "nut", "--zone", ZONE, "-o", str(tmp_path / "out.nut")],
        ["-f", "mp4", "--zone", ZONE],
    ):
        done = subprocess.run(
            command("pipe", *words), input=clip("nut"), capture_output=True, env=environment(), check=False
        )
        assert (done.returncode, done.stdout) == (2, b"")


def test_what_a_detector_finds_is_hidden_and_a_detector_that_fails_stops_the_stream(
    clip: Callable[[str], bytes],
) -> None:
    face = Box(0.2 * 320, 0.2 * 240, 0.6 * 320, 0.7 * 240)
    plan = MaskPlan((), dynamic=(DynamicMask("face"),))

    def faces(*broken: int) -> Hiding:
        found = Scripted(dict.fromkeys(range(40), face), broken=broken)
        return Hiding(lambda _picture: plan, Looking(finder=finder(found)), refits=True, timed=False)

    seen, raised = inside(clip("nut"), "nut", faces())
    assert raised is None
    assert shown(seen).numbers == list(range(40))
    assert not shown(seen).open
    seen, raised = inside(clip("nut"), "nut", faces(33))
    assert isinstance(raised, DetectorError)
    assert not shown(seen).open
    assert len(shown(seen).numbers) < 33


def test_pictures_that_change_their_size_are_fitted_anew_where_the_plan_is_in_fractions(tmp_path: Path) -> None:
    data = two_sizes(tmp_path / "in.ts").read_bytes()
    before: Shown = shown(data)
    assert before.sizes == [(320, 240)] * 20 + [(160, 120)] * 20
    done = pipe(data, "mpegts")
    assert done.returncode == 0, done.stderr
    after = shown(done.stdout)
    assert (after.sizes, after.open, after.times) == (before.sizes, [], before.times)


@pytest.mark.parametrize(
    ("words", "reason"),
    [(["--zone", "60,40 200,40 200,170 60,170"], b"fraction"), (["--to", "nut"], b"cannot go over")],
)
def test_pictures_that_change_their_size_stop_it_where_they_cannot_be_fitted(
    words: list[str], reason: bytes, tmp_path: Path
) -> None:
    done = pipe(two_sizes(tmp_path / "in.ts").read_bytes(), "mpegts", *words)
    assert done.returncode == 6
    assert reason in done.stderr
    after = shown(done.stdout)
    assert not after.open
    assert set(after.sizes) <= {(320, 240)}


def test_masks_with_hours_hold_when_they_should(tmp_path: Path, clip: Callable[[str], bytes]) -> None:
    plan = tmp_path / "plan.toml"
    corners = [[float(number) for number in corner.split(",")] for corner in ZONE.split()]
    plan.write_text(
        f'format = "privmask.plan.v1"\n[[mask]]\ntoken = "door"\npolygon = {corners}\nhours = ["10:00-10:01"]\n'
    )
    words = command("pipe", "-f", "nut", "--plan", str(plan), "--recorded-at", "2026-11-23T09:59:59.2+09:00")
    done = subprocess.run(words, input=clip("nut"), capture_output=True, env=environment(), check=True)
    begins = next(i for i in range(40) if time_of(i + 1) > 800)
    assert shown(done.stdout).open == list(range(begins))


def test_the_same_stream_gives_the_same_bytes_whatever_is_private(tmp_path: Path) -> None:
    plain = marked_clip(tmp_path / "a.y4m", "yuv4mpegpipe", 12).read_bytes()
    head, _, rest = plain.partition(b"FRAME\n")
    other = bytearray(rest)
    size, width = 320 * 240 * 3 // 2 + 6, 320
    for frame in range(12):
        for row in range(80, 140):
            at = frame * size + row * width + 100
            other[at : at + 50] = bytes(reversed(other[at : at + 50]))
    assert bytes(other) != rest
    one, two = (inside(head + b"FRAME\n" + data, "y4m", to="mpegts") for data in (rest, bytes(other)))
    assert one == two
    assert one[1] is None
    assert len(one[0]) > 188 * 12


def test_help_says_that_there_is_no_statement() -> None:
    words = [sys.executable, "-m", "privmask", "--lang", "en", "pipe", "--help"]
    assert "no statement" in subprocess.run(words, capture_output=True, text=True, env=environment(), check=True).stdout
