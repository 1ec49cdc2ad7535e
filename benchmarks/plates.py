"""Number plates that are found: on stills and clips with ground truth, and what is taken for one where there is none.

    python benchmarks/plates.py [FOLDER] [--models fast robust] [--json FILE] [--check]

FOLDER holds INDEX.json, video/, image/ and gt/. Each still, and up to twelve frames of each clip without a plate, is searched
and followed by itself, as `privmask mask --plates` does with a still; a clip with ground truth is followed whole. A plate is
*found* when a box overlaps it by an intersection over union of 0.3 or more, and *covered* when 80 % of it lies in boxes that
are 1.3 times as wide and high as was found. A false box lies on no labelled plate; some stills have others as well.
`--check` ends with 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from measure import conclude
from privmask.detect import Ask, Detection, make_detector
from privmask.detect.boxes import overlaps
from privmask.detect.detector import Choice
from privmask.detect.follow import Hold, follow
from privmask.errors import FootageError
from privmask.frame import Frame, Picture
from privmask.video import Source, open_video

TALL = 20
"""Samples of height from which a plate has to be found."""
COVERED = {"fast": 0.92, "robust": 0.97}
MOST_FALSE = 1.0
MOST_MS = 15.0
SAMPLED = 12

Rows = np.ndarray[Any, np.dtype[np.float32]]
"""Boxes as float32 (n, 5): left, top, right, bottom, and nothing of interest."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The plates of one picture: those that count, and those that nobody minds."""

    plates: Rows
    ignored: Rows


@dataclass(slots=True)
class Tally:
    """What came of some pictures; `found` and `covered` are lists of (height, hit), `ms` the CPU time of each search."""

    pictures: int = 0
    found: list[tuple[float, bool]] = field(default_factory=list)
    covered: list[tuple[float, bool]] = field(default_factory=list)
    false: int = 0
    ms: list[float] = field(default_factory=list)

    def note(self, truth: Truth, boxes: Rows) -> None:
        """Count one picture."""
        self.pictures += 1
        grown = _grown(boxes)
        for plate in truth.plates:
            height = float(plate[3] - plate[1])
            self.found.append((height, len(boxes) > 0 and bool(overlaps(plate, boxes).max() >= 0.3)))
            self.covered.append((height, _share(plate, grown) >= 0.8))
        known = np.concatenate([truth.plates, truth.ignored])
        self.false += sum(not len(known) or overlaps(box, known).max() < 0.1 for box in boxes)

    def as_data(self) -> dict[str, Any]:
        """Plain data for the table and the record."""
        return {
            "pictures": self.pictures,
            "plates": len(self.found),
            "tall": sum(height >= TALL for height, _ in self.found),
            "found_tall": _rate(self.found, tall=True),
            "covered_tall": _rate(self.covered, tall=True),
            "found_low": _rate(self.found, tall=False),
            "covered_low": _rate(self.covered, tall=False),
            "false_a_picture": round(self.false / self.pictures, 2) if self.pictures else None,
            "ms": round(statistics.median(self.ms), 1) if self.ms else None,
        }


def main() -> None:
    """Score, print, check."""
    words = _words()
    rows = [
        {"set": name, "model": model, **tally.as_data()}
        for model in words.models
        for name, tally in _tallies(words.folder, model)
    ]
    _print(rows)
    conclude("plates", {"sets": rows}, list(missed_bars(rows)), words)


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parents[2] / "shared" / "clips")
    parser.add_argument("--models", nargs="*", choices=("fast", "robust"), default=["fast", "robust"])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


def _tallies(folder: Path, model: Choice) -> Iterator[tuple[str, Tally]]:
    for truths in sorted(folder.glob("gt/images_*.jsonl")):
        lines = [json.loads(line) for line in truths.read_text().splitlines()]
        if any(box["cls"] == "plate" for line in lines for box in line["boxes"]):
            yield truths.stem.removeprefix("images_"), _stills(folder, lines, model)
    for truths in sorted(folder.glob("gt/*.plates.jsonl")):
        yield truths.name.removesuffix(".plates.jsonl"), _clip(folder, truths, model)
    yield "no plates", _without_plates(folder, model)


def _stills(folder: Path, lines: Sequence[dict[str, Any]], model: Choice) -> Tally:
    """Pictures of one kind are searched by one detector: how long a session takes to warm up is not its speed."""
    tally = Tally()
    detectors: dict[Picture, Timed] = {}
    for number, line in enumerate(lines):
        with _opened(folder / line["image"]) as source:
            picture = source.info.picture
            detector = detectors[picture] = detectors.get(picture) or Timed(picture, model)
            _search(_alone(next(iter(source.frames())), number), detector, _truth(line), tally)
    return tally


def _without_plates(folder: Path, model: Choice) -> Tally:
    tally = Tally()
    for entry in json.loads((folder / "INDEX.json").read_text()):
        path = folder / entry["file"]
        if path.parent.name == "video" and str(entry.get("plates", "")).startswith("none"):
            with (
                suppress(FootageError),
                _opened(path) as source,
            ):  # damaged and double ones are in the folder on purpose
                detector = Timed(source.info.picture, model)
                for frame in _sampled(source.frames(), entry["frames"]):
                    _search(frame, detector, _truth({"boxes": []}), tally)
    return tally


def _sampled(frames: Iterable[Frame], count: int) -> Iterator[Frame]:
    """Up to SAMPLED frames of as many seconds."""
    for number, frame in enumerate(islice(frames, 0, None, -(-count // SAMPLED))):
        yield _alone(frame, number)


def _alone(frame: Frame, number: int) -> Frame:
    """A frame that comes long enough after the last one to be searched for itself."""
    return replace(frame, index=number, pts=number * 10, end=None, time_base=Fraction(1))


def _search(frame: Frame, detector: Timed, truth: Truth, tally: Tally) -> None:
    """Count one frame that stands for itself."""
    ((_, sightings),) = follow([frame], detector, Hold(), detector.size)
    tally.note(truth, _rows(sighting.box for sighting in sightings))
    tally.ms.append(detector.ms.pop())


def _clip(folder: Path, truths: Path, model: Choice) -> Tally:
    """A clip followed whole; the time is the mean of its frames, searched or not."""
    tally = Tally()
    lines = truths.read_text().splitlines()
    (path,) = folder.glob(f"video/{truths.name.removesuffix('.plates.jsonl')}.*")
    with _opened(path) as source:
        detector = Timed(source.info.picture, model)
        followed = follow(source.frames(), detector, Hold(), detector.size)
        for (_, sightings), line in zip(followed, lines, strict=True):
            tally.note(_truth(json.loads(line)), _rows(sighting.box for sighting in sightings))
    tally.ms.append(statistics.mean(detector.ms))
    return tally


class Timed:
    """The detector of plates, and the CPU time of each of its answers in `ms`."""

    def __init__(self, picture: Picture, model: Choice) -> None:
        self.size = picture.displayed
        self.ms: list[float] = []
        self._detector = make_detector(picture, [Ask("plate", model=model)])
        self.labels = self._detector.labels
        self.card = self._detector.card

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        started = time.process_time()
        found = self._detector.detect(frame)
        self.ms.append((time.process_time() - started) * 1000)
        return found


@contextmanager
def _opened(path: Path) -> Iterator[Source]:
    with path.open("rb", buffering=0) as file, open_video(file) as source:
        yield source


def _truth(line: dict[str, Any]) -> Truth:
    plates, ignored = [
        np.array([_sides(box) for box in line["boxes"] if bool(box.get("ignore")) is wanted], np.float32).reshape(-1, 5)
        for wanted in (False, True)
    ]
    return Truth(plates, ignored)


def _sides(box: dict[str, Any]) -> tuple[float, ...]:
    return box["x"], box["y"], box["x"] + box["w"], box["y"] + box["h"], 1


def _rows(boxes: Iterable[Any]) -> Rows:
    return np.array([(b.left, b.top, b.right, b.bottom, 1) for b in boxes], np.float32).reshape(-1, 5)


def _grown(boxes: Rows) -> Rows:
    across, down = 0.15 * (boxes[:, 2] - boxes[:, 0]), 0.15 * (boxes[:, 3] - boxes[:, 1])
    return boxes + np.stack([-across, -down, across, down, 0 * down], axis=1)


def _share(plate: Rows, boxes: Rows) -> float:
    """Share of a plate that lies in any of the boxes, on a raster of 64×32 points."""
    x = np.linspace(plate[0], plate[2], 64)[None, :, None]
    y = np.linspace(plate[1], plate[3], 32)[:, None, None]
    inside = (x >= boxes[:, 0]) & (x <= boxes[:, 2]) & (y >= boxes[:, 1]) & (y <= boxes[:, 3])
    return float(inside.any(axis=2).mean())


def _rate(hits: Sequence[tuple[float, bool]], *, tall: bool) -> float | None:
    chosen = [hit for height, hit in hits if (height >= TALL) is tall]
    return round(sum(chosen) / len(chosen), 3) if chosen else None


def missed_bars(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One line for each figure that is not as it has to be."""
    for row in rows:
        where, bar = f"{row['model']}, {row['set']}", COVERED[row["model"]]
        if row["covered_tall"] is not None and row["covered_tall"] < bar:
            yield f"{where}: {row['covered_tall']} of the plates covered, {bar} are to be"
        if row["false_a_picture"] is not None and row["false_a_picture"] > MOST_FALSE:
            yield f"{where}: {row['false_a_picture']} false boxes a picture, {MOST_FALSE} may be"
        if row["model"] == "fast" and row["ms"] is not None and row["ms"] > MOST_MS:
            yield f"{where}: {row['ms']} ms a picture, {MOST_MS} may be"


def _print(rows: Sequence[dict[str, Any]]) -> None:
    table = Table(title=f"Number plates found; tall: {TALL} samples high and more")
    for column in rows[0]:
        table.add_column(column.replace("_", " "), justify="left" if column in ("set", "model") else "right")
    for row in rows:
        table.add_row(*("–" if value is None else str(value) for value in row.values()))
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
