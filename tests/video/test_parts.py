"""The small parts: time lines, allow-lists."""

from __future__ import annotations

import io
import re
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import pytest

from privmask.errors import DamagedFootageError, PlanError, UnsupportedFootageError
from privmask.video import Writing, known_encoders, opening
from privmask.video.sharing import SharedFile
from privmask.video.timeline import Timeline
from tests.video.clips import make_clip
from tests.video.trips import write_copy


def stamped(*stamps: tuple[int | None, int | None]) -> list[int]:
    line = Timeline(Fraction(1, 100), Fraction(25))
    return [line.stamp(SimpleNamespace(pts=pts, dts=dts)) for pts, dts in stamps]


def test_the_first_picture_decides_where_times_come_from() -> None:
    assert stamped((5, 1), (7, 3)) == [5, 7]
    assert stamped((None, 1), (9, 3)) == [1, 3]
    assert stamped((None, None), (None, None)) == [0, 1]


@pytest.mark.parametrize("second", [(None, 3), (5, 3), (4, 3)])
def test_a_time_that_is_missing_or_does_not_rise_is_damage(second: tuple[int | None, int]) -> None:
    with pytest.raises(DamagedFootageError, match=r"frame 1, after 0\.050 s"):
        stamped((5, 1), second)


def test_the_allow_lists_bite() -> None:
    opening.prove_lists_bite.cache_clear()
    opening.prove_lists_bite()


@pytest.mark.parametrize("option", ["format_whitelist", "codec_whitelist", "max_streams"])
def test_an_ffmpeg_that_ignores_an_allow_list_opens_nothing(monkeypatch: pytest.MonkeyPatch, option: str) -> None:
    real = opening._opens
    monkeypatch.setattr(
        opening, "_opens", lambda data, options: real(data, {k: v for k, v in options.items() if k != option})
    )
    opening.prove_lists_bite.cache_clear()
    with pytest.raises(UnsupportedFootageError, match=option):
        opening.prove_lists_bite()
    monkeypatch.undo()
    opening.prove_lists_bite.cache_clear()


def test_every_name_in_the_allow_lists_is_known_to_this_ffmpeg() -> None:
    """FFmpeg ignores a misspelt name in silence, and a renamed one would refuse good footage."""
    unknown: Any = [name for name in opening.VIDEO_CODECS.split(",") if not _has_decoder(name)]
    assert unknown == []


def _has_decoder(name: str) -> bool:
    try:
        return av.Codec(name, "r").name == name
    except ValueError:
        return False


def test_the_encoders_of_copies_are_in_this_build() -> None:
    assert None not in known_encoders().values()


def test_a_container_may_not_open_another_file() -> None:
    with pytest.raises(PermissionError):
        opening.open_nothing_else("other.mp4", 0, {})


WRONG_WORDS = [
    (Writing(quality=52), "quality: 52 is not one of 0 to 51"),
    (Writing(quality=-1), "quality: -1 is not one of 0 to 51"),
    (Writing(codec="av1", quality=64), "quality: 64 is not one of 0 to 63"),
    (Writing(quality=20, lossless=True), "quality: 20 has no meaning"),
    (Writing(codec="ffv1", quality=20, container="matroska"), "quality: 20 has no meaning"),
    (Writing(preset="hasty"), "preset: 'hasty' is not known for h264; it knows ultrafast, "),
    (Writing(codec="av1", preset="slow"), "preset: 'slow' is not known for av1; it knows 0, "),
]


@pytest.mark.parametrize(("writing", "said"), WRONG_WORDS)
def test_a_quality_or_preset_that_the_encoder_does_not_know_is_a_wrong_word(
    writing: Writing, said: str, tmp_path: Path
) -> None:
    """x264 takes a quality of -1 for none, and then writes at a bit rate of its own liking."""
    clip = make_clip(tmp_path / "clip.mp4", frames=2)
    with pytest.raises(PlanError, match=re.escape(said)):
        write_copy(clip, tmp_path / "copy", writing)


@pytest.mark.parametrize(
    ("writing", "preset", "looks_ahead"),
    [
        (Writing(), "superfast", True),
        (Writing(preset="superfast"), "superfast", False),
        (Writing(preset="veryfast"), "veryfast", False),
        (Writing(codec="h264", lossless=True), "veryfast", False),
    ],
)
def test_who_names_a_preset_gets_it_as_x264_knows_it(
    writing: Writing, preset: str, looks_ahead: bool, tmp_path: Path
) -> None:
    tally = write_copy(make_clip(tmp_path / "clip.mp4", frames=2), tmp_path / "copy", writing)
    assert tally.settings["preset"] == preset
    assert ("mbtree=1:rc-lookahead=4" in tally.settings.get("x264-params", "")) == looks_ahead


def test_each_wall_around_foreign_footage_stands_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """One wall behind another: a hostile clip that passes one meets the next, so no clip shows that one is missing."""
    given: dict[str, Any] = {}
    monkeypatch.setattr(opening, "prove_lists_bite", lambda: None)
    monkeypatch.setattr(av, "open", lambda *_, **options: given.update(options))
    opening.open_container(SharedFile(io.BytesIO(b"clip")))  # type: ignore[arg-type]  # never read here
    assert given["options"] == {
        "format_whitelist": opening.FORMATS,
        "protocol_whitelist": "none",
        "codec_whitelist": opening.STRICT["codec_whitelist"],
        "max_streams": str(opening.MAX_STREAMS),
        "max_pixels": str(opening.MAX_PIXELS),
    }
    with pytest.raises(PermissionError):
        given["io_open"]("other.mp4", 0, {})
    assert opening.STRICT["err_detect"] == "crccheck+bitstream+buffer+explode"
