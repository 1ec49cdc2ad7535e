"""The baselines do the same job: they hide the same zone, and code with the same settings."""

from __future__ import annotations

import itertools
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from measure import clip_facts
from peers import COMMANDS, SAME, Scene, set_scene, slanted
from privmask.masks import parse_zone
from privmask.video import Writing, open_video
from privmask.video.settings import options_of, threads_of
from whole_job import make_clip

PIXELATING = ["ffmpeg pixelating", "ffmpeg pixelize", "ffmpeg pixelating overlay"]
WAYS = ["ffmpeg overlay", "ffmpeg maskedmerge", *PIXELATING]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = tmp_path_factory.mktemp("scene")
    clip = make_clip(folder / "clip.mp4", seconds=1, rate=5, size="320x180")
    (folder / "out").mkdir()
    return set_scene(clip, slanted(0.3), folder)


def lumas(clip: Path) -> NDArray[Any]:
    with av.open(str(clip)) as container:
        return np.stack([frame.to_ndarray(format="gray").astype(int) for frame in container.decode(video=0)])


def zone_of(scene: Scene) -> NDArray[np.bool_]:
    """Which samples are in the zone, by its slanted edge from 45 % of the top to 15 % of the bottom."""
    width, height = scene.size
    rows, columns = np.mgrid[0:height, 0:width]
    inside: NDArray[np.bool_] = (columns + 0.5) / width < 0.45 - 0.3 * (rows + 0.5) / height
    return inside


@pytest.mark.parametrize("name", WAYS)
def test_each_way_of_ffmpeg_hides_the_zone_and_nothing_else(name: str, scene: Scene) -> None:
    subprocess.run(COMMANDS[name](scene), check=True)
    before, after = lumas(scene.clip), lumas(scene.copy)
    assert len(after) == len(before) == 5
    changed = np.abs(after - before).mean(axis=0) > 8
    inside = zone_of(scene)
    assert changed[~inside].mean() < 0.02
    assert changed[inside].mean() > (0.2 if name in PIXELATING else 0.9)  # blocks of one colour stay as they are


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 1.0])
def test_a_zone_hides_the_share_that_is_asked_for(share: float) -> None:
    points = parse_zone(slanted(share), "zone").polygon.points
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    area = abs(sum((x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs), Fraction(0))) / 2
    assert float(area) == pytest.approx(share, abs=0.001)
    assert all(0 <= each <= 1 for point in points for each in point)


def test_ffmpeg_gets_the_settings_that_privmask_gives_x264(scene: Scene) -> None:
    told = dict(zip(SAME[::2], SAME[1::2], strict=True))
    words = COMMANDS["privmask"](scene)
    wanted = dict(itertools.pairwise(words))
    writing = Writing(preset=wanted["--preset"], quality=int(wanted["--quality"]))
    with scene.clip.open("rb", buffering=0) as file, open_video(file) as source:
        ours = options_of("h264", source.info, writing, Fraction(25))
    assert {name: ours[name.strip("-")] for name in told if name != "-threads"} == {
        name: value for name, value in told.items() if name != "-threads"
    }
    assert told["-threads"] == str(threads_of(writing))


def test_the_facts_of_a_clip_are_those_of_its_pictures(scene: Scene) -> None:
    facts = clip_facts(scene.clip)
    assert (facts["codec"], facts["width"], facts["height"], facts["frames"], facts["seconds"]) == (
        "h264",
        320,
        180,
        5,
        1.0,
    )
