"""All of privmask's numba: plain arrays and numbers in, written arrays first, nothing allocated, nothing raised.

Every kernel works on whole padded planes, (rows, stride) uint8 or uint16 and C-contiguous. Spans, int32 (n, 3) of row, start
and stop (half-open), keep it off the padding. Each has a slow, obvious twin in `tests/naive.py`. Arithmetic is in whole numbers
only, so that every machine paints the same samples.

Considered instead: loops over (row, column) pairs. A loop over one row's slice, counted from 0, lets LLVM leave out the
wrap-around of negative indexes and use vector instructions; it is ten times as fast.
"""

from __future__ import annotations

from privmask.masks.kernels.blending import paint_blocks, paint_smooth
from privmask.masks.kernels.cells import (
    count_cells,
    cut_runs,
    look_along,
    mean_cells,
    smooth_cells,
    spread_cells,
    sum_runs,
)
from privmask.masks.kernels.compiled import Bytes, Cells, Ints, Labels, Longs, Offsets
from privmask.masks.kernels.differences import sum_cell_differences, sum_differences
from privmask.masks.kernels.pairs import join_pairs, split_pairs
from privmask.masks.kernels.spans import fill_spans, gap_spans, label_runs, overlay_runs, pool_labels

__all__ = [
    "Bytes",
    "Cells",
    "Ints",
    "Labels",
    "Longs",
    "Offsets",
    "count_cells",
    "cut_runs",
    "fill_spans",
    "gap_spans",
    "join_pairs",
    "label_runs",
    "look_along",
    "mean_cells",
    "overlay_runs",
    "paint_blocks",
    "paint_smooth",
    "pool_labels",
    "smooth_cells",
    "split_pairs",
    "spread_cells",
    "sum_cell_differences",
    "sum_differences",
    "sum_runs",
]
