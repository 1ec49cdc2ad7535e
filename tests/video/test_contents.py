"""Every byte of a copy is accounted for; what our own muxers do not write is named."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from privmask import Writing, mask_clip
from privmask.errors import FootageError
from privmask.video import strange_contents
from tests.plans import three_zones
from tests.tampering.boxes import add_to_jpeg, add_to_png, box
from tests.video.clips import make_clip

Copies = Callable[[str], bytes]


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    """The bytes of an honest copy by its suffix, made when it is first asked for."""
    made: dict[str, bytes] = {}

    def copy(suffix: str) -> bytes:
        if suffix not in made:
            folder = tmp_path_factory.mktemp("copies")
            still = {"jpg": ("mjpeg", "yuvj420p"), "png": ("png", "rgb24")}.get(suffix)
            what = {"codec": still[0], "fmt": still[1], "frames": 1} if still else {"frames": 12, "gop": 4}
            clip = make_clip(folder / f"clip.{suffix if still else 'mkv'}", size=(96, 64), **what)
            made[suffix] = mask_clip(clip, folder / f"copy.{suffix}", three_zones()).copy.read_bytes()
        return made[suffix]

    return copy


def strange(data: bytes) -> tuple[str, ...]:
    return strange_contents(io.BytesIO(data), audio=0)  # type: ignore[arg-type]  # it is read like a raw file


def inside(data: bytes, kind: bytes, more: bytes) -> bytes:
    """An MP4 file with `more` at the end of its box `kind` inside moov, all lengths right; offsets are moved along."""
    patched = bytearray(data)
    path = {b"moov": [b"moov"], b"trak": [b"moov", b"trak"], b"stbl": [b"moov", b"trak", b"mdia", b"minf", b"stbl"]}[
        kind
    ]
    starts = [data.index(each) - 4 for each in path]
    end = starts[-1] + struct.unpack_from(">I", data, starts[-1])[0]
    for start in starts:
        struct.pack_into(">I", patched, start, struct.unpack_from(">I", data, start)[0] + len(more))
    at = data.index(b"stco") + 8
    for place in range(at + 4, at + 4 + 4 * struct.unpack_from(">I", data, at)[0], 4):
        struct.pack_into(">I", patched, place, struct.unpack_from(">I", data, place)[0] + len(more))
    return bytes(patched[:end]) + more + bytes(patched[end:])


def element(kind: str, content: bytes) -> bytes:
    return bytes.fromhex(kind) + (len(content) | 1 << 28).to_bytes(4, "big") + content


def within_segment(data: bytes, more: bytes) -> bytes:
    """A Matroska file with an element more at the end of its segment."""
    at = data.index(b"\x18\x53\x80\x67") + 4
    size = int.from_bytes(data[at : at + 8], "big") + len(more)
    return data[:at] + size.to_bytes(8, "big") + data[at + 8 :] + more


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "jpg", "png"])
def test_an_honest_copy_holds_nothing_strange(suffix: str, copies: Copies) -> None:
    assert strange(copies(suffix)) == ()


@pytest.mark.parametrize("rotation", [90, 180, 270])
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_a_still_may_say_how_it_is_held(suffix: str, rotation: int, copies: Copies) -> None:
    from privmask.video.exif import with_orientation

    assert strange(with_orientation(copies(suffix), rotation)) == ()  # type: ignore[arg-type]


LETTER = b"and something that nobody stated"
FOUND: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "bytes behind": ("mp4", lambda d: d + LETTER, "32 bytes after its end"),
    "a few bytes behind": ("mp4", lambda d: d + b"abc", "3 bytes after its end"),
    "a free box": ("mp4", lambda d: d + box(b"free", LETTER), "'free' of 32 bytes"),
    "a uuid box": ("mp4", lambda d: d + box(b"uuid", LETTER), "'uuid' of 32 bytes"),
    "an unheard-of box": ("mp4", lambda d: d + box(b"\xff\0\n!", LETTER), r"'ÿ\x00\n!' of 32 bytes"),
    "a second mdat": ("mp4", lambda d: d + box(b"mdat", LETTER), "2 boxes mdat instead of one"),
    "a box in moov": ("mp4", lambda d: inside(d, b"moov", box(b"skip", LETTER)), "'skip' of 32 bytes"),
    "tags": ("mp4", lambda d: inside(d, b"moov", box(b"udta", box(b"name", LETTER))), "'udta' of 40 bytes that says"),
    "another name": ("mp4", lambda d: d.replace(b"VideoHandler", b"NachbarLinks"), "a handler"),
    "a link to another file": ("mp4", lambda d: d.replace(b"url \0\0\0\1", b"url \0\0\0\0"), "'dref'"),
    "a box beside the codec": ("mp4", lambda d: d.replace(b"pasp", b"Pasp"), "'Pasp' of 8 bytes"),
    "bytes behind the segment": ("mkv", lambda d: d + LETTER, "32 bytes after its end"),
    "a void": ("mkv", lambda d: within_segment(d, element("ec", LETTER)), "Void of 32 bytes"),
    "an attachment": ("mkv", lambda d: within_segment(d, element("1941a469", LETTER)), "Attachments of 32 bytes"),
    "an unheard-of element": ("mkv", lambda d: within_segment(d, element("4abc", LETTER)), "element 0x4abc of 32 bytes"),
    "another muxer": ("mkv", lambda d: d.replace(b"Lavf", b"Nach", 1), "a text (element 0x4d80)"),
    "a block of no stream": ("mkv", lambda d: _in_stream_15(d), "a block of the stream 15, which there is not"),
    "a comment": ("jpg", lambda d: d[:2] + b"\xff\xfe\0\x22" + LETTER + d[2:], "comment of 32 bytes"),
    "bytes behind a picture": ("jpg", lambda d: d + LETTER, "32 bytes after its end"),
    "a second picture": ("jpg", lambda d: d + d, "after its end"),
    "a thumbnail": ("jpg", lambda d: d.replace(b"JFIF\0\1\2\0\0\1\0\1\0\0", b"JFIF\0\1\2\0\0\1\0\1\1\1"), "APP0"),
    "bytes behind IEND": ("png", lambda d: d + LETTER, "32 bytes after its end"),
    "samples too many": ("png", lambda d: _more_samples(d), "behind the samples"),
}  # fmt: skip


def _in_stream_15(data: bytes) -> bytes:
    """The first block said to be of another stream: its number follows the block's length."""
    at = data.index(b"\xe7\x81\x00\xa3") + 3
    number = at + 1 + 9 - data[at + 1].bit_length()
    assert data[number] == 0x81
    return data[:number] + b"\x8f" + data[number + 1 :]


def _more_samples(data: bytes) -> bytes:
    at = data.index(b"IDAT") - 4
    size = struct.unpack_from(">I", data, at)[0]
    body = zlib.compress(zlib.decompress(data[at + 8 : at + 8 + size]) + LETTER)
    crc = zlib.crc32(b"IDAT" + body)
    return data[:at] + struct.pack(">I4s", len(body), b"IDAT") + body + struct.pack(">I", crc) + data[at + 12 + size :]


@pytest.mark.parametrize(("suffix", "change", "words"), FOUND.values(), ids=FOUND.keys())
def test_what_does_not_belong_there_is_named(
    suffix: str, change: Callable[[bytes], bytes], words: str, copies: Copies
) -> None:
    good = copies(suffix)
    changed = change(good)
    assert changed != good
    assert words in ", ".join(strange(changed))


@pytest.mark.parametrize(("kind", "says"), [(0xE1, "APP1"), (0xED, "APP13"), (0xE2, "APP2")])
def test_segments_for_programs_are_strange_in_a_picture(kind: int, says: str, copies: Copies, tmp_path: Path) -> None:
    (tmp_path / "copy.jpg").write_bytes(copies("jpg"))
    add_to_jpeg(tmp_path / "copy.jpg", kind, LETTER)
    assert f"{says} of 32 bytes" in ", ".join(strange((tmp_path / "copy.jpg").read_bytes()))


@pytest.mark.parametrize("kind", [b"tEXt", b"eXIf", b"iCCP", b"prVt"])
def test_chunks_beside_the_samples_are_strange_in_a_picture(kind: bytes, copies: Copies, tmp_path: Path) -> None:
    (tmp_path / "copy.png").write_bytes(copies("png"))
    add_to_png(tmp_path / "copy.png", kind, LETTER)
    assert kind.decode() in ", ".join(strange((tmp_path / "copy.png").read_bytes()))


@pytest.mark.parametrize("codec", ["hevc", "av1"])
def test_messages_in_packets_are_looked_for_in_every_codec(codec: str, tmp_path: Path) -> None:
    from privmask.video.units import _hevc_fault, _strange_obus

    clip = make_clip(tmp_path / "clip.mkv", size=(96, 64), frames=6)
    copy = mask_clip(clip, tmp_path / "copy.mp4", three_zones(), writing=Writing(codec=codec)).copy  # type: ignore[arg-type]
    assert strange(copy.read_bytes()) == ()
    if codec == "hevc":
        assert _hevc_fault(b"\x46\x01\x50") == ""
        assert "type 35" in _hevc_fault(b"\x46\x01\x50" + LETTER)
        assert "user data" in _hevc_fault(b"\x4e\x01\x05\x10" + bytes(range(16)) + b"\x80")
        assert "type 38" in _hevc_fault(b"\x4c\x01\xff\x80")
    else:
        assert any("user data" in each for each in _strange_obus(b"\x2a\x05\x04abcd"))
        assert any("type 15" in each for each in _strange_obus(b"\x7a\x02\0\0"))


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "jpg", "png"])
def test_a_broken_copy_is_refused_or_named_in_good_time(suffix: str, copies: Copies) -> None:
    data = copies(suffix)
    for cut in range(0, len(data), max(1, len(data) // 40)):
        garbled = bytearray(data)
        garbled[cut : cut + 8] = b"\xff" * 8
        for each in (data[:cut], bytes(garbled)):
            try:
                strange(each)
            except FootageError:
                continue
