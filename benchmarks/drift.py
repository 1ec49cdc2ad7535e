"""A camera that moved is noticed, and one that did not is not accused: made and real changes of the clips of a fixed camera.

    python benchmarks/drift.py [FOLDER] [--json FILE] [--check]

FOLDER holds video/. The reference of each clip is its first frame alone, and what is judged is all of the clip after its first
third: as it is; in other light, coarse, noisy, small, blocked; and with the camera shifted, zoomed and turned, by day and by
night. Last, each reference is held against every other clip. A case is right when what has moved by 1 % of the width or more
(at the corner that moved most) is refused, and what has moved by 0.5 % or less is not; in between both answers are right.
`--check` ends with 1 where the camera moved and was not refused, or where more than one in twenty stood still and was.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from measure import conclude
from privmask.detect.drift import Glances
from privmask.drifting import LIMIT
from privmask.frame import PIXEL_FORMATS, Frame, Picture, Plane
from privmask.geometry import Size

FIXED = [
    "one_by_one_432p.mp4",
    "asl_again_480p.mkv",
    "asl_walk_480p.mkv",
    "corridor_walk_270p.mp4",
    "corridor_pause_270p.mp4",
    "classroom_270p.mp4",
    "store_aisle_270p.mp4",
    "vtest_msmpeg4v3.avi",
    "office_720p.264",
]
MOVING = [
    "parking_cars_432p.mp4",
    "bikes_272p.mp4",
    "crossing_fullrange_1080p.264",
    "foreman_cif.264",
]
"""Filmed from the hand, a car or a drone, or of several shots: always to be refused."""
OTHERS = ["carphone_144p.mp4"]
"""Other scenes only: here the camera stands still in a car that drives, so that neither answer is wrong."""
TWINS = ({"asl_again_480p.mkv", "asl_walk_480p.mkv"}, {"corridor_walk_270p.mp4", "corridor_pause_270p.mp4"})
"""Two clips of one camera, which stood still."""
SAMPLED = 24

Luma: TypeAlias = NDArray[np.uint8]
Change: TypeAlias = Callable[[Luma], Luma]


@dataclass(slots=True)
class Row:
    """One kind of change over all clips, and how far off the measured move was at worst, in % of the width."""

    change: str
    moved: str
    accepted: int = 0
    refused: int = 0
    wrong: int = 0
    worst_off: float = 0.0
    wrong_at: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Move:
    """A camera's move: share of the width and of the height, zoom, and degrees clockwise."""

    x: float = 0
    y: float = 0
    zoom: float = 1
    turn: float = 0

    def __call__(self, luma: Luma) -> Luma:
        """The picture after the move; what comes into view is the mirrored edge."""
        height, width = luma.shape
        matrix = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), -self.turn, self.zoom)
        matrix[:, 2] += (self.x * width, self.y * height)
        moved = cv2.warpAffine(luma, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        return np.asarray(moved, np.uint8)

    def farthest(self, size: Size) -> float:
        """How far the corner that moves most moves, as a share of the width."""
        turned = self.zoom * np.exp(1j * np.radians(self.turn)) - 1
        shift = complex(self.x * size.width, self.y * size.height)
        corners = [complex(a * size.width, b * size.height) / 2 for a in (-1, 1) for b in (-1, 1)]
        return float(max(abs(turned * corner + shift) for corner in corners) / size.width)


_DICE = np.random.default_rng(5)


def _noisy(luma: NDArray[Any], deviation: float) -> Luma:
    return np.asarray(np.clip(luma + _DICE.normal(0, deviation, luma.shape), 0, 255), np.uint8)


def _curve(luma: Luma, gamma: float) -> Luma:
    return np.asarray(255 * (luma / 255.0) ** gamma, np.uint8)


def _coarse(luma: Luma) -> Luma:
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", luma, [cv2.IMWRITE_JPEG_QUALITY, 10])[1], 0), np.uint8)


def _night(luma: Luma) -> Luma:
    """A third of the contrast, half of it lost in the dark, and noise."""
    return _noisy(_curve(luma, 2.2) * 0.35 - 5, 10)


def _infrared(luma: Luma) -> Luma:
    """Bright in the middle, dark around, noisy, and the light of things changed, some of it turned about."""
    rows, columns = np.indices(luma.shape)
    off = ((columns / luma.shape[1] - 0.5) ** 2 + (rows / luma.shape[0] - 0.5) ** 2) * 3
    turned = 128 + 110 * np.sin(luma / 255.0 * 2 * np.pi)
    return _noisy(turned * np.clip(1 - off, 0.1, 1) * 0.6, 9)


def _blocked(luma: Luma) -> Luma:
    """A lorry stands before the left 45 % of it."""
    out = luma.copy()
    side = np.random.default_rng(1).integers(60, 200, (12, 8)).astype(np.uint8)
    width = int(0.45 * luma.shape[1])
    out[:, :width] = cv2.resize(side, (width, luma.shape[0]), interpolation=cv2.INTER_NEAREST)
    return out


def _rain(luma: Luma) -> Luma:
    """Half of the contrast, and a new set of streaks on every frame."""
    out = np.asarray(luma * 0.5 + 90, np.uint8)
    for x, y in zip(_DICE.integers(0, luma.shape[1], 300), _DICE.integers(0, luma.shape[0], 300), strict=True):
        cv2.line(out, (int(x), int(y)), (int(x) + 3, int(y) + luma.shape[0] // 12), 230, 1)
    return out


def _captioned(luma: Luma) -> Luma:
    """Names and times as recorders burn them in: they do not move with the camera."""
    out, high = luma.copy(), luma.shape[0]
    for text, y in (("CAMERA 01 GATE NORTH  2026-11-23 13:57:01", 0.06), ("REC  12.5 FPS  192.168.0.12", 0.97)):
        for color, width in ((0, 4), (255, 1)):
            cv2.putText(out, text, (8, int(y * high)), 0, high / 500, color, width, cv2.LINE_AA)
    return out


def _barred(luma: Luma) -> Luma:
    """Black above and below."""
    out = luma.copy()
    bar = luma.shape[0] // 9
    out[:bar] = out[-bar:] = 16
    return out


STILL: dict[str, Change] = {
    "as it is": lambda luma: luma,
    "gamma 0.5": lambda luma: _curve(luma, 0.5),
    "gamma 2": lambda luma: _curve(luma, 2),
    "noise 20": lambda luma: _noisy(luma, 20),
    "coarse JPEG": _coarse,
    "rain, haze": _rain,
    "night": _night,
    "infrared": _infrared,
    "45 % blocked": _blocked,
    "captions": _captioned,
    "bars": _barred,
    "half the size": lambda luma: np.asarray(
        cv2.resize(luma, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8
    ),
    "squeezed 4:3": lambda luma: np.asarray(cv2.resize(luma, (480, 360), interpolation=cv2.INTER_AREA), np.uint8),
}
MOVES = {
    "shift 0.5 %": Move(x=0.005),
    "shift 1 %": Move(x=-0.01),
    "shift 1 % down": Move(y=0.0178),
    "shift 2 %": Move(x=0.02),
    "shift 5 %": Move(x=-0.04, y=0.05),
    "shift 9 %": Move(x=0.09),
    "shift 20 %": Move(x=0.2),
    "zoom 0.5 %": Move(zoom=1.005),
    "zoom 1 %": Move(zoom=1.01),
    "zoom 2 %": Move(zoom=1.02),
    "zoom 5 %": Move(zoom=0.95),
    "shift 0.7 %, zoom 0.6 %": Move(x=0.0072, zoom=1.006),
    "turn 0.5 deg": Move(turn=0.5),
    "turn 1 deg": Move(turn=-1),
    "turn 2 deg": Move(turn=2),
    "turn 5 deg": Move(turn=-5),
}
FRAMED: dict[str, Change] = {
    ", captions": _captioned,
    ", bars": _barred,
    ", captions at night": lambda luma: _captioned(_night(luma)),
}
"""What stands still in the picture when the camera moves."""


def main() -> None:
    """Judge, print the table, and with --check say whether it holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parents[2] / "shared" / "clips")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    words = parser.parse_args()
    clips = {name: read(words.folder / "video" / name) for name in (*FIXED, *MOVING, *OTHERS)}
    started = time.process_time()
    rows = [*_still(clips), *_moved(clips), *_others(clips)]
    seconds = time.process_time() - started
    _print(rows)
    missed = [f"{row.change}: {', '.join(row.wrong_at)} accepted" for row in rows if row.wrong and row.moved != "no"]
    still = [row for row in rows if row.moved == "no"]
    wrong, judged = sum(row.wrong for row in still), sum(row.accepted + row.refused for row in still)
    if wrong > judged / 20:
        missed.append(f"{wrong} of {judged} that stood still were refused")
    judged = sum(row.accepted + row.refused for row in rows)
    conclude("drift", {"rows": rows, "seconds_each": round(seconds / judged, 2)}, missed, words)


def read(path: Path) -> list[Luma]:
    """Up to SAMPLED frames of the clip, evenly, as they are displayed."""
    with av.open(path) as container:
        found = [np.asarray(frame.to_ndarray(format="gray"), np.uint8) for frame in container.decode(video=0)]
    return [found[n] for n in np.linspace(0, len(found) - 1, min(SAMPLED, len(found))).astype(int)]


def judge(reference: Luma, seen: list[Luma]) -> tuple[bool, float | None]:
    """Whether it would be accepted, and the farthest move that was measured; None where it was not recognised throughout."""
    glances = Glances(*as_frame(reference, 0))
    for number, luma in enumerate(seen):
        glances.add(*as_frame(luma, number))
    views = [stretch.view for stretch in glances.stretches()]
    if not all(views):
        return False, None
    farthest = max(view.farthest for view in views if view)
    return farthest <= LIMIT, farthest


def as_frame(luma: Luma, number: int) -> tuple[Frame, Picture]:
    """A grey picture as a frame of a clip of 10 frames a second."""
    size, layout = Size(luma.shape[1], luma.shape[0]), PIXEL_FORMATS["gray"]
    plane = Plane(np.ascontiguousarray(luma), size.width)
    return Frame(number, number, None, Fraction(1, 10), size, layout, (plane,)), Picture(size, layout)


def _still(clips: dict[str, list[Luma]]) -> Iterator[Row]:
    for change, changed in STILL.items():
        row = Row(change, "no")
        for name in FIXED:
            frames = clips[name]
            _note(row, name, 0.0, judge(frames[0], [changed(luma) for luma in frames[len(frames) // 3 :]]))
        yield row
    row = Row("another time", "no")
    for one in FIXED:
        for other in FIXED:
            if one != other and {one, other} in TWINS:
                _note(row, f"{one} on {other}", 0.0, judge(clips[one][0], clips[other]))
    yield row


def _moved(clips: dict[str, list[Luma]]) -> Iterator[Row]:
    for change, move in MOVES.items():
        yield _row(change, move, clips, STILL["as it is"])
        yield _row(f"{change}, night", move, clips, _night)
    for kind, changed in FRAMED.items():
        for change in ("shift 1 %", "shift 2 %", "turn 2 deg"):
            yield _row(change + kind, MOVES[change], clips, changed, _barred if changed is _barred else _captioned)


def _row(
    change: str, move: Move, clips: dict[str, list[Luma]], changed: Change, framed: Change = lambda luma: luma
) -> Row:
    """The camera moved, and the picture changed after that; `framed` is what was in the reference already."""
    far = move.farthest(Size(*clips[FIXED[0]][0].shape[::-1]))
    row = Row(change, "yes" if far >= 0.0099 else "no" if far <= 0.0051 else "a little")
    for name in FIXED:
        frames = clips[name]
        seen = [changed(move(luma)) for luma in frames[len(frames) // 3 :]]
        _note(row, name, move.farthest(Size(*frames[0].shape[::-1])), judge(framed(frames[0]), seen))
    return row


def _others(clips: dict[str, list[Luma]]) -> Iterator[Row]:
    row = Row("another scene", "yes")
    night = Row("another scene, night", "yes")
    for one in FIXED:
        for other in clips:
            if one != other and {one, other} not in TWINS:
                _note(row, f"{one} on {other}", None, judge(clips[one][0], clips[other][-8:]))
                _note(
                    night, f"{one} on {other}", None, judge(clips[one][0], [_night(luma) for luma in clips[other][-8:]])
                )
    yield row
    yield night
    row = Row("from the hand, several shots", "yes")
    for name in MOVING:
        _note(row, name, None, judge(clips[name][0], clips[name]))
    yield row


def _note(row: Row, name: str, true: float | None, found: tuple[bool, float | None]) -> None:
    accepted, farthest = found
    row.accepted += accepted
    row.refused += not accepted
    if row.moved != "a little" and accepted != (row.moved == "no"):
        row.wrong += 1
        row.wrong_at.append(name)
    if true is not None and farthest is not None:
        row.worst_off = max(row.worst_off, round(100 * abs(farthest - true), 2))


def _print(rows: list[Row]) -> None:
    table = Table("change", "moved", "accepted", "refused", "wrong", "farthest off, % of the width", "wrong at")
    for row in rows:
        figures = (row.accepted, row.refused, row.wrong, row.worst_off)
        table.add_row(row.change, row.moved, *map(str, figures), " ".join(row.wrong_at))
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
