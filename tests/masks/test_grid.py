"""The coarse grid, drawn: a character a cell, K known, u unknown, . neither."""

from __future__ import annotations

import numpy as np

from privmask.geometry import Polygon, Size
from privmask.masks import fit_masks
from privmask.masks.grid import PATTERN_REACH, Grid, cell_rows
from tests.masks.made import in_samples, picture, plan, zone


def grid_of(shape: Polygon, size: Size, *, interlaced: bool = False, invert: bool = False, layout: str = "gray") -> Grid:
    masks = fit_masks(plan(zone(shape, "Blurred", invert=invert)), picture(size, layout))
    return masks.always(interlaced=interlaced).planes[-1].grid


def drawn(grid: Grid) -> list[str]:
    cells = np.full(len(grid.counts), ".")
    cells[grid.known], cells[grid.unknown] = "K", "u"
    return ["".join(row) for row in cells.reshape(-1, grid.columns)]


def samples(size: Size, left: float, top: float, right: float, bottom: float) -> Polygon:
    return in_samples(size, (left, top), (right, top), (right, bottom), (left, bottom))


def test_cells_beside_a_zone_are_known_and_those_within_it_are_not() -> None:
    size = Size(16 * 8, 16 * 6)
    assert drawn(grid_of(samples(size, 48, 32, 80, 48), size)) == [
        "........",
        "..KKKK..",
        "..KuuK..",
        "..KKKK..",
        "........",
        "........",
    ]


def test_a_cell_that_is_hidden_in_part_is_known_while_a_quarter_of_it_is_public() -> None:
    size = Size(16 * 4, 16)
    assert drawn(grid_of(samples(size, 16 + 4, 0, 48, 16), size)) == ["KKuK"]
    assert drawn(grid_of(samples(size, 16 + 3, 0, 48, 16), size)) == ["KuuK"]


def test_chroma_cells_lie_where_the_luma_cells_do() -> None:
    size = Size(16 * 8, 16 * 6)
    shape = samples(size, 48, 32, 80, 48)
    for layout in ("yuv420p", "yuv422p", "yuv410p", "yuv440p"):
        assert drawn(grid_of(shape, size, layout=layout)) == drawn(grid_of(shape, size))


def test_each_field_has_its_own_grid() -> None:
    size = Size(16 * 3, 16 * 3)
    assert drawn(grid_of(samples(size, 16, 16, 32, 32), size, interlaced=True)) == ["KKK", "KuK", "KKK"] * 2


def test_an_odd_picture_may_end_a_cell_earlier_in_its_second_field() -> None:
    rows = cell_rows(17, 16, 2)
    assert (rows.count, rows.fields) == (4, 2)
    assert rows.cell.tolist() == [0, 2] * 8 + [1]
    assert rows.lower[15] == 2, "there is no cell below in that field to lean on"
    assert rows.lower[14] == 1


def test_the_middle_of_a_cell_leans_on_no_other() -> None:
    rows = cell_rows(48, 16, 1)
    assert [rows.upper[24], rows.lower[24], rows.weight[24]] == [1, 2, 1]
    assert [rows.upper[23], rows.lower[23], rows.weight[23]] == [0, 1, 31]
    assert [rows.upper[0], rows.lower[0]] == [0, 0]
    assert [rows.upper[47], rows.lower[47]] == [2, 2]


def test_unknown_cells_take_from_the_nearest_known_ones_by_distance() -> None:
    size = Size(16 * 7, 16 * 7)
    grid = grid_of(samples(size, 16, 16, 96, 96), size)
    at = grid.unknown.tolist().index(1 * 7 + 2)  # two cells from the left, four from the right, one from above, five from below
    assert dict(zip(grid.sources[at].tolist(), grid.weights[at].tolist(), strict=True)) == {7: 1050, 13: 525, 2: 2101, 44: 420}
    assert (grid.weights.sum(axis=1) == 4096).all()


def test_cells_out_of_line_with_any_public_sample_look_around_the_corner() -> None:
    size = Size(16 * 6, 16 * 5)
    grid = grid_of(samples(size, 16, 16, 32, 32), size, invert=True)
    assert drawn(grid) == ["uuuuuu", "uKuuuu", *["uuuuuu"] * 3]
    assert (grid.weights.sum(axis=1) == 4096).all()
    assert {source for near, share in zip(grid.sources, grid.weights, strict=True) for source in near[share > 0]} == {7}


def test_nothing_public_means_no_source() -> None:
    size = Size(32, 32)
    grid = grid_of(samples(size, 0, 0, 32, 32), size)
    assert drawn(grid) == ["uu", "uu"]
    assert not grid.weights.any()


def test_the_pattern_is_the_same_for_ever() -> None:
    """A verifier paints it again years later: a changed pattern would make old copies fail."""
    size = Size(16 * 6, 32)
    pattern = grid_of(samples(size, 0, 0, 32, 32), size).pattern.reshape(2, 6)
    assert pattern.tolist() == [[7, -10, 5, -4, 9, -8], [-4, 8, -8, -6, 7, 10]]
    wide = grid_of(samples(Size(4096, 2160), 0, 0, 32, 32), Size(4096, 2160)).pattern
    assert set(wide.tolist()) == set(range(-PATTERN_REACH, PATTERN_REACH + 1))
    fields = grid_of(samples(Size(96, 64), 0, 0, 32, 32), Size(96, 64), interlaced=True).pattern.reshape(2, -1)
    assert (fields[0] == fields[1]).all()
