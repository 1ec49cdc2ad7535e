"""Cases drawn as text: a character a frame, so that a test shows what is found and what has to be hidden.

F  found for sure        f  found fairly        w  found weakly        .  not found        |  a cut before the next frame
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from privmask.detect.detector import Detection
from privmask.detect.follow import Hold, follow
from privmask.errors import DetectorError
from privmask.frame import PIXEL_FORMATS, Frame, Plane
from privmask.geometry import Box, Size
from privmask.sighting import Label, Sighting

SIZE = Size(640, 360)
STEP = Fraction(1, 10)
SCORES = {"F": 0.9, "f": 0.5, "w": 0.35}
HOLD = Hold(look_ahead=Fraction(1, 2), hold=Fraction(1, 5))
"""Five frames are looked ahead, and two are held."""

Finds = Sequence[Detection]


def square(x: float, y: float = 180, side: float = 40) -> Box:
    """A box around (x, y)."""
    return Box(x - side / 2, y - side / 2, x + side / 2, y + side / 2)


def find(box: Box, score: float = 0.9, label: Label = "face") -> Detection:
    return Detection(label, box, score)


def finds(drawn: str, box: Callable[[int], Box] = lambda _: square(320)) -> list[Finds]:
    """What is found on each frame of a drawing, at `box(frame)`."""
    marks = drawn.replace("|", "")
    return [[find(box(n), SCORES[mark])] if mark in SCORES else [] for n, mark in enumerate(marks)]


def both(*rows: list[Finds]) -> list[Finds]:
    """Several rows of finds on the same frames."""
    return [[each for found in frame for each in found] for frame in zip(*rows, strict=True)]


def shots(drawn: str) -> list[int]:
    """The number of the shot that each frame of a drawing is in."""
    return [drawn[:n].count("|") for n, mark in enumerate(drawn) if mark != "|"]


class Scripted:
    """A detector that finds what it is told; None means that it fails on that frame. `asked` are the frames it was shown."""

    labels: frozenset[Label] = frozenset({"face"})

    def __init__(self, script: Sequence[Finds | None]) -> None:
        self.script = script
        self.asked: list[int] = []

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        self.asked.append(frame.index)
        found = self.script[frame.index]
        if found is None:
            raise DetectorError(f"frame {frame.index}: the detector failed")
        return tuple(found)

    def card(self) -> dict[str, Any]:
        return {}

    def anew(self) -> Scripted:
        return self


def picture(shot: int, shift: int = 0) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A steady picture of noise, another one for each shot."""
    noise = np.random.default_rng(shot).integers(40, 200, (36, 96), np.uint8)
    return np.ascontiguousarray(noise[:, shift : shift + 64])


def clip(starts: Sequence[Fraction], in_shot: Sequence[int] | None = None, hide_all: Iterable[int] = ()) -> list[Frame]:
    """Frames that are shown from these seconds on, each until the next; nobody knows the end of the last."""
    base = Fraction(1, 90_000)
    pts = [int(start / base) for start in starts]
    hidden = set(hide_all)
    return [
        Frame(
            index=n,
            pts=pts[n],
            end=pts[n + 1] if n + 1 < len(pts) else None,
            time_base=base,
            size=Size(64, 36),
            format=PIXEL_FORMATS["gray"],
            planes=(Plane(picture(in_shot[n] if in_shot else 0), 64),),
            hide_all=n in hidden,
        )
        for n in range(len(starts))
    ]


def every(count: int, step: Fraction = STEP) -> list[Fraction]:
    return [step * n for n in range(count)]


def followed(
    script: Sequence[Finds | None], frames: Sequence[Frame] | None = None, hold: Hold = HOLD, **how: Any
) -> list[tuple[Sighting, ...]]:
    """The sightings on each frame."""
    frames = clip(every(len(script))) if frames is None else frames
    return [sightings for _, sightings in follow(frames, Scripted(script), hold, SIZE, **how)]


def hidden(drawn: str, hold: Hold = HOLD) -> str:
    """The drawing again, with `#` for each frame on which the middle of the picture, where things are found, is hidden."""
    places = shots(drawn)
    found = iter(followed(finds(drawn), clip(every(len(places)), places), hold))
    return "".join(mark if mark == "|" else ".#"[covered(next(found), square(320), share=1)] for mark in drawn)


def holds(outer: Box, inner: Box, slack: float = 1e-6) -> bool:
    return (
        outer.left <= inner.left + slack
        and outer.top <= inner.top + slack
        and outer.right >= inner.right - slack
        and outer.bottom >= inner.bottom - slack
    )


def covered(sightings: Iterable[Sighting], box: Box, share: float = 0.8) -> bool:
    """Whether one sighting covers that share of the box, as wide and as high."""
    across, down = (box.right - box.left) * (1 - share) / 2, (box.bottom - box.top) * (1 - share) / 2
    inner = Box(box.left + across, box.top + down, box.right - across, box.bottom - down)
    return any(holds(each.box, inner) for each in sightings)


def one_by_one(frames: Iterable[Frame], seen: list[int]) -> Iterator[Frame]:
    """The frames, noting each as it is taken."""
    for frame in frames:
        seen.append(frame.index)
        yield frame
