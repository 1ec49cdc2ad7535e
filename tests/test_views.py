from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from privmask.detect.detector import Detection
from privmask.detect.finds import Finds
from privmask.detect.tracks import KeyBoxes
from privmask.geometry import Box
from privmask.views import Views


def find(side: float, score: float = 0.9, x: float = 50, label: Any = "face") -> Detection:
    return Detection(label, Box(x - side / 2, 50 - side / 2, x + side / 2, 50 + side / 2), score)


def viewed(*found: Sequence[Detection]) -> Views:
    views = Views()
    for index, each in enumerate(found):
        views.note(Finds(index, index / 25, (index + 1) / 25, None, tuple(each)))
    return views


def track(first: int, frames: int) -> KeyBoxes:
    """A face in the middle, on so many frames."""
    return KeyBoxes(
        1, "face", "frame", np.arange(first, first + frames, dtype=float), np.tile([30.0, 30, 70, 70], (frames, 1))
    )


@pytest.mark.parametrize(
    ("found", "best"),
    [
        ([[], [find(10)], [find(20)], [find(12)], []], 2),
        ([[], [find(20, 0.9)], [find(20, 0.4)], [find(22, 0.5)], []], 1),
        ([[], [find(10)], [find(40, x=80)], [], []], 1),
        ([[], [find(10)], [find(40, label="plate")], [find(60, label="vehicle")], []], 1),
        ([[find(40)], [find(10)], [], [], [find(40)]], 1),
        ([[], [], [], [], []], 2),
    ],
    ids=["the largest", "the surest", "not beside it", "not of another kind", "not before or after", "else the middle"],
)
def test_the_frame_that_shows_a_track_best(found: list[list[Detection]], best: int) -> None:
    assert viewed(*found).best(track(1, 3)) == best
