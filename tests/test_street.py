from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from privmask.masks.planfile import parse_plan
from privmask.street import FRAMES, HEIGHT, PLAN, WIDTH, street, write_street, yuv420


def test_the_street_is_the_same_in_every_run() -> None:
    first, second = next(street()), next(street())
    assert np.array_equal(first, second)
    assert first.shape == (HEIGHT, WIDTH, 3)


def test_somebody_moves_in_front_of_and_behind_the_private_window() -> None:
    pictures = list(street())
    assert len(pictures) == FRAMES
    window = np.stack([picture[60:200, 220:324].mean(axis=-1) for picture in pictures])
    assert np.ptp(window, axis=0).max() > 80


def test_grey_is_grey_and_colours_are_legal_in_limited_range() -> None:
    canvas = np.full((HEIGHT, WIDTH, 3), 128, np.float32)
    canvas[:2] = 300, -20, 300
    luma, blue, red = yuv420(canvas)
    assert (luma[2:] == round(128 / 255 * 219 + 16)).all()
    assert (blue[1:] == 128).all()
    assert (red[1:] == 128).all()
    assert luma.max() <= 235
    assert max(blue.max(), red.max()) <= 240


def test_the_clip_has_every_frame_and_replaces_nothing(tmp_path: Path) -> None:
    clip = tmp_path / "street.y4m"
    write_street(clip)
    content = clip.read_bytes()
    assert content.startswith(b"YUV4MPEG2 W640 H360 ")
    assert content.count(b"FRAME\n") == FRAMES
    assert len(content) == content.index(b"\n") + 1 + FRAMES * (6 + WIDTH * HEIGHT * 3 // 2)
    with pytest.raises(FileExistsError):
        write_street(clip)


def test_its_plan_stands_and_has_one_zone_of_each_type() -> None:
    plan = parse_plan(PLAN)
    assert [mask.type for mask in plan.masks] == ["Blurred", "Color", "Pixelated"]
