"""Copies in MPEG-TS: times that are the original's, what it has no place for, and nothing in it that nobody stated."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import pytest

from privmask import Writing, mask_clip
from privmask.errors import CopyError, PrivmaskError, UnsupportedFootageError
from privmask.video import hash_packets, strange_contents
from tests.plans import three_zones
from tests.tampering.cells import (
    PICTURES,
    Change,
    cell,
    cells_of,
    counted,
    edited,
    patched,
    starts,
    stream_of,
    with_checksum,
)
from tests.video.clips import make_clip
from tests.video.test_passing import rewrapped
from tests.video.travel import CLOSED, HEVC, let_travel, seen_in
from tests.video.trips import round_trip, times, write_copy

IN_TS = Writing(container="mpegts")

TIMES: dict[str, dict[str, Any]] = {
    "variable rate": {"time_base": Fraction(1, 90_000), "pts": [777, 800, 5000, 5001, 90_000, 90_500, 123_457]},
    "milliseconds": {"time_base": Fraction(1, 1000), "pts": [0, 33, 67, 100, 1000, 1033]},
    "from zero, with pictures that are decoded before": {"b_frames": 3},
    "a late start": {"start": 640_000},
    "a whole day": {"start": 12_800 * 3600 * 26},
    "NTSC": {"rate": Fraction(30000, 1001), "time_base": Fraction(1, 30000)},
    "slow": {"rate": Fraction(3, 2), "time_base": Fraction(1, 600), "frames": 6},
    "a picture in ten minutes": {"pts": [12_800 * 600 * n for n in range(12)], "b_frames": 3},
    "one frame": {"pts": [512], "frames": 1},
    "two frames": {"pts": [0, 512], "frames": 2},
}


@pytest.mark.parametrize("kind", TIMES)
@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_a_copy_in_a_transport_stream_has_the_times_of_the_original_exactly(
    tmp_path: Path, codec: Any, kind: str
) -> None:
    clip = make_clip(tmp_path / "a.mp4", size=(96, 64), **TIMES[kind])
    trip = round_trip(clip, tmp_path, Writing(codec=codec, container="mpegts"))
    assert times(trip.copy) == times(trip.original)
    assert trip.tally.timestamps_exact
    assert trip.tally.notices == ()
    assert not _complaints(tmp_path / "copy")


def _complaints(clip: Path) -> str:
    words = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-err_detect", "explode", "-i", str(clip)]
    words += ["-copyts", "-enc_time_base", "demux", "-f", "null", "-"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stderr


REFUSED: dict[str, tuple[dict[str, Any], Writing, str]] = {
    "a time between two ticks": (
        {"rate": Fraction(24000, 1001), "time_base": Fraction(1, 24000)},
        IN_TS,
        r"frame 1 \(0\.041708 s\) is shown between two of the 1/90000 s in which ts counts\. Write the copy as mp4",
    ),
    "a clip of 27 hours": (
        {"pts": [12_800 * 3600 * hour for hour in range(28)]},
        IN_TS,
        r"ts counts up to 26\.5 hours, and the footage goes on to 27\.0\. Write the copy as mp4",
    ),
    "a picture that is turned": (
        {"rotation": 90},
        IN_TS,
        "to be turned by 90 degrees, and ts has no place for that. Write the copy as mp4",
    ),
    "AV1": ({}, Writing(codec="av1", container="mpegts"), "ts takes h264 and hevc alone. Use codec h264 in mpegts"),
    "FFV1": ({}, Writing(codec="ffv1", container="mpegts"), "ts takes h264 and hevc alone. Use codec h264 in mpegts"),
    "an odd size": (
        {"codec": "av1", "size": (97, 65)},
        IN_TS,
        r"no codec carries this picture in mpegts\. Use codec av1 in matroska",
    ),
}


@pytest.mark.parametrize(("what", "writing", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_a_transport_stream_has_no_place_for_is_refused_with_a_way_out(
    tmp_path: Path, what: dict[str, Any], writing: Writing, words: str
) -> None:
    clip = make_clip(tmp_path / "a.mp4", **{"size": (96, 64), **what})
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(UnsupportedFootageError, match=words):
        mask_clip(clip, folder / "copy.ts", three_zones(), writing=writing)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_clip_that_is_too_long_is_refused_before_a_frame_is_masked(tmp_path: Path, suffix: str) -> None:
    clip = make_clip(tmp_path / f"a{suffix}", size=(96, 64), pts=[12_800 * 3600 * hour for hour in range(28)])
    told: list[Any] = []
    with pytest.raises(UnsupportedFootageError, match=r"26\.5 hours"):
        mask_clip(clip, tmp_path / "copy.ts", three_zones(), progress=told.append)
    assert told == []


def test_without_loss_a_transport_stream_gets_h264_and_says_why(tmp_path: Path) -> None:
    trip = round_trip(
        make_clip(tmp_path / "a.mkv", size=(96, 64)), tmp_path, Writing(lossless=True, container="mpegts")
    )
    assert (trip.tally.codec, trip.worst_psnr) == ("h264", 99)
    assert "FFV1 cannot carry this picture: ts takes h264 and hevc alone" in trip.tally.notices[0].en


def test_names_of_the_originals_service_stay_behind(tmp_path: Path) -> None:
    names = {"service_name": "Neighbour gate", "service_provider": "Mr Private"}
    clip = make_clip(tmp_path / "a.ts", size=(96, 64), tags=names)
    assert b"Neighbour gate" in clip.read_bytes()
    write_copy(clip, tmp_path / "copy.ts", IN_TS)
    data = (tmp_path / "copy.ts").read_bytes()
    assert not [word for word in (b"Neighbour", b"Private", b"x264", b"Lavf", b"Lavc", b"privmask") if word in data]
    assert b"\x06FFmpeg\x09Service01" in data[:188]


@pytest.mark.parametrize("way", [("-aspect", "2:1"), ("-color_range", "pc"), ("-colorspace", "bt2020nc")])
def test_what_only_the_container_tells_of_the_pictures_does_not_travel_into_a_transport_stream(
    tmp_path: Path, way: tuple[str, str]
) -> None:
    """The packets say nothing of it, and the copy has it on every frame."""
    plain = make_clip(tmp_path / "plain.mp4", size=(96, 64), frames=30, **CLOSED)
    clip = tmp_path / "clip.mkv"
    words = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(plain), "-c", "copy", *way, str(clip)]
    subprocess.run(words, check=True)
    plan = three_zones(start="0.2", end="0.3")
    result = mask_clip(clip, tmp_path / "copy.ts", plan)
    why = result.passed_through.why_not or ""
    assert "only its container tells its colours or the shape of its samples" in why
    assert mask_clip(plain, tmp_path / "plain.ts", plan).passed_through.frames == 25


@pytest.mark.parametrize("what", [CLOSED, HEVC], ids=["H.264", "HEVC"])
def test_each_group_of_a_mixed_transport_stream_can_be_decoded_by_itself(tmp_path: Path, what: dict[str, Any]) -> None:
    """Its sets of parameters stand before it: a player may begin at any of them, and with a piece cut out of the file."""
    clip = make_clip(tmp_path / "clip.mkv", **{"size": (96, 64), "frames": 30, **what})
    copy = tmp_path / "copy.ts"
    let_travel(clip, copy, ".#.#..", codec=what.get("codec", "h264"))
    whole, cells = seen_in(copy), cells_of(copy.read_bytes())
    heads = [n for n, each in enumerate(cells) if stream_of(each) == PICTURES and starts(each)]
    for group in range(1, 6):
        piece = tmp_path / f"{group}.ts"
        piece.write_bytes(b"".join([*cells[:3], *(c for c in cells[heads[5 * group] :] if stream_of(c) == PICTURES)]))
        assert [each.digest for each in seen_in(piece)] == [each.digest for each in whole[5 * group :]]


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_groups_of_a_copy_are_told_by_its_sets_of_parameters(tmp_path: Path, codec: Any) -> None:
    """FFmpeg guesses at key frames in MPEG-TS; here each that the encoder made begins a group."""
    clip = make_clip(tmp_path / "clip.mkv", size=(96, 64), frames=30, rate=Fraction(1))
    groups = {}
    for container in ("mpegts", "matroska"):
        write_copy(clip, tmp_path / container, Writing(codec=codec, container=container))
        with (tmp_path / container).open("rb", buffering=0) as file:
            groups[container] = [(gop.start, gop.packets) for gop in hash_packets(file).gops]
    assert groups["mpegts"] == groups["matroska"]
    assert len(groups["mpegts"]) > 1


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An honest copy with sound."""
    folder = tmp_path_factory.mktemp("copy")
    clip = make_clip(folder / "clip.mkv", size=(96, 64), gop=4, audio="aac")
    return mask_clip(clip, folder / "copy.ts", three_zones(), writing=Writing(audio="keep")).copy.read_bytes()


def strange(data: bytes, audio: int = 1) -> str:
    return ", ".join(strange_contents(io.BytesIO(data), audio=audio))  # type: ignore[arg-type]  # it is read like a raw file


def test_an_honest_copy_with_sound_holds_nothing_strange(copy: bytes) -> None:
    assert strange(copy) == ""
    assert "audio" in strange(copy, audio=0)
    assert b"".join(counted(cells_of(copy))) == copy


LETTER = b"and something that nobody stated"


def of(stream: int, *, start: bool | None = None, field: bool | None = None) -> Callable[[bytes], bool]:
    """Which cells: those of a stream; where a unit begins or not; with a field of adaptation or without."""
    return lambda each: (
        stream_of(each) == stream
        and start in (None, starts(each))
        and field in (None, bool(each[3] & 0x20) and each[4] > 0)
    )


def stuffed(each: bytes) -> bool:
    """Whether a cell has room for a letter before its payload."""
    return bool(each[3] & 0x20) and each[4] > len(LETTER) and stream_of(each) == PICTURES and not starts(each)


def clocked(each: bytes) -> bool:
    """Whether a cell of the pictures tells the clock."""
    return of(PICTURES, field=True)(each) and bool(each[5] & 0x10)


def said(flag: int, content: bytes) -> Callable[[bytes], bytes]:
    """A field with that flag and content, where there was stuffing."""
    return lambda each: each[:5] + bytes([flag]) + content + each[6 + len(content) :]


def table_with(more: bytes, at: int) -> Callable[[bytes], bytes]:
    """A table of the programme with `more` in it, its lengths and checksum right."""

    def edit(each: bytes) -> bytes:
        table = each[5 : 8 + each[7]]
        longer = table[:at] + more + table[at:-4]
        counts = bytes([longer[2] + len(more)])
        longer = longer[:2] + counts + longer[3:]
        if at == 12:
            longer = longer[:11] + bytes([len(more)]) + longer[12:]
        return each[:5] + with_checksum(longer).ljust(183, b"\xff")

    return edit


def inserted(*more: bytes) -> Change:
    return lambda cells: [*cells[:8], *more, *cells[8:]]


FOUND: dict[str, tuple[Change, str]] = {
    "a stream of stuffing": (inserted(cell(0x1FFF, LETTER)), "a stream 0x1fff that its table does not name"),
    "a stream of nobody": (inserted(cell(0x123, LETTER)), "a stream 0x123 that its table does not name"),
    "a unit of a stream of nobody": (inserted(cell(0x123, LETTER, start=True)), "stream 0x123 that its table"),
    "a table of nobody": (inserted(cell(0x12, LETTER, start=True)), "stream 0x12 that its table"),
    "more in a known table": (inserted(cell(0x11, LETTER)), "packets of a stream 0x11"),
    "another service": (
        edited(of(0x11), lambda c: c.replace(b"Service01", b"Nachbar01"), every=True),
        "a table (in the stream 0x11) that says more",
    ),
    "a service that changes": (
        edited(lambda c: stream_of(c) == 0, patched(30, LETTER)),
        "a table (in the stream 0x0) that says more",
    ),
    "a letter behind the programme": (edited(of(0x1000), patched(60, LETTER)), "a table (in the stream 0x1000)"),
    "a description of the programme": (
        edited(of(0x1000), table_with(b"\x05\x20" + LETTER, 12), every=True),
        "a table (in the stream 0x1000)",
    ),
    "another checksum": (edited(of(0x1000), patched(25, b"\0"), every=True), "a table (in the stream 0x1000)"),
    "stuffing that says something": (edited(stuffed, patched(6, LETTER)), "bytes that says something"),
    "one byte of stuffing": (edited(stuffed, patched(9, b"!")), "bytes that says something"),
    "private data": (
        edited(stuffed, said(0x02, bytes([len(LETTER) - 2]) + LETTER[2:])),
        "private data in a packet",
    ),
    "a clock of its own": (edited(stuffed, said(0x10, LETTER[:6])), "a field in a packet that none of ours has"),
    "an extension": (edited(stuffed, said(0x01, b"\x07\x1fabcdef")), "a field in a packet that none of ours has"),
    "a countdown": (edited(stuffed, said(0x04, b"\x42")), "a field in a packet that none of ours has"),
    "a jump": (edited(stuffed, said(0x80, b"")), "a field in a packet that none of ours has"),
    "another clock": (
        edited(clocked, patched(8, b"\x42")),
        "a clock that is not that of the pictures",
    ),
    "a fraction of the clock": (
        edited(clocked, patched(11, b"\x42")),
        "a clock that is not that of the pictures",
    ),
    "a unit without a picture": (
        lambda cells: counted([*cells[:-1], _empty_unit(cells), cells[-1]]),
        "1 units more than there are packets",
    ),
    "a picture in two units": (lambda cells: counted(_parted(cells)), "1 units more than there are packets"),
    "a priority": (edited(of(PICTURES), lambda c: patched(1, bytes([c[1] | 0x20]))(c)), "marked otherwise"),
    "an error": (edited(of(PICTURES, start=False), lambda c: patched(1, bytes([c[1] | 0x80]))(c)), "marked otherwise"),
    "a key": (edited(of(0x101), lambda c: patched(3, bytes([c[3] | 0x80]))(c)), "marked otherwise"),
    "a field without payload": (
        lambda cells: counted(
            inserted(bytes([0x47, 1, 0, 0x20, 183, 2, 32]) + LETTER + b"\xff" * 149)(cells)
        ),
        "marked otherwise",
    ),
    "a cell twice": (lambda cells: [*cells[:9], cells[8], *cells[9:]], "missing or there twice"),
    "a cell that is missing": (lambda cells: [*cells[:8], *cells[9:]], "missing or there twice"),
    "no sync": (edited(of(PICTURES, start=False, field=False), patched(0, b"H")), "no transport packet"),
    "a header with more room": (
        edited(of(0x101, start=True), lambda c: _roomier(c)),
        "a header in the stream 0x101 that says more",
    ),
    "a copyright": (edited(of(0x101, start=True), lambda c: _header(c, 6, b"\x84")), "a header in the stream 0x101"),
    "another kind of stream": (edited(of(0x101, start=True), lambda c: _header(c, 3, b"\xbf")), "a header in the"),
    "a time before": (
        edited(lambda c: of(PICTURES, start=True)(c) and c[3] & 0x20 == 0, lambda c: _header(c, 10, b"\0\x01\0\x01")),
        "times in the stream 0x100 that do not rise",
    ),
}  # fmt: skip


def _header(each: bytes, at: int, new: bytes) -> bytes:
    """A cell with other bytes at that place of its unit's header."""
    start = each.index(b"\0\0\x01")
    return patched(start + at, new)(each)


def _unit(cells: list[bytes], content: bytes) -> bytes:
    """A unit of pictures that is shown a tick after the last one, and has that content."""
    last = [each for each in cells if of(PICTURES, start=True)(each)][-1]
    start = last.index(b"\0\0\x01")
    time = int.from_bytes(last[start + 9 : start + 14], "big") + 2
    head = b"\0\0\x01\xe0\0\0\x80\x80\x05" + (time & ~(1 << 36)).to_bytes(5, "big")
    stuffing = 188 - 6 - len(head) - len(content)
    return bytes([0x47, 0x41, 0, 0x30, stuffing + 1, 0]) + b"\xff" * stuffing + head + content


def _empty_unit(cells: list[bytes]) -> bytes:
    return _unit(cells, b"")


def _parted(cells: list[bytes]) -> list[bytes]:
    """The last picture goes on in a unit of its own."""
    number = max(n for n, each in enumerate(cells) if of(PICTURES, start=False)(each))
    content = cells[number][5 + cells[number][4] :] if cells[number][3] & 0x20 else cells[number][4:]
    return [*cells[:number], _unit(cells, content[:150]), *cells[number + 1 :]]


def _roomier(each: bytes) -> bytes:
    """A cell whose unit's header goes on with a byte of stuffing, in the place of one of the field before."""
    start = each.index(b"\0\0\x01")
    head = each[start : start + 14]
    longer = head[:8] + bytes([head[8] + 1]) + head[9:] + b"!"
    rest = each[start + 14 :]
    return each[:start] + longer + rest[:-1]


@pytest.mark.parametrize(("change", "words"), FOUND.values(), ids=FOUND.keys())
def test_what_does_not_belong_into_a_transport_stream_is_named(change: Change, words: str, copy: bytes) -> None:
    changed = b"".join(change(cells_of(copy)))
    assert changed != copy
    assert words in strange(changed)


@pytest.mark.parametrize("more", [b"!", LETTER, LETTER * 6])
def test_bytes_behind_a_transport_stream_are_named(more: bytes, copy: bytes) -> None:
    assert strange(copy + more)


PACKETS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a message": (
        lambda data: data[:6] + b"\0\0\0\1\x06\x05\x30" + bytes(16) + LETTER + b"\x80" + data[6:],
        "user data (SEI message 5) of 48 bytes",
    ),
    "a letter for a delimiter": (lambda data: b"\0\0\0\1\x09" + LETTER + data[6:], "bytes between its units"),
    "zeros behind": (lambda data: data + bytes(7), "bytes between its units"),
    "a filler": (lambda data: data + b"\0\0\0\1\x0c" + LETTER, "a unit of type 12"),
    "a unit for nobody": (lambda data: data + b"\0\0\0\1\x1e" + LETTER, "a unit of type 30"),
    "a set behind the picture": (lambda data: data + b"\0\0\0\1\x68" + LETTER, "bytes between its units"),
    "a large set": (lambda data: data[:6] + b"\0\0\0\1\x68" + LETTER * 200 + data[6:], "sets of parameters that are"),
}


@pytest.mark.parametrize(("change", "words"), PACKETS.values(), ids=PACKETS.keys())
def test_what_does_not_belong_into_its_packets_is_named(
    change: Callable[[bytes], bytes], words: str, tmp_path: Path, copy: bytes
) -> None:
    assert words in strange(_changed(copy, tmp_path, [change], [5]), audio=0)


def test_sets_of_parameters_of_a_third_kind_are_named(tmp_path: Path, copy: bytes) -> None:
    ways = [lambda data, n=n: data[:6] + b"\0\0\0\1\x68" + bytes([n]) + LETTER + data[6:] for n in (1, 2)]
    assert "other sets of parameters" in strange(_changed(copy, tmp_path, ways, [5, 7]), audio=0)


def _changed(copy: bytes, folder: Path, ways: list[Any], numbers: list[int]) -> bytes:
    """The pictures of a copy with some packets changed, in a stream as our muxer writes it."""
    (folder / "copy.ts").write_bytes(copy)
    with av.open(str(folder / "copy.ts")) as container:
        packets: list[Any] = [packet for packet in container.demux(video=0) if packet.size]
    for change, number in zip(ways, numbers, strict=True):
        was = packets[number]
        packets[number] = av.Packet(change(bytes(was)))
        packets[number].pts, packets[number].dts, packets[number].time_base = was.pts, was.dts, was.time_base
    options = {"mpegts_copyts": "1", "avoid_negative_ts": "disabled"}
    return rewrapped(folder / "copy.ts", folder / "changed.ts", packets, options).read_bytes()


def test_a_broken_transport_stream_is_named_or_refused(copy: bytes) -> None:
    for at in range(0, len(copy), max(1, len(copy) // 60)):
        garbled = copy[:at] + b"\xff" * 8 + copy[at + 8 :]
        try:
            assert strange(garbled) or garbled == copy or _is_media(copy, at)
        except PrivmaskError:
            continue


def _is_media(copy: bytes, at: int) -> bool:
    """Whether the place is within the payload of a stream, of which hashes tell that it was changed."""
    each, inside = cells_of(copy)[at // 188], at % 188
    begin = 5 + each[4] if each[3] & 0x20 else 4
    header = 9 + each[begin + 8] if starts(each) else 0
    return stream_of(each) in (PICTURES, PICTURES + 1) and inside >= begin + header


def test_a_disk_that_fills_up_leaves_no_copy(tmp_path: Path) -> None:
    import resource

    clip = make_clip(tmp_path / "clip.mkv", size=(320, 240), frames=60)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))
    try:
        with pytest.raises(CopyError, match="disk full"):
            mask_clip(clip, tmp_path / "copy.ts", three_zones())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [each.name for each in tmp_path.iterdir()] == ["clip.mkv"]
