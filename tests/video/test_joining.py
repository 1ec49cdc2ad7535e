"""Sections that were decoded and encoded apart, and joined: the very bytes of a copy that was made in one piece."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest

from privmask.errors import CopyError, DamagedFootageError
from privmask.frame import Frame, MaskedFrame
from privmask.video import Part, Timetable, Writing, container_of, join_video, open_video, tried, write_part
from privmask.video.muxing import rate_from
from tests.video.clips import make_clip
from tests.video.test_sections import SHORT, copied
from tests.video.travel import HEVC


def timetable(clip: Path) -> Timetable:
    with clip.open("rb", buffering=0) as file, open_video(file) as source:
        survey = source.survey()
        assert survey.refused == ""
        table = Timetable.of(survey)
        return tried(table, source.file, source.info.stream, range(len(table.times)))


def within(clip: Path, table: Timetable, start: int, stop: int) -> list[Frame]:
    with clip.open("rb", buffering=0) as file, open_video(file) as source:
        return list(source.within(table, start, stop))


def told(frames: Sequence[Frame]) -> list[Any]:
    """All that is said of frames, with their samples."""
    return [
        (replace(each, planes=(), carrier=None), [plane.visible.tobytes() for plane in each.planes]) for each in frames
    ]


def joined(
    clip: Path,
    copy: Path,
    order: Sequence[int] | None = None,
    lie: Callable[[Part], Part] = lambda part: part,
    **writing: Any,
) -> None:
    """The copy of test_sections, of parts that are encoded in another order, each from the original opened anew."""
    settings = Writing(container=container_of(copy), **{"sections": SHORT, "threads": 1, **writing})
    table = timetable(clip)
    starts = settings.sections.starts(table.times, table.time_base)
    spans = list(zip(starts, [*starts[1:], len(table.times)], strict=True))
    parts: dict[int, tuple[Part, Any]] = {}
    with ExitStack() as opened:
        for number in reversed(range(len(spans))):
            spool = opened.enter_context(tempfile.TemporaryFile())
            parts[number] = _encode(clip, table, spans[number], spool, settings), spool
        file = opened.enter_context(clip.open("rb", buffering=0))
        source = opened.enter_context(open_video(file))
        with join_video(str(copy), source, settings, table) as joint:
            for number in order or range(len(spans)):
                part, spool = parts[number]
                joint.add(lie(part), spool.fileno(), spans[number][1])
        tally = joint.tally
    assert (tally.frames, tally.packets, tally.starts) == (len(table.times), len(table.times), tuple(starts))


def _encode(clip: Path, table: Timetable, span: tuple[int, int], spool: Any, settings: Writing) -> Part:
    rate = rate_from((table.times[1] - table.times[0]) * table.time_base)
    with clip.open("rb", buffering=0) as file, open_video(file) as source:
        with write_part(spool.fileno(), source, settings, rate) as (sink, output):
            for frame in source.within(table, *span):
                sink.write(MaskedFrame(frame))
        return output.part


KINDS: dict[str, dict[str, Any]] = {
    "closed groups": {},
    "no B-frames": {"b_frames": 0},
    "long groups": {"gop": 40},
    "H.265": HEVC,
    "open groups": {"options": {"x264-params": "open-gop=1:keyint=10:min-keyint=10:scenecut=0"}},
    "sound": {"audio": "aac"},
    "a late beginning": {"start": 51200},
    "variable rate": {"pts": [512 * n + 3 * n * n for n in range(80)]},
    "turned": {"rotation": 90},
}


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_section_that_is_decoded_alone_has_the_frames_that_it_has_among_all(
    clips: Path, kind: str, suffix: str
) -> None:
    if (kind, suffix) in (("variable rate", ".mkv"), ("turned", ".ts")):
        return
    clip = make_clip(clips / f"{kind}{suffix}", **{"size": (96, 64), "frames": 80, **KINDS[kind]})
    with clip.open("rb", buffering=0) as file, open_video(file) as source:
        whole = told(list(source.frames()))
    table = timetable(clip)
    assert table.seeks == (suffix != ".ts")
    for start, stop in ((0, 80), (0, 1), (13, 37), (24, 25), (60, 80), (79, 80)):
        assert told(within(clip, table, start, stop)) == whole[start:stop]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
@pytest.mark.parametrize("kind", KINDS)
def test_joined_parts_are_the_copy_that_one_process_makes(clips: Path, tmp_path: Path, kind: str, suffix: str) -> None:
    if (kind, suffix) in (("variable rate", ".ts"), ("turned", ".ts")):
        return
    clip = make_clip(clips / f"{kind}.mp4", **{"size": (96, 64), "frames": 80, **KINDS[kind]})
    copied(clip, tmp_path / f"whole{suffix}", audio="keep")
    joined(clip, tmp_path / f"parts{suffix}", audio="keep")
    assert (tmp_path / f"whole{suffix}").read_bytes() == (tmp_path / f"parts{suffix}").read_bytes()


def test_a_last_part_of_a_single_frame_is_joined_as_well(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=51)
    copied(clip, tmp_path / "whole.mp4")
    joined(clip, tmp_path / "parts.mp4")
    assert (tmp_path / "whole.mp4").read_bytes() == (tmp_path / "parts.mp4").read_bytes()


def test_parts_in_a_wrong_order_are_no_copy(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=75)
    with pytest.raises(CopyError, match="packets of other frames than 25 to 74"):
        joined(clip, tmp_path / "parts.mp4", order=[0, 2, 1])


def test_a_part_that_is_missing_at_the_end_is_no_copy(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=75)
    with pytest.raises(CopyError, match="only 50 of 75 frames were written"):
        joined(clip, tmp_path / "parts.mp4", order=[0, 1])


def _first(part: Part, **changes: int) -> Part:
    """The part, with another first packet."""
    pts, dts, duration, is_key, size = part.packets[0]
    first = (pts, changes.get("dts", dts), duration, is_key, changes.get("size", size))
    return replace(part, packets=(first, *part.packets[1:]))


LIES: dict[str, tuple[Callable[[Part], Part], str]] = {
    "a packet less": (lambda part: replace(part, packets=part.packets[1:]), "packets of other frames"),
    "a packet twice": (lambda part: replace(part, packets=(*part.packets, part.packets[0])), "packets of other frames"),
    "another header": (lambda part: replace(part, header=part.header + b"x"), "other parameters"),
    "more bytes than there are": (lambda part: _first(part, size=1 << 30), "shorter than it was said to be"),
    "decoded after it is shown": (lambda part: _first(part, dts=1 << 40), "cannot be written"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_part_that_is_not_what_it_was_said_to_be_is_no_copy(tmp_path: Path, lie: str) -> None:
    clip = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=75)
    told, words = LIES[lie]
    with pytest.raises(CopyError, match=words):
        joined(clip, tmp_path / "parts.mp4", lie=told)


def test_a_part_of_two_sections_is_refused(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=60)
    with tempfile.TemporaryFile() as spool, pytest.raises(CopyError, match="frames of 2 sections"):
        _encode(clip, timetable(clip), (0, 40), spool, Writing(sections=SHORT))


def test_an_original_that_is_another_than_when_it_was_looked_through_is_told(tmp_path: Path) -> None:
    table = timetable(make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=60))
    other = make_clip(tmp_path / "other.mp4", size=(96, 64), frames=60, start=512)
    with pytest.raises(DamagedFootageError):
        within(other, table, 30, 50)


def test_a_frame_that_never_comes_is_damage(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=60, b_frames=0)
    table = timetable(clip)
    with av.open(str(clip)) as container:
        packet = list(container.demux(container.streams.video[0]))[40]
        at, size = packet.pos or 0, packet.size
    data = bytearray(clip.read_bytes())
    data[at + 6 : at + size] = bytes(size - 6)
    clip.write_bytes(data)
    with pytest.raises(DamagedFootageError):
        within(clip, table, 30, 50)
    assert len(within(clip, table, 0, 30)) == 30
