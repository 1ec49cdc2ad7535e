"""Each kernel against its slow, obvious twin."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba.core.types import int64, void

from privmask.masks import grid, kernels
from privmask.masks.kernels import compiled
from tests import naive

DTYPES = st.sampled_from((np.uint8, np.uint16))
SEEDS = st.integers(0, 2**32 - 1)
HEIGHTS, WIDTHS = st.integers(1, 9), st.integers(1, 40)
SHIFTS = st.integers(2, 4)


def noise(seed: int, height: int, width: int, dtype: type = np.uint8, top: int | None = None) -> naive.Array:
    return np.random.default_rng(seed).integers(0, top or np.iinfo(dtype).max + 1, (height, width)).astype(dtype)


def spans_in(seed: int, height: int, width: int) -> naive.Array:
    """Disjoint, sorted spans; rows without any, spans of one sample and whole rows come up."""
    labels = (noise(seed, height, width, top=7) > 2).astype(np.uint16)
    labels[np.random.default_rng(seed).random(height) < 0.2] = seed % 2
    return np.array(naive.label_runs(labels), np.int32).reshape(-1, 4)[:, :3].copy()


def cells_of(height: int, width: int, shift: int) -> tuple[naive.Array, int]:
    """The cell row of each row, cells being as high as they are wide, and how many cells a row has."""
    return (np.arange(height) >> shift).astype(np.int32), -(-width >> shift)


@given(DTYPES, SEEDS, HEIGHTS, WIDTHS)
def test_filling_writes_the_spans_and_nothing_else(dtype: type, seed: int, height: int, width: int) -> None:
    spans = spans_in(seed, height, width)
    ours, theirs = noise(seed, height, width, dtype), noise(seed, height, width, dtype)
    kernels.fill_spans(ours, spans, 235)
    naive.fill_spans(theirs, spans, 235)
    assert (ours == theirs).all()


@given(SEEDS, HEIGHTS, WIDTHS, st.integers(0, 3))
def test_pairs_are_taken_apart_and_put_together_again_and_the_rest_of_a_row_is_left_alone(
    seed: int, height: int, width: int, padding: int
) -> None:
    pairs = noise(seed, height, 2 * width + padding)
    ours, theirs = np.zeros((2, height, width), np.uint8), np.zeros((2, height, width), np.uint8)
    kernels.split_pairs(ours[0], ours[1], pairs)
    naive.split_pairs(theirs[0], theirs[1], pairs)
    assert (ours == theirs).all()
    joined, expected = (noise(seed + 1, height, 2 * width + padding) for _ in range(2))
    kernels.join_pairs(joined, ours[0], ours[1])
    naive.join_pairs(expected, theirs[0], theirs[1])
    assert (joined == expected).all()


@given(SEEDS, HEIGHTS, WIDTHS)
def test_labels_give_their_runs_and_how_many_there_are(seed: int, height: int, width: int) -> None:
    labels = noise(seed, height, width, np.uint16, top=3)
    expected = naive.label_runs(labels)
    runs = np.empty((len(expected), 4), np.int32)
    assert kernels.label_runs(runs, labels) == len(expected)
    assert [tuple(run) for run in runs.tolist()] == expected


@given(SEEDS, HEIGHTS, WIDTHS)
def test_gaps_are_what_spans_leave_over(seed: int, height: int, width: int) -> None:
    spans = spans_in(seed, height, width)
    public = ~naive.mask_of(spans, (height, width))
    gaps = np.empty((len(spans) + height, 3), np.int32)
    found = kernels.gap_spans(gaps, spans, height, width)
    assert [tuple(gap) for gap in gaps[:found].tolist()] == [
        run[:3] for run in naive.label_runs(public.astype(np.uint16))
    ]


@given(SEEDS, HEIGHTS, WIDTHS, st.integers(0, 6))
def test_boxes_lie_over_runs_and_the_highest_label_is_seen(seed: int, height: int, width: int, count: int) -> None:
    labels = noise(seed, height, width, np.uint16, top=5)
    labels[np.random.default_rng(seed).random(height) < 0.5] = 0
    runs = np.array(naive.label_runs(labels), np.int32).reshape(-1, 4)
    draw = np.random.default_rng(seed + 1)
    across, down = (np.sort(draw.integers(0, most + 1, (count, 2)), axis=1) for most in (width, height))
    drawn = (across[:, 0], down[:, 0], across[:, 1], down[:, 1], draw.integers(1, 7, count))
    boxes = np.column_stack(drawn).astype(np.int32)
    boxes = boxes[(boxes[:, 0] < boxes[:, 2]) & (boxes[:, 1] < boxes[:, 3])]
    laid = np.full((2 * (len(runs) + int((boxes[:, 3] - boxes[:, 1]).sum())) + 1, 4), -7, np.int32)
    found = kernels.overlay_runs(laid, np.empty_like(boxes), runs, boxes, height, width)
    assert [tuple(run) for run in laid[:found].tolist()] == naive.label_runs(naive.overlay(labels, boxes))
    assert (laid[-1] == -7).all(), "there is room for all that is written"


def test_a_box_that_begins_below_the_end_of_a_run_does_not_make_it_longer() -> None:
    runs, boxes = np.array([[0, 0, 4, 1]], np.int32), np.array([[4, 1, 8, 2, 1], [6, 0, 8, 1, 2]], np.int32)
    laid = np.empty((6, 4), np.int32)
    found = kernels.overlay_runs(laid, np.empty_like(boxes), runs, boxes, 2, 8)
    assert laid[:found].tolist() == [[0, 0, 4, 1], [0, 6, 8, 2], [1, 4, 8, 1]]
    found = kernels.overlay_runs(laid, np.empty_like(boxes), runs, boxes[:1], 2, 8)
    assert laid[:found].tolist() == [[0, 0, 4, 1], [1, 4, 8, 1]]


def test_too_little_room_for_runs_is_told_and_not_overrun() -> None:
    labels = np.array([[1, 0, 1, 0, 1]], np.uint16)
    runs = np.full((2, 4), -1, np.int32)
    assert kernels.label_runs(runs[:1], labels) == 3
    assert runs.tolist() == [[0, 0, 1, 1], [-1, -1, -1, -1]]
    runs = np.full((2, 4), -1, np.int32)
    wanted, row_cell = np.ones(3, np.uint8), np.zeros(1, np.int32)
    assert kernels.cut_runs(runs[:1], np.array([[0, 0, 12]], np.int32), row_cell, 2, 3, wanted) == 3
    assert runs.tolist() == [[0, 0, 4, 0], [-1, -1, -1, -1]]


@given(SEEDS, HEIGHTS, WIDTHS, st.integers(0, 2))
def test_pooled_samples_take_the_highest_label(seed: int, height: int, width: int, shift: int) -> None:
    labels = noise(seed, height, width, np.uint16, top=5)
    row_to = (np.arange(height) // 2).astype(np.int32)
    ours, theirs = (np.zeros((height // 2 + 1, -(-width >> shift)), np.uint16) for _ in range(2))
    kernels.pool_labels(ours, labels, row_to, shift)
    naive.pool_labels(theirs, labels, row_to, shift)
    assert (ours == theirs).all()


@given(SEEDS, HEIGHTS, WIDTHS, SHIFTS)
def test_cells_are_counted_and_cut_at_their_edges(seed: int, height: int, width: int, shift: int) -> None:
    spans = spans_in(seed, height, width)
    row_cell, columns = cells_of(height, width, shift)
    ours, theirs = np.zeros((2, (int(row_cell[-1]) + 1) * columns), np.int64)
    kernels.count_cells(ours, spans, row_cell, shift, columns)
    naive.count_cells(theirs, spans, row_cell, shift, columns)
    assert (ours == theirs).all()

    wanted = noise(seed + 1, 1, len(ours), np.uint8, top=2)[0]
    expected = naive.cut_runs(spans, row_cell, shift, columns, wanted)
    runs = np.empty((len(expected), 4), np.int32)
    assert kernels.cut_runs(runs, spans, row_cell, shift, columns, wanted) == len(expected)
    assert [tuple(run) for run in runs.tolist()] == expected


@given(SEEDS, HEIGHTS, WIDTHS, st.booleans(), st.booleans())
def test_the_nearest_cell_along_a_line_is_found(seed: int, height: int, width: int, down: bool, back: bool) -> None:
    seen = noise(seed, height, width, np.uint8, top=2)
    cells = np.arange(seen.size).reshape(seen.shape)
    lines = [line[::-1] if back else line for line in (cells.T if down else cells)]
    found, far = np.full((2, seen.size), -9)
    first = np.array([line[0] for line in lines])
    step = (width if down else 1) * (-1 if back else 1)
    kernels.look_along(found, far, seen.ravel(), first, step, len(lines[0]))
    for line in lines:
        near = naive.look_along([bool(seen.flat[cell]) for cell in line])
        assert found[line].tolist() == [-1 if last < 0 else line[last] for last, _ in near]
        assert far[line].tolist() == [since for _, since in near]


@given(DTYPES, SEEDS, HEIGHTS, WIDTHS, SHIFTS)
def test_known_cells_take_the_mean_of_their_runs(dtype: type, seed: int, height: int, width: int, shift: int) -> None:
    samples = noise(seed, height, width, dtype, top=200 if dtype is np.uint8 else 4096)
    row_cell, columns = cells_of(height, width, shift)
    cells = (int(row_cell[-1]) + 1) * columns
    runs = np.array(naive.cut_runs(spans_in(seed, height, width), row_cell, shift, columns, np.ones(cells)), np.int32)
    runs = runs.reshape(-1, 4)
    counts = np.bincount(runs[:, 3], runs[:, 2] - runs[:, 1], minlength=cells).astype(np.int64)
    known = np.flatnonzero(counts).astype(np.uint32)
    ours, theirs = np.zeros((2, cells), np.int64)
    kernels.sum_runs(ours, samples, runs)
    naive.sum_runs(theirs, samples, runs)
    assert (ours == theirs).all()

    mine, twin = np.zeros((2, cells), np.int32)
    kernels.mean_cells(mine, ours, counts, known, 16, 180)
    naive.mean_cells(twin, theirs, counts, known, 16, 180)
    assert (mine == twin).all()


@given(SEEDS, st.integers(1, 12), st.integers(0, 12), st.integers(0, 5))
def test_unknown_cells_take_what_lies_around_them(seed: int, known: int, unknown: int, passes: int) -> None:
    draw = np.random.default_rng(seed)
    ours = draw.integers(0, 4096 * 256, known + unknown).astype(np.int32)
    theirs = ours.copy()
    cells = np.arange(known, known + unknown, dtype=np.uint32)
    sources = draw.integers(0, known, (unknown, 4)).astype(np.uint32)
    shares = draw.integers(0, 1024, (unknown, 4))
    shares[:, 0] += 4096 - shares.sum(axis=1)
    weights = np.where(draw.random((unknown, 1)) < 0.2, 0, shares).astype(np.int32)
    around = draw.integers(0, known + unknown, (unknown, 4)).astype(np.uint32)
    kernels.spread_cells(ours, cells, sources, weights, 512)
    naive.spread_cells(theirs, cells, sources, weights, 512)
    assert (ours == theirs).all()
    kernels.smooth_cells(ours, cells, around, passes)
    naive.smooth_cells(theirs, cells, around, passes)
    assert (ours == theirs).all()


@given(DTYPES, SEEDS, st.integers(1, 40), WIDTHS, SHIFTS)
def test_blocks_are_their_cells_value_and_pattern(dtype: type, seed: int, height: int, width: int, shift: int) -> None:
    spans = spans_in(seed, height, width)
    row_cell, columns = cells_of(height, width, shift)
    rows = int(row_cell[-1]) + 1
    values = noise(seed, rows, columns, np.int32, top=256 * 256)
    pattern = (noise(seed + 1, rows, columns, np.int16, top=25) - 12).astype(np.int16)
    reach = np.tile(np.array([0, width], np.int32), (rows, 1))
    ours, theirs = noise(seed, height, width, dtype), noise(seed, height, width, dtype)
    lines: naive.Array = np.zeros((1, columns << shift), dtype)
    field = np.zeros(height, np.int32)
    kernels.paint_blocks(
        ours, lines, np.full(1, -1), spans, values.ravel(), row_cell, field, reach, pattern.ravel(), shift, 16, 235
    )
    place = np.ix_(row_cell, np.arange(width) >> shift)
    naive.paint_blocks(theirs, spans, values[place], pattern[place], 16, 235)
    assert (ours == theirs).all()


@given(DTYPES, SEEDS, st.integers(1, 40), WIDTHS, SHIFTS, st.integers(1, 2))
def test_smooth_samples_lie_between_the_middles_of_four_cells(
    dtype: type, seed: int, height: int, width: int, shift: int, fields: int
) -> None:
    spans = spans_in(seed, height, width)
    rows = grid.cell_rows(height, fields << shift, fields)
    columns = -(-width >> shift)
    values = noise(seed, rows.count, columns, np.int32, top=(256 if dtype is np.uint8 else 4096) * 256 - 255)
    reach = np.tile(np.array([0, width], np.int32), (rows.count, 1))
    ours, theirs = noise(seed, height, width, dtype), noise(seed, height, width, dtype)
    lines, held = np.zeros((2 * fields, columns << shift), np.int32), np.full(2 * fields, -1)
    kernels.paint_smooth(
        ours, lines, held, spans, values.ravel(), rows.upper, rows.lower, rows.weight, rows.line, reach, shift
    )
    for row, start, stop in spans:
        own_rows = len(range(row % fields, height, fields))
        own_field = values.reshape(fields, -1, columns)[row % fields, : -(-own_rows >> shift)]
        for x in range(start, stop):
            theirs[row, x] = naive.smooth_at(own_field, row // fields, x, 1 << shift, 1 << shift)
    assert (ours == theirs).all()


@given(DTYPES, SEEDS, st.integers(1, 40), WIDTHS, SHIFTS, st.integers(1, 2))
def test_differences_are_summed_and_the_greatest_kept(
    dtype: type, seed: int, height: int, width: int, shift: int, fields: int
) -> None:
    spans = spans_in(seed, height, width)
    one, other = noise(seed, height, width, dtype), noise(seed + 1, height, width, dtype)
    found = naive.differences(one, other, naive.mask_of(spans, one.shape))
    totals, line = np.zeros(3, np.int64), noise(seed, 1, width, dtype)[0]
    kernels.sum_differences(totals, line, one, other, spans)
    assert totals.tolist() == [int((found**2).sum()), len(found), int(found.max(initial=0))]

    row_cell, columns = cells_of(height, width, shift)
    if fields == 2:  # as in interlaced pictures, where neighbouring rows are of other cells
        row_cell = ((np.arange(height) // 2 >> shift) * 2 + np.arange(height) % 2).astype(np.int32)
    by_cell, sums = np.zeros((int(row_cell.max()) + 1) * columns, np.int64), np.zeros(width, np.uint32)
    greatest = kernels.sum_cell_differences(by_cell, sums, line, one, other, spans, row_cell, shift, columns)
    assert greatest == int(found.max(initial=0))
    assert not sums.any()
    for cell, total in enumerate(by_cell.tolist()):
        here = naive.mask_of(spans, one.shape)
        here &= (row_cell == cell // columns)[:, None] & (np.arange(width) >> shift == cell % columns)
        assert total == int(naive.differences(one, other, here).sum())


def test_the_greatest_differences_that_16_bits_allow_do_not_overflow() -> None:
    for width, most in ((8192, 65535), (8191, 511), (8192, 511), (40000, 255)):
        dark, bright = np.zeros((1, width), np.uint16), np.full((1, width), most, np.uint16)
        totals = np.zeros(3, np.int64)
        kernels.sum_differences(totals, dark[0].copy(), dark, bright, np.array([[0, 0, width]], np.int32))
        assert totals.tolist() == [most**2 * width, width, most]


def test_read_only_spans_are_taken_and_read_only_planes_are_refused() -> None:
    spans = np.array([[0, 0, 3]], np.int32)
    spans.flags.writeable = False
    plane = np.zeros((1, 4), np.uint8)
    kernels.fill_spans(plane, spans, 9)
    assert plane.tolist() == [[9, 9, 9, 0]]
    plane.flags.writeable = False
    with pytest.raises(TypeError, match="No matching definition"):
        kernels.fill_spans(plane, spans, 9)


def test_without_a_folder_for_the_cache_kernels_are_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., Any] = numba.njit

    def no_folder(*functions: Any, **options: Any) -> Any:
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available for file")
        return real(*functions, **options)

    monkeypatch.setattr(numba, "njit", no_folder)

    @compiled.kernel(int64(int64))
    def doubled(number: int) -> int:
        return number * 2

    assert doubled(21) == 42


def test_a_kernel_is_compiled_for_the_planes_it_meets_and_for_no_others() -> None:
    @compiled.kernel(*(void(plane, int64) for plane in compiled.PLANES))
    def light(plane: Any, value: int) -> None:
        plane[0, 0] = value

    ready: Any = light
    assert ready._compiled.signatures == []
    plane = np.zeros((2, 2), np.uint8)
    light(plane, 7)
    assert plane[0, 0] == 7
    assert [str(taken[0].dtype) for taken in ready._compiled.signatures] == ["uint8"]
    with pytest.raises(TypeError, match="No matching definition"):
        light(np.zeros((2, 2), np.float32), 7)
    with pytest.raises(TypeError, match="No matching definition"):
        light(np.zeros((4, 4), np.uint8)[:, ::2], 7)


LOADING = """
import sys
import numpy as np
from privmask.masks import kernels
plane = np.zeros((1, 4), np.uint8)
kernels.fill_spans(plane, np.array([[0, 1, 3]], np.int32), 9)
print(plane.tolist(), "numba.np.linalg" in sys.modules)
"""


def test_what_was_compiled_once_is_loaded_without_the_compilers_tables() -> None:
    kernels.fill_spans(np.zeros((1, 4), np.uint8), np.zeros((0, 3), np.int32), 9)
    told = subprocess.run([sys.executable, "-c", LOADING], check=True, capture_output=True, text=True).stdout
    assert told == "[[0, 9, 9, 0]] False\n"
