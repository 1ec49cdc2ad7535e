"""The check of a copy tells each way in which frames may differ from the original's, before it looks at a sample."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from privmask.checking import check_copy, frame_pairs
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
    ],
    ids=["a frame lost", "a frame too many", "a frame moved", "all frames moved", "another size", "turned"],
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
