"""Units of packets, as recorders really write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from privmask import load_plan, mask_clip
from privmask.video.nals import units_of

PICTURE, END = bytes([0x41, 0x9A, 7]), bytes([10])


def test_a_start_code_within_a_length_parts_units_too() -> None:
    packet = PICTURE + b"\0\0\1" + END
    data = len(packet).to_bytes(4, "big") + packet
    assert list(units_of(data, 4)) == [PICTURE, END]
    assert list(units_of(len(PICTURE).to_bytes(4, "big") + PICTURE, 4)) == [PICTURE]


@pytest.mark.parametrize("name", ["parking_cars_432p.mp4"])
def test_a_real_clip_that_ends_so_travels_to_its_end(footage: Callable[[str], Path], tmp_path: Path, name: str) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(
        'format = "privmask.plan.v1"\n[[mask]]\ntoken = "w"\nend = 1\n'
        'polygon = [["1/10", "1/10"], ["4/10", "1/10"], ["4/10", "5/10"]]\n'
    )
    done = mask_clip(footage(name), tmp_path / "copy.mp4", load_plan(plan))
    assert done.frames == 377
