"""A camera that moved is noticed, and one that did not is not accused: made and real changes of the clips of a fixed camera.

    python benchmarks/drift.py [FOLDER] [--json FILE] [--check]

FOLDER holds video/ and image/. The reference of each clip is its first frame alone, and what is judged is all of the clip after
its first third: as it is; in other light, coarse, noisy, small, blocked, with people in front; and with the camera shifted,
zoomed and turned, by day and by night. Last, each reference is held against every other clip. A case is right when what has
moved by 1 % of the width or more (at the corner that moved most), was flipped or is another scene is refused, and what moved
by 0.5 % or less is not; in between both answers are right. Where nobody could tell, it is refused, and not as moved.

Photographs that were never looked at while the rules were found are held out, every other one of them, to save time: each is
the view of a camera that stands still.
What cannot be seen in them by day is not to be seen by night either, so that more of them may be refused.

`--check` ends with 1 where a camera moved and was not refused, where one that stood still is said to have moved, and where of
those that stood still any of the clips is refused, or more than one in twenty of the photographs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal, TypeAlias

import av
import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from drift_changes import FLIPS, FRAMED, MOVES, STILL, UNSEEN, Change, Luma, Move, barred, captioned, encoded, night
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
HELD_OUT_WIDTH, HELD_OUT_FRAMES = 768, 12
MOST_REFUSED = Fraction(1, 20)

Clips: TypeAlias = Mapping[str, list[Luma]]
Answer: TypeAlias = Literal["same", "moved", "lost"]
Expected: TypeAlias = Literal["still", "a little", "moved", "unseen"]


@dataclass(slots=True)
class Row:
    """One kind of change over all clips, the answers, and how far off the measured move was at worst, in % of the width."""

    change: str
    expected: Expected
    same: int = 0
    moved: int = 0
    lost: int = 0
    worst_off: float = 0.0
    wrong_at: list[str] = field(default_factory=list)

    def note(self, name: str, true: float | None, found: tuple[Answer, float | None]) -> None:
        """Count one answer; `true` is how far the camera moved."""
        answer, farthest = found
        setattr(self, answer, getattr(self, answer) + 1)
        right: dict[Expected, list[Answer]] = {
            "still": ["same"],
            "moved": ["moved", "lost"],
            "unseen": ["lost"],
            "a little": [answer],
        }
        if answer not in right[self.expected]:
            self.wrong_at.append(f"{name}: {answer}")
        if true is not None and farthest is not None:
            self.worst_off = max(self.worst_off, round(100 * abs(farthest - true), 2))

    @property
    def judged(self) -> int:
        return self.same + self.moved + self.lost


def main() -> None:
    """Judge, print the tables, and with --check say whether they hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parents[2] / "shared" / "clips")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    words = parser.parse_args()
    clips = {name: read(words.folder / "video" / name) for name in (*FIXED, *MOVING, *OTHERS)}
    held_out = {path.stem: photograph(path) for path in sorted((words.folder / "image").rglob("*.jpg"))[::2]}
    started = time.process_time()
    rows = [*judged({name: clips[name] for name in FIXED}, clips), *_really_moving(clips)]
    _print("Clips of a fixed camera", rows)
    held = list(judged(held_out, {name: clips[name] for name in (*MOVING, *OTHERS)}))
    _print("Photographs, held out", held)
    each = (time.process_time() - started) / sum(row.judged for row in (*rows, *held))
    missed = [*_missed(rows, Fraction(0)), *_missed(held, MOST_REFUSED)]
    conclude("drift", {"rows": rows, "held_out": held, "seconds_each": round(each, 2)}, missed, words)


def read(path: Path) -> list[Luma]:
    """Up to SAMPLED frames of the clip, evenly, as they are displayed."""
    with av.open(path) as container:
        found = [np.asarray(frame.to_ndarray(format="gray"), np.uint8) for frame in container.decode(video=0)]
    return [found[n] for n in np.linspace(0, len(found) - 1, min(SAMPLED, len(found))).astype(int)]


def photograph(path: Path) -> list[Luma]:
    """A clip that shows the picture all the time."""
    (luma,) = read(path)
    height = HELD_OUT_WIDTH * luma.shape[0] // luma.shape[1]
    small = cv2.resize(luma, (HELD_OUT_WIDTH, height), interpolation=cv2.INTER_AREA)
    return [np.asarray(small, np.uint8)] * HELD_OUT_FRAMES


def judged(clips: Clips, others: Clips) -> Iterator[Row]:
    """Every kind of change of these clips, and each reference held against `others`."""
    for change, changed in STILL.items():
        yield _row(change, Move(), clips, changed)
    yield _row_of_codec(clips)
    for change, changed in UNSEEN.items():
        yield _row(change, Move(), clips, changed, expected="unseen")
    for change, move in MOVES.items():
        yield _row(change, move, clips, STILL["as it is"])
        yield _row(f"{change}, night", move, clips, night)
    for change, changed in FLIPS.items():
        yield _row(change, Move(), clips, changed, expected="moved")
        yield _row(f"{change}, night", Move(), clips, _after(changed, night), expected="moved")
    for kind, changed in FRAMED.items():
        for change in ("shift 1 %", "shift 2 %", "turn 2 deg"):
            framed = barred if changed is barred else captioned
            yield _row(change + kind, MOVES[change], clips, changed, framed=framed)
    yield from _twins_and_others(clips, others)


def judge(reference: Luma, seen: list[Luma]) -> tuple[Answer, float | None]:
    """What would be said of it, and the farthest move that was measured; None where it was not recognised throughout."""
    glances = Glances(*as_frame(reference, 0))
    for number, luma in enumerate(seen):
        glances.add(*as_frame(luma, number))
    views = [stretch.view for stretch in glances.stretches()]
    farthest = max((view.farthest for view in views if view), default=0.0)
    if farthest > LIMIT:
        return "moved", farthest if all(views) else None
    return ("same", farthest) if all(views) else ("lost", None)


def as_frame(luma: Luma, number: int) -> tuple[Frame, Picture]:
    """A grey picture as a frame of a clip of 10 frames a second."""
    size, layout = Size(luma.shape[1], luma.shape[0]), PIXEL_FORMATS["gray"]
    plane = Plane(np.ascontiguousarray(luma), size.width)
    return Frame(number, number, None, Fraction(1, 10), size, layout, (plane,)), Picture(size, layout)


def _row(
    change: str,
    move: Move,
    clips: Clips,
    changed: Change,
    *,
    framed: Change = lambda luma: luma,
    expected: Expected | None = None,
) -> Row:
    """The camera moved, and the picture changed after that; `framed` is what was in the reference already."""
    far = move.farthest(Size(*next(iter(clips.values()))[0].shape[::-1]))
    by_distance: Expected = "moved" if far >= 0.0099 else "still" if far <= 0.0051 else "a little"
    row = Row(change, expected or by_distance)
    for name, frames in clips.items():
        seen = [changed(move(luma) if far else luma) for luma in frames[len(frames) // 3 :]]
        true = None if expected else move.farthest(Size(*frames[0].shape[::-1]))
        row.note(name, true, judge(framed(frames[0]), seen))
    return row


def _after(first: Change, then: Change) -> Change:
    return lambda luma: then(first(luma))


def _row_of_codec(clips: Clips) -> Row:
    row = Row("few bytes: H.264 at crf 40", "still")
    for name, frames in clips.items():
        row.note(name, 0.0, judge(frames[0], encoded(frames[len(frames) // 3 :], 40)))
    return row


def _twins_and_others(clips: Clips, others: Clips) -> Iterator[Row]:
    twins = Row("another time", "still")
    rows = {"another scene": STILL["as it is"], "another scene, night": night}
    found = {change: Row(change, "moved") for change in rows}
    for one in clips:
        for other in others:
            if {one, other} in TWINS:
                twins.note(f"{one} on {other}", 0.0, judge(clips[one][0], others[other]))
            elif one != other:
                for change, changed in rows.items():
                    seen = [changed(luma) for luma in others[other][-8:]]
                    found[change].note(f"{one} on {other}", None, judge(clips[one][0], seen))
    yield from (twins, *found.values())


def _really_moving(clips: Clips) -> Iterator[Row]:
    row = Row("from the hand, several shots", "moved")
    for name in MOVING:
        row.note(name, None, judge(clips[name][0], clips[name]))
    yield row


def _missed(rows: list[Row], most: Fraction) -> Iterator[str]:
    """The bars that do not hold; of those that stood still so large a share may be refused."""
    for row in rows:
        if row.expected == "moved" and row.same:
            yield f"{row.change}: {', '.join(row.wrong_at)}"
        if row.expected in ("still", "unseen") and row.moved:
            yield f"{row.change}: said to have moved: {', '.join(row.wrong_at)}"
        if row.expected == "unseen" and row.same:
            yield f"{row.change}: taken for the same view: {', '.join(row.wrong_at)}"
    still = [row for row in rows if row.expected == "still"]
    wrong, judged = sum(len(row.wrong_at) for row in still), sum(row.judged for row in still)
    if wrong > judged * most:
        yield f"{wrong} of {judged} that stood still were refused"


def _print(title: str, rows: list[Row]) -> None:
    table = Table("change", "expected", "same", "moved", "not told", "off, % of the width", "wrong at", title=title)
    for row in rows:
        figures = (row.same, row.moved, row.lost, row.worst_off)
        table.add_row(row.change, row.expected, *map(str, figures), " ".join(row.wrong_at))
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
