"""A copy compared with its original and with its own hiding."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import inf, isclose, log10

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privmask.errors import UnsupportedFootageError
from privmask.frame import PIXEL_FORMATS, Frame
from privmask.geometry import Polygon, Size
from privmask.masks import MaskType, compare, fit_masks, hide, residual, worst_cell
from tests import naive
from tests.masks.made import TYPES, box, frame, picture, plan, stars, zone

SIZE = Size(70, 50)


def copied(one: Frame) -> Frame:
    return replace(one, planes=tuple(replace(plane, samples=plane.samples.copy()) for plane in one.planes))


@settings(max_examples=60)
@given(stars(), st.sampled_from(TYPES), st.sampled_from(sorted(PIXEL_FORMATS)), st.booleans())
def test_figures_are_those_of_the_public_and_of_the_hidden_samples(
    shape: Polygon, kind: MaskType, layout: str, interlaced: bool
) -> None:
    of = picture(SIZE, layout)
    original, copy = (frame(of, seed=seed, interlaced=interlaced) for seed in (1, 2))
    cover = fit_masks(plan(zone(shape, kind)), of).at(original)
    kept = copied(copy)
    apart, left = compare(original, copy, cover), residual(copy, cover)
    for before, after in zip(kept.planes, copy.planes, strict=True):
        assert (before.samples == after.samples).all(), "looking changes nothing"
    painted = hide(copied(copy), cover)
    for plane, found in enumerate(apart.planes):
        ours, theirs = original.planes[plane].samples, copy.planes[plane].samples
        outside = naive.differences(ours, theirs, naive.mask_of(cover.public[plane], ours.shape))
        assert (found.squared, found.samples) == (int((outside**2).sum()), len(outside))
        assert found.greatest == int(outside.max(initial=0))
        inside = naive.differences(theirs, painted.planes[plane].samples, naive.mask_of(cover.hidden[plane], ours.shape))
        hidden = left.planes[plane]
        assert (hidden.absolute, hidden.samples) == (int(inside.sum()), len(inside))
        assert hidden.greatest == int(inside.max(initial=0))
        assert hidden.mean == (inside.mean() if len(inside) else 0)


@pytest.mark.parametrize("kind", TYPES)
def test_a_hidden_frame_has_no_residual_and_no_difference_outside(kind: MaskType) -> None:
    of = picture(SIZE)
    original = frame(of)
    cover = fit_masks(plan(zone(box("0.2", "0.2", "0.8", "0.8"), kind)), of).at(original)
    copy = hide(copied(original), cover)
    assert residual(copy, cover).exact
    assert compare(original, copy, cover).exact
    assert compare(original, copy, cover).psnr == inf


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("interlaced", [False, True])
def test_a_patch_left_in_a_zone_is_found_where_it_is(kind: MaskType, interlaced: bool) -> None:
    of = picture(Size(128, 128))
    cover = fit_masks(plan(zone(box("0.125", "0.125", "0.875", "0.875"), kind)), of).always(interlaced=interlaced)
    copy = hide(frame(of, interlaced=interlaced), cover)
    rows = slice(64, 80, 2) if interlaced else slice(64, 80)
    copy.planes[0].samples[rows, 48:64] ^= 64
    worst = residual(copy, cover).worst
    assert (worst.row, worst.column) == (64, 48)
    assert worst.worst == worst.greatest == 64
    clean = hide(frame(of, interlaced=interlaced), cover)
    clean.planes[2].samples[33, 40:44] = 3
    worst = residual(clean, cover).worst
    assert (worst.row, worst.column) == (66 if interlaced else 64, 80)


@pytest.mark.parametrize("layout", ["yuv420p", "yuv420p10le"])
@pytest.mark.parametrize("interlaced", [False, True])
def test_a_thing_that_was_painted_over_outside_is_found_where_it_was(layout: str, interlaced: bool) -> None:
    of = picture(Size(128, 128), layout)
    cover = fit_masks(plan(zone(box("0.125", "0.125", "0.875", "0.5"))), of).always(interlaced=interlaced)
    original = frame(of, interlaced=interlaced)
    copy = hide(copied(original), cover)
    assert worst_cell(original, copy, cover).steps == 0, "what is hidden counts for nothing"
    step = 1 << (of.format.depth - 8)
    copy.planes[0].samples[slice(96, 112, 2) if interlaced else slice(96, 112), 48:64] ^= 64 * step
    worst = worst_cell(original, copy, cover)
    assert (worst.row, worst.column, worst.steps) == (96, 48, 64)
    assert compare(original, copy, cover).greatest == pytest.approx(64, rel=0.01)
    copy.planes[2].samples[56:64, 8:16] ^= 128 * step
    worst = worst_cell(original, copy, cover)
    assert (worst.row, worst.column) == (112, 16), "in luma samples"


def test_a_few_samples_beside_an_edge_do_not_make_a_cell_the_worst() -> None:
    of = picture(Size(64, 64), "gray")
    cover = fit_masks(plan(zone(box(0, 0, "17/64", "1/4"))), of).always()
    copy = hide(frame(of), cover)
    copy.planes[0].samples[:16, 16] += 40
    assert residual(copy, cover).worst.worst == 40 * 16 / 64
    assert residual(copy, cover).worst.column == 16


def test_the_ratio_is_the_lowest_of_the_planes() -> None:
    of = picture(SIZE, "yuv420p10le")
    original = frame(of)
    for plane in original.planes:
        plane.samples[:] = 500
    copy = copied(original)
    copy.planes[0].samples[:] += 1
    copy.planes[1].samples[:] += 10
    cover = fit_masks(plan(zone(box(0, 0, "0.5", "0.5"))), of).always()
    found = compare(original, copy, cover)
    assert isclose(found.planes[0].psnr, 20 * log10(1023))
    assert isclose(found.psnr, 20 * log10(1023 / 10))
    assert found.planes[2].psnr == inf
    assert not found.exact


def test_a_cover_of_no_mask_has_no_residual_and_one_of_everything_no_difference() -> None:
    of = picture(SIZE)
    noise, other = frame(of, seed=1), frame(of, seed=2)
    nothing = fit_masks(plan(zone(box(0, 0, 1, 1), start=Fraction(5))), of).at(frame(of))
    assert residual(noise, nothing).exact
    assert residual(noise, nothing).worst.mean == 0
    everything = fit_masks(plan(zone(box(0, 0, 1, 1))), of).always()
    assert compare(noise, other, everything).exact


def test_frames_of_another_size_are_refused() -> None:
    of = picture(SIZE)
    cover = fit_masks(plan(zone(box(0, 0, 1, 1))), of).always()
    other = frame(picture(Size(50, 70)))
    with pytest.raises(UnsupportedFootageError, match="50x70"):
        compare(frame(of), other, cover)
    with pytest.raises(UnsupportedFootageError, match="50x70"):
        residual(other, cover)


def test_read_only_planes_can_be_compared() -> None:
    of = picture(SIZE)
    one = frame(of)
    for plane in one.planes:
        plane.samples.flags.writeable = False
    cover = fit_masks(plan(zone(box(0, 0, "0.5", 1), "Blurred")), of).always()
    assert compare(one, one, cover).exact
    assert np.isfinite(residual(one, cover).worst.worst)
