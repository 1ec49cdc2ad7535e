"""Whether a camera still looks where its reference picture was taken, and if not, how far it was turned.

Patches of the reference are looked for in the clip, each by itself, by the *direction* of its edges: that stays as it is when
the light, the exposure or the colours change, and even when light and dark change places, as under infrared. Where patches
agree on one motion (shift, turn and zoom) the camera has made it; people and cars move otherwise, and are outvoted.

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

from privmask.detect.picture import read_luma
from privmask.frame import Frame, Picture
from privmask.geometry import Size

Edges: TypeAlias = NDArray[np.float32]
"""float32 (rows, columns, 2): twice the angle of the edge at each sample as a vector, long where it is sure."""
Places: TypeAlias = NDArray[np.complex128]
"""Places x + iy in samples from the middle of the picture: a turn with zoom is a multiplication, a shift an addition."""

_LONGEST = 640
"""Samples of the longer side of the pictures that are compared."""
_PATCH, _STEP, _REACH = 64, 48, 64
_BLUR = 1.2
_SURROUNDINGS = (33, 33)
_FAINT = 1.5
"""Slope, in levels a sample, of edges that count little: noise has such."""
_FLAT = 1e-4
_LIKE, _CLEAR, _AROUND = 0.2, 0.06, 8
"""A patch is found where it is so much alike, and so much more than anywhere farther off than that many samples."""
_TOLERANCE = 2.0
"""Samples that patches which agree may lie from where their motion puts them."""
_MOST_ZOOM_AND_TURN = 0.15
_APART = 0.15
_SIMPLER = 0.85
"""A shift alone is believed where what it leaves unexplained is at most 1 / 0.85 of what shift, turn and zoom leave."""
_FEWEST = 6
"""Patches that have to agree, above and below the rows of captions left out. In 86 pairs of different scenes at most 3 did."""
_ROWS_OF_CAPTIONS = 0.12
_SPREAD = 0.3
"""Share of the width and of the height over which they have to lie."""
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
    """A stretch of a clip: a moment in its middle, in seconds after the first frame, and its view; None: not recognised."""

    seconds: float
    view: View | None


class Glances:
    """A clip held against a reference: a few dozen of its frames, small, evenly over all that were added."""

    def __init__(self, reference: Frame, picture: Picture) -> None:
        self._size = _small(picture)
        self._reference = _edges(read_luma(reference, picture, self._size).astype(np.float32))
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
                yield Stretch(part[len(part) // 2][0], find_view(self._reference, _edges(_still(part))))


def find_view(reference: Edges, seen: Edges) -> View | None:
    """The motion that most patches of the reference agree on; None where too few do to be sure."""
    places, found = _matched(reference, seen)
    size = Size(reference.shape[1], reference.shape[0])
    motion = _motion(places, found, size)
    if motion is None or not _is_sure(places[_agreeing(motion, places, found)], size):
        return None
    turn, shift = motion
    corners = np.array([complex(x * size.width, y * size.height) / 2 for x in (-1, 1) for y in (-1, 1)])
    return View(
        shift_x=shift.real / size.width,
        shift_y=shift.imag / size.height,
        scale=abs(turn),
        rotation=degrees(float(np.angle(turn))),
        score=float(_agreeing(motion, places, found).mean()),
        farthest=float(abs(turn * corners + shift - corners).max()) / size.width,
    )


def _small(picture: Picture) -> Size:
    """The size in which a picture is compared, in the shape in which it is displayed."""
    wide, high = picture.size.width * float(picture.sample_aspect), float(picture.size.height)
    scale = _LONGEST / max(wide, high)
    return Size(max(1, round(wide * scale)), max(1, round(high * scale))).turned(picture.rotation)


def _still(part: list[tuple[float, NDArray[np.uint8]]]) -> NDArray[np.float32]:
    """What stands still in these pictures: the median at each sample."""
    blurred = [cv2.GaussianBlur(luma.astype(np.float32), (0, 0), _BLUR / 2) for _, luma in part]
    return np.asarray(np.median(np.stack(blurred), axis=0), np.float32)


def _edges(luma: NDArray[np.float32]) -> Edges:
    smooth: Any = cv2.GaussianBlur(luma, (0, 0), _BLUR)
    across: Any = cv2.Scharr(smooth, cv2.CV_32F, 1, 0) / 32
    down: Any = cv2.Scharr(smooth, cv2.CV_32F, 0, 1) / 32
    strength = across * across + down * down
    around = cv2.blur(strength, _SURROUNDINGS) + _FAINT**2 + strength
    return np.dstack([(across * across - down * down) / around, 2 * across * down / around]).astype(np.float32)


def _matched(reference: Edges, seen: Edges) -> tuple[Places, Places]:
    """The middles of the patches that are found for sure, and where in `seen` they are."""
    height, width = reference.shape[:2]
    around = cv2.copyMakeBorder(seen, _REACH, _REACH, _REACH, _REACH, cv2.BORDER_CONSTANT, value=0)
    middle = complex(width - _PATCH, height - _PATCH) / 2
    places, found = [], []
    for top in range((height - _PATCH) % _STEP // 2, height - _PATCH + 1, _STEP):
        for left in range((width - _PATCH) % _STEP // 2, width - _PATCH + 1, _STEP):
            patch = reference[top : top + _PATCH, left : left + _PATCH]
            near = around[top : top + _PATCH + 2 * _REACH, left : left + _PATCH + 2 * _REACH]
            moved = _peak(near, patch) if patch.var() > _FLAT else None
            if moved is not None:
                places.append(complex(left, top) - middle)
                found.append(complex(left, top) - middle + moved)
    return np.array(places, np.complex128), np.array(found, np.complex128)


def _peak(near: NDArray[Any], patch: Edges) -> complex | None:
    """How far the patch has moved, to parts of a sample; None where it is like no place, or like several."""
    likeness: Any = np.nan_to_num(cv2.matchTemplate(near, patch, cv2.TM_CCOEFF_NORMED), posinf=0, neginf=0)
    row, column = divmod(int(likeness.argmax()), likeness.shape[1])
    best = float(likeness[row, column])
    elsewhere = likeness.copy()
    elsewhere[max(0, row - _AROUND) : row + _AROUND + 1, max(0, column - _AROUND) : column + _AROUND + 1] = -1
    at_edge = row in (0, 2 * _REACH) or column in (0, 2 * _REACH)
    if at_edge or best < _LIKE or best - float(elsewhere.max()) < _CLEAR:
        return None
    x = column - _REACH + _top(*likeness[row, column - 1 : column + 2])
    y = row - _REACH + _top(*likeness[row - 1 : row + 2, column])
    return complex(x, y)


def _top(before: float, at: float, after: float) -> float:
    """Where the parabola through three values is highest, from the middle one."""
    bend = before - 2 * at + after
    return float((before - after) / (2 * bend)) if bend < 0 else 0.0


def _motion(places: Places, found: Places, size: Size) -> tuple[complex, complex] | None:
    """Turn with zoom, and shift: the simplest motion that explains about as many patches as any."""
    if len(places) < _FEWEST:
        return None
    shifts = found - places
    one, other = np.triu_indices(len(places), 1)
    apart = abs(places[one] - places[other]) > _APART * size.width
    one, other = one[apart], other[apart]
    turns = (found[other] - found[one]) / (places[other] - places[one])
    likely = abs(turns - 1) < _MOST_ZOOM_AND_TURN
    turns, one = turns[likely], one[likely]
    simple = _best(np.ones_like(shifts), shifts, places, found)
    full = _best(turns, found[one] - turns * places[one], places, found) if len(turns) else simple
    full = _refined(full, places, found, is_shift=False)
    simple = _refined(simple, places, found, is_shift=True)
    return simple if _SIMPLER * _misfit(simple, places, found) <= _misfit(full, places, found) else full


def _best(turns: Places, shifts: Places, places: Places, found: Places) -> tuple[complex, complex]:
    """The motion that most patches agree on."""
    counts = (abs(turns[:, None] * places + shifts[:, None] - found) < _TOLERANCE).sum(axis=1)
    best = int(counts.argmax())
    return complex(turns[best]), complex(shifts[best])


def _misfit(motion: tuple[complex, complex], places: Places, found: Places) -> float:
    """How badly the motion explains the patches: squared samples, those that do not agree at the tolerance."""
    turn, shift = motion
    return float((np.minimum(abs(turn * places + shift - found), _TOLERANCE) ** 2).sum())


def _refined(
    motion: tuple[complex, complex], places: Places, found: Places, *, is_shift: bool
) -> tuple[complex, complex]:
    """The motion that fits those that agree best (least squares), three times over."""
    turn, shift = motion
    for _ in range(3):
        chosen = _agreeing((turn, shift), places, found)
        here, there = places[chosen], found[chosen]
        if len(here) < 2:  # nothing to fit
            break
        away = here - here.mean()
        if not is_shift:
            turn = complex((away.conj() * (there - there.mean())).sum() / (abs(away) ** 2).sum())
        shift = complex((there - turn * here).mean())
    return turn, shift


def _agreeing(motion: tuple[complex, complex], places: Places, found: Places) -> NDArray[np.bool_]:
    turn, shift = motion
    return np.asarray(abs(turn * places + shift - found) < _TOLERANCE, np.bool_)


def _is_sure(agreed: Places, size: Size) -> bool:
    """Whether these are enough patches, spread over enough of the picture, without the rows where captions are."""
    agreed = agreed[abs(agreed.imag) < (0.5 - _ROWS_OF_CAPTIONS) * size.height]
    if len(agreed) < _FEWEST:
        return False
    return bool(np.ptp(agreed.real) >= _SPREAD * size.width and np.ptp(agreed.imag) >= _SPREAD * size.height)
