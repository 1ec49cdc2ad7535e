"""FrameMasker: masks for people with a loop of their own, on PyAV frames, planes and OpenCV pictures."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from privmask import FrameMasker, Mask, MaskPlan, PlanError, UnsupportedFootageError
from privmask.geometry import Box
from privmask.masks import DynamicMask
from privmask.sighting import Sighting
from tests.plans import polygon, three_zones
from tests.video.clips import make_clip

SIZE = (98, 66)
PLAN = three_zones("Color", "Color", "Color")


def samples(plane: Any) -> NDArray[np.uint8]:
    return np.frombuffer(plane, np.uint8).reshape(plane.height, -1)


def noisy(fmt: str = "yuv420p") -> av.VideoFrame:
    frame = av.VideoFrame(*SIZE, fmt)
    rng = np.random.default_rng(1)
    for plane in frame.planes:
        samples(plane)[:] = rng.integers(30, 200, samples(plane).shape, np.uint8)
    return frame


def luma(frame: av.VideoFrame) -> NDArray[np.uint8]:
    return samples(frame.planes[0])[:, : frame.width].copy()


def test_an_av_frame_is_masked_in_place() -> None:
    frame = noisy()
    before = luma(frame)
    assert FrameMasker(PLAN, SIZE).apply_frame(frame) is frame
    changed = luma(frame) != before
    assert changed[60, 95]
    assert (luma(frame)[changed] == 16).all()
    assert not changed[:6].any(), "above the zones"


def test_a_decoded_frame_is_masked_without_harm_to_the_frames_after_it(tmp_path: Path) -> None:
    """Decoded buffers are the decoder's reference pictures: painting them in place would smear into later frames."""
    clip = make_clip(tmp_path / "clip.mp4", size=SIZE, frames=12, gop=12)
    with av.open(str(clip)) as plain:
        untouched = [luma(frame) for frame in plain.decode(video=0)]
    masker = FrameMasker(PLAN, SIZE)
    with av.open(str(clip)) as again:
        masked = [luma(masker.apply_frame(frame)) for frame in again.decode(video=0)]
    hidden = masked[0] != untouched[0]
    for before, after in zip(untouched, masked, strict=True):
        assert (before[~hidden] == after[~hidden]).all()


def test_planes_and_frames_are_masked_alike() -> None:
    one, other = noisy(), noisy()
    masker = FrameMasker(three_zones(), SIZE)
    masker.apply_frame(one)
    masker.apply_planes([samples(plane) for plane in other.planes])
    assert (luma(one) == luma(other)).all()


def test_interlaced_planes_are_hidden_field_by_field() -> None:
    """Chroma row 1 of an interlaced 4:2:0 picture holds the colour of luma rows 1 and 3; row 0 would otherwise."""
    row = MaskPlan((Mask("row 1", polygon("0,1/66 1,1/66 1,2/66 0,2/66")),))
    planes = [np.full((66, 98), 99, np.uint8), *(np.full((33, 49), 99, np.uint8) for _ in range(2))]
    FrameMasker(row, SIZE).apply_planes(planes, interlaced=True)
    assert [int(plane[:, 0].argmin()) for plane in planes[:1]] == [1]
    assert list(np.flatnonzero(planes[1][:, 0] != 99)) == [0, 1]


def test_an_opencv_picture_is_masked_in_its_own_colours() -> None:
    picture = np.full((66, 98, 3), 200, np.uint8)
    red = MaskPlan((Mask("red", polygon("1/2,1/2 1,1/2 1,1 1/2,1"), color="#ff2000"),))
    FrameMasker(red, SIZE).apply_bgr(picture)
    assert (picture[33:, 49:] == (0x00, 0x20, 0xFF)).all()
    assert (picture[:33] == 200).all()
    assert (picture[:, :49] == 200).all()


def test_a_turned_picture_is_masked_where_it_is_seen() -> None:
    corner = MaskPlan((Mask("top left", polygon("0,0 1/4,0 1/4,1/4 0,1/4")),))
    frame = noisy()
    before = luma(frame)
    FrameMasker(corner, SIZE, rotation=90).apply_frame(frame)
    changed = luma(frame) != before
    assert changed[60, 5], "turned clockwise, the lower left corner is seen at the top left"
    assert not changed[:40].any()


def test_masks_with_times_hold_when_nobody_says_the_time() -> None:
    timed = MaskPlan((Mask("later", polygon("0,0 1,0 1,1 0,1"), start=Fraction(10), end=Fraction(20)),))
    masker = FrameMasker(timed, SIZE)
    known = noisy()
    known.pts, known.time_base, known.duration = 0, Fraction(1, 25), 1
    before = luma(known)
    assert (luma(masker.apply_frame(known)) == before).all(), "second 0 is before the mask's time"
    assert (luma(masker.apply_frame(noisy())) == 16).all(), "a frame without a time is hidden"


LATER = MaskPlan((Mask("later", polygon("0,0 1,0 1,1 0,1"), start=Fraction(1), end=Fraction(2)),))


def hidden_at(masker: FrameMasker, seconds: int) -> bool:
    """Whether the mask of `LATER` holds on a frame shown for one second from `seconds` on, in planes and in BGR alike."""
    planes = [np.full(shape, 99, np.uint8) for shape in ((66, 98), (33, 49), (33, 49))]
    picture = np.full((66, 98, 3), 99, np.uint8)
    masker.apply_planes(planes, time=seconds, until=seconds + 1)
    masker.apply_bgr(picture, time=seconds, until=seconds + 1)
    assert (planes[0] == 16).all() == (picture == 0).all()
    return bool((planes[0] == 16).all())


def test_seconds_count_from_the_first_frame_in_planes_and_opencv_pictures_alike() -> None:
    masker = FrameMasker(LATER, SIZE)
    assert [hidden_at(masker, 100 + n) for n in range(4)] == [False, True, False, False]


def test_a_loop_that_begins_in_the_middle_says_when_the_clip_began() -> None:
    masker = FrameMasker(LATER, SIZE, zero=99)
    assert [hidden_at(masker, 100 + n) for n in range(3)] == [True, False, False]


def test_masks_with_times_hold_for_good_when_the_first_frame_had_no_time() -> None:
    masker = FrameMasker(LATER, SIZE)
    masker.apply_bgr(np.full((66, 98, 3), 99, np.uint8))
    assert hidden_at(masker, 0)
    assert hidden_at(masker, 5)


def test_a_frame_of_another_size_is_refused_and_not_touched() -> None:
    other = av.VideoFrame(64, 48, "yuv420p")
    with pytest.raises(UnsupportedFootageError, match="64x48"):
        FrameMasker(PLAN, SIZE).apply_frame(other)


def test_wrong_planes_and_pictures_are_refused() -> None:
    masker = FrameMasker(PLAN, SIZE)
    with pytest.raises(UnsupportedFootageError, match="planes"):
        masker.apply_planes([np.zeros((66, 98), np.uint8)])
    with pytest.raises(UnsupportedFootageError, match="plane 0"):
        masker.apply_planes([np.zeros((66, 98), np.uint16)] * 3)
    with pytest.raises(UnsupportedFootageError, match="picture"):
        masker.apply_bgr(np.zeros((66, 97, 3), np.uint8))


def test_a_format_that_cannot_be_masked_in_place_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedFootageError, match="nv12"):
        FrameMasker(PLAN, SIZE, "nv12")


FACES = MaskPlan((), dynamic=(DynamicMask("face", margin=Fraction(0)),))
SEEN = (Sighting(1, "face", Box(42, 22, 58, 38)),)


def test_faces_are_hidden_where_the_loop_says_they_are() -> None:
    masker, frame, picture = FrameMasker(FACES, SIZE), noisy(), np.full((66, 98, 3), 99, np.uint8)
    masker.apply_frame(frame, sightings=SEEN)
    masker.apply_bgr(picture, sightings=SEEN)
    for changed in (luma(frame) == 16, (picture == 0).all(axis=2)):
        assert changed[20:40, 40:60].all(), "the box, and at least two samples around it"
        assert changed.sum() == 20 * 20
    planes = [samples(plane) for plane in noisy().planes]
    masker.apply_planes(planes, sightings=SEEN)
    assert (planes[0][:, : SIZE[0]] == luma(frame)).all()


def test_a_frame_that_nobody_searched_for_faces_is_refused_and_not_touched() -> None:
    masker, frame, picture = FrameMasker(FACES, SIZE), noisy(), np.full((66, 98, 3), 99, np.uint8)
    before = luma(frame)
    with pytest.raises(PlanError, match="nobody searched"):
        masker.apply_frame(frame)
    with pytest.raises(PlanError, match="nobody searched"):
        masker.apply_bgr(picture)
    masker.apply_frame(frame, sightings=())
    masker.apply_bgr(picture, sightings=())
    assert (luma(frame) == before).all()
    assert (picture == 99).all()


def test_an_empty_plan_is_refused() -> None:
    with pytest.raises(PlanError):
        FrameMasker(MaskPlan(()), SIZE)
