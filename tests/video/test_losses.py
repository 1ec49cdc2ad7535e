"""A lost picture: what is predicted from it is never shown, and what is not is not touched."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from privmask.errors import DamagedFootageError
from privmask.video import Reading, open_video
from privmask.video.bits import Bits
from privmask.video.losses import LossWatch
from privmask.video.slices import Slice, units_in
from privmask.video.timetable import Timetable, tried
from tests.video.lossy import WRONG, clip_of, drawn, is_reference, packets_of, shown_in, without

PLAIN = "keyint=6:min-keyint=6:scenecut=0:bframes=0"
ORDERED = "keyint=12:min-keyint=12:scenecut=0:bframes=3:b-adapt=0"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two groups of a key frame and five pictures, each predicted from the one before."""
    return clip_of(tmp_path_factory.mktemp("plain") / "clip.mp4", PLAIN, frames=12)


@pytest.mark.parametrize("lost", range(12))
def test_from_a_lost_picture_to_the_next_key_frame_nothing_is_shown(plain: Path, lost: int) -> None:
    cut, group_end = without(plain, [lost]), lost // 6 * 6 + 6
    seen = "." * lost + " " + "#" * (group_end - lost - 1) + "." * (12 - group_end)
    assert drawn(shown_in(without(plain)), shown_in(cut, "hide")) == seen
    if "#" not in seen:
        assert drawn(shown_in(without(plain)), shown_in(cut)) == seen
        return
    with pytest.raises(DamagedFootageError) as raised:
        shown_in(cut)
    assert "masking it could leave private parts open. With --damaged hide" in str(raised.value)
    if lost:  # without the first one of all there is none to be missed, but a picture that nothing is known of
        assert f"at {(lost + 1) / 25:.3f} s: a picture before it is missing" in str(raised.value)
        assert raised.value.text is not None
        assert f"{(lost + 1) / 25:.3f} 秒の画像：その前の画像が1つ以上欠けています" in raised.value.text.ja
    assert raised.value.exit_code == 6


def test_what_was_hidden_is_told_once(plain: Path) -> None:
    cut = without(plain, [2])
    with cut.open("rb", buffering=0) as file, open_video(file, Reading(damaged="hide")) as source:
        hidden = [frame.index for frame in source.frames() if frame.hide_all]
        assert hidden == [2, 3, 4]
        assert [place.en for place in source.damage] == ["frame 2, at 0.120 s: a picture before it is missing"]


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize(
    "x264",
    [
        f"{ORDERED}:b-pyramid=none",
        f"{ORDERED}:b-pyramid=strict:ref=2",
        f"{ORDERED}:b-pyramid=normal:ref=5:weightp=2",
        f"{ORDERED}:slices=3:direct=temporal",
        "keyint=8:min-keyint=8:scenecut=0:bframes=2:b-adapt=0:open-gop=1",
        "keyint=10:min-keyint=10:intra-refresh=1:bframes=0",
    ],
)
def test_whatever_packet_is_lost_no_other_picture_is_shown_in_its_place(
    tmp_path: Path, x264: str, threads: int
) -> None:
    clip = clip_of(tmp_path / "clip.mp4", x264)
    whole, packets = shown_in(without(clip)), packets_of(clip)
    for lost, packet in enumerate(packets):
        cut = without(clip, [lost])
        seen = drawn(whole, shown_in(cut, "hide"))
        assert WRONG not in seen, (lost, seen)
        if not is_reference(packet):
            assert set(seen) == {".", " "}, (lost, seen)
        try:
            seen = drawn(whole, shown_in(cut, threads=threads))
        except DamagedFootageError:
            assert is_reference(packet)
        else:
            assert set(seen) == {".", " "}, (lost, seen)


def test_pictures_that_no_other_refers_to_may_be_missing(tmp_path: Path) -> None:
    """Nobody can tell, and nothing is altered by it."""
    clip = clip_of(tmp_path / "clip.mp4", f"{ORDERED}:b-pyramid=none")
    lost = [number for number, packet in enumerate(packets_of(clip)) if not is_reference(packet)]
    assert len(lost) > 12
    assert set(drawn(shown_in(without(clip)), shown_in(without(clip, lost)))) == {".", " "}


@pytest.mark.parametrize("lost", [[3], [3, 4, 5], [1, 7]])
def test_pictures_that_refer_to_none_are_shown_whatever_was_lost(tmp_path: Path, lost: list[int]) -> None:
    """All of them are intra coded, and only the first one is a key frame: as in an open group of one."""
    clip = clip_of(tmp_path / "clip.mp4", "keyint=infinite:scenecut=0:bframes=0:open-gop=1:keyint=1", frames=10)
    assert set(drawn(shown_in(without(clip)), shown_in(without(clip, lost)))) == {".", " "}


def with_gaps(clip: Path) -> Path:
    """The clip, whose header says that numbers may be missing."""
    to = clip.with_name("gaps.mp4")
    data = clip.read_bytes()
    with av.open(str(clip)) as container:
        extra = bytes(container.streams.video[0].codec_context.extradata or b"")
    header = extra[8 : 8 + int.from_bytes(extra[6:8], "big")]
    bit = _bit_of_gaps(header)
    changed = bytearray(header)
    assert not changed[bit // 8] & 0x80 >> bit % 8
    changed[bit // 8] |= 0x80 >> bit % 8
    assert data.count(header) == 1
    to.write_bytes(data.replace(header, bytes(changed)))
    return to


def _bit_of_gaps(header: bytes) -> int:
    """Where it stands, counted from the header's first bit; in a profile without colour, with ordered pictures."""
    bits = Bits(header[1:])
    bits.take(24), bits.unsigned(), bits.unsigned()
    assert bits.unsigned() == 0
    bits.unsigned(), bits.unsigned()
    bit = 8 * len(header.replace(b"\0\0\3", b"\0\0")) - bits._left
    assert b"\0\0\3" not in header[: bit // 8 + 1]
    return bit


@pytest.fixture(scope="module")
def layered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures in three layers: others of the lowest one do not refer to those above it."""
    clip = clip_of(
        tmp_path_factory.mktemp("layers") / "clip.mp4",
        "keyint=50:bframes=3:b-adapt=0:b-pyramid=strict:ref=3:scenecut=0:weightp=0",
        options={"profile": "main", "x264-params": "keyint=50:bframes=3:b-adapt=0:b-pyramid=strict:ref=3:scenecut=0"},
    )
    return with_gaps(clip)


def test_layers_that_were_dropped_on_purpose_are_no_damage(layered: Path) -> None:
    """A server may thin out a stream for slow viewers: its header says that numbers are missing then."""
    kinds = [picture_type(packet) for packet in packets_of(layered)]
    upper = [number for number, kind in enumerate(kinds) if kind == "B"]
    lower = drawn(shown_in(without(layered)), shown_in(without(layered, upper)))
    assert set(lower) == {".", " "}
    assert lower.count(".") == len(kinds) - len(upper) < 10


def test_a_picture_of_the_lowest_layer_is_missed_even_where_numbers_may_be_missing(layered: Path) -> None:
    kinds = [picture_type(packet) for packet in packets_of(layered)]
    lost = [number for number, kind in enumerate(kinds) if kind == "P"][1]
    with pytest.raises(DamagedFootageError, match="a picture before it is missing"):
        shown_in(without(layered, [lost]))
    assert WRONG not in drawn(shown_in(without(layered)), shown_in(without(layered, [lost]), "hide"))


def picture_type(packet: Any) -> str:
    data, at = bytes(packet), 0
    while data[at + 4] & 31 not in (1, 5):
        at += 4 + int.from_bytes(data[at : at + 4], "big")
    bits = Bits(data[at + 5 : at + 25])
    bits.unsigned()
    return "PBI"[bits.unsigned() % 5]


HEALTHY = [
    "keyint=10:bframes=3:b-pyramid=normal:ref=16",
    "keyint=7:open-gop=1:bframes=3:b-adapt=0",
    "keyint=10:intra-refresh=1:bframes=2",
    "keyint=1",
    "keyint=infinite:bframes=0",
    "keyint=10:slice-max-size=200",
    "keyint=10:bframes=2:weightp=2:weightb=1:direct=temporal",
    "keyint=10:fake-interlaced=1",
    "keyint=10:tff=1:bframes=3",
    "keyint=10:bluray-compat=1:nal-hrd=vbr:vbv-maxrate=900:vbv-bufsize=900:aud=1",
    "keyint=10:cabac=0:sps-id=7:ref=3:bframes=0",
    "keyint=9:qp=0",
]


@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".ts", ".avi", ".264"])
@pytest.mark.parametrize("x264", HEALTHY)
def test_healthy_footage_is_shown_whole(tmp_path: Path, x264: str, suffix: str) -> None:
    if suffix == ".avi" and "bframes=0" not in x264 and x264 != "keyint=1":
        x264 += ":bframes=0"
    flags = {"flags": "+ildct+ilme"} if "tff" in x264 else {}
    clip = clip_of(tmp_path / f"clip{suffix}", x264, options={"x264-params": x264, **flags})
    for damaged in ("fail", "hide"):
        shown = shown_in(clip, damaged)
        assert len(shown) == 24
        assert "#" not in shown.values()


@pytest.mark.parametrize("open_gop", [0, 1])
def test_a_clip_that_was_cut_without_encoding_anew_is_whole_from_the_cut_on(tmp_path: Path, open_gop: int) -> None:
    """Its edit list hides what comes before the cut; in an open group some of that cannot be decoded any more."""
    x264 = f"keyint=12:min-keyint=12:scenecut=0:bframes=3:b-adapt=0:b-pyramid=normal:open-gop={open_gop}"
    clip = clip_of(tmp_path / "clip.mp4", x264, frames=48)
    cut = tmp_path / "cut.mp4"
    words = ["-v", "error", "-ss", "0.75", "-i", str(clip), "-c", "copy", str(cut)]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *words], check=True)
    assert any(packet.is_discard for packet in packets_of(cut))
    for damaged in ("fail", "hide"):
        shown = list(shown_in(cut, damaged).values())
        assert 24 <= len(shown) < 36
        assert shown == list(shown_in(clip).values())[-len(shown) :]


def test_another_header_on_the_way_is_understood(tmp_path: Path) -> None:
    """Two recordings in one transport stream, which count their pictures in another number of bits."""
    one = clip_of(tmp_path / "one.ts", "keyint=12:ref=1:bframes=0")
    other = clip_of(tmp_path / "other.ts", "keyint=12:ref=16:bframes=3:b-pyramid=normal")
    joined = tmp_path / "joined.ts"
    with av.open(str(one)) as container, av.open(str(joined), "w") as out:
        stream = out.add_stream_from_template(container.streams.video[0])
        for later, packets in enumerate((packets_of(one), packets_of(other))):
            for packet in packets:
                packet.pts, packet.dts = packet.pts + later * 90_000, packet.dts + later * 90_000
                packet.stream = stream
                out.mux(packet)
    assert len({bits_of_numbers(clip) for clip in (one, other)}) == 2
    shown = shown_in(joined)
    assert len(shown) == 48
    assert shown == shown_in(joined, "hide")


def bits_of_numbers(clip: Path) -> int:
    watch = watch_of(clip)
    assert not any(map(watch.fault, packets_of(clip)))
    (sequence,) = watch._sequences.values()
    return sequence.frame_number_bits


def watch_of(clip: Path) -> LossWatch:
    with av.open(str(clip)) as container:
        return LossWatch("h264", container.streams.video[0].codec_context.extradata)


def test_a_header_that_comes_with_a_packet_counts_from_there_on(tmp_path: Path) -> None:
    """As in an mp4 file with two descriptions of its pictures."""
    one = clip_of(tmp_path / "one.mp4", "keyint=12:ref=1:bframes=0:cabac=0")
    other = clip_of(tmp_path / "other.mp4", "keyint=12:ref=16:bframes=3:b-pyramid=normal")
    with av.open(str(other)) as container:
        header = bytes(container.streams.video[0].codec_context.extradata or b"")
    second = packets_of(other)

    class Described(bytes):
        """What `LossWatch` looks at in a packet that brings a header."""

        size = 1
        pts = None

        def has_sidedata(self, kind: str) -> bool:
            return kind == "new_extradata"

        def get_sidedata(self, _kind: str) -> bytes:
            return header

    watch = watch_of(one)
    packets = [*packets_of(one), Described(bytes(second[0])), *second[1:]]
    assert [watch.fault(packet) for packet in packets] == [None] * 48
    assert watch_of(other).fault(second[0]) is None


def test_after_packets_that_were_left_out_the_count_begins_anew(tmp_path: Path) -> None:
    """Frames of one section are decoded alone, as by several processes: packets before it are passed over or left out."""
    for suffix in (".mp4", ".ts"):
        clip = clip_of(tmp_path / f"clip{suffix}", "keyint=5:min-keyint=5:scenecut=0:bframes=2", frames=30)
        whole = list(shown_in(clip).items())
        with clip.open("rb", buffering=0) as file, open_video(file) as source:
            table = tried(Timetable.of(source.survey()), source.file, 0, [13])
            frames = [frame.pts for frame in source.within(table, 13, 22)]
        assert frames == [pts for pts, _ in whole[13:22]]


STRUCTURES = st.fixed_dictionaries(
    {
        "keyint": st.integers(2, 16),
        "bframes": st.integers(0, 4),
        "b-adapt": st.integers(0, 1),
        "b-pyramid": st.sampled_from(["none", "strict", "normal"]),
        "ref": st.integers(1, 6),
        "open-gop": st.integers(0, 1),
        "slices": st.sampled_from([1, 1, 3]),
        "weightp": st.integers(0, 2),
        "scenecut": st.sampled_from([0, 40]),
    }
)


@settings(max_examples=25)
@given(STRUCTURES, st.integers(0, 27), st.integers(1, 3))
def test_in_any_structure_what_is_shown_is_what_the_whole_clip_shows(
    tmp_path_factory: pytest.TempPathFactory, structure: dict[str, Any], first: int, burst: int
) -> None:
    words = ":".join(f"{name}={value}" for name, value in structure.items())
    clip = clip_of(tmp_path_factory.mktemp("any") / "clip.mp4", f"min-keyint=1:{words}", frames=28)
    lost = range(first, min(28, first + burst))
    assume(not fits_by_chance(clip, lost))
    whole, cut = shown_in(without(clip)), without(clip, lost)
    assert "#" not in shown_in(clip, "hide").values()
    assert WRONG not in drawn(whole, shown_in(cut, "hide"))
    try:
        seen = drawn(whole, shown_in(cut))
    except DamagedFootageError:
        return
    assert set(seen) <= {".", " "}


def fits_by_chance(clip: Path, lost: range) -> bool:
    """Whether a key frame was lost, and the numbers go on behind it as if nothing were; no header tells it then."""
    slices = slices_of(clip)
    if not any(about.is_key for about in (slices[number] for number in lost)) or lost.stop >= len(slices):
        return False
    before = [about.number for about in slices[: lost.start] if about.is_reference]
    return bool(before) and slices[lost.stop].number == (before[-1] + 1) % 16 and not slices[lost.stop].is_key


def slices_of(clip: Path) -> list[Slice]:
    watch = watch_of(clip)
    return [
        next(watch._slice(bytes(unit)) for unit in units_in(packet, watch._width) if unit[0] & 31 in (1, 5))
        for packet in packets_of(clip)
    ]
