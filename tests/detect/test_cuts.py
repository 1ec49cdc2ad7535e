"""Where a shot ends: what is taken for a cut, what is only doubted, and what is neither."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import inf
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from privmask.detect.cuts import Cuts, likeness, signature
from privmask.frame import PIXEL_FORMATS, Frame, Plane
from tests.detect.drawing import clip, every, picture, shots

Luma = NDArray[np.uint8]


def looked_at(pictures: list[Luma], step: Fraction = Fraction(1, 25)) -> tuple[str, list[int]]:
    """Frames at which a shot may begin, drawn as `?`; and those where one is certain to."""
    cuts = Cuts()
    frames = clip(every(len(pictures), step))
    doubts = [cuts.add(with_picture(frame, luma)) for frame, luma in zip(frames, pictures, strict=True)]
    return "".join(".?"[doubt] for doubt in doubts), [round(seconds / step) for seconds in cuts.found]


def with_picture(frame: Frame, luma: Luma) -> Frame:
    return replace(frame, planes=(Plane(np.ascontiguousarray(luma), luma.shape[1]),))


def drawn(marks: str) -> list[Luma]:
    return [picture(shot) for shot in shots(marks)]


def changed(luma: Luma, gain: float, offset: float, noise: float = 0) -> Luma:
    grain = np.random.default_rng(1).normal(0, noise, luma.shape)
    return np.asarray(np.clip(luma * gain + offset + grain, 0, 255), np.uint8)


def test_a_steady_picture_has_no_cut() -> None:
    assert looked_at(drawn("..........")) == ("..........", [])


def test_a_cut_is_doubted_at_once_and_certain_once_the_new_shot_is_steady() -> None:
    assert looked_at(drawn("..........|.........")) == ("..........?........", [10])
    assert looked_at(drawn("..........|.......")) == ("..........?......", [])
    assert looked_at(drawn("...|...|..."), Fraction(1, 5)) == ("...?..?..", [3, 6])


def test_light_exposure_and_noise_are_no_cuts() -> None:
    luma = picture(0)
    assert looked_at([luma] * 5 + [changed(luma, 0.4, 0)] * 15)[1] == []
    assert looked_at([luma] * 5 + [changed(luma, 0.8, 80)] * 15)[1] == []
    assert looked_at([changed(luma, 1, 0, noise=25 * (n % 2)) for n in range(20)]) == ("." * 20, [])


def test_a_flash_is_doubted_and_is_no_cut() -> None:
    luma, flash = picture(0), np.full((36, 64), 250, np.uint8)
    assert looked_at([luma] * 5 + [flash] * 2 + [luma] * 15) == (".....???..............", [])


def test_someone_who_covers_the_camera_for_a_moment_is_no_cut() -> None:
    luma, hand = picture(0), picture(1)
    assert looked_at([luma] * 5 + [hand] * 6 + [luma] * 15)[1] == []


def test_the_light_going_out_is_no_cut() -> None:
    dark = changed(picture(1), 0.02, 16, noise=1)
    assert looked_at([picture(0)] * 5 + [dark] * 15)[1] == []


def test_a_fast_pan_is_no_cut() -> None:
    wide = np.random.default_rng(5).integers(40, 200, (36, 600), np.uint8)
    pan = [np.ascontiguousarray(wide[:, 20 * n : 20 * n + 64]) for n in range(26)]
    assert looked_at(pan)[1] == []


def test_a_moment_belongs_to_the_shot_between_two_cuts() -> None:
    cuts = Cuts()
    marks = "..........|..........|.........."
    for frame in clip(every(30), shots(marks)):
        cuts.add(frame)
    assert [cuts.shot(seconds) for seconds in (0, 0.95, 1, 1.5, 2.5)] == [
        (-inf, 1), (-inf, 1), (1, 2), (1, 2), (2, inf),
    ]  # fmt: skip
    cuts.forget(1.5)
    assert (cuts.shot(1.5), cuts.found) == ((1, 2), (1, 2))
    cuts.forget(2.5)
    assert (cuts.shot(2.5), cuts.found) == ((2, inf), (2,))


@pytest.mark.parametrize("name", ["yuv420p10le", "gbrp", "gray12le", "yuv444p"])
def test_every_layout_gives_the_same_signature(name: str) -> None:
    known = PIXEL_FORMATS[name]
    samples = (picture(3).astype(np.uint16) << (known.depth - 8)).astype(known.dtype)
    padded = np.pad(samples, ((0, 0), (0, 7)))
    frame = replace(clip(every(1))[0], format=known, planes=(Plane(padded, 64),))
    assert np.allclose(signature(frame), signature(clip(every(1), [3])[0]), atol=1)


def test_likeness_is_one_for_the_same_and_none_for_flat_pictures() -> None:
    one = signature(clip(every(1))[0])
    assert likeness(one, one) == pytest.approx(1, abs=1e-3)
    assert likeness(one * 0, one * 0) == 0


def test_real_shots_are_told_apart_and_real_movement_is_not(footage: Callable[[str], Path]) -> None:
    assert cuts_of(footage("bikes_272p.mp4")) == [30, 137, 187]
    for name in ("foreman_cif.264", "crossing_fullrange_1080p.264", "asl_walk_480p.mkv", "tree_cinepak.avi"):
        assert cuts_of(footage(name)) == []


def cuts_of(path: Path) -> list[int]:
    cuts, step = Cuts(), Fraction(1, 25)
    with av.open(path) as container:
        pictures = [
            np.asarray(each.reformat(format="gray").to_ndarray(), np.uint8) for each in container.decode(video=0)
        ]
    for frame, luma in zip(clip(every(len(pictures), step)), pictures, strict=True):
        cuts.add(with_picture(frame, luma))
    return [round(seconds / step) for seconds in cuts.found]
