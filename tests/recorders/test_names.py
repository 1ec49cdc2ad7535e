"""What names tell: cameras and times, as each recorder writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from privmask.errors import PlanError
from privmask.recorders.names import moment_of, pattern_of

AT = datetime(2026, 11, 23, 10, 0, 5)
NAMES = [
    ("motion", "01-20261123100005.mkv", None, AT),
    ("motion", "gate/01-20261123100005-00.jpg", "gate", AT),
    ("motion", "gate-12-20261123100005.mp4", "gate", AT),
    ("motion", "20261123-timelapse.mpg", None, datetime(2026, 11, 23)),
    ("ffmpeg", "gate-20261123-100005.mp4", "gate", AT),
    ("ffmpeg", "gate_2026-11-23_10-00-05.mp4", "gate", AT),
    ("ffmpeg", "2026-11-23T10-00-05.ts", None, AT),
    ("ffmpeg", "gate-1795428005.mkv", "gate", AT.replace(tzinfo=UTC)),
    ("frigate", "recordings/2026-11-23/10/gate/00.05.mp4", "gate", AT),
    ("frigate", "2026-11-23/10/gate/00.05.mp4", "gate", AT),
    ("frigate", "clips/gate-1795428005.25-abc123.jpg", "gate", AT.replace(microsecond=250000, tzinfo=UTC)),
    ("mediamtx", "gate/2026-11-23_10-00-05-250000.mp4", "gate", AT.replace(microsecond=250000)),
    ("mediamtx", "house/gate/2026-11-23_10-00-05.mp4", "house/gate", AT),
    ("zoneminder", "1/26/11/23/10/00/05/00001-capture.jpg", "1", AT),
    ("zoneminder", "events/1/2026-11-23/48/48-video.mp4", "1", datetime(2026, 11, 23)),
    ("{camera}/%Y%m%d/%H%M%S.mp4", "gate/20261123/100005.mp4", "gate", AT),
    ("{camera}_%y%m%d%H%M%S", "a_b_261123100005.mkv", "a_b", AT),
    ("%Y/%Y-%m-%d", "2026/2026-11-23.mp4", None, datetime(2026, 11, 23)),
]


@pytest.mark.parametrize(("word", "name", "camera", "time"), NAMES, ids=[name for _, name, *_ in NAMES])
def test_a_name_tells_its_camera_and_its_time(word: str, name: str, camera: str | None, time: datetime) -> None:
    told = pattern_of(word).told_by(f"/rec/{name}", "/rec")
    assert (told.camera, told.time) == (camera, time)


@pytest.mark.parametrize("name", ["20261323-100005.mp4", "99999999999999.mp4", "holiday.mp4", "-.mp4", "2026.mp4"])
def test_a_name_that_tells_no_time_is_nothing_bad(name: str) -> None:
    assert pattern_of(None).told_by(f"/rec/{name}", "/rec").time is None
    assert pattern_of("{camera}/%Y/%m").told_by(f"/rec/{name}", "/rec").camera is None


def test_only_a_pattern_that_a_person_chose_is_sure_of_the_camera() -> None:
    assert not pattern_of(None).sure
    assert pattern_of("ffmpeg").sure
    assert pattern_of(None).told_by("/rec/gate-20261123-100005.mp4", "/rec").time == AT


def test_what_is_said_twice_has_to_be_the_same() -> None:
    assert pattern_of("%Y/%Y-%m-%d").told_by("/rec/2025/2026-11-23.mp4", "/rec").time is None


@pytest.mark.parametrize("word", ["recordings", "%Q/{camera}", "{kamera}-%Y", "*"])
def test_a_pattern_that_is_not_understood_is_refused(word: str) -> None:
    with pytest.raises(PlanError, match="--pattern"):
        pattern_of(word)


def test_an_hour_that_comes_twice_or_never_is_no_known_moment() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert moment_of(datetime(2026, 10, 25, 2, 30), berlin) is None
    assert moment_of(datetime(2026, 3, 29, 2, 30), berlin) is None
    assert moment_of(AT, ZoneInfo("Asia/Tokyo")) == datetime(2026, 11, 23, 1, 0, 5, tzinfo=UTC)
    assert moment_of(AT.replace(tzinfo=UTC), berlin) == AT.replace(tzinfo=UTC)
