"""Films taken apart into packets and put together again: what anybody with a muxer can do to a copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av

BITEXACT = 0x400
"""Flag of a container: write no version of the muxer."""


@dataclass(frozen=True, slots=True)
class Part:
    """One packet of pictures; times are in units of the stream."""

    data: bytes
    pts: int
    dts: int
    duration: int
    key: bool

    def later(self, ticks: int) -> Part:
        return replace(self, pts=self.pts + ticks, dts=self.dts + ticks)


Beside = Callable[[Any], Callable[[], None]]
"""Adds streams to an output, and gives what writes into them."""


def parts_of(film: Path) -> list[Part]:
    """The packets of the only film in the file, in their order."""
    with av.open(str(film)) as source:
        return [
            Part(bytes(p), int(p.pts or 0), int(p.dts or 0), int(p.duration or 0), bool(p.is_keyframe))
            for p in source.demux(video=0)
            if p.size
        ]


def gops_of(parts: Sequence[Part]) -> list[list[Part]]:
    """The packets by groups of pictures."""
    groups: list[list[Part]] = []
    for part in parts:
        if part.key:
            groups.append([])
        groups[-1].append(part)
    return groups


def wrap(
    film: Path,
    parts: Sequence[Part] | None = None,
    *,
    container: str | None = None,
    options: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
    turned: int = 0,
    beside: Beside = lambda _: lambda: None,
) -> None:
    """Write `film` anew: these packets (or its own), in the stream that it has, with what else is asked for."""
    own, made = parts_of(film) if parts is None else parts, film.with_name(f"wrapped-{film.name}")
    kind = container or {".mkv": "matroska", ".ts": "mpegts"}.get(film.suffix, "mp4")
    chosen = _times(film) if options is None else options
    with av.open(str(film)) as like, av.open(str(made), "w", format=kind, options=chosen) as out:
        out.flags |= BITEXACT
        out.metadata.update(tags or {})
        stream: Any = out.add_stream_from_template(like.streams.video[0])
        stream.time_base = like.streams.video[0].time_base
        if turned:
            one = 1 << 16
            stream.set_display_matrix([0, one, 0, -one, 0, 0, 0, 0, 1 << 30])
        write_beside = beside(out)
        for part in own:
            out.mux(_packet(part, stream, like.streams.video[0].time_base))
        write_beside()
    made.replace(film)


def _times(film: Path) -> dict[str, str]:
    """What keeps the time stamps exact."""
    with av.open(str(film)) as like:
        stream: Any = like.streams.video[0]
        scale = str(stream.time_base.denominator)
        if like.format.name == "mpegts":
            return {"mpegts_copyts": "1", "avoid_negative_ts": "disabled"}
        return {"video_track_timescale": scale, "movie_timescale": scale} if "mp4" in like.format.name else {}


def _packet(part: Part, stream: Any, time_base: Any) -> Any:
    packet: Any = av.Packet(part.data)
    packet.pts, packet.dts, packet.duration, packet.time_base = part.pts, part.dts, part.duration, time_base
    packet.is_keyframe, packet.stream = part.key, stream
    return packet
