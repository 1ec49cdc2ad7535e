"""How leaks are counted: what was hidden on each frame against the ground truth of a clip.

A face *leaks* on a frame when less than 80 % of its middle is hidden; its middle is its box with each side shortened to 80 %.
Boxes marked `ignore` are neither missed nor a false alarm.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Hidden = NDArray[np.bool_]
"""bool (height, width) of the displayed picture: True where a frame is hidden."""

HEIGHTS = ("<16", "16–24", "24–32", "32–64", ">64")
_LIMITS = (16, 24, 32, 64)
_ENOUGH = 0.8
_MIDDLE = 0.8
_AROUND = 0.3


@dataclass(frozen=True, slots=True)
class Truth:
    """One labelled face on one frame: its box in samples, and who it is."""

    left: float
    top: float
    width: float
    height: float
    name: int
    ignore: bool

    @property
    def row(self) -> int:
        """Which of HEIGHTS it belongs to."""
        return sum(self.height >= limit for limit in _LIMITS)


@dataclass(slots=True)
class Score:
    """What came of one clip: faces and leaks by height, the longest leak of each, and the shares of the picture."""

    faces: list[int] = field(default_factory=lambda: [0] * len(HEIGHTS))
    leaks: list[int] = field(default_factory=lambda: [0] * len(HEIGHTS))
    longest: list[int] = field(default_factory=lambda: [0] * len(HEIGHTS))
    hidden: list[float] = field(default_factory=list)
    over: list[float] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """Plain data; `over_masked` is the mean share of the picture that was hidden away from every labelled face."""
        rows = {
            name: {"faces": faces, "leaks": leaks, "longest": longest}
            for name, faces, leaks, longest in zip(HEIGHTS, self.faces, self.leaks, self.longest, strict=True)
            if faces
        }
        return {"heights": rows, "hidden": _mean(self.hidden), "over_masked": _mean(self.over)}


def read_truth(path: Path, *, scale: float = 1, mirrored_in: int | None = None) -> list[list[Truth]]:
    """The labelled faces of each frame, for a clip made `scale` times as large and mirrored in a picture of that width."""
    frames = [json.loads(line)["boxes"] for line in path.read_text().splitlines()]
    return [[_truth(box, scale, mirrored_in) for box in boxes] for boxes in frames]


def _truth(box: dict[str, Any], scale: float, mirrored_in: int | None) -> Truth:
    left = box["x"] if mirrored_in is None else mirrored_in - box["x"] - box["w"]
    left, top, width, height = (value * scale for value in (left, box["y"], box["w"], box["h"]))
    return Truth(left, top, width, height, box.get("id", 0), bool(box.get("ignore")))


def score(truth: Sequence[Sequence[Truth]], hidden: Iterable[Hidden]) -> Score:
    """Score the frames of a clip in their order; both must be of the same length."""
    found = Score()
    leaks: dict[int, list[tuple[int, int]]] = {}
    for number, (faces, seen) in enumerate(zip(truth, hidden, strict=True)):
        found.hidden.append(float(seen.mean()))
        found.over.append(_over(faces, seen))
        for face in (face for face in faces if not face.ignore):
            found.faces[face.row] += 1
            if _share(face, seen) < _ENOUGH:
                found.leaks[face.row] += 1
                leaks.setdefault(face.name, []).append((number, face.row))
    for leak in leaks.values():
        _note_longest(leak, found)
    return found


def _note_longest(leak: list[tuple[int, int]], found: Score) -> None:
    """The leaks of one face: rows of neighbouring frames, each counted for the largest height in it."""
    for _, together in groupby(enumerate(leak), key=lambda each: each[1][0] - each[0]):
        rows = [row for _, (_, row) in together]
        found.longest[max(rows)] = max(found.longest[max(rows)], len(rows))


def _share(face: Truth, hidden: Hidden) -> float:
    """Share of a face's middle that is hidden; what lies off the picture needs no hiding."""
    edge = (1 - _MIDDLE) / 2
    middle = _part(hidden, face, -edge)
    return float(middle.mean()) if middle.size else 1.0


def _over(faces: Iterable[Truth], hidden: Hidden) -> float:
    rest = hidden.copy()
    for face in faces:
        _part(rest, face, _AROUND)[:] = False
    return float(rest.mean())


def _part(picture: Hidden, face: Truth, grown: float) -> Hidden:
    """View of the samples in a face's box, each side moved outward by a share of its length."""
    across, down = grown * face.width, grown * face.height
    columns = slice(_edge(face.left - across), _edge(face.left + face.width + across))
    rows = slice(_edge(face.top - down), _edge(face.top + face.height + down))
    return picture[rows, columns]


def _edge(place: float) -> int:
    return max(0, round(place))


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 5) if values else 0.0
