"""A stream has nobody to wait for: a frame that may go is masked before the next one is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, cast

from privmask.frame import MaskedFrame, Picture
from privmask.geometry import Box
from privmask.masks import DynamicMask, Follow, MaskPlan
from privmask.streaming import Hiding, Masking
from privmask.video import Piece, StreamSink
from privmask.watching import Looking
from tests.detect.drawing import clip, every
from tests.finders import Scripted, finder

PLAN = MaskPlan((), dynamic=(DynamicMask("face"),), follow=Follow(Fraction(0), Fraction(1, 5)))
FRAMES = clip(every(6))


class Taking:
    """A sink that counts what it is given."""

    def __init__(self) -> None:
        self.taken = list[int]()

    def begin(self, _info: Any, _moment: Any) -> None:
        pass

    def write(self, frame: MaskedFrame, _moment: Any) -> None:
        self.taken.append(frame.index)


def test_a_frame_does_not_wait_for_the_next_one_to_come() -> None:
    sink, info = Taking(), SimpleNamespace(picture=Picture(FRAMES[0].size, FRAMES[0].format))

    def coming() -> Iterator[Piece]:
        for frame in FRAMES:
            assert sink.taken == list(range(frame.index))
            yield Piece(cast("Any", info), frame, None)

    looking = Looking(finder=finder(Scripted({2: Box(10, 10, 30, 30)})))
    hiding = Hiding(lambda _picture: PLAN, looking, refits=True, timed=False)
    Masking(hiding, cast("StreamSink", sink), lambda _moment: None).mask(coming())
    assert sink.taken == [frame.index for frame in FRAMES]
