"""The motion that most patches of a picture agree on: shift, turn and zoom, and whether they are enough to be sure of it.

People and cars move otherwise than the camera does, and are outvoted. Of two motions that explain about as much, the simpler
one is believed.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from privmask.geometry import Size

Places: TypeAlias = NDArray[np.complex128]
"""Places x + iy in samples from the middle of the picture: a turn with zoom is a multiplication, a shift an addition."""
Motion: TypeAlias = tuple[complex, complex]
"""Turn with zoom, and shift: `turn * place + shift` is where what was at a place lies now."""

_TOLERANCE = 2.0
"""Samples that patches which agree may lie from where their motion puts them."""
_MOST_ZOOM_AND_TURN = 0.15
_APART = 0.15
_SIMPLER = 0.85
"""A shift alone is believed where what it leaves unexplained is at most 1 / 0.85 of what shift, turn and zoom leave."""
_FEWEST = 6
"""Patches that have to agree, above and below the rows of captions left out. In 86 pairs of different scenes at most 3 did."""
_FEWEST_GUIDED, _GUIDED_SHARE = 9, 1 / 3
_ROWS_OF_CAPTIONS = 0.12
_SPREAD = 0.3
"""Share of the width and of the height over which they have to lie."""


def motion_of(places: Places, found: Places, size: Size) -> Motion | None:
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


def _best(turns: Places, shifts: Places, places: Places, found: Places) -> Motion:
    """The motion that most patches agree on."""
    counts = (abs(turns[:, None] * places + shifts[:, None] - found) < _TOLERANCE).sum(axis=1)
    best = int(counts.argmax())
    return complex(turns[best]), complex(shifts[best])


def _misfit(motion: Motion, places: Places, found: Places) -> float:
    """How badly the motion explains the patches: squared samples, those that do not agree at the tolerance."""
    turn, shift = motion
    return float((np.minimum(abs(turn * places + shift - found), _TOLERANCE) ** 2).sum())


def _refined(motion: Motion, places: Places, found: Places, *, is_shift: bool) -> Motion:
    """The motion that fits those that agree best (least squares), three times over."""
    turn, shift = motion
    for _ in range(3):
        chosen = agreeing((turn, shift), places, found)
        here, there = places[chosen], found[chosen]
        if len(here) < 2:  # nothing to fit
            break
        away = here - here.mean()
        if not is_shift:
            turn = complex((away.conj() * (there - there.mean())).sum() / (abs(away) ** 2).sum())
        shift = complex((there - turn * here).mean())
    return turn, shift


def agreeing(motion: Motion, places: Places, found: Places) -> NDArray[np.bool_]:
    """Which of the patches at `places` were found where the motion puts them, (n,)."""
    turn, shift = motion
    return np.asarray(abs(turn * places + shift - found) < _TOLERANCE, np.bool_)


def is_sure_of_guided(agreed: Places, found: int, size: Size) -> bool:
    """The same for patches that were looked for where a motion puts them; `found` were, and chance makes more of them agree."""
    return len(agreed) >= _GUIDED_SHARE * found and is_sure(agreed, size, _FEWEST_GUIDED)


def is_sure(agreed: Places, size: Size, fewest: int = _FEWEST) -> bool:
    """Whether these are enough patches, spread over enough of the picture, without the rows where captions are."""
    agreed = agreed[abs(agreed.imag) < (0.5 - _ROWS_OF_CAPTIONS) * size.height]
    if len(agreed) < fewest:
        return False
    return bool(np.ptp(agreed.real) >= _SPREAD * size.width and np.ptp(agreed.imag) >= _SPREAD * size.height)
