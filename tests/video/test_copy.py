"""Copies: the same pictures, times, colours and shape, and nothing else of the original."""

from __future__ import annotations

import threading
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from av.bitstream import BitStreamFilterContext

from privmask.errors import CopyError, FootageError, UnsupportedFootageError
from privmask.frame import Frame, MaskedFrame
from privmask.video import Reading, Writing, open_video, write_video
from privmask.video.sei import split_units
from tests.video.clips import make_clip
from tests.video.trips import frames_of, round_trip, times, write_copy

ORIGINALS: dict[str, dict[str, Any]] = {
    "h264.mp4": {},
    "h264_422.mov": {"fmt": "yuv422p"},
    "h264_444_10.mkv": {"fmt": "yuv444p10le"},
    "h264.avi": {"b_frames": 0},
    "h264.ts": {},
    "raw.h264": {},
    "hevc.mp4": {"codec": "hevc"},
    "hevc_10.mkv": {"codec": "hevc", "fmt": "yuv420p10le"},
    "hevc_12.mkv": {"codec": "hevc", "fmt": "yuv420p12le", "size": (96, 64)},
    "hevc.ts": {"codec": "hevc"},
    "raw.h265": {"codec": "hevc"},
    "mpeg4.mov": {"codec": "mpeg4"},
    "h264_b.avi": {"frames": 12},
    "h264_b3.avi": {"frames": 12, "b_frames": 5, "options": {"b-adapt": "0", "preset": "veryfast"}},
    "mpeg4_b.avi": {"codec": "mpeg4", "b_frames": 2},
    "mpeg2.mpg": {"codec": "mpeg2video"},
    "mpeg2.ts": {"codec": "mpeg2video"},
    "mpeg1.mpg": {"codec": "mpeg1video"},
    "mjpeg.avi": {"codec": "mjpeg", "fmt": "yuvj422p"},
    "mjpeg.mov": {"codec": "mjpeg", "fmt": "yuvj420p", "size": (96, 64)},
    "vp8.webm": {"codec": "vp8"},
    "vp9_odd.webm": {"codec": "vp9", "size": (65, 49)},
    "av1.mp4": {"codec": "av1", "size": (64, 64)},
    "av1_odd.mkv": {"codec": "av1", "size": (67, 65)},
    "raw.y4m": {"codec": "rawvideo"},
    "grey.y4m": {"codec": "rawvideo", "fmt": "gray", "size": (97, 65)},
    "ffv1_rgb.mkv": {"codec": "ffv1", "fmt": "bgr0", "size": (33, 21)},
    "nv12.mkv": {"codec": "rawvideo", "fmt": "nv12"},
    "yuyv.avi": {"codec": "rawvideo", "fmt": "yuyv422"},
}


@pytest.mark.parametrize("name", ORIGINALS)
def test_every_kind_of_footage_comes_back_with_its_frames_times_and_look(tmp_path: Path, name: str) -> None:
    trip = round_trip(make_clip(tmp_path / name, **ORIGINALS[name]), tmp_path)
    assert len(trip.copy) == len(trip.original) == trip.tally.frames == 12
    assert times(trip.copy) == times(trip.original)
    assert trip.tally.timestamps_exact
    assert trip.copy_info.picture == trip.info.picture
    assert trip.worst_psnr > 38


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1"])
@pytest.mark.parametrize("container", ["mp4", "matroska"])
def test_every_codec_goes_into_every_container(tmp_path: Path, codec: Any, container: Any) -> None:
    clip = make_clip(tmp_path / "a.mkv", size=(96, 64))
    trip = round_trip(clip, tmp_path, Writing(codec=codec, container=container))
    assert trip.copy_info.codec == trip.tally.codec == codec
    assert times(trip.copy) == times(trip.original)
    assert trip.worst_psnr > 38


@pytest.mark.parametrize(
    ("writing", "fmt"),
    [
        (Writing(lossless=True, container="matroska"), "yuv420p"),
        (Writing(lossless=True, container="matroska"), "yuv422p10le"),
        (Writing(lossless=True), "yuv420p"),
        (Writing(lossless=True, codec="hevc"), "yuv420p10le"),
        (Writing(codec="ffv1", container="matroska"), "yuv444p"),
        (Writing(lossless=True), "yuv444p10le"),
        (Writing(lossless=True, codec="hevc", container="mpegts"), "yuv420p10le"),
        (Writing(lossless=True, codec="h264"), "yuv444p10le"),
    ],
)
def test_a_lossless_copy_has_every_sample_of_the_original(tmp_path: Path, writing: Writing, fmt: str) -> None:
    trip = round_trip(make_clip(tmp_path / "a.mkv", fmt=fmt, size=(96, 64)), tmp_path, writing)
    assert trip.worst_psnr == 99
    assert trip.tally.codec == ("ffv1" if writing.codec == "auto" else writing.codec)


def test_the_smallest_pictures_in_h264_keep_their_look(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.y4m", codec="rawvideo", size=(8, 8), frames=4)
    assert round_trip(clip, tmp_path, Writing(codec="h264")).worst_psnr == 99


@pytest.mark.parametrize("size", [(65, 49), (641, 361), (3, 3), (2, 2), (16, 16)], ids=str)
@pytest.mark.parametrize("container", ["mp4", "matroska"])
def test_ffv1_carries_odd_and_tiny_sizes_in_both_containers(
    tmp_path: Path, size: tuple[int, int], container: Any
) -> None:
    clip = make_clip(tmp_path / "a.y4m", codec="rawvideo", size=size, frames=3)
    trip = round_trip(clip, tmp_path, Writing(lossless=True, container=container))
    assert trip.worst_psnr == 99
    assert trip.copy_info.picture == trip.info.picture
    assert times(trip.copy) == times(trip.original)


@pytest.mark.parametrize(
    "what",
    [
        {"pts": [777, 800, 5000, 5001, 90000, 90500]},
        {"start": 640001},
        {"rate": Fraction(30000, 1001), "time_base": Fraction(1, 30000)},
        {"rate": Fraction(3, 2), "time_base": Fraction(1, 600), "frames": 6},
        {"pts": [3], "frames": 1},
    ],
    ids=["variable rate", "late start", "NTSC", "slow", "one frame"],
)
@pytest.mark.parametrize("codec", ["h264", "hevc", "av1"])
def test_an_mp4_copy_has_the_times_of_the_original_exactly(tmp_path: Path, codec: Any, what: dict[str, Any]) -> None:
    trip = round_trip(make_clip(tmp_path / "a.mp4", size=(96, 64), **what), tmp_path, Writing(codec=codec))
    assert times(trip.copy) == times(trip.original)
    assert trip.tally.timestamps_exact


def test_a_matroska_copy_rounds_to_milliseconds_and_says_so(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", pts=[0, 13, 5000, 5100])
    trip = round_trip(clip, tmp_path, Writing(container="matroska"))
    assert not trip.tally.timestamps_exact
    assert "rounded" in " ".join(map(str, trip.tally.notices))
    assert all(abs(a - b) <= Fraction(1, 2000) for a, b in zip(times(trip.copy), times(trip.original), strict=True))


def test_frames_that_fall_on_one_millisecond_are_refused_in_matroska(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFootageError, match="as mp4"):
        write_copy(make_clip(tmp_path / "a.mp4", pts=[0, 1, 5000]), tmp_path / "b", Writing(container="matroska"))


@pytest.mark.parametrize("container", ["mp4", "matroska", "mpegts"])
@pytest.mark.parametrize("order", ["tff", "bff"])
def test_interlaced_footage_stays_interlaced_with_its_first_field(tmp_path: Path, order: Any, container: Any) -> None:
    clip = make_clip(tmp_path / "a.mp4", interlaced=order, size=(64, 64))
    trip = round_trip(clip, tmp_path, Writing(container=container))
    assert all(frame.interlaced for frame in trip.original)
    assert all(frame.interlaced for frame in trip.copy)
    assert trip.info.field_order == trip.copy_info.field_order == {"tff": "tt", "bff": "bb"}[order]


@pytest.mark.parametrize("rotation", [90, 180, 270])
@pytest.mark.parametrize("container", ["mp4", "matroska"])
def test_a_rotation_is_kept_not_applied(tmp_path: Path, rotation: int, container: Any) -> None:
    trip = round_trip(make_clip(tmp_path / "a.mp4", rotation=rotation), tmp_path, Writing(container=container))
    assert trip.info.picture.rotation == trip.copy_info.picture.rotation == rotation
    assert trip.copy_info.picture.size == trip.info.picture.size


@pytest.mark.parametrize(
    ("codec", "container"), [("h264", "mp4"), ("hevc", "mp4"), ("av1", "mp4"), ("h264", "mpegts"), ("hevc", "mpegts")]
)
def test_colour_tags_and_sample_aspect_are_kept(tmp_path: Path, codec: Any, container: Any) -> None:
    clip = make_clip(tmp_path / "a.mp4", color=(2, 9, 16, 9), sar=Fraction(16, 11), fmt="yuv420p10le", size=(96, 64))
    trip = round_trip(clip, tmp_path, Writing(codec=codec, container=container))
    assert trip.copy_info.color == trip.info.color
    assert trip.copy_info.picture == trip.info.picture
    assert trip.info.picture.sample_aspect == Fraction(16, 11)


def test_samples_that_are_not_square_get_a_codec_that_tells_it_in_mkv(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", sar=Fraction(16, 11), size=(96, 64))
    trip = round_trip(clip, tmp_path, Writing(container="matroska", lossless=True))
    assert trip.copy_info.picture == trip.info.picture
    assert (trip.tally.codec, "not square" in trip.tally.notices[0].en) == ("h264", True)
    with pytest.raises(
        UnsupportedFootageError, match=r"not square, and av1 in mkv has no place for that\. Use codec h264"
    ):
        write_copy(clip, tmp_path / "b.mkv", Writing(codec="av1", container="matroska"))


@pytest.mark.parametrize("color", [(1, 2, 2, 2), (2, 2, 2, 2), (1, 1, 1, 1)], ids=str)
@pytest.mark.parametrize(
    "writing",
    [
        *(Writing(), Writing(codec="hevc"), Writing(container="matroska"), Writing(lossless=True)),
        *(Writing(container="mpegts"), Writing(codec="hevc", container="mpegts")),
    ],
    ids=str,
)
def test_the_range_is_kept_where_nothing_else_is_said_of_the_colours(
    tmp_path: Path, writing: Writing, color: tuple[int, int, int, int]
) -> None:
    trip = round_trip(make_clip(tmp_path / "a.mkv", color=color, size=(96, 64)), tmp_path, writing)
    assert trip.copy_info.picture == trip.info.picture
    if not writing.lossless:
        assert trip.copy_info.color == trip.info.color


def test_a_lossless_copy_keeps_hdr_tags(tmp_path: Path) -> None:
    params = {"x265-params": f"log-level=none:{_HDR}"}
    clip = make_clip(tmp_path / "a.mp4", codec="hevc", options=params, fmt="yuv420p10le", size=(96, 64))
    trip = round_trip(clip, tmp_path, Writing(lossless=True))
    assert trip.worst_psnr == 99
    assert trip.copy_info.hdr.light == (1000, 400)
    assert "HDR" in " ".join(map(str, trip.tally.notices))


_HDR = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400"


@pytest.mark.parametrize(
    ("codec", "container"), [("h264", "mp4"), ("hevc", "mp4"), ("av1", "mp4"), ("h264", "mpegts"), ("hevc", "mpegts")]
)
def test_hdr_tags_are_kept(tmp_path: Path, codec: Any, container: Any) -> None:
    clip = make_clip(
        tmp_path / "a.mp4",
        codec="hevc",
        options={"x265-params": f"log-level=none:{_HDR}"},
        fmt="yuv420p10le",
        size=(96, 64),
    )
    trip = round_trip(clip, tmp_path, Writing(codec=codec, container=container))
    assert trip.info.hdr.light == trip.copy_info.hdr.light == (1000, 400)
    assert trip.info.hdr.mastering is not None
    assert trip.copy_info.hdr.mastering is not None
    pairs = zip(trip.info.hdr.mastering, trip.copy_info.hdr.mastering, strict=True)
    assert all(abs(a - b) < Fraction(1, 1000) for a, b in pairs)


def test_only_the_pictures_travel(tmp_path: Path) -> None:
    words = b"said in confidence"
    clip = make_clip(
        tmp_path / "a.mkv",
        audio="libopus",
        cover=True,
        subtitle=True,
        chapters=True,
        attachment=b"secret note",
        tags={"title": "secret title"},
        sei="secret caption",
    )
    assert all(found in clip.read_bytes() for found in (b"secret caption", b"secret note", words))
    for container in ("mp4", "matroska", "mpegts"):
        trip = round_trip(clip, tmp_path, Writing(container=container))
        data = (tmp_path / "copy").read_bytes()
        for word in (b"secret", words, b"x264", b"Lavc", b"JFIF", b"Lavf6"):
            assert word not in data, word
        kinds = {done.kind: done.done for done in trip.tally.streams}
        assert kinds.pop("video") == "masked"
        assert set(kinds) >= {"audio", "cover", "subtitle", "chapters", "tags", "attachment"}
        assert set(kinds.values()) == {"dropped"}


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1", "ffv1"])
def test_the_encoder_leaves_no_visiting_card(tmp_path: Path, codec: Any) -> None:
    write_copy(make_clip(tmp_path / "a.mp4", size=(96, 64)), tmp_path / "b", Writing(codec=codec, container="matroska"))
    data = (tmp_path / "b").read_bytes()
    assert not [word for word in (b"x264", b"x265", b"Lavc", b"SVT", b"core ") if word in data]


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1"])
def test_the_same_frames_give_the_same_bytes(tmp_path: Path, codec: Any) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=40, size=(160, 96))
    writing = Writing(codec=codec, threads=2)
    first, second = (tmp_path / "first", tmp_path / "second")
    write_copy(clip, first, writing)
    write_copy(clip, second, writing)
    assert first.read_bytes() == second.read_bytes()


def test_an_mp4_copy_starts_with_its_index(tmp_path: Path) -> None:
    write_copy(make_clip(tmp_path / "a.mp4"), tmp_path / "b")
    data = (tmp_path / "b").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_a_copy_can_be_written_to_a_file_without_a_name(tmp_path: Path) -> None:
    import os

    clip = make_clip(tmp_path / "a.mp4")
    draft = os.open(tmp_path, os.O_TMPFILE | os.O_RDWR, 0o600)
    try:
        write_copy(clip, Path(f"/proc/self/fd/{draft}"))
        frames, _ = frames_of(Path(f"/proc/self/fd/{draft}"))
    finally:
        os.close(draft)
    assert len(frames) == 12


@pytest.mark.parametrize(
    ("what", "writing", "advice"),
    [
        ({"size": (65, 49), "codec": "ffv1"}, Writing(codec="h264"), "av1"),
        ({"fmt": "gray", "codec": "ffv1", "size": (97, 65)}, Writing(codec="h264"), "hevc"),
        ({"fmt": "yuv422p", "codec": "ffv1"}, Writing(codec="av1"), "h264"),
        ({"interlaced": "tff"}, Writing(codec="hevc"), "h264"),
        ({"fmt": "yuv422p", "size": (63, 48), "codec": "ffv1"}, Writing(codec="h264"), "ffv1 in mp4"),
    ],
)
def test_a_codec_that_cannot_carry_the_picture_is_refused_with_what_can(
    tmp_path: Path, what: dict[str, Any], writing: Writing, advice: str
) -> None:
    with pytest.raises(UnsupportedFootageError, match=f"Use codec {advice}"):
        write_copy(make_clip(tmp_path / "a.mkv", **what), tmp_path / "b", writing)


def test_auto_says_which_codec_it_took_instead_of_h264(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mkv", codec="ffv1", size=(65, 49))
    tally = write_copy(clip, tmp_path / "b", Writing())
    assert tally.codec == "av1"
    assert "odd sizes (65x49)" in " ".join(map(str, tally.notices))


def no_threads_of_ours() -> bool:
    until = time.monotonic() + 2
    while any(t.name.startswith("privmask") for t in threading.enumerate()):
        if time.monotonic() > until:
            return False
    return True


def test_an_error_in_the_loop_stops_both_threads(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=60)

    def fail(frame: Frame) -> None:
        if frame.index == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_copy(clip, tmp_path / "b", hide=fail)
    assert no_threads_of_ours()


def test_an_error_of_the_encoder_reaches_the_loop(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=60)
    with pytest.raises(CopyError, match="cannot be written"):
        write_copy(clip, tmp_path / "no folder" / "b")
    assert no_threads_of_ours()


def test_a_sink_that_got_no_frame_is_no_copy(tmp_path: Path) -> None:
    with (
        make_clip(tmp_path / "a.mp4").open("rb", buffering=0) as file,
        open_video(file) as source,
        pytest.raises(CopyError, match="no frame"),
        write_video(str(tmp_path / "b"), like=source),
    ):
        pass


def test_what_the_encoder_gets_is_not_what_the_decoder_made(tmp_path: Path) -> None:
    """Painting a decoder's own picture would damage the pictures that are predicted from it."""
    clip = make_clip(tmp_path / "a.mp4", frames=24)
    plain, _ = frames_of(clip)
    with clip.open("rb", buffering=0) as file, open_video(file, Reading(threads=1)) as source:
        for frame, expected in zip(source.frames(), plain, strict=True):
            assert all((p.visible == q.visible).all() for p, q in zip(frame.planes, expected.planes, strict=True))
            for plane in frame.planes:
                plane.samples.fill(0)
            MaskedFrame(frame)


def test_a_clip_is_not_written_as_a_still(tmp_path: Path) -> None:
    with pytest.raises(FootageError, match="mp4 or matroska"):
        write_copy(make_clip(tmp_path / "a.mp4"), tmp_path / "b", Writing(container="jpeg"))


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_the_shortest_hevc_clips_are_written_alike_each_time(tmp_path: Path, frames: int) -> None:
    clip = make_clip(tmp_path / "a.mp4", size=(96, 64), frames=frames)
    copies = set()
    for turn in range(6):
        write_copy(clip, tmp_path / f"{turn}", Writing(codec="hevc"))
        copies.add((tmp_path / f"{turn}").read_bytes())
    assert len(copies) == 1


def test_a_picture_is_coded_as_one_slice_however_many_threads_there_are(tmp_path: Path) -> None:
    """PyAV asks encoders for slices by itself; x264 then codes worse, and its threads wait for each other."""
    write_copy(make_clip(tmp_path / "a.mp4", size=(320, 256)), tmp_path / "b", Writing(threads=4))
    with av.open(str(tmp_path / "b")) as copy:
        to_annex_b = BitStreamFilterContext("h264_mp4toannexb", copy.streams.video[0])
        packets = [
            part for packet in copy.demux(video=0) for part in to_annex_b.filter(packet if packet.size else None)
        ]
    kinds = [unit[unit.index(b"\x01") + 1] & 0x1F for packet in packets for unit in split_units(bytes(packet))]
    assert sum(kind in (1, 5) for kind in kinds) == 12
