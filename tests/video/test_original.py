"""Originals: opened strictly, read whole, and refused with the true reason."""

from __future__ import annotations

import io
import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from privmask.errors import DamagedFootageError, FootageError, UnsupportedFootageError
from privmask.geometry import Size
from privmask.masks import MaskPlan, fit_masks, hide, parse_zone
from privmask.video import Reading, decoding, inspect, open_video, opening
from tests.video.clips import Clip, make_clip, picture, planes
from tests.video.trips import frames_of, times


def test_frames_come_in_the_order_of_presentation_each_ending_where_the_next_begins(tmp_path: Path) -> None:
    frames, info = frames_of(make_clip(tmp_path / "a.mp4", pts=[100, 700, 701, 9000], b_frames=2))
    assert [frame.pts for frame in frames] == [100, 700, 701, 9000]
    assert [frame.end for frame in frames] == [700, 701, 9000, None]
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    assert info.time_base == Fraction(1, 12800)


@pytest.mark.parametrize(
    "fmt",
    [
        "yuv420p",
        "yuv422p",
        "yuv444p",
        "yuv420p10le",
        "yuv422p12le",
        "gray",
        "gray10le",
        "bgr0",
        "bgra",
        "yuv440p",
    ],
)
def test_samples_arrive_as_they_were_stored(tmp_path: Path, fmt: str) -> None:
    clip = Clip(codec="ffv1", fmt=fmt, size=(37, 23), frames=3)
    frames, _ = frames_of(
        make_clip(tmp_path / "a.mkv", **{k: getattr(clip, k) for k in ("codec", "fmt", "size", "frames")})
    )
    for frame in frames:
        planar = picture(
            Clip(codec="ffv1", fmt={"bgr0": "gbrp", "bgra": "gbrap"}.get(fmt, fmt), size=(37, 23)), frame.index
        )
        for plane, expected in zip(frame.planes, planes(planar), strict=True):
            assert (plane.visible == expected).all()
            assert plane.samples.flags.c_contiguous


@pytest.mark.parametrize(("packed", "planar"), [("nv12", "yuv420p"), ("yuyv422", "yuv422p"), ("uyvy422", "yuv422p")])
def test_interleaved_samples_are_only_moved(tmp_path: Path, packed: str, planar: str) -> None:
    frames, info = frames_of(make_clip(tmp_path / "a.mkv", codec="rawvideo", fmt=packed, size=(38, 22), frames=2))
    assert (info.found_format, info.picture.format.name) == (packed, planar)
    for frame in frames:
        expected = planes(picture(Clip(fmt=planar, size=(38, 22)), frame.index))
        assert all((p.visible == e).all() for p, e in zip(frame.planes, expected, strict=True))


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a.mp4", {"size": (70, 46), "b_frames": 2}),
        ("a.mkv", {"codec": "ffv1", "fmt": "yuv420p10le", "size": (37, 23)}),
        ("a.mkv", {"codec": "rawvideo", "fmt": "nv12", "size": (38, 22)}),
        ("a.mkv", {"codec": "ffv1", "fmt": "bgra", "size": (37, 23)}),
    ],
    ids=["reordered", "ten bits", "interleaved", "with alpha"],
)
def test_frames_that_are_only_looked_at_have_the_same_samples_and_cannot_be_painted(
    tmp_path: Path, name: str, how: Any
) -> None:
    clip = make_clip(tmp_path / name, **{"frames": 9, **how})
    painted, _ = frames_of(clip)
    with clip.open("rb", buffering=0) as file, open_video(file) as source:
        source.to_paint = False
        seen = list(source.frames())
        masks = fit_masks(MaskPlan((parse_zone("0,0 1,0 0,1", "zone"),)), source.info.picture)
    assert len(seen) == len(painted)
    for one, other in zip(painted, seen, strict=True):
        assert all((a.visible == b.visible).all() for a, b in zip(one.planes, other.planes, strict=True))
        assert replace(one, planes=(), carrier=None) == replace(other, planes=())
        with pytest.raises(TypeError, match="No matching definition"):
            hide(other, masks.at(other))


def test_raw_streams_have_their_times_counted_and_say_so(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.h264")
    frames, info = frames_of(clip)
    assert info.pts_made
    assert times(frames) == [Fraction(i, 25) for i in range(12)]


@pytest.mark.parametrize("name", ["a.h264", "a.h265"])
@pytest.mark.parametrize("rate", [Fraction(30000, 1001), Fraction(50)], ids=str)
def test_raw_streams_are_counted_at_the_rate_of_their_own_header(tmp_path: Path, name: str, rate: Fraction) -> None:
    codec = "hevc" if name.endswith("5") else "h264"
    clip = make_clip(tmp_path / name, codec=codec, rate=rate, time_base=1 / rate, size=(96, 64))
    frames, info = frames_of(clip)
    assert info.average_rate == rate
    assert [frame.start_time for frame in frames] == [i / rate for i in range(12)]


def test_several_video_streams_are_refused_by_name_until_one_is_chosen(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", second_video=True, size=(96, 64))
    with pytest.raises(UnsupportedFootageError, match=r"2 video streams \(stream 0: h264, 96x64.*stream 1"):
        frames_of(clip)
    assert len(frames_of(clip, Reading(stream=1))[0]) == 12
    with pytest.raises(UnsupportedFootageError, match="stream 7"):
        frames_of(clip, Reading(stream=7))


def test_a_cover_picture_is_no_second_video(tmp_path: Path) -> None:
    for name in ("a.mp4", "a.mkv"):
        assert len(frames_of(make_clip(tmp_path / name, cover=True))[0]) == 12


def test_audio_alone_is_no_footage(tmp_path: Path) -> None:
    import av

    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("aac", rate=48000)
        frame = av.AudioFrame(format="fltp", layout="stereo", samples=1024)
        frame.sample_rate = 48000
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        out.mux([*stream.encode(frame), *stream.encode(None)])
    with pytest.raises(UnsupportedFootageError, match="no video stream"):
        frames_of(path)


@pytest.mark.parametrize(
    "matrix",
    [
        (-65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30),
        (65536, 0, 0, 0, -65536, 0, 0, 0, 1 << 30),
        (46341, 46341, 0, -46341, 46341, 0, 0, 0, 1 << 30),
        (131072, 0, 0, 0, 65536, 0, 0, 0, 1 << 30),
    ],
    ids=["mirrored", "upside down", "45 degrees", "stretched"],
)
def test_a_picture_held_in_an_odd_way_is_refused(tmp_path: Path, matrix: tuple[int, ...]) -> None:
    with pytest.raises(UnsupportedFootageError, match="only turns"):
        frames_of(make_clip(tmp_path / "a.mp4", matrix=matrix))


def test_the_picture_is_cropped_exactly(footage: Any) -> None:
    """Without the codec flag "unaligned" FFmpeg shows 26 columns that the stream says are not to be seen."""
    _, info = frames_of(footage("cropped_300x168.264"))
    assert info.picture.size == Size(300, 168)


def test_a_change_of_rotation_inside_the_stream_is_refused(tmp_path: Path) -> None:
    """No encoder here turns its pictures on the way, so the source is told of another turn than its first picture's."""
    clip = make_clip(tmp_path / "clip.mp4", frames=3)
    with clip.open("rb", buffering=0) as file, open_video(file) as source:
        source._turn = 90
        with pytest.raises(UnsupportedFootageError, match=r"the rotation changes .*it was 90 and is 0"):
            list(source.frames())


def test_a_packet_that_its_container_calls_corrupt_is_damage_even_if_it_decodes(tmp_path: Path) -> None:
    """A transport stream marks what the line has damaged by one bit; the rest of this packet is sound."""
    clip = make_clip(tmp_path / "clip.ts", size=(98, 66), frames=12)
    cells = bytearray(clip.read_bytes())
    pictures = [at for at in range(0, len(cells), 188) if int.from_bytes(cells[at + 1 : at + 3], "big") & 0x1FFF == 0x100]
    cells[pictures[len(pictures) // 2] + 1] |= 0x80
    clip.write_bytes(cells)
    with pytest.raises(DamagedFootageError, match="marked as corrupt"):
        frames_of(clip)


def test_a_change_of_size_inside_the_stream_is_refused(footage: Any) -> None:
    with pytest.raises(UnsupportedFootageError, match=r"size changes.*352x288.*640x480"):
        frames_of(footage("broken_I_P_288p.264"), Reading(damaged="hide"))


def test_a_stream_without_its_first_picture_is_refused_or_hidden_until_it_is_clean(footage: Any) -> None:
    """The first 27 pictures are predicted from one that is not there.  ###...###......"""
    clip = footage("idr_lost_144p.264")
    with pytest.raises(DamagedFootageError, match="frame 0"):
        frames_of(clip)
    frames, _ = frames_of(clip, Reading(damaged="hide"))
    assert "".join("#" if frame.hide_all else "." for frame in frames) == "#" * 27 + "." * 70


def test_flipped_bits_are_met_with_a_refusal_or_hidden_pictures(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=48, gop=12, size=(96, 64), codec="h264")
    clean, _ = frames_of(clip)
    data = clip.read_bytes()
    start = data.index(b"mdat") + 4
    refused = 0
    for place in range(start + 40, len(data) - 2000, 400):
        broken = bytearray(data)
        broken[place : place + 4] = bytes(b ^ 0x5A for b in broken[place : place + 4])
        (tmp_path / "b.mp4").write_bytes(broken)
        try:
            frames_of(tmp_path / "b.mp4")
        except FootageError:
            refused += 1
        try:
            hidden, _ = frames_of(tmp_path / "b.mp4", Reading(damaged="hide"))
        except FootageError:
            continue
        assert len(hidden) <= len(clean)
    assert refused > 3


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "f.mp4"])
def test_a_file_cut_short_is_refused(tmp_path: Path, name: str, share: float) -> None:
    muxing = (
        {"movflags": "frag_keyframe+empty_moov"}
        if name == "f.mp4"
        else {"movflags": "faststart"}
        if "mp4" in name
        else {}
    )
    data = make_clip(tmp_path / name, frames=48, size=(96, 64), b_frames=0, muxing=muxing).read_bytes()
    cut = tmp_path / f"cut_{name}"
    cut.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(DamagedFootageError):
        frames_of(cut)


_NO_FOOTAGE = {
    "letter": b"Dear sir,\nthis is no film.\n" * 99,
    "concat script": b"ffconcat version 1.0\nfile 'a.mp4'\n",
    "playlist": b"#EXTM3U\n#EXTINF:1,\na.mp4\n",
    "GIF": b"GIF89a" + bytes(99),
}


@pytest.mark.parametrize("data", _NO_FOOTAGE.values(), ids=_NO_FOOTAGE)
def test_what_is_no_footage_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(data)
    with pytest.raises(FootageError):
        frames_of(tmp_path / "a.mp4")


def test_a_giant_picture_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.png", codec="png", fmt="gray", frames=1)
    data = bytearray(clip.read_bytes())
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    clip.write_bytes(data)
    with pytest.raises(FootageError):
        frames_of(clip)


def test_leaving_early_stops_the_decoding_thread(tmp_path: Path) -> None:
    with make_clip(tmp_path / "a.mp4", frames=60).open("rb", buffering=0) as file, open_video(file) as source:
        next(iter(source.frames()))
    assert not any(t.name.startswith("privmask") for t in threading.enumerate())


def test_reading_twice_gives_the_same_samples_whatever_the_threads(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=30, size=(160, 96))
    one, _ = frames_of(clip, Reading(threads=1))
    many, _ = frames_of(clip, Reading(threads=4))
    for a, b in zip(one, many, strict=True):
        assert all(np.array_equal(p.visible, q.visible) for p, q in zip(a.planes, b.planes, strict=True))


def test_inspect_tells_what_is_there_and_why_it_would_be_refused(tmp_path: Path) -> None:
    with make_clip(tmp_path / "a.mp4", rotation=90, audio="aac").open("rb", buffering=0) as file:
        found = inspect(file)
    assert found["refused"] is None
    assert found["video"]["size"] == [64, 48]
    assert found["video"]["displayed"] == [48, 64]
    assert [s["kind"] for s in found["streams"]][:2] == ["video", "audio"]
    assert "not footage" in str(inspect(io.BytesIO(b"no film" * 99))["refused"])  # type: ignore[arg-type]  # reads like a raw file


def test_a_decoder_that_ignores_the_strict_options_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "STRICT", {**opening.STRICT, "err_detekt": "explode"})
    with pytest.raises(UnsupportedFootageError, match="err_detekt"):
        frames_of(make_clip(tmp_path / "a.mp4"))


def test_a_picture_that_the_decoder_loses_in_silence_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = decoding.Decoder._decode

    def losing(self: decoding.Decoder, packet: Any) -> Any:
        return [] if self.pictures == 5 and packet.size else real(self, packet)

    clip = make_clip(tmp_path / "a.mkv", codec="ffv1")
    assert len(frames_of(clip)[0]) == 12
    monkeypatch.setattr(decoding.Decoder, "_decode", losing)
    with pytest.raises(DamagedFootageError, match="12 packets gave only"):
        frames_of(clip)
