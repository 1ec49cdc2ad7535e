from __future__ import annotations

import itertools
import subprocess
from pathlib import Path

import av
import pytest

from tests.camera import Camera
from tests.marked import BITS, hides, leaks, marked_picture, number_of
from tests.video.clips import planes


def _seen(url: str, frames: int, options: dict[str, str] | None = None) -> list[av.VideoFrame]:
    found: list[av.VideoFrame] = []
    with av.open(url, options={"rtsp_transport": "tcp", **(options or {})}, timeout=(20, 20)) as container:
        for frame in container.decode(video=0):
            found.append(frame)
            if len(found) == frames:
                break
    return found


def test_a_camera_shows_its_numbered_pictures_with_their_private_zone_open(tmp_path: Path) -> None:
    with Camera(tmp_path, speed=4) as camera:
        frames = _seen(camera.url, 30)
    numbers = [number_of(planes(frame)[0]) for frame in frames]
    assert all(after == (before + 1) % 50 for before, after in itertools.pairwise(numbers))
    assert all(leaks(frame) > 100 and not hides(frame) for frame in frames)


def test_a_camera_that_was_killed_comes_back_on_its_port(tmp_path: Path) -> None:
    with Camera(tmp_path, speed=4) as camera:
        url = camera.url
        camera.kill()
        with pytest.raises((av.error.FFmpegError, OSError)):
            _seen(url, 1)
        camera.start()
        assert camera.url == url
        assert len(_seen(url, 2)) == 2


def test_a_camera_with_a_password_lets_in_nobody_else(tmp_path: Path) -> None:
    with Camera(tmp_path, speed=4, user="clerk", password="s3cret") as camera:
        assert len(_seen(camera.url, 2)) == 2
        with pytest.raises((av.error.FFmpegError, OSError)):
            _seen(camera.url.replace("s3cret", "guess"), 1)


def test_a_camera_changes_the_size_of_its_pictures_on_the_way(tmp_path: Path) -> None:
    with Camera(tmp_path, speed=4, other_size=(160, 120), gop=5) as camera:
        words = ["ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-show_entries", "frame=width", "-of", "csv=p=0"]
        with subprocess.Popen([*words, camera.url], stdout=subprocess.PIPE, text=True) as probe:
            assert probe.stdout is not None
            assert probe.stdout.readline().strip(",\n") == "320"
            camera.change_size()
            assert any(line.strip(",\n") == "160" for line in probe.stdout)
            probe.kill()


def test_a_picture_without_its_private_blocks_leaks_nothing_and_one_block_is_seen() -> None:
    frame = marked_picture(7, 320, 240)
    assert number_of(planes(frame)[0]) == 7 < 1 << BITS
    for plane, value in zip(planes(frame), (16, 128, 128), strict=True):
        plane[plane.shape[0] // 5 : plane.shape[0] * 7 // 10, plane.shape[1] // 5 : plane.shape[1] * 6 // 10] = value
    assert hides(frame)
    planes(frame)[1][100, 130] = 200
    assert leaks(frame) == 1
    assert not hides(frame)
