"""Groups of pictures with nothing to hide travel as they are, between others that are encoded, as one valid stream."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import pytest

from privmask.errors import DamagedFootageError
from privmask.video import Reading, Writing, hash_packets, hash_travelling, open_video, strange_contents, unsuited
from privmask.video.decoding import Decoder
from tests.video.clips import make_clip
from tests.video.travel import CLOSED, HEVC, X264, X265, drawn_way, let_travel, psnr, seen_in


@dataclass(frozen=True, slots=True)
class Case:
    """An original of 30 frames, its groups as they are wanted (a dot travels), and which of its frames do."""

    name: str
    suffix: str = ".mp4"
    what: dict[str, Any] = field(default_factory=lambda: CLOSED)
    wanted: str = ".#..#."
    way: str = ".....#####..........#####....."
    to: tuple[str, ...] = (".mp4", ".mkv", ".ts")


UNEVEN = [n * n * 64 + 512 for n in range(30)]
OPEN = {"b_frames": 2, "options": {"x264-params": f"{X264}:open-gop=1"}}
HEVC_OPEN = {"codec": "hevc", "options": {"x265-params": f"{X265}:open-gop=1"}}
CASES = [
    Case("H.264"),
    Case("H.264 in Matroska", ".mkv"),
    Case("H.264 in a transport stream", ".ts"),
    Case("H.264 without B frames", what={**CLOSED, "b_frames": 0}),
    Case("H.264 with a pyramid of B frames", what={**CLOSED, "b_frames": 3}, to=(".mp4", ".ts")),
    Case("H.264 in three slices", what={"options": {"x264-params": f"{X264}:slices=3"}}, to=(".mp4", ".ts")),
    Case("H.264 Baseline", what={"b_frames": 0, "options": {"x264-params": X264, "profile": "baseline"}}, to=(".mp4",)),
    Case("H.264 with scaling lists", what={"options": {"x264-params": f"{X264}:cqm=jvt"}}, to=(".mp4",)),
    Case("H.264 at a variable rate", what={**CLOSED, "pts": UNEVEN}),
    Case("H.264 that begins late", ".mkv", what={**CLOSED, "start": 12800}),
    Case("H.264 turned", what={**CLOSED, "rotation": 90}, to=(".mp4",)),
    Case("H.264 with oblong samples", what={**CLOSED, "sar": Fraction(4, 3)}, to=(".mp4", ".ts")),
    Case("H.264 of full range", what={**CLOSED, "fmt": "yuvj420p"}, to=(".mp4", ".ts")),
    Case("all of it travels", wanted="......", way="." * 30),
    Case("the first group is painted", wanted="#.....", way="#####" + "." * 25),
    Case("the last group is painted", wanted=".....#", way="." * 25 + "#####", to=(".mp4",)),
    Case("every second group is painted", wanted="#.#.#.", way="#####....." * 3),
    Case("open groups", what=OPEN, wanted="..####", way="." * 9 + "#" * 21),
    Case("a decoder cannot start with an open group", what=OPEN, wanted="#.....", way="#" * 30, to=(".mp4",)),
    Case("HEVC", what=HEVC),
    Case("HEVC in a transport stream", ".ts", what=HEVC),
    Case("HEVC without B frames", ".mkv", what={**HEVC, "b_frames": 0}),
    Case("HEVC, the first group is painted", what=HEVC, wanted="#..#..", way="#####..........#####.........."),
    Case("HEVC with open groups", what=HEVC_OPEN, wanted="..####", way="." * 9 + "#" * 21),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("originals")


def original_of(case: Case, folder: Path) -> Path:
    return make_clip(folder / f"clip{case.suffix}", **{"size": (96, 64), "frames": 30, **case.what})


TRIPS = [pytest.param(case, suffix, id=f"{case.name} to {suffix}") for case in CASES for suffix in case.to]


@pytest.mark.parametrize(("case", "suffix"), TRIPS)
def test_what_travels_is_bit_for_bit_the_originals_and_the_whole_is_one_clip(
    tmp_path: Path, case: Case, suffix: str
) -> None:
    original, copy = original_of(case, tmp_path), tmp_path / f"copy{suffix}"
    tally, route = let_travel(original, copy, case.wanted, codec=case.what.get("codec", "h264"))
    assert drawn_way(route) == case.way
    before, after = seen_in(original), seen_in(copy)
    assert len(after) == len(before) == 30 == tally.frames == tally.packets
    for index, (one, other) in enumerate(zip(before, after, strict=True)):
        assert abs(one.time - other.time) <= (0.0005 if suffix == ".mkv" else 1e-9)
        if case.way[index] == ".":
            assert one.digest == other.digest, index
        else:
            assert one.digest != other.digest
            assert psnr(one, other) > 38, index
    assert complaints_of(copy) == ""
    with copy.open("rb", buffering=0) as file:
        assert strange_contents(file, audio=0) == ()


def complaints_of(clip: Path) -> str:
    """What another build of FFmpeg has to say about a clip."""
    words = [
        *("-v", "warning", "-err_detect", "explode", "-i", str(clip)),
        *("-enc_time_base", "demux", "-f", "null", "-"),
    ]
    return subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *words], capture_output=True, text=True, check=True).stderr


@pytest.mark.parametrize("what", [CLOSED, HEVC], ids=["H.264", "HEVC"])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_player_may_begin_at_any_key_frame(tmp_path: Path, what: dict[str, Any], suffix: str) -> None:
    original = make_clip(tmp_path / "clip.mp4", **{"size": (96, 64), "frames": 30, **what})
    copy = tmp_path / f"copy{suffix}"
    _, route = let_travel(original, copy, ".#.#..", codec=what.get("codec", "h264"))
    whole = seen_in(copy)
    for number in range(0, 30, 5):
        with av.open(str(copy)) as container:
            stream = container.streams.video[0]
            assert stream.time_base is not None
            container.seek(round((whole[number].time + 0.001) / stream.time_base), stream=stream)
            first = next(container.decode(stream))
            assert float(first.time) == pytest.approx(whole[number].time, abs=1e-6)
            assert (first.to_ndarray() == whole[number].samples).all()
    assert drawn_way(route) == ".....#####.....#####.........."


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_only_pictures_travel(tmp_path: Path, suffix: str) -> None:
    """x264's visiting card, a private message before each picture, and what containers say are left behind."""
    original = make_clip(tmp_path / f"clip{suffix}", size=(96, 64), frames=30, sei="a private word", **CLOSED)
    assert original.read_bytes().count(b"a private word") == 30
    copy = tmp_path / "copy.mp4"
    let_travel(original, copy, ".#....")
    assert b"private" not in copy.read_bytes()
    assert b"x264" not in copy.read_bytes()
    with av.open(str(copy)) as container:
        kinds = {kind for packet in container.demux(video=0) if packet.size for kind in _kinds(bytes(packet))}
    assert kinds <= {1, 5}


def _kinds(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        yield data[at + 4] & 31
        at += 4 + int.from_bytes(data[at : at + 4], "big")


def test_sound_comes_along_where_it_is_asked_for(tmp_path: Path) -> None:
    original = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=30, audio="aac", **CLOSED)
    tally, _ = let_travel(original, tmp_path / "copy.mp4", ".#..#.", audio="keep")
    with av.open(str(original)) as one, av.open(str(tmp_path / "copy.mp4")) as other:
        sounds = [[bytes(packet) for packet in each.demux(audio=0) if packet.size] for each in (one, other)]
    assert sounds[0] == sounds[1]
    assert tally.audio_packets == len(sounds[0])


def test_what_travels_is_known_by_its_hash_without_decoding(tmp_path: Path) -> None:
    """From the original alone the same hashes come as from the packets of the copy."""
    for what in (CLOSED, HEVC):
        original = make_clip(tmp_path / "clip.ts", size=(96, 64), frames=30, **what)
        let_travel(original, tmp_path / "copy.mp4", "..#.#.", codec=what.get("codec", "h264"))
        with (tmp_path / "copy.mp4").open("rb", buffering=0) as file:
            gops = [gop.sha256 for gop in hash_packets(file).gops]
        with original.open("rb", buffering=0) as file:
            found = list(hash_travelling(file, None, [(0, 5), (5, 10), (15, 20), (25, 30)]))
        assert found == [gops[0], gops[1], gops[3], gops[5]]


@pytest.mark.parametrize("span", [(1, 5), (0, 4), (5, 5), (25, 31)])
def test_only_whole_groups_can_be_said_to_travel(tmp_path: Path, span: tuple[int, int]) -> None:
    original = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=30, **CLOSED)
    with original.open("rb", buffering=0) as file, pytest.raises(DamagedFootageError, match="no groups of pictures"):
        list(hash_travelling(file, None, [span]))


def test_frames_that_travel_are_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread gives pictures packet by packet, so that what is decoded can be counted."""
    original = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=30, **CLOSED)
    decode, decoded = Decoder._decode, bytearray()

    def counted(self: Decoder, packet: Any, **more: Any) -> Any:
        decoded.extend(b"." if packet.size and not more else b"")
        return decode(self, packet, **more)

    monkeypatch.setattr(Decoder, "_decode", counted)
    with original.open("rb", buffering=0) as file, open_video(file, Reading(threads=1)) as source:
        route = source.survey().route([True, True, True, False, True, True])
        frames = list(source.frames(route))
    assert [frame.index for frame in frames if not frame.passed] == [15, 16, 17, 18, 19]
    assert [frame.pts for frame in frames] == [512 * n for n in range(30)]
    assert 6 <= len(decoded) <= 15


def test_a_frame_that_should_be_painted_and_cannot_be_decoded_is_an_error(tmp_path: Path) -> None:
    original = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=30, **CLOSED)
    data = bytearray(original.read_bytes())
    with av.open(str(original)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        place, size = packets[15].pos, packets[15].size
    assert place is not None
    data[place + size // 2 : place + size] = bytes(size - size // 2)
    original.write_bytes(data)
    with pytest.raises(DamagedFootageError):
        let_travel(original, tmp_path / "copy.mp4", "...#..")


PLAIN: dict[str, Any] = {"size": (96, 64), "frames": 30, **CLOSED}
WISHES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("clip.mp4", {}, {"pass_through": False}, "it was not wanted"),
    ("clip.mp4", {}, {"codec": "hevc"}, "the original is h264, and the copy is to be hevc"),
    ("clip.mp4", {}, {"lossless": True}, "the copy is to be without loss"),
    ("clip.mkv", {"codec": "ffv1", "options": {}}, {}, "the original is coded as ffv1"),
    ("clip.mp4", {"fmt": "yuv420p10le"}, {}, "its pictures are yuv420p10le, not 4:2:0 of 8 bits"),
    ("clip.mp4", {"fmt": "yuv444p"}, {}, "its pictures are yuv444p, not 4:2:0 of 8 bits"),
    ("clip.mp4", {"interlaced": "tff", "options": {}}, {}, "it is interlaced"),
    ("clip.mp4", {"size": (98, 12)}, {}, "its pictures are small (98x12)"),
    ("clip.264", {}, {}, "its times were counted, as the footage has none"),
]


@pytest.mark.parametrize(("name", "what", "wish", "why"), WISHES, ids=[why for *_, why in WISHES])
def test_what_is_not_known_to_be_safe_does_not_travel(
    tmp_path: Path, name: str, what: dict[str, Any], wish: dict[str, Any], why: str
) -> None:
    clip = make_clip(tmp_path / name, **{**PLAIN, **what})
    with clip.open("rb", buffering=0) as file, open_video(file) as source:
        assert unsuited(source.info, Writing(**wish), "fail") == why


def test_where_damage_is_to_be_hidden_every_frame_is_looked_at(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", **PLAIN)
    with clip.open("rb", buffering=0) as file, open_video(file) as source:
        assert "damaged" in unsuited(source.info, Writing(), "hide")
        assert unsuited(source.info, Writing(), "fail") == ""


def refused(clip: Path) -> str:
    with clip.open("rb", buffering=0) as file, open_video(file) as source:
        return source.survey().refused


def faults(clip: Path) -> list[str]:
    with clip.open("rb", buffering=0) as file, open_video(file) as source:
        return [group.fault for group in source.survey().groups]


def rewrapped(clip: Path, to: Path, packets: list[Any], options: dict[str, str] | None = None) -> Path:
    """The packets of a clip, or some of them, in another file."""
    with av.open(str(clip)) as container, av.open(str(to), "w", options=options or {}) as out:
        stream = out.add_stream_from_template(container.streams.video[0])
        for packet in packets:
            packet.stream = stream
            out.mux(packet)
    return to


def packets_of(clip: Path) -> list[Any]:
    with av.open(str(clip)) as container:
        return [packet for packet in container.demux(video=0) if packet.size]


def test_profiles_that_were_not_tried_do_not_travel(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", **{**PLAIN, "options": {"x264-params": X264, "qp": "0"}})
    assert refused(clip) == "it is of H.264's profile 244"


def test_footage_that_may_be_interlaced_does_not_travel(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", **{**PLAIN, "options": {"x264-params": f"{X264}:fake-interlaced=1"}})
    assert refused(clip) == "it may be interlaced"


@pytest.mark.parametrize("second", [{"size": (128, 64)}, {"options": {"x264-params": f"{X264}:ref=1:bframes=0"}}])
def test_parameter_sets_that_change_on_the_way_do_not_travel(tmp_path: Path, second: dict[str, Any]) -> None:
    """As where the size changes in mid-stream, or two recordings were joined."""
    one = make_clip(tmp_path / "one.ts", **PLAIN)
    other = packets_of(make_clip(tmp_path / "other.ts", **{**PLAIN, **second}))
    for packet in other:
        packet.pts, packet.dts = packet.pts + 2 * 90_000, packet.dts + 2 * 90_000
    joined = rewrapped(one, tmp_path / "joined.ts", packets_of(one) + other)
    assert refused(joined) == "its parameter sets change on the way"


@pytest.mark.parametrize(("lost", "expected"), [(5, 1), (7, 1), (12, 2)])
def test_a_group_with_a_lost_picture_does_not_travel(tmp_path: Path, lost: int, expected: int) -> None:
    """Without its key frame a group is a part of the one before; the count of reference pictures tells the gap."""
    clip = make_clip(tmp_path / "clip.mp4", **{**PLAIN, "b_frames": 0})
    packets = packets_of(clip)
    cut = rewrapped(clip, tmp_path / "cut.mp4", packets[:lost] + packets[lost + 1 :])
    found = faults(cut)
    place = expected if lost % 5 else expected - 1
    assert [index for index, fault in enumerate(found) if fault] == [place]
    assert found[place] == "a picture before it is missing"


@pytest.mark.parametrize(
    ("kind", "fault"), [(20, "a unit of type 20"), (2, "a unit of type 2"), (24, ""), (12, ""), (9, "")]
)
def test_units_that_are_neither_pictures_nor_can_be_left_out_do_not_travel(
    tmp_path: Path, kind: int, fault: str
) -> None:
    """Slices of other layers and parts of slices do not; fillers, delimiters and what no standard knows are left out."""
    clip = make_clip(tmp_path / "clip.mp4", **PLAIN)
    packets = packets_of(clip)
    more = av.Packet(bytes((0, 0, 0, 3, kind, 0x80, 0x80)) + bytes(packets[7]))
    more.pts, more.dts, more.time_base = packets[7].pts, packets[7].dts, packets[7].time_base
    more.duration = packets[7].duration
    packets[7] = more
    assert faults(rewrapped(clip, tmp_path / "more.mp4", packets)) == ["", fault, "", "", "", ""]


def test_footage_cut_in_transmission_does_not_travel(tmp_path: Path) -> None:
    """Transport packets are counted, so that FFmpeg marks what follows a gap."""
    clip = make_clip(tmp_path / "clip.ts", **PLAIN)
    data = clip.read_bytes()
    middle = len(data) // 188 // 2 * 188
    clip.write_bytes(data[:middle] + data[middle + 188 :])
    assert refused(clip) == "not every packet of it is whole, shown, and has a time"


def test_frames_that_are_shown_after_a_later_key_frame_do_not_travel(tmp_path: Path) -> None:
    """As where a recorder's clock was set back."""
    clip = make_clip(tmp_path / "clip.mkv", **{**PLAIN, "b_frames": 0})
    packets = packets_of(clip)
    for packet in packets[15:]:
        packet.pts -= 100
    with av.open(str(clip)) as container, av.open(str(tmp_path / "back.mkv"), "w") as out:
        stream = out.add_stream_from_template(container.streams.video[0])
        for number, packet in enumerate(packets):
            packet.stream, packet.dts = stream, number
            packet.pts += 1000
            out.mux(packet)
    assert refused(tmp_path / "back.mkv") == "frames from before a key frame are shown after it"
