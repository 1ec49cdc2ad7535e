"""What workers are told, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from privmask.checking import Findings
from privmask.errors import PrivmaskError
from privmask.sighting import Sighting
from privmask.video import Part, Reading, Timetable
from privmask.wanted import Wanted

if TYPE_CHECKING:
    from privmask.detect import Ask, Detection

Lent: TypeAlias = tuple[int, int]
"""A descriptor that a worker inherits, and how many bytes it may read there."""

FoundOn: TypeAlias = "tuple[bytes, tuple[Detection, ...]]"
"""The outline of a frame, and what was found on it."""

Sights: TypeAlias = tuple[tuple[Sighting, ...], ...]
"""What was seen on each frame of a section."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What holds for all sections; `table` is the original's, and `rate` that of its first frame."""

    wanted: Wanted
    original: Lent
    table: Timetable
    rate: Fraction


@dataclass(frozen=True, slots=True)
class SearchBrief:
    """What holds for all sections that are searched for what is asked; `table` is the original's."""

    reading: Reading
    original: Lent
    table: Timetable
    asks: tuple[Ask, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """The copy that is to be checked, as `check_copy` is told of it; `table` is the copy's."""

    copy: Lent
    table: Timetable
    exact: bool
    times_exact: bool


@dataclass(frozen=True, slots=True)
class Order:
    """A section: the frames from number `start` up to `stop`, with what was seen on each.

    It is to be masked, and its packets to be written to the descriptor `spool`; or, where there is none, to be checked, or to
    be searched by whoever was briefed to.
    """

    start: int
    stop: int
    sights: Sights = ()
    spool: int | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker stands and waits."""


@dataclass(frozen=True, slots=True)
class Done:
    """How many frames of its section a worker has done."""

    frames: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A section that cannot be done, and why."""

    error: PrivmaskError


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found on the next frames of a section, which say nothing of their numbers and times."""

    frames: tuple[FoundOn, ...]


@dataclass(frozen=True, slots=True)
class Searched:
    """A section that was searched: by what, in the detector's own words, and what was found on each of its frames."""

    card: dict[str, Any]
    frames: tuple[FoundOn, ...] = ()


Answer: TypeAlias = Part | Findings | Searched | Failed
Message: TypeAlias = Ready | Done | Looked | Answer
"""What a worker says."""
