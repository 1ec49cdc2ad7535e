"""The layouts that can be painted, and the time of a frame."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from privmask.frame import PIXEL_FORMATS, Frame, PixelFormat
from privmask.geometry import Size


@pytest.mark.parametrize("known", PIXEL_FORMATS.values(), ids=PIXEL_FORMATS)
def test_our_idea_of_a_layout_is_that_of_ffmpeg(known: PixelFormat) -> None:
    frame = av.VideoFrame(35, 27, known.name)
    planes = [known.plane_size(index, Size(35, 27)) for index in range(len(known.kinds))]
    assert [(plane.width, plane.height) for plane in frame.planes] == [(size.width, size.height) for size in planes]
    assert {component.bits for component in frame.format.components} == {known.depth}
    assert np.dtype(known.dtype).itemsize == (known.depth + 7) // 8
    assert known.is_rgb == frame.format.is_rgb


def test_a_frame_knows_when_it_is_shown() -> None:
    frame = Frame(0, 3, 5, Fraction(1, 25), Size(2, 2), PIXEL_FORMATS["gray"], ())
    assert (frame.start_time, frame.end_time) == (Fraction(3, 25), Fraction(1, 5))


def test_the_end_of_the_last_frame_is_not_known() -> None:
    assert Frame(0, 3, None, Fraction(1, 25), Size(2, 2), PIXEL_FORMATS["gray"], ()).end_time is None
