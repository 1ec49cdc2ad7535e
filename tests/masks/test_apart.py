"""Where a copy differs over a whole clip, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from privmask.errors import UnsupportedFootageError
from privmask.frame import PIXEL_FORMATS, Frame, Picture
from privmask.geometry import Polygon, Size
from privmask.masks import Cover, MaskType, fit_masks
from privmask.masks.apart import CellsApart
from tests import naive
from tests.masks.made import TYPES, box, frame, picture, plan, stars, zone

SIZE = Size(70, 50)


def naive_steps(of: Picture, pairs: Sequence[tuple[Frame, Frame]], cover: Cover, side: int) -> NDArray[np.float64]:
    """Each cell's worst mean difference, one sample after the other."""
    cells = np.zeros((-(-of.size.height // side), -(-of.size.width // side)))
    for one, other in pairs:
        for plane, (ours, theirs) in enumerate(zip(one.planes, other.planes, strict=True)):
            public = naive.mask_of(cover.public[plane], ours.samples.shape)
            apart = np.abs(ours.samples.astype(int) - theirs.samples) * public
            wide, high = (side >> shift for shift in of.format.shifts(plane))
            size = of.format.plane_size(plane, of.size)
            for row, column in np.ndindex(cells.shape):
                rows, columns = (
                    slice(row * high, min((row + 1) * high, size.height)),
                    slice(column * wide, min((column + 1) * wide, size.width)),
                )
                area = max(rows.stop - rows.start, 0) * max(columns.stop - columns.start, 0)
                count = max(public[rows, columns].sum(), area / 4, 1)
                mean = apart[rows, columns].sum() / count / (1 << (of.format.depth - 8))
                cells[row, column] = max(cells[row, column], mean)
    return cells


@settings(max_examples=40)
@given(stars(), st.sampled_from(TYPES), st.sampled_from(sorted(PIXEL_FORMATS)), st.booleans())
def test_each_cell_keeps_its_worst_mean_difference_outside_the_masks(
    shape: Polygon, kind: MaskType, layout: str, interlaced: bool
) -> None:
    of = picture(SIZE, layout)
    pairs = [tuple(frame(of, seed=seed, interlaced=interlaced) for seed in seeds) for seeds in ((1, 2), (3, 4))]
    cover = fit_masks(plan(zone(shape, kind)), of).at(pairs[0][0])
    cells = CellsApart(of)
    found = [cells.look(one, other, cover) for one, other in pairs]
    expected = naive_steps(of, [(one, other) for one, other in pairs], cover, cells.side)
    assert np.allclose(cells.steps, expected, rtol=1e-5)
    assert max(worst.steps for worst in found) == cells.steps.max()
    worst = max(found, key=lambda each: each.steps)
    assert cells.steps[worst.row // cells.side, worst.column // cells.side] == worst.steps


def test_one_sample_that_differs_is_found_in_its_cell_and_nowhere_else() -> None:
    of = picture(SIZE)
    one = frame(of)
    other = replace(one, planes=tuple(replace(plane, samples=plane.samples.copy()) for plane in one.planes))
    other.planes[0].samples[33, 17] ^= 1
    cells = CellsApart(of)
    worst = cells.look(one, other, fit_masks(plan(zone(box(0, 0, "0.1", "0.1"))), of).at(one))
    assert (worst.row, worst.column, worst.steps) == (32, 16, 1 / 64)
    assert np.argwhere(cells.steps).tolist() == [[4, 2]]


def test_a_cell_is_open_only_if_all_of_it_was_public_at_once() -> None:
    of = picture(Size(64, 32))
    one = frame(of)
    cells = CellsApart(of)
    left, right = (fit_masks(plan(zone(shape)), of).at(one) for shape in (box(0, 0, "0.55", 1), box("0.45", 0, 1, 1)))
    cells.look(one, one, left)
    assert cells.open[0].tolist() == [False] * 5 + [True] * 3
    cells.look(one, one, right)
    assert cells.open[0].tolist() == [True] * 3 + [False] * 2 + [True] * 3


@pytest.mark.parametrize(("width", "side"), [(64, 8), (1920, 8), (2048, 8), (2049, 16), (3840, 16), (7680, 32)])
def test_wide_pictures_have_larger_cells(width: int, side: int) -> None:
    cells = CellsApart(picture(Size(width, 16), "gray"))
    assert cells.side == side
    assert cells.steps.shape[1] <= 256


def test_frames_of_another_size_are_refused() -> None:
    of = picture(SIZE)
    cover = fit_masks(plan(zone(box(0, 0, "0.5", 1))), of).always()
    with pytest.raises(UnsupportedFootageError, match="50x70"):
        CellsApart(of).look(frame(of), frame(picture(Size(50, 70))), cover)


def test_a_cover_of_another_picture_is_refused() -> None:
    """Kernels look at no bounds: it would write where it must not."""
    larger = picture(Size(700, 500))
    cover = fit_masks(plan(zone(box(0, 0, "0.5", 1))), larger).always()
    with pytest.raises(ValueError, match="another picture"):
        CellsApart(picture(SIZE)).look(frame(larger), frame(larger), cover)
