"""The corridor of what is worth showing: the frames of a copy that a person should see after its verification.

It looks on while the pictures are checked, and decodes nothing itself. Of an original it keeps figures and never a sample.
"""

from __future__ import annotations

from dataclasses import dataclass

from privmask.checking import Findings
from privmask.frame import Frame
from privmask.masks import Cover
from privmask.masks.apart import CellsApart


@dataclass(frozen=True, slots=True)
class Glimpse:
    """A frame of a copy, what is hidden on it, and the square worth looking at: `steps` of 255 off, `side` luma samples wide.

    `row` and `column`, in luma samples of the coded picture, say where it begins; `side` 0: no place is worse than another.
    """

    frame: Frame
    cover: Cover
    steps: float = 0.0
    row: int = 0
    column: int = 0
    side: int = 0

    @property
    def hidden(self) -> int:
        """How many masks hold on the frame, moving ones too."""
        return len(self.cover.tokens) + self.cover.moving


class Differing:
    """Looks on while a copy is verified (`look` is a `privmask.checking.Watch`), and keeps three frames at the most.

    `shown` is the first frame on which most masks hold, `inside` the one whose zones are hidden worst, if that is a fault,
    `outside` the one that differs most from its original outside the masks, and `cells` how much each place did; None, where
    nothing of the kind was looked at. `frames` is how many were compared with the original's.
    """

    def __init__(self) -> None:
        self.shown: Glimpse | None = None
        self.outside: Glimpse | None = None
        self.cells: CellsApart | None = None
        self.frames = 0
        self._inside: Glimpse | None = None
        self._inside_fails = False

    @property
    def inside(self) -> Glimpse | None:
        """The frame whose zones are hidden worst, if that is a fault."""
        return self._inside if self._inside_fails else None

    def look(self, found: Findings, cover: Cover, copy: Frame, original: Frame | None) -> None:
        """See one frame after it was checked."""
        glimpse = Glimpse(copy, cover)
        if self.shown is None or glimpse.hidden > self.shown.hidden:
            self.shown = glimpse
        if original is None:
            self._look_inside(found, glimpse)
        else:
            self._look_outside(glimpse, original)

    def _look_inside(self, found: Findings, seen: Glimpse) -> None:
        self._inside_fails = bool(found.faults)
        if found.residual > 0 and found.residual_frame == seen.frame.index:
            row, column = found.residual_place
            self._inside = Glimpse(seen.frame, seen.cover, found.residual, row, column, _RESIDUAL_CELL)

    def _look_outside(self, seen: Glimpse, original: Frame) -> None:
        self.cells = self.cells or CellsApart(seen.cover.picture)
        worst = self.cells.look(original, seen.frame, seen.cover)
        if self.outside is None or worst.steps > self.outside.steps:
            side = self.cells.side if worst.steps else 0
            self.outside = Glimpse(seen.frame, seen.cover, worst.steps, worst.row, worst.column, side)
        self.frames += 1


_RESIDUAL_CELL = 16
"""Luma samples of a side of the cells in which hidden places are measured."""
