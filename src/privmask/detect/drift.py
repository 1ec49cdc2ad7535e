"""Whether a camera still looks where its reference picture was taken, and if not, how far it was turned.

Patches of the reference are looked for in the clip, each by itself, by the *direction* of its edges: that stays as it is when
the light, the exposure or the colours change, and even when light and dark change places, as under infrared. Where patches
agree on one motion (shift, turn and zoom) the camera has made it; people and cars move otherwise, and are outvoted.

Fine edges tell the motion best. Where noise drowns them, as in the dark of a cheap camera, coarser ones are looked at.

A clip is cut into stretches and each is judged, so that a camera that is turned half-way through is noticed. Burnt-in times and
names stand still when the camera moves: they are mostly at the top and the bottom, and patches there decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import degrees
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from privmask.detect.agreement import Motion, Places, agreeing, is_sure, is_sure_of_guided, motion_of
from privmask.detect.picture import read_luma
from privmask.frame import Frame, Picture
from privmask.geometry import Size

Luma: TypeAlias = NDArray[np.float32]
"""float32 (rows, columns): a small picture, 0…255."""
Edges: TypeAlias = NDArray[np.float32]
"""float32 (rows, columns, 2): twice the angle of the edge at each sample as a vector, long where it is sure."""

_LONGEST = 640
"""Samples of the longer side of the pictures that are compared."""
_PATCH, _STEP, _REACH = 64, 48, 64
_BLURS = (1.2, 2.4, 3.6)
"""Samples over which edges are smoothed: fine ones, and where they do not tell, coarser ones."""
_SURROUNDINGS = (33, 33)
_FAINT = 1.5
"""Slope, in levels a sample, of edges that count little: noise has such."""
_FLAT = 1e-4
_LIKE, _CLEAR, _AROUND = 0.2, 0.06, 8
"""A patch is found where it is so much alike, and so much more than anywhere farther off than that many samples."""
_CLOSE, _LESS_CLEAR = 12, 0.03
"""Where others have shown the motion, a patch is looked for so far around where that puts it, and need not be so clear."""
_STEEP, _SHOWS = 0.5, 0.03
"""A picture shows enough to tell where, smoothed, so large a share of it rises by so many levels a sample. Made nights of real
clips have 0.15 and more, with a fiftieth of their contrast left under noise 0.005."""
_MOST_GLANCES, _IN_A_STRETCH, _MOST_STRETCHES = 96, 8, 12


@dataclass(frozen=True, slots=True)
class View:
    """Where the reference's picture lies in what was seen. Shifts are shares of the width and of the height, right and down.

    `scale` is above 1 where things are larger, `rotation` in degrees clockwise, `score` the share (0…1) of the patches found
    that agree. `farthest` is how far that moves the worst corner of the picture, as a share of its width.
    """

    shift_x: float
    shift_y: float
    scale: float
    rotation: float
    score: float
    farthest: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a clip: a moment in its middle, in seconds after the first frame, and its view; None: not recognised.

    `shows` is False where next to nothing is seen, whatever it is: in the dark, in fog, behind a hand.
    """

    seconds: float
    view: View | None
    shows: bool = True


class Glances:
    """A clip held against a reference: a few dozen of its frames, small, evenly over all that were added."""

    def __init__(self, reference: Frame, picture: Picture) -> None:
        self._size = _small(picture)
        self._reference = read_luma(reference, picture, self._size).astype(np.float32)
        self._kept: list[tuple[float, NDArray[np.uint8]]] = []
        self._added, self._every = 0, 1
        self._start: float | None = None

    def add(self, frame: Frame, picture: Picture) -> None:
        """See the next frame; one that is hidden whole because it is damaged shows nothing."""
        if self._start is None:
            self._start = float(frame.start_time)
        if frame.hide_all:
            return
        if self._added % self._every == 0:
            self._kept.append((float(frame.start_time) - self._start, read_luma(frame, picture, self._size)))
        self._added += 1
        if len(self._kept) > _MOST_GLANCES:
            del self._kept[1::2]
            self._every *= 2

    def stretches(self) -> Iterator[Stretch]:
        """How the clip lies to the reference, from its beginning to its end; nothing where no frame was seen."""
        count = max(1, min(_MOST_STRETCHES, len(self._kept) // _IN_A_STRETCH))
        edges = [round(n * len(self._kept) / count) for n in range(count + 1)]
        for start, stop in pairwise(edges):
            part = self._kept[start:stop]
            if part:
                still = _still(part)
                view, shows = find_view(self._reference, still), _shows(still)
                yield Stretch(part[len(part) // 2][0], view if shows else None, shows)


def find_view(reference: Luma, seen: Luma) -> View | None:
    """How the reference lies in a picture of the same size; None where too few of its patches agree to be sure."""
    views = (_view(_edges(reference, blur), _edges(seen, blur)) for blur in _BLURS)
    return next((view for view in views if view is not None), None)


def _view(reference: Edges, seen: Edges) -> View | None:
    """The motion that most patches agree on, where that is sure; patches may be looked for once more where it puts them."""
    size = Size(reference.shape[1], reference.shape[0])
    places, found = _matched(reference, seen)
    motion = motion_of(places, found, size)
    if motion is not None and not is_sure(places[agreeing(motion, places, found)], size):
        places, found = _matched(reference, seen, motion)
        motion = motion_of(places, found, size)
        if motion is not None and not is_sure_of_guided(places[agreeing(motion, places, found)], len(places), size):
            motion = None
    return None if motion is None else _as_view(motion, float(agreeing(motion, places, found).mean()), size)


def _as_view(motion: Motion, score: float, size: Size) -> View:
    turn, shift = motion
    corners = np.array([complex(x * size.width, y * size.height) / 2 for x in (-1, 1) for y in (-1, 1)])
    return View(
        shift_x=shift.real / size.width,
        shift_y=shift.imag / size.height,
        scale=abs(turn),
        rotation=degrees(float(np.angle(turn))),
        score=score,
        farthest=float(abs(turn * corners + shift - corners).max()) / size.width,
    )


def _small(picture: Picture) -> Size:
    """The size in which a picture is compared, in the shape in which it is displayed."""
    wide, high = picture.size.width * float(picture.sample_aspect), float(picture.size.height)
    scale = _LONGEST / max(wide, high)
    return Size(max(1, round(wide * scale)), max(1, round(high * scale))).turned(picture.rotation)


def _still(part: list[tuple[float, NDArray[np.uint8]]]) -> Luma:
    """What stands still in these pictures: the median at each sample."""
    blurred = [cv2.GaussianBlur(luma.astype(np.float32), (0, 0), _BLURS[0] / 2) for _, luma in part]
    return np.asarray(np.median(np.stack(blurred), axis=0), np.float32)


def _slopes(luma: Luma, blur: float) -> tuple[Luma, Luma]:
    """How steeply the picture rises to the right and down, in levels a sample."""
    smooth: Any = cv2.GaussianBlur(luma, (0, 0), blur)
    across: Any = cv2.Scharr(smooth, cv2.CV_32F, 1, 0) / 32
    down: Any = cv2.Scharr(smooth, cv2.CV_32F, 0, 1) / 32
    return across, down


def _shows(luma: Luma) -> bool:
    """Whether there is anything to be seen."""
    return bool((np.hypot(*_slopes(luma, 2 * _BLURS[0])) > _STEEP).mean() > _SHOWS)


def _edges(luma: Luma, blur: float) -> Edges:
    across, down = _slopes(luma, blur)
    strength = across * across + down * down
    around = cv2.blur(strength, _SURROUNDINGS) + _FAINT**2 + strength
    return np.dstack([(across * across - down * down) / around, 2 * across * down / around]).astype(np.float32)


def _matched(reference: Edges, seen: Edges, motion: Motion | None = None) -> tuple[Places, Places]:
    """The middles of the patches that are found for sure, and where in `seen` they are; `motion` says where to look."""
    height, width = reference.shape[:2]
    most = 2 * _REACH
    around = cv2.copyMakeBorder(seen, most, most, most, most, cv2.BORDER_CONSTANT, value=0)
    middle = complex(width - _PATCH, height - _PATCH) / 2
    reach = _REACH if motion is None else _CLOSE
    places, found = [], []
    for top in range((height - _PATCH) % _STEP // 2, height - _PATCH + 1, _STEP):
        for left in range((width - _PATCH) % _STEP // 2, width - _PATCH + 1, _STEP):
            patch, place = reference[top : top + _PATCH, left : left + _PATCH], complex(left, top) - middle
            turn, shift = motion or (1, 0)
            by = turn * place + shift - place
            across, down = round(by.real), round(by.imag)
            if patch.var() <= _FLAT or max(abs(across), abs(down)) > most - reach:
                continue
            row, column = top + most + down - reach, left + most + across - reach
            near = around[row : row + _PATCH + 2 * reach, column : column + _PATCH + 2 * reach]
            moved = _peak(near, patch, _CLEAR if motion is None else _LESS_CLEAR)
            if moved is not None:
                places.append(place)
                found.append(place + complex(across, down) + moved)
    return np.array(places, np.complex128), np.array(found, np.complex128)


def _peak(near: NDArray[Any], patch: Edges, clear: float) -> complex | None:
    """How far from the middle of `near` the patch is, to parts of a sample; None where it is like no place, or like several."""
    likeness: Any = np.nan_to_num(cv2.matchTemplate(near, patch, cv2.TM_CCOEFF_NORMED), posinf=0, neginf=0)
    row, column = divmod(int(likeness.argmax()), likeness.shape[1])
    best, last = float(likeness[row, column]), likeness.shape[1] - 1
    elsewhere = likeness.copy()
    elsewhere[max(0, row - _AROUND) : row + _AROUND + 1, max(0, column - _AROUND) : column + _AROUND + 1] = -1
    at_edge = row in (0, last) or column in (0, last)
    if at_edge or best < _LIKE or best - float(elsewhere.max()) < clear:
        return None
    x = column - last / 2 + _top(*likeness[row, column - 1 : column + 2])
    y = row - last / 2 + _top(*likeness[row - 1 : row + 2, column])
    return complex(x, y)


def _top(before: float, at: float, after: float) -> float:
    """Where the parabola through three values is highest, from the middle one."""
    bend = before - 2 * at + after
    return float((before - after) / (2 * bend)) if bend < 0 else 0.0
