"""Things are put into the copy beside its pictures, and what surrounds the pictures is changed."""

from __future__ import annotations

import struct
from dataclasses import replace
from fractions import Fraction
from typing import Any

import av
from av.bitstream import BitStreamFilterContext

from tests.tampering.boxes import add_to_jpeg, add_to_png, append, box, edit_after, enlarge_last_box, insert_in_moov
from tests.tampering.cells import PICTURES, cell, cells_of, edited, starts, stream_of
from tests.tampering.scene import Scene
from tests.tampering.vectors import insider, outsider
from tests.tampering.wrapping import BITEXACT, Beside, parts_of, wrap
from tests.video.clips import make_clip

_LETTER = b"and something that nobody stated"
_UNKNOWN_BOX = bytes(range(16))


@outsider(11, "after its end", "film", "matroska", "transport", "jpeg", "png")
@insider(11, "after its end", "film", "matroska", "transport", "jpeg", "png")
def bytes_after_the_end(scene: Scene) -> None:
    append(scene.copy, _LETTER)


@outsider(11, "free")
@insider(11, "free")
def a_free_box(scene: Scene) -> None:
    append(scene.copy, box(b"free", _LETTER))


@outsider(11, "uuid")
@insider(11, "uuid")
def a_uuid_box(scene: Scene) -> None:
    append(scene.copy, box(b"uuid", _UNKNOWN_BOX + _LETTER))


@outsider(11, "mdat")
@insider(11, "mdat")
def a_second_mdat_that_no_stream_refers_to(scene: Scene) -> None:
    append(scene.copy, box(b"mdat", _LETTER))


@outsider(11, "mdat")
@insider(11, "mdat")
def bytes_in_mdat_that_no_packet_holds(scene: Scene) -> None:
    enlarge_last_box(scene.copy, b"mdat", _LETTER)


@outsider(11, "skip")
@insider(11, "skip")
def a_box_inside_moov(scene: Scene) -> None:
    insert_in_moov(scene.copy, box(b"skip", _LETTER))


@insider(11, "'avc1'")
def a_name_in_the_description_of_pictures(scene: Scene) -> None:
    edit_after(scene.copy, b"avc1", 46, bytes([len(_LETTER) - 1]) + _LETTER[1:], last=True)


@insider(11, "mvhd")
def a_time_of_making_in_the_header(scene: Scene) -> None:
    edit_after(scene.copy, b"mvhd", 8, b"date")


@insider(11, "tkhd")
def the_picture_stretched_by_a_matrix(scene: Scene) -> None:
    edit_after(scene.copy, b"tkhd", 44, b"\0\2\0\0")


@insider(11, "elst")
def an_edit_list_that_plays_at_twice_the_speed(scene: Scene) -> None:
    edit_after(scene.copy, b"elst", 20, b"\0\2\0\0")


@outsider(11, "Void", "matroska")
@insider(11, "Void", "matroska")
def a_void_element(scene: Scene) -> None:
    append(scene.copy, b"\xec" + bytes([0x80 | len(_LETTER)]) + _LETTER)


@outsider(11, "a table", "transport")
@insider(11, "a table", "transport")
def a_name_for_the_service(scene: Scene) -> None:
    wrap(scene.copy, tags={"service_name": "the neighbour's window"})


@outsider(11, "its table does not name", "transport")
@insider(11, "its table does not name", "transport")
def packets_of_stuffing(scene: Scene) -> None:
    cells = cells_of(scene.copy.read_bytes())
    scene.copy.write_bytes(b"".join([*cells[:9], cell(0x1FFF, _LETTER), *cells[9:]]))


@outsider(11, "private data", "transport")
@insider(11, "private data", "transport")
def private_data_before_a_picture(scene: Scene) -> None:
    change = edited(
        lambda c: stream_of(c) == PICTURES and not starts(c) and bool(c[3] & 0x20) and c[4] > len(_LETTER) + 2,
        lambda c: c[:5] + bytes([2, len(_LETTER)]) + _LETTER + c[7 + len(_LETTER) :],
    )
    scene.copy.write_bytes(b"".join(change(cells_of(scene.copy.read_bytes()))))


@outsider(11, "title", "film", "matroska")
@insider(11, "title", "film", "matroska")
def a_title_added(scene: Scene) -> None:
    wrap(scene.copy, tags={"title": "the neighbour's window"})


@outsider(11, "chapters")
@insider(11, "chapters")
def chapters_added(scene: Scene) -> None:
    def chapter(out: Any) -> Any:
        out.set_chapters(
            [{"id": 1, "start": 0, "end": 9000, "time_base": Fraction(1, 1000), "metadata": {"title": "one"}}]
        )
        return lambda: None

    wrap(scene.copy, beside=chapter)


def _from_clip(scene: Scene, **what: Any) -> Beside:
    """The second stream of a clip that is made for it."""
    clip = make_clip(scene.folder / f"rich{scene.copy.suffix}", **what)

    def beside(out: Any) -> Any:
        source = av.open(str(clip))
        stream: Any = source.streams[1]
        added = out.add_stream_from_template(stream)
        added.disposition = stream.disposition

        def write() -> None:
            for packet in source.demux(stream):
                if packet.size:
                    packet.stream = added
                    out.mux(packet)
            source.close()

        return write

    return beside


@outsider(11, "audio", "film", "matroska", "transport")
@insider(11, "audio", "film", "matroska", "transport")
def sound_added(scene: Scene) -> None:
    wrap(scene.copy, beside=_from_clip(scene, audio="aac"))


@outsider(5, "times, headers or sound may not be", "sounding")
@insider(14, "the sound is not the original's", "sounding", original=True)
def the_sound_exchanged(scene: Scene) -> None:
    wrap(scene.copy, beside=_from_clip(scene, audio="aac"))


@outsider(11, "cover")
@insider(11, "cover")
def a_cover_picture_added(scene: Scene) -> None:
    wrap(scene.copy, beside=_from_clip(scene, cover=True))


@outsider(11, "video")
@insider(11, "video")
def a_second_film_added(scene: Scene) -> None:
    wrap(scene.copy, beside=_from_clip(scene, second_video=True))


@outsider(11, "subtitle", "film", "matroska")
@insider(11, "subtitle", "film", "matroska")
def subtitles_added(scene: Scene) -> None:
    wrap(scene.copy, beside=_from_clip(scene, subtitle=True))


@outsider(11, "attachment", "matroska")
@insider(11, "attachment", "matroska")
def a_file_attached(scene: Scene) -> None:
    def attach(out: Any) -> Any:
        out.add_attachment("notes.txt", "text/plain", _LETTER)
        return lambda: None

    wrap(scene.copy, beside=attach)


@outsider(11, "APP1", "jpeg")
@insider(11, "APP1", "jpeg")
def exif_added(scene: Scene) -> None:
    add_to_jpeg(scene.copy, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + _LETTER)


@outsider(11, "comment", "jpeg")
@insider(11, "comment", "jpeg")
def a_comment_added(scene: Scene) -> None:
    add_to_jpeg(scene.copy, 0xFE, _LETTER)


@outsider(11, "tEXt", "png")
@insider(11, "tEXt", "png")
def a_text_chunk_added(scene: Scene) -> None:
    add_to_png(scene.copy, b"tEXt", b"Comment\0" + _LETTER)


@outsider(10, "pictures changed between 0.0 s and 4.0 s")
@insider(11, "user data")
def a_message_in_the_packets(scene: Scene) -> None:
    """An SEI message of unregistered user data (H.264, annex D): decoded by nobody, and as long as one likes."""
    first, *others = parts_of(scene.copy)
    said = b"\x06\x05" + bytes([16 + len(_LETTER)]) + _UNKNOWN_BOX + _LETTER + b"\x80"
    message = len(said).to_bytes(4, "big") + said
    wrap(scene.copy, [type(first)(message + first.data, first.pts, first.dts, first.duration, True), *others])


@outsider(10, "pictures changed between 0.0 s and 4.0 s")
@insider(11, "a unit of type 9")
def a_letter_in_a_delimiter(scene: Scene) -> None:
    first, *others = parts_of(scene.copy)
    said = b"\x09\x10" + _LETTER
    wrap(scene.copy, [replace(first, data=len(said).to_bytes(4, "big") + said + first.data), *others])


@outsider(10, "never shown")
@insider(10, "never shown")
def frames_hidden_by_an_edit_list(scene: Scene) -> None:
    data = bytearray(scene.copy.read_bytes())
    at = data.index(b"elst") + 12  # version and flags, number of entries, and there the length of the first
    length, start = struct.unpack_from(">Ii", data, at)
    late = parts_of(scene.copy)[0].duration * 20
    struct.pack_into(">Ii", data, at, length - late, start + late)
    scene.copy.write_bytes(data)


@outsider(5, "only the container was rewritten")
@insider(12, "not hidden")
def the_picture_turned(scene: Scene) -> None:
    wrap(scene.copy, turned=90)


@outsider(5, "only the container was rewritten")
@insider(12, "not hidden")
def the_picture_cropped_by_its_header(scene: Scene) -> None:
    _rewrite_header(scene, "h264_metadata=crop_bottom=32")


@outsider(5, "only the container was rewritten")
@insider(12, "not hidden")
def the_range_of_colours_changed_in_the_header(scene: Scene) -> None:
    _rewrite_header(scene, "h264_metadata=video_full_range_flag=1")


@outsider(5, "only the container was rewritten")
@insider(14, "colour", original=True)
def the_meaning_of_colours_changed_in_the_header(scene: Scene) -> None:
    _rewrite_header(scene, "h264_metadata=colour_primaries=9:transfer_characteristics=16:matrix_coefficients=9")


def _rewrite_header(scene: Scene, change: str) -> None:
    """Change the sequence parameters beside the packets; the packets stay as they are."""
    made = scene.folder / "header.mp4"
    with av.open(str(scene.copy)) as source, av.open(str(made), "w", options={"movflags": "+faststart"}) as out:
        out.flags |= BITEXACT
        stream = source.streams.video[0]
        added = out.add_stream_from_template(stream)
        rewriting = BitStreamFilterContext(change, stream, added)
        for packet in source.demux(stream):
            for filtered in rewriting.filter(packet if packet.size else None):
                filtered.stream = added
                out.mux(filtered)
    made.replace(scene.copy)
