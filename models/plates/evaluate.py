"""Score an exported net: evaluate.py plates.onnx [--clips FOLDER] [--drawn N] [--width PX …] [--threshold T …].

On drawn samples of a seed that was not trained on, by region; on stills and clips with ground truth; and on clips without
plates for false boxes. Covered: 80 % of the plate lies in the boxes grown 1.3 times.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import onnxruntime
from draw import draw_sample
from draw_plates import REGIONS
from glyphs import Picture
from numpy.typing import NDArray

HELD_OUT_SEED = 77
TALL = 20.0
GROWN = 1.3
Boxes = NDArray[np.float32]


class Case(NamedTuple):
    """A picture (RGB) of a set with its plates (n, 4), and whether boxes elsewhere are false."""

    name: str
    picture: Picture
    plates: Boxes
    complete: bool


class Net:
    """The exported net in one thread."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.ms: dict[tuple[int, int], list[float]] = defaultdict(list)

    def find(self, picture: Picture, width: int, least: float) -> Boxes:
        """Boxes (n, 5) of the picture searched at `width` px: left, top, right, bottom, score, best first."""
        scale = width / picture.shape[1]
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        small = cv2.resize(picture, (width, round(picture.shape[0] * scale)), interpolation=how)
        high, wide = (-(-side // 32) * 32 for side in small.shape[:2])
        fed = np.zeros((1, 3, high, wide), np.float32)
        fed[0, :, : small.shape[0], : small.shape[1]] = small.transpose(2, 0, 1)
        started = time.process_time()
        heat, size, offset = self._session.run(None, {"picture": fed})
        self.ms[wide, high].append((time.process_time() - started) * 1000)
        boxes = peaks(heat[0, 0], size[0], offset[0], least)
        boxes[:, :4] /= scale
        return boxes


def peaks(heat: Boxes, size: Boxes, offset: Boxes, least: float) -> Boxes:
    """The boxes at the peaks of the heat, in px of the input, after suppression at 0.3."""
    rows, columns = np.nonzero((heat == cv2.dilate(heat, np.ones((3, 3), np.uint8))) & (heat >= least))
    half = np.exp(size[:, rows, columns]) * 2
    x, y = (columns + 0.5 + offset[0, rows, columns]) * 4, (rows + 0.5 + offset[1, rows, columns]) * 4
    boxes = np.stack([x - half[0], y - half[1], x + half[0], y + half[1], heat[rows, columns]], 1).astype(np.float32)
    kept: list[NDArray[np.float32]] = []
    for box in boxes[np.argsort(-boxes[:, 4])]:
        if not any(overlap(box, other) > 0.3 for other in kept):
            kept.append(box)
    return np.asarray(kept, np.float32).reshape(-1, 5)


def overlap(box: Boxes, other: Boxes) -> float:
    """Intersection over union."""
    sides = np.minimum(box[2:4], other[2:4]) - np.maximum(box[:2], other[:2])
    common = float(np.prod(np.maximum(sides, 0)))
    return common / float(np.prod(box[2:4] - box[:2]) + np.prod(other[2:4] - other[:2]) - common + 1e-9)


def covered(plate: Boxes, boxes: Boxes) -> bool:
    """Whether 80 % of the plate lies in the boxes, grown."""
    middle, half = (boxes[:, :2] + boxes[:, 2:4]) / 2, (boxes[:, 2:4] - boxes[:, :2]) / 2 * GROWN
    x, y = np.linspace(plate[0], plate[2], 48), np.linspace(plate[1], plate[3], 24)
    across = np.abs(x[:, None] - middle[:, 0]) <= half[:, 0]
    down = np.abs(y[:, None] - middle[:, 1]) <= half[:, 1]
    return bool((across[None] & down[:, None]).any(axis=2).mean() >= 0.8)


def drawn_cases(count: int) -> Iterator[Case]:
    """Samples of each region from the held-out seed, on drawn backgrounds only."""
    for number, region in enumerate(REGIONS):
        for index in range(count):
            sample = draw_sample(HELD_OUT_SEED, number * 100_000 + index, region=region)
            yield Case(f"drawn {region}", sample.picture, sample.boxes[~sample.ignored], not sample.ignored.any())


def still_cases(folder: Path) -> Iterator[Case]:
    """Photographs with plates; their lists may leave plates out."""
    for truths in sorted(folder.glob("gt/images_plates*.jsonl")):
        for line in truths.read_text().splitlines():
            entry = json.loads(line)
            yield Case(truths.stem, _rgb(cv2.imread(str(folder / entry["image"]))), _plates(entry), False)


def clip_cases(folder: Path, each: int = 12) -> Iterator[Case]:
    """Frames of clips with ground truth, all of them, and some frames of each clip that shows no plate."""
    for entry in json.loads((folder / "INDEX.json").read_text()):
        path = folder / entry["file"]
        truths = folder / "gt" / f"{path.stem}.plates.jsonl"
        lines = truths.read_text().splitlines() if truths.is_file() else []
        if path.parent.name == "video" and (lines or str(entry.get("plates", "")).startswith("none")):
            step = 5 if lines else max(1, entry["frames"] // each)
            for number, frame in enumerate(_frames(path)):
                if number % step == 0:
                    plates = _plates(json.loads(lines[number])) if lines else np.zeros((0, 4), np.float32)
                    yield Case(path.stem if lines else f"empty {path.stem}", _rgb(frame), plates, True)


def _frames(path: Path) -> Iterator[Picture]:
    capture = cv2.VideoCapture(str(path))
    while True:
        there, frame = capture.read()
        if not there:
            return
        yield np.asarray(frame, np.uint8)


def _rgb(picture: Any) -> Picture:
    return np.ascontiguousarray(picture[..., ::-1], np.uint8)


def _plates(entry: dict[str, Any]) -> Boxes:
    sides = [(b["x"], b["y"], b["x"] + b["w"], b["y"] + b["h"]) for b in entry["boxes"] if not b.get("ignore")]
    return np.asarray(sides, np.float32).reshape(-1, 4)


def score(net: Net, cases: list[Case], width: int, threshold: float) -> str:
    """One line: pictures, plates of each height found and covered, false boxes a picture."""
    hits: dict[bool, list[tuple[bool, bool]]] = {True: [], False: []}
    false, complete = 0, 0
    for case in cases:
        boxes = net.find(case.picture, width or case.picture.shape[1], threshold)
        for plate in case.plates:
            found = any(overlap(plate, box) >= 0.3 for box in boxes)
            hits[bool(plate[3] - plate[1] >= TALL)].append((found, covered(plate, boxes)))
        if case.complete:
            complete += 1
            false += sum(all(overlap(plate, box) < 0.1 for plate in case.plates) for box in boxes)
    rate = false / complete if complete else float("nan")
    return f"{len(cases):5} {_share(hits[True])} | {_share(hits[False])} | false {rate:.2f}"


def _share(hits: Sequence[tuple[bool, bool]]) -> str:
    if not hits:
        return f"{0:4}   –     –  "
    found, inside = np.mean(hits, axis=0)
    return f"{len(hits):4} {found:.3f} {inside:.3f}"


def main() -> None:
    """Score and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("onnx", type=Path)
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--drawn", type=int, default=100)
    parser.add_argument("--width", type=int, nargs="*", default=[0], help="px of the search; 0: as the picture is")
    parser.add_argument("--threshold", type=float, nargs="*", default=[0.3, 0.4, 0.5])
    words = parser.parse_args()
    net, sets = Net(words.onnx), defaultdict(list)
    for case in drawn_cases(words.drawn):
        sets[case.name].append(case)
    if words.clips:
        for case in (*still_cases(words.clips), *clip_cases(words.clips)):
            sets[case.name].append(case)
    print(
        "set, width, threshold: pictures, plates of 20 px and more: number found covered | lower ones | false a picture"
    )
    for name, cases in sorted(sets.items()):
        for width in [0] if name.startswith("drawn") else words.width:
            for threshold in words.threshold:
                print(f"{name:32} {width:5} {threshold:.2f} {score(net, cases, width, threshold)}", flush=True)
    for (wide, high), ms in sorted(net.ms.items()):
        print(f"{wide}×{high}: {np.median(ms):.1f} ms of CPU")


if __name__ == "__main__":
    main()
