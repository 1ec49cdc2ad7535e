"""The check of a copy tells each way in which frames may differ from the original's, before it looks at a sample."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from privmask.checking import Findings, check_copy, frame_pairs
from privmask.errors import CopyError
from privmask.evidence import open_once
from privmask.frame import Picture
from privmask.masks import FittedMasks, MaskPlan, fit_masks
from privmask.video import Reading, open_video
from tests.plans import three_zones
from tests.video.clips import make_clip

EVENLY = [512 * n for n in range(12)]


def masks_of(clip: Path, plan: MaskPlan) -> FittedMasks:
    with open_once(clip) as file, open_video(file) as source:
        picture: Picture = source.info.picture
    return fit_masks(plan, picture)


def check(original: Path, copy: Path, **how: Any) -> None:
    masks = masks_of(original, three_zones("Color"))
    with open_once(original) as one, open_once(copy) as other:
        check_copy(one, other, masks, reading=Reading(), **{"exact": False, **how})


@pytest.fixture
def original(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "original.mp4", size=(96, 64), pts=EVENLY)


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ({"pts": EVENLY[:-1]}, "fewer frames"),
        ({"pts": [*EVENLY, 6144]}, "more frames"),
        ({"pts": [*EVENLY[:5], 2570, *EVENLY[6:]]}, "frame 5 .* appears at"),
        ({"pts": [time + 1 for time in EVENLY]}, "frame 0 .* appears at"),
        ({"pts": EVENLY, "size": (96, 80)}, "shows 96x80"),
        ({"pts": EVENLY, "rotation": 90}, "shows 64x96"),
        ({"pts": EVENLY, "rotation": 180}, "turned by 180"),
        ({"pts": EVENLY, "sar": Fraction(4, 3)}, "samples 4/3 as wide as high"),
        ({"pts": EVENLY, "color": (2, 2, 2, 2)}, "colours are shown as full range"),
        ({"pts": EVENLY, "color": (1, 9, 16, 9)}, "matrix bt2020, primaries 9, transfer 16"),
    ],
    ids=[
        *("a frame lost", "a frame too many", "a frame moved", "all frames moved", "another size", "turned"),
        *("turned upside down", "stretched", "another range", "other colours"),
    ],
)
def test_frames_that_are_not_the_originals_are_told(tmp_path: Path, original: Path, what: Any, told: str) -> None:
    copy = make_clip(tmp_path / "copy.mp4", **{"size": (96, 64), **what})
    with open_once(original) as one, open_once(copy) as other, pytest.raises(CopyError, match=told):
        for _ in frame_pairs(one, other, Reading(), times_exact=True):
            pass


def test_a_container_that_rounds_times_is_given_a_millisecond(tmp_path: Path, original: Path) -> None:
    moved = make_clip(tmp_path / "copy.mp4", size=(96, 64), pts=[*EVENLY[:5], 2563, *EVENLY[6:]])
    with pytest.raises(CopyError, match="not hidden"):  # the times pass, and the zones are looked at
        check(original, moved, times_exact=False)


def test_the_original_itself_is_no_masked_copy(original: Path) -> None:
    with pytest.raises(CopyError, match="a zone is not hidden"):
        check(original, original)


def test_a_small_thing_painted_over_in_a_large_picture_is_told(tmp_path: Path) -> None:
    """Over the whole picture it is lost: some 40 dB are left."""

    def paint(_index: int, planes: list[Any]) -> None:
        planes[0][208:224, 32:48] += 60

    what: dict[str, Any] = {"size": (640, 368), "frames": 2, "options": {"crf": "10"}}
    original = make_clip(tmp_path / "large.mp4", **what)
    copy = make_clip(tmp_path / "painted.mp4", **what, private=paint)
    found, nothing = Findings(), masks_of(original, three_zones("Color", start="100"))
    with open_once(original) as one, open_once(copy) as other:
        for before, after in frame_pairs(one, other, Reading(), times_exact=True):
            found.look_outside(before, after, nothing.at(before), exact=False)
    assert found.psnr > 35
    assert all("was changed near row 208, column 32" in fault for fault in found.faults), found.faults
    assert len(found.faults) == 2
