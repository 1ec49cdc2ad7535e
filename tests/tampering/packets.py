"""Packets are changed, left out, doubled, moved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import av

from tests.tampering.copies import RATE
from tests.tampering.scene import Scene
from tests.tampering.vectors import insider, outsider
from tests.tampering.wrapping import gops_of, parts_of, wrap

_SECOND = "pictures changed between 4.0 s and 8.0 s"
_WRAPPED = "only the container was rewritten"


@outsider(10, _SECOND, "film", "matroska")
def a_bit_flipped_in_a_packet(scene: Scene) -> None:
    data, packet = bytearray(scene.copy.read_bytes()), gops_of(parts_of(scene.copy))[1][3].data
    data[data.index(packet) + len(packet) // 2] ^= 1
    scene.copy.write_bytes(data)


@outsider(5, "sha256 is", "png", "jpeg")
def a_bit_flipped_in_a_still(scene: Scene) -> None:
    data = bytearray(scene.copy.read_bytes())
    data[len(data) // 2] ^= 1
    scene.copy.write_bytes(data)


@outsider(5, _WRAPPED)
def a_remux(scene: Scene) -> None:
    wrap(scene.copy, options={"movflags": "frag_keyframe"})


@outsider(5, _WRAPPED)
def a_remux_to_matroska_under_the_old_name(scene: Scene) -> None:
    wrap(scene.copy, container="matroska", options={})


@outsider(5, _WRAPPED, "transport")
def a_remux_of_a_transport_stream(scene: Scene) -> None:
    wrap(scene.copy, options={"mpegts_copyts": "1", "mpegts_service_id": "7"})


@outsider(5, _WRAPPED, "matroska")
def a_remux_of_matroska(scene: Scene) -> None:
    wrap(scene.copy, options={"cluster_size_limit": "2000"})


@outsider(10, "cut: it begins at 4.0 s")
@insider(14, "fewer frames", original=True)
def the_head_cut_off(scene: Scene) -> None:
    _, second, third = gops_of(parts_of(scene.copy))
    wrap(scene.copy, [part.later(-second[0].pts) for part in second + third])


@outsider(10, "cut: it ends at 8.0 s, stated are 12.0 s", "film", "matroska", "transport")
@insider(14, "fewer frames", original=True)
def the_tail_cut_off(scene: Scene) -> None:
    first, second, _ = gops_of(parts_of(scene.copy))
    wrap(scene.copy, first + second)


@outsider(5, "bytes, stated are", "film", "matroska", "jpeg", "png")
def a_file_cut_short(scene: Scene) -> None:
    data = scene.copy.read_bytes()
    scene.copy.write_bytes(data[: len(data) * 3 // 4])


@outsider(10, _SECOND)
@insider(14, "frame 39 of the copy appears at 8.000000 s instead of 7.800000 s", original=True)
def a_frame_dropped(scene: Scene) -> None:
    first, second, third = gops_of(parts_of(scene.copy))
    last = max(second, key=lambda part: part.pts)
    wrap(scene.copy, [*first, *(part for part in second if part is not last), *third])


@outsider(10, _SECOND)
@insider(14, "of the copy appears at", original=True)
def a_frame_doubled(scene: Scene) -> None:
    """One that no other refers to (nal_ref_idc 0), so that every frame can be decoded."""
    parts = parts_of(scene.copy)
    free = next(part for part in gops_of(parts)[1] if not part.data[4] & 0x60)
    again, place = free.later(free.duration // 2), parts.index(free) + 1
    wrap(scene.copy, [*parts[:place], again, *parts[place:]])


@outsider(10, "pictures were put in at 8.0 s")
@insider(14, "more frames than the original", original=True)
def a_group_of_pictures_doubled(scene: Scene) -> None:
    first, second, third = gops_of(parts_of(scene.copy))
    ticks = second[0].pts - first[0].pts
    wrap(scene.copy, [*first, *second, *(p.later(ticks) for p in second), *(p.later(ticks) for p in third)])


@outsider(10, "order")
@insider(14, "frame 0", original=True)
def groups_of_pictures_swapped(scene: Scene) -> None:
    first, second, third = gops_of(parts_of(scene.copy))
    ticks = second[0].pts - first[0].pts
    wrap(scene.copy, [p.later(-ticks) for p in second] + [p.later(ticks) for p in first] + third)


@outsider(10, "time")
@insider(14, "frame 20 of the copy appears at 5.000000 s instead of 4.000000 s", original=True)
def all_after_4_seconds_shown_a_second_later(scene: Scene) -> None:
    first, *others = gops_of(parts_of(scene.copy))
    ticks = first[0].duration * round(RATE)
    wrap(scene.copy, first + [part.later(ticks) for group in others for part in group])


@outsider(5, _WRAPPED)
@insider(14, "frame 39 of the copy appears at 7.900000 s instead of 7.800000 s", original=True)
def one_frame_shown_a_tenth_of_a_second_later(scene: Scene) -> None:
    """No group of pictures begins at another time, and no packet is another."""
    parts = parts_of(scene.copy)
    late = max(gops_of(parts)[1], key=lambda part: part.pts)
    moved = replace(late, pts=late.pts + late.duration // 2)
    wrap(scene.copy, [moved if part is late else part for part in parts])


@outsider(10, "pictures changed")
def everything_encoded_again(scene: Scene) -> None:
    made = scene.folder / "again.mp4"
    with av.open(str(scene.copy)) as source, av.open(str(made), "w") as out:
        like, stream = source.streams.video[0], _x264(out, source.streams.video[0])
        for frame in source.decode(like):
            fresh = av.VideoFrame.from_ndarray(frame.to_ndarray(), format=frame.format.name)
            fresh.pts, fresh.time_base = frame.pts, frame.time_base
            out.mux(stream.encode(fresh))
        out.mux(stream.encode(None))
    made.replace(scene.copy)


def _x264(out: Any, like: Any) -> Any:
    stream = out.add_stream("libx264", rate=round(RATE), options={"crf": "30"})
    stream.width, stream.height = like.width, like.height
    stream.codec_context.time_base = like.time_base
    return stream
