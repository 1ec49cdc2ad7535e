"""A copy's encoder begins anew at places that follow from the times of its frames, and nobody who plays the copy can tell."""

from __future__ import annotations

import weakref
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest

from privmask.frame import MaskedFrame
from privmask.video import Tally, Writing, container_of, open_video, write_video
from privmask.video.muxing import ClipOutput
from privmask.video.sections import Sections
from tests.video.clips import make_clip
from tests.video.travel import seen_in

SHORT = Sections(Fraction(1), 16)
WHOLE = Sections(3600, 16)


def copied(clip: Path, copy: Path, **writing: Any) -> Tally:
    settings = Writing(container=container_of(copy), **{"sections": SHORT, "threads": 1, **writing})
    with (
        clip.open("rb", buffering=0) as file,
        open_video(file) as source,
        write_video(str(copy), source, settings) as sink,
    ):
        for frame in source.frames():
            sink.write(MaskedFrame(frame))
    return sink.tally


def packets_of(copy: Path) -> list[Any]:
    """In a container that says when packets are decoded."""
    with av.open(str(copy)) as container:
        return [packet for packet in container.demux(container.streams.video[0]) if packet.size]


def starts(copy: Path) -> list[int]:
    return [
        number for number, packet in enumerate(packets_of(copy)) if b"\x00\x00\x00\x02\x09\x10" in bytes(packet)[:6]
    ]


class Encoder:
    """An encoder of which it can be seen whether it is still there."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)


def test_no_two_encoders_are_alive_at_once(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each holds a hundred megabytes of a large clip; the one with which the file is opened gets no frame."""
    made: list[weakref.ref[Encoder]] = []
    alive: list[int] = []

    def opened(output: ClipOutput) -> Encoder:
        alive.append(sum(each() is not None for each in made))
        made.append(weakref.ref(encoder := Encoder(new(output))))
        return encoder

    new = ClipOutput._new_encoder
    monkeypatch.setattr(ClipOutput, "_new_encoder", opened)
    assert copied(clip, tmp_path / "copy.mp4").starts
    assert len(alive) >= 3
    assert set(alive) == {0}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", size=(96, 64), frames=80, audio="aac")


@pytest.mark.parametrize(
    ("times", "sections", "expected"),
    [
        (range(10), Sections(3, 1), [0, 3, 6, 9]),
        (range(10), Sections(3, 4), [0, 4, 8]),
        ([7, 8, 9, 12, 13, 14, 15, 17], Sections(5, 2), [0, 3, 7]),
        ([0, 100, 200, 300, 400], Sections(5, 2), [0, 2, 4]),
        ([0, 1], Sections(), [0]),
        ([], Sections(), []),
    ],
)
def test_a_section_lasts_so_many_seconds_and_has_so_many_frames(
    times: list[int], sections: Sections, expected: list[int]
) -> None:
    assert sections.starts(times, Fraction(1)) == expected


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_a_copy_in_sections_decodes_without_a_complaint_to_the_same_frames_at_the_same_times(
    clip: Path, tmp_path: Path, suffix: str
) -> None:
    tally = copied(clip, tmp_path / f"copy{suffix}")
    assert (tally.frames, tally.starts) == (80, (0, 25, 50, 75))
    one, other = seen_in(clip), seen_in(tmp_path / f"copy{suffix}")
    assert [each.time for each in one] == [each.time for each in other]
    assert all(abs(a.samples.astype(int) - b.samples).mean() < 3 for a, b in zip(one, other, strict=True))


def test_times_of_decoding_rise_over_every_seam_and_nothing_is_shown_before_it_is_decoded(
    clip: Path, tmp_path: Path
) -> None:
    copied(clip, tmp_path / "copy.mp4")
    packets = packets_of(tmp_path / "copy.mp4")
    assert [packets[number].pts for number in (25, 50, 75)] == [12800, 25600, 38400]
    assert all(packets[number].is_keyframe for number in (0, 25, 50, 75))
    assert any(packet.dts != packet.pts for packet in packets)
    assert all(one.dts < other.dts for one, other in pairwise(packets))
    assert all(packet.dts <= packet.pts for packet in packets)


def test_each_section_can_be_decoded_without_the_others(clip: Path, tmp_path: Path) -> None:
    copied(clip, tmp_path / "copy.mp4")
    whole = seen_in(tmp_path / "copy.mp4")
    with av.open(str(tmp_path / "copy.mp4")) as container:
        container.seek(25600, stream=container.streams.video[0])
        alone = [frame.to_ndarray().tobytes() for frame in container.decode(video=0)]
    assert alone == [each.samples.tobytes() for each in whole[50:]]


def test_every_section_but_the_first_begins_with_a_delimiter_and_none_says_who_encoded_it(
    clip: Path, tmp_path: Path
) -> None:
    copied(clip, tmp_path / "copy.mp4")
    assert starts(tmp_path / "copy.mp4") == [25, 50, 75]
    assert b"x264" not in (tmp_path / "copy.mp4").read_bytes()


def test_a_clip_of_one_section_is_encoded_as_if_there_were_none(clip: Path, tmp_path: Path) -> None:
    for name, sections in (("whole", WHOLE), ("just", Sections(Fraction("3.2"), 16))):
        assert copied(clip, tmp_path / f"{name}.mp4", sections=sections).starts == (0,)
    assert (tmp_path / "whole.mp4").read_bytes() == (tmp_path / "just.mp4").read_bytes()


def test_a_key_frame_never_comes_right_before_a_seam_because_the_picture_changes_there(tmp_path: Path) -> None:
    """Two of them in a row would have the same numbers, and the standard wants others."""

    def cut(number: int, planes: list[Any]) -> None:
        for plane in planes:
            plane[:] = 255 - plane if number >= 24 else plane

    clip = make_clip(tmp_path / "cut.mp4", size=(96, 64), frames=40, private=cut)
    keys: dict[str, list[int]] = {}
    for name, sections in (("whole", WHOLE), ("cut", SHORT)):
        copied(clip, tmp_path / f"{name}.mp4", sections=sections)
        keys[name] = [n for n, packet in enumerate(packets_of(tmp_path / f"{name}.mp4")) if packet.is_keyframe]
    assert keys == {"whole": [0, 24], "cut": [0, 25]}


def test_the_last_section_may_be_a_single_frame(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=26)
    assert copied(clip, tmp_path / "copy.mp4").starts == (0, 25)
    assert [each.time for each in seen_in(tmp_path / "copy.mp4")] == [each.time for each in seen_in(clip)]


def test_a_variable_rate_is_kept_over_the_seams(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=60, pts=[512 * n + 37 * n * n for n in range(60)])
    tally = copied(clip, tmp_path / "copy.mp4")
    assert len(tally.starts) > 2
    assert [each.time for each in seen_in(tmp_path / "copy.mp4")] == [each.time for each in seen_in(clip)]


@pytest.mark.parametrize("codec", ["hevc", "ffv1"])
def test_other_codecs_are_made_in_one_piece(clip: Path, tmp_path: Path, codec: Any) -> None:
    assert copied(clip, tmp_path / "copy.mkv", codec=codec).starts == ()


def test_the_sound_stays_beside_its_pictures(clip: Path, tmp_path: Path) -> None:
    for name, sections in (("whole", WHOLE), ("cut", SHORT)):
        copied(clip, tmp_path / f"{name}.mp4", sections=sections, audio="keep")
    heard = []
    for name in ("whole", "cut"):
        with av.open(str(tmp_path / f"{name}.mp4")) as container:
            heard.append([(p.pts, bytes(p)) for p in container.demux(container.streams.audio[0]) if p.size])
    assert heard[0] == heard[1] != []


def test_the_same_clip_gives_the_same_bytes_each_time(clip: Path, tmp_path: Path) -> None:
    for name in ("one", "other"):
        copied(clip, tmp_path / f"{name}.mp4", threads=2)
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "other.mp4").read_bytes()
