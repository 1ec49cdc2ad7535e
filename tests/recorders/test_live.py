"""`privmask live` with cameras whose faults are staged; `test_live_process.py` has real ones."""

from __future__ import annotations

import random
import resource
from collections.abc import Callable, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import av
import av.error
import pytest

from privmask.cli.gathering import AS_USUAL, Moving, gather_hiding
from privmask.errors import CopyError, DetectorError, PlanError, StreamLostError, UnsupportedFootageError
from privmask.geometry import Box
from privmask.masks import DynamicMask, MaskPlan
from privmask.recorders import live
from privmask.recorders.latency import Latency
from privmask.recorders.live import Clocks, Terms, mask_live
from privmask.recorders.live_outputs import output_for
from privmask.recorders.live_status import LiveStatus
from privmask.recorders.patience import Patience
from privmask.streaming import Hiding
from privmask.video import Writing
from privmask.watching import Looking
from tests.finders import Scripted, finder
from tests.marked import ZONE, shown
from tests.recorders.staged import Change, MadeUpTime, StagedCamera, one_after_the_other, sent, written_in

SMALL, SMALLER = (160, 120), (128, 96)
FRAMES = 30
URL = "rtsp://clerk:s3cret@camera.example/gate"
LOST = StreamLostError("the camera is gone")

Run = Callable[..., LiveStatus]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Mask what these cameras send, one after the other, into segments of `tmp_path`; how it stood at the end."""

    def call(
        cameras: Sequence[StagedCamera | BaseException],
        hiding: Hiding | None = None,
        *,
        word: str = "gate-%H%M%S.mp4",
        seconds: float = 60,
        tries: int | None = 0,
        time: MadeUpTime | None = None,
        **terms: Any,
    ) -> LiveStatus:
        monkeypatch.setattr(live, "open_camera", one_after_the_other(cameras))
        made_up = time or MadeUpTime()
        clocks = Clocks(made_up.now, made_up.wall, made_up.wait)
        call.status = status = LiveStatus("rtsp://camera.example/gate", made_up.wall())  # type: ignore[attr-defined]
        patience = Patience(lambda: 0.0, tries)
        with ExitStack() as opened:
            out = output_for(str(tmp_path / word), seconds, Writing(), status, opened, patience, clocks)
            mask_live(URL, out, hiding or zones(), status, patience, clocks, Terms(**terms), lambda _status: None)
        return status

    return call


def zones(words: str = ZONE) -> Hiding:
    return gather_hiding(None, None, [words], Moving(), AS_USUAL)


def camera(change: Change = lambda _number, data: data, sizes: tuple[tuple[int, int], ...] = (SMALL,)) -> StagedCamera:
    return StagedCamera(sent(sizes, FRAMES), change)


def _age(path: Path) -> int:
    return path.stat().st_mtime_ns


def numbers_in(folder: Path) -> list[list[int]]:
    """The pictures of each file, none of which shows anything private."""
    found = [shown(path) for path in sorted([*folder.glob("*.mp4"), *folder.glob("*.ts")], key=_age)]
    assert not any(each.open for each in found)
    return [each.numbers for each in found]


def test_a_camera_that_is_lost_ends_its_file_and_begins_another_when_it_is_back(run: Run, tmp_path: Path) -> None:
    time = MadeUpTime()
    dies = camera(lambda number, data: data if number < 12 else av.error.ConnectionResetError(104, "gone", URL))
    with pytest.raises(StreamLostError):
        run([dies, LOST, LOST, camera(), LOST, LOST, LOST], time=time, tries=3)
    assert numbers_in(tmp_path) == [list(range(12)), list(range(FRAMES))]
    assert time.waits == [1, 2, 4, 1, 2, 4]
    assert written_in(tmp_path) == ["gate-090000.mp4", "gate-090007.mp4"]


def test_pauses_grow_to_half_a_minute_and_are_shorter_by_chance() -> None:
    patience = Patience(lambda: 0.0)
    assert [patience.pause() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    patience.worked()
    assert patience.pause() == 1
    assert Patience(lambda: 1.0).pause() == 0.5


def test_segments_are_cut_by_time_and_each_begins_at_zero(run: Run, tmp_path: Path) -> None:
    with pytest.raises(StreamLostError):
        run([camera()], seconds=0.4)
    assert numbers_in(tmp_path) == [list(range(10)), list(range(10, 20)), list(range(20, 30))]
    assert written_in(tmp_path) == ["gate-090000-2.mp4", "gate-090000-3.mp4", "gate-090000.mp4"]
    assert [shown(tmp_path / name).times[0] for name in written_in(tmp_path)] == [0, 0, 0]


def test_a_playlist_names_whole_segments_and_says_where_time_does_not_go_on(run: Run, tmp_path: Path) -> None:
    with pytest.raises(StreamLostError):
        run([camera(), camera()], word="out.m3u8", seconds=0.4, tries=1)
    text = (tmp_path / "out.m3u8").read_text()
    listed = [line for line in text.splitlines() if not line.startswith("#")]
    assert sorted([*listed, "out.m3u8"]) == written_in(tmp_path)
    assert text.count("#EXTINF:0.400000,") == 6
    assert text.count("#EXT-X-DISCONTINUITY\n") == 1
    assert "#EXT-X-PROGRAM-DATE-TIME:2026-11-23T09:00:00.000+00:00" in text
    assert numbers_in(tmp_path) == [list(range(start, start + 10)) for start in (0, 10, 20)] * 2


def test_a_player_that_joins_the_segments_of_a_playlist_finds_no_packet_that_counts_as_damaged(
    run: Run, tmp_path: Path
) -> None:
    """MPEG-TS counts its packets, and each segment begins to count anew."""
    with pytest.raises(StreamLostError):
        run([camera()], word="out.m3u8", seconds=0.4)
    listed = [line for line in (tmp_path / "out.m3u8").read_text().splitlines() if not line.startswith("#")]
    joined = tmp_path / "joined"
    joined.write_bytes(b"".join((tmp_path / name).read_bytes() for name in listed))
    with av.open(str(joined), format="mpegts") as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    assert [packet.is_corrupt for packet in packets] == [False] * FRAMES


def test_a_playlist_keeps_what_is_new_and_leaves_other_peoples_files_alone(run: Run, tmp_path: Path) -> None:
    for _ in range(4):
        with pytest.raises(StreamLostError):
            run([camera(), camera()], word="out.m3u8", seconds=0.2, tries=1)
    listed = [line for line in (tmp_path / "out.m3u8").read_text().splitlines() if not line.startswith("#")]
    assert len(listed) == 10
    assert set(listed) < set(written_in(tmp_path))
    assert len(written_in(tmp_path)) <= 10 + 5 + 1
    (tmp_path / "mine.m3u8").write_text("#EXTM3U\nmy-song.mp3\n")
    with pytest.raises(CopyError, match="not one that privmask wrote"):
        run([camera()], word="mine.m3u8")
    assert (tmp_path / "mine.m3u8").read_text() == "#EXTM3U\nmy-song.mp3\n"


def test_a_lost_picture_and_all_that_is_predicted_from_it_is_dropped(run: Run, tmp_path: Path) -> None:
    with pytest.raises(StreamLostError):
        run([camera(lambda number, data: None if number == 14 else data)])
    assert numbers_in(tmp_path) == [[*range(14), *range(20, 30)]]
    assert run.status.dropped.damaged == 5  # type: ignore[attr-defined]


def test_late_frames_are_dropped_whole_and_counted(run: Run, tmp_path: Path) -> None:
    class Behind(MadeUpTime):
        def now(self) -> float:
            self.at += 0.02  # each look at the clock finds it later than the camera is
            return self.at

    with pytest.raises(StreamLostError):
        run([camera()], time=Behind(), latest=0.3)
    status: LiveStatus = run.status  # type: ignore[attr-defined]
    assert status.dropped.late > 0
    assert status.frames + status.dropped.late == FRAMES
    assert sum(len(each) for each in numbers_in(tmp_path)) == status.frames


def test_pictures_of_another_size_are_fitted_anew_or_end_the_stream(run: Run, tmp_path: Path) -> None:
    with pytest.raises(StreamLostError):
        run([camera(sizes=(SMALL, SMALLER))])
    assert numbers_in(tmp_path) == [list(range(FRAMES))] * 2
    pixels = "32,24 96,24 96,84 32,84"
    with pytest.raises(UnsupportedFootageError, match="fraction"):
        run([camera(sizes=(SMALL, SMALLER))], zones(pixels), word="other-%H%M%S.mp4")
    assert shown(tmp_path / "other-090000.mp4").numbers == list(range(FRAMES))
    with pytest.raises(UnsupportedFootageError, match="fraction"):  # after a connection was lost as well
        run([camera(), camera(sizes=(SMALLER,))], zones(pixels), word="third-%H%M%S.mp4", tries=1)
    assert len(numbers_in(tmp_path)) == 4


def test_seconds_of_a_clip_mean_nothing_to_a_stream_without_a_beginning(run: Run, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    corners = [[float(number) for number in corner.split(",")] for corner in ZONE.split()]
    plan.write_text(f'format = "privmask.plan.v1"\n[[mask]]\ntoken = "door"\npolygon = {corners}\nstart = 1.0\n')
    with pytest.raises(PlanError, match="hours"):
        run([camera()], gather_hiding(plan, None, [], Moving(), AS_USUAL))
    plan.write_text(plan.read_text().replace("start = 1.0", 'hours = ["09:00-09:01"]'))
    with pytest.raises(StreamLostError):
        run([camera()], gather_hiding(plan, None, [], Moving(), AS_USUAL))
    assert numbers_in(tmp_path) == [list(range(FRAMES))]


def faces(broken: Sequence[int] = ()) -> Hiding:
    width, height = SMALL
    places = dict.fromkeys(range(100), Box(0.2 * width, 0.2 * height, 0.6 * width, 0.7 * height))
    plan = MaskPlan((), dynamic=(DynamicMask("face"),))
    looking = Looking(finder=finder(Scripted(places, broken=broken)))
    return Hiding(lambda _picture: plan, looking, refits=True, timed=False)


def test_a_detector_that_fails_ends_it_with_a_whole_file_of_what_was_masked(run: Run, tmp_path: Path) -> None:
    with pytest.raises(DetectorError):
        run([camera()], faces(broken=[28]))
    ((*numbers,),) = numbers_in(tmp_path)
    assert numbers == list(range(len(numbers)))
    assert len(numbers) <= 4  # a second of frames was still waiting for what comes after it


@contextmanager
def full_disk(room: int) -> Any:
    """Files can have so many bytes, and not one more."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_ends_it_and_leaves_no_half_of_a_file(run: Run, tmp_path: Path) -> None:
    with full_disk(8_000), pytest.raises(CopyError, match="disk"):
        run([camera()])
    assert written_in(tmp_path) == []


def test_no_unmasked_frame_in_a_hundred_staged_faults(run: Run, tmp_path: Path) -> None:
    chance = random.Random(7)
    faults = 0

    def at(number: int, what: Any) -> Change:
        return lambda each, data: (what(data) if callable(what) else what) if each == number else data

    def flipped(data: bytes) -> bytes:
        changed = bytearray(data)
        for _ in range(40):
            changed[chance.randrange(5, len(data))] ^= 1 << chance.randrange(8)
        return bytes(changed)

    def attempt(word: str, cameras: Sequence[StagedCamera | BaseException], hiding: Hiding | None = None) -> None:
        nonlocal faults
        faults += 1
        with pytest.raises((StreamLostError, UnsupportedFootageError, DetectorError, CopyError)):
            run(cameras, hiding, word=f"{word}{faults:03d}-%H%M%S.mp4", tries=1)

    gone = (av.error.ConnectionResetError(104, "gone", URL), av.error.ExitError(1, "silent", URL), None)
    for number in (chance.randrange(FRAMES) for _ in range(25)):
        attempt("dies", [camera(at(number, gone[number % 3])), camera()])
        attempt("lost", [camera(at(number, None)), LOST])
        attempt(
            "damaged", [camera(at(number, flipped if number % 2 else lambda data: data[: len(data) * 2 // 3])), LOST]
        )
    for number in range(8):
        pixels = None if number % 2 else zones("32,24 96,24 96,84 32,84")
        attempt("size", [camera(sizes=(SMALL, SMALLER, SMALL)[number % 2 :]), camera()], pixels)
        attempt("detector", [camera(), camera()], faces(broken=[number + 20]))
    for number in range(9):
        with full_disk(3_000 + 1_500 * number):
            attempt("full", [camera(), camera()])
    assert faults == 100
    files = sorted(tmp_path.glob("*.mp4"))
    seen = [shown(path) for path in files]
    assert not any(each.open for each in seen), [path.name for path, each in zip(files, seen, strict=True) if each.open]
    assert sum(len(each.numbers) for each in seen) > 2_500
    assert all(path.suffix == ".mp4" for path in tmp_path.iterdir())


def test_quantiles_are_those_of_the_sorted_times() -> None:
    latency, chance = Latency(), random.Random(3)
    times = sorted(chance.randrange(300) / 1000 for _ in range(1000))
    assert latency.quantile(0.5) is None
    for each in times:
        latency.note(each)
    assert latency.quantile(0.5) == round(times[499] * 1000)
    assert latency.quantile(0.99) == round(times[989] * 1000)
    assert latency.as_data()["most_ms"] == times[-1] * 1000


@pytest.mark.parametrize("word", ["out.avi", "gate.mp4", "http://server/x", "ftp://server/x", "folder/"])
def test_an_output_that_is_none_is_refused_before_anybody_connects(word: str, run: Run) -> None:
    with pytest.raises(PlanError):
        run([], word=word)
