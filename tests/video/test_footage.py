"""The real clips: each comes back whole, or is refused for its true reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from privmask.errors import DamagedFootageError, UnsupportedFootageError
from privmask.video import Reading
from tests.video.trips import frames_of, round_trip, times

# Frames counted by decoding with FFmpeg (the shared index), and what the worst frame may lose at the default quality, in dB.
WHOLE = {
    "asl_again_480p.mkv": (77, 45),
    "corridor_walk_270p.mp4": (35, 45),
    "carphone_144p.mp4": (120, 41),
    "plot_mpeg1_ps.mpg": (250, 44),
    "men_whisper_320p.264": (9, 43),
    "cropped_300x168.264": (50, 38),
    "tiny_h264_10bit.mp4": (30, 42),
    "tiny_h265.mp4": (10, 46),
    "tiny_h265_10bit.mp4": (30, 41),
    "tiny_av1.mkv": (125, 50),
    "bt709_fullrange.mp4": (30, 45),
    "vfr_444.mp4": (300, 42),
    "tree_cinepak.avi": (68, 41),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_real_clip_comes_back_whole(tmp_path: Path, footage: Callable[[str], Path], name: str) -> None:
    trip = round_trip(footage(name), tmp_path)
    count, least = WHOLE[name]
    assert len(trip.copy) == len(trip.original) == count
    assert times(trip.copy) == times(trip.original)
    assert trip.copy_info.picture == trip.info.picture
    assert trip.worst_psnr > least


def test_damaged_footage_is_refused_as_damaged(footage: Callable[[str], Path]) -> None:
    for name in ("idr_lost_144p.264", "broken_I_P_288p.264"):
        with pytest.raises(DamagedFootageError, match="frame 0"):
            frames_of(footage(name))


def test_two_pictures_in_one_file_are_told_apart(footage: Callable[[str], Path]) -> None:
    clip = footage("two_videos_nasa.mp4")
    with pytest.raises(UnsupportedFootageError, match=r"320x180.*480x270"):
        frames_of(clip)
    frames, info = frames_of(clip, Reading(stream=3))
    assert (str(info.picture.size), len(frames)) == ("480x270", 390)
