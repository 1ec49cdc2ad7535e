"""Masking a 1080p frame, 30 % of it hidden: each kernel, each type of mask against numpy and OpenCV, and moving boxes.

    python benchmarks/kernels.py [--rounds 20] [--json FILE] [--check]

All on one thread. Every round runs everything in turn, so that a busy moment of the machine falls on all alike, and each thing
for some ms in a row, so that each finds its own data in the caches. Medians are given, in microseconds and in nanoseconds a
hidden sample.
`--check` ends with 1 where a bar of the project is missed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import cycle, pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from measure import report
from privmask.frame import PIXEL_FORMATS, Frame, Picture, Plane
from privmask.geometry import Box, Polygon, Size
from privmask.masks import Cover, DynamicMask, Mask, MaskPlan, MaskType, compare, fit_masks, hide, kernels, residual
from privmask.masks.hiding import paint
from privmask.sighting import Sighting

SIZE = Size(1920, 1080)
CORNERS = ((192, 108), (1344, 216), (960, 972), (384, 756))  # 30 % of the picture
TYPES: tuple[MaskType, ...] = ("Color", "Pixelated", "Blurred")
BLOCK, KERNEL = 16, 51
LONG = 0.005  # seconds that each thing runs for in a round

# What is measured, what it is measured against, and how many times as long it may take.
BARS = (
    ("fill, luma", "memset of the same bytes", 2.0),
    ("Pixelated, luma", "cv2 mosaic of the same region", 0.25),
    ("Blurred, luma", "cv2.GaussianBlur of the same region", 0.25),
)
MOST_US = {
    "hide, Color": 1000,
    "hide, Pixelated": 1000,
    "hide, Blurred": 1000,
    "compare": 1000,
    "residual": 2000,
    "cover of 8 new boxes, Color": 3000,
    "cover of 8 new boxes, Pixelated": 5000,
    "cover of 8 new boxes, Blurred": 5000,
    "cover of the same 8 boxes": 200,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """Median time of one thing, and the hidden samples that it works on."""

    microseconds: float
    samples: int
    ns_per_sample: float


def main() -> None:
    """Measure, print, and with --check judge."""
    words = _words()
    cv2.setNumThreads(1)
    things = {**_ours("yuv420p", ""), **_ours("yuv420p10le", ", 10 bit"), **_moving(), **_theirs()}
    figures = measured(things, words.rounds)
    ratios = {f"{ours} / {theirs}": _ratio(figures, ours, theirs) for ours, theirs, _ in BARS}
    report("kernels", {"medians": figures, "ratios": ratios, "rounds": words.rounds}, words.json)
    missed = list(_missed(figures))
    if words.check and missed:
        sys.exit("\n".join(missed))


def measured(things: dict[str, tuple[Callable[[], object], int]], rounds: int) -> dict[str, Figure]:
    """Run all things in turn, `rounds` times after one to warm up, and take the median of each."""
    times: dict[str, list[float]] = {name: [] for name in things}
    for _ in range(rounds + 1):
        for name, (work, _) in things.items():
            times[name].append(_seconds(work))
    medians = {name: statistics.median(found[1:]) for name, found in times.items()}
    return {
        name: Figure(round(medians[name] * 1e6, 1), samples, round(medians[name] * 1e9 / samples, 3))
        for name, (_, samples) in things.items()
    }


def _seconds(work: Callable[[], object]) -> float:
    """Median of one run among those that fit into a few milliseconds, the first one left out."""
    work()
    marks = [time.perf_counter()]
    while len(marks) < 3 or marks[-1] - marks[0] < LONG:
        work()
        marks.append(time.perf_counter())
    return statistics.median(later - sooner for sooner, later in pairwise(marks))


def _ours(layout: str, suffix: str) -> dict[str, tuple[Callable[[], object], int]]:
    """Hiding, and looking at what was hidden, for each type; luma alone, and whole frames with their colour."""
    picture = Picture(SIZE, PIXEL_FORMATS[layout], matrix="bt709")
    frame, other = _frame(picture, 1), _frame(picture, 2)
    things: dict[str, tuple[Callable[[], object], int]] = {}
    for kind in TYPES:
        cover = _cover(picture, kind)
        luma, whole = (sum(int((s[:, 2] - s[:, 1]).sum()) for s in spans) for spans in (cover.hidden[:1], cover.hidden))
        samples, plane = frame.planes[0].samples, cover.planes[0]
        if kind == "Color":
            things[f"fill, luma{suffix}"] = (_bound(kernels.fill_spans, samples, plane.hidden, 16), luma)
        else:
            things[f"{kind}, luma{suffix}"] = (_bound(paint, samples, samples, plane), luma)
        things[f"hide, {kind}{suffix}"] = (_bound(hide, frame, cover), whole)
    things[f"compare{suffix}"] = (_bound(compare, frame, other, cover), whole)
    things[f"residual{suffix}"] = (_bound(residual, other, cover), whole)
    return things


def _moving() -> dict[str, tuple[Callable[[], object], int]]:
    """Making the cover of a frame with 8 boxes of 24 to 160 samples beside the fixed zone; more places than covers are kept."""
    picture, draw = Picture(SIZE, PIXEL_FORMATS["yuv420p"], matrix="bt709"), np.random.default_rng(1)
    places = [[_box(draw) for _ in range(8)] for _ in range(64)]
    frames = [tuple(Sighting(track, "face", box) for track, box in enumerate(boxes, 1)) for boxes in places]
    things: dict[str, tuple[Callable[[], object], int]] = {}
    for kind in TYPES:
        masks = fit_masks(MaskPlan((Mask("zone", _polygon(), kind),), dynamic=(DynamicMask("face", kind),)), picture)
        hidden = sum(int((spans[:, 2] - spans[:, 1]).sum()) for spans in masks.always(frames[0]).hidden)
        things[f"cover of 8 new boxes, {kind}"] = (_each(masks.always, frames), hidden)
        things["cover of the same 8 boxes"] = (_bound(masks.always, frames[0]), hidden)
    return things


def _box(draw: np.random.Generator) -> Box:
    height = draw.uniform(24, 160)
    left, top = draw.uniform(0, SIZE.width - height), draw.uniform(0, SIZE.height - height)
    return Box(left, top, left + 0.8 * height, top + height)


def _each(work: Callable[[Any], object], words: list[Any]) -> Callable[[], object]:
    following = cycle(words)
    return lambda: work(next(following))


def _theirs() -> dict[str, tuple[Callable[[], object], int]]:
    """The plain ways, on luma alone and only on the rectangle around the zone."""
    corners = np.array(CORNERS, np.int32)
    left, top = corners.min(axis=0)
    right, bottom = corners.max(axis=0)
    noise: np.ndarray[Any, Any] = np.random.default_rng(1).integers(0, 256, (SIZE.height, SIZE.width)).astype(np.uint8)
    stencil = np.zeros_like(noise)
    cv2.fillPoly(stencil, [corners], 255)
    inside = stencil > 0
    hidden = int(inside.sum())
    flat, same = np.empty(hidden, np.uint8), np.empty(hidden, np.uint8)
    part, cut = noise[top:bottom, left:right], stencil[top:bottom, left:right]

    def mosaic() -> object:
        small = cv2.resize(part, (part.shape[1] // BLOCK, part.shape[0] // BLOCK), interpolation=cv2.INTER_AREA)
        large = cv2.resize(small, part.shape[::-1], interpolation=cv2.INTER_NEAREST)
        return cv2.copyTo(large, cut, part)

    def boolean_mask() -> None:
        noise[inside] = 16

    return {
        "memset of the same bytes": (_bound(flat.fill, 16), hidden),
        "memcpy of the same bytes": (_bound(np.copyto, same, flat), hidden),
        "numpy boolean mask": (boolean_mask, hidden),
        "cv2.fillPoly": (_bound(cv2.fillPoly, noise, [corners], 16), hidden),
        "cv2 mosaic of the same region": (mosaic, hidden),
        "cv2.GaussianBlur of the same region": (_bound(cv2.GaussianBlur, part, (KERNEL, KERNEL), 0), hidden),
    }


def _bound(work: Callable[..., object], *words: Any) -> Callable[[], object]:
    return lambda: work(*words)


def _cover(picture: Picture, kind: MaskType) -> Cover:
    return fit_masks(MaskPlan((Mask("zone", _polygon(), kind),)), picture).always()


def _polygon() -> Polygon:
    return Polygon(tuple((Fraction(x, SIZE.width), Fraction(y, SIZE.height)) for x, y in CORNERS))


def _frame(picture: Picture, seed: int) -> Frame:
    noise = np.random.default_rng(seed)
    planes = []
    for plane in range(len(picture.format.kinds)):
        size = picture.format.plane_size(plane, picture.size)
        drawn = noise.integers(0, 1 << picture.format.depth, (size.height, size.width))
        planes.append(Plane(drawn.astype(np.uint8) if picture.format.depth == 8 else drawn.astype(np.uint16), size.width))
    return Frame(0, 0, 1, Fraction(1, 25), picture.size, picture.format, tuple(planes))


def _ratio(figures: dict[str, Figure], ours: str, theirs: str) -> float:
    return round(figures[ours].microseconds / figures[theirs].microseconds, 3)


def _missed(figures: dict[str, Figure]) -> list[str]:
    ratios = [(f"{ours} / {theirs}", _ratio(figures, ours, theirs), bar) for ours, theirs, bar in BARS]
    times = [(f"{name}, µs", figures[name].microseconds, bar) for name, bar in MOST_US.items()]
    return [f"missed: {name} is {found}, the bar is {bar}" for name, found, bar in (*ratios, *times) if found > bar]


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
