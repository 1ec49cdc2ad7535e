"""Clips of which packets were lost, and what is seen of them: each frame of the whole clip drawn as one letter."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import av

from privmask.frame import Frame
from privmask.video import Reading, open_video
from tests.video.clips import make_clip

SHOWN, HIDDEN, ABSENT, WRONG = ".", "#", " ", "!"


def clip_of(path: Path, x264: str, *, frames: int = 24, **what: Any) -> Path:
    """A small clip; `x264` is what its encoder is told."""
    return make_clip(path, **{"size": (64, 48), "frames": frames, "options": {"x264-params": f"{x264}:crf=30"}, **what})


def packets_of(clip: Path) -> list[Any]:
    with av.open(str(clip)) as container:
        return [packet for packet in container.demux(video=0) if packet.size]


def without(clip: Path, lost: Collection[int] = ()) -> Path:
    """The clip without the packets of these numbers, in the order of decoding, in a file where the others keep their times."""
    to = clip.with_name("cut.mkv" if lost else "whole.mkv")
    with av.open(str(clip)) as container, av.open(str(to), "w") as out:
        stream = out.add_stream_from_template(container.streams.video[0])
        packets = [packet for packet in container.demux(video=0) if packet.size]
        for number, packet in enumerate(packets):
            if number not in lost:
                packet.stream = stream
                out.mux(packet)
    return to


def shown_in(clip: Path, damaged: Any = "fail", threads: int = 0) -> dict[int, str]:
    """The pictures by their times; one that is hidden whole is `HIDDEN`."""
    with clip.open("rb", buffering=0) as file, open_video(file, Reading(damaged=damaged, threads=threads)) as source:
        return {frame.pts: HIDDEN if frame.hide_all else digest_of(frame) for frame in source.frames()}


def digest_of(frame: Frame) -> str:
    return hashlib.sha256(b"".join(plane.visible.tobytes() for plane in frame.planes)).hexdigest()


def drawn(whole: dict[int, str], cut: dict[int, str]) -> str:
    """The naive twin: what is shown must be what the undamaged clip shows at that time."""
    assert set(cut) <= set(whole)
    return "".join(
        ABSENT if pts not in cut else HIDDEN if cut[pts] == HIDDEN else SHOWN if cut[pts] == whole[pts] else WRONG
        for pts in sorted(whole)
    )


def is_reference(packet: Any) -> bool:
    """Whether others may refer to the picture in this packet of a stream with lengths of four bytes."""
    data, at = bytes(packet), 0
    while data[at + 4] & 31 not in (1, 5):
        at += 4 + int.from_bytes(data[at : at + 4], "big")
    return bool(data[at + 4] & 0x60)
