"""What a statement says about a copy's pictures, in the types of those who look at them again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from privmask.errors import EvidenceError, PlanError
from privmask.evidence import Statement
from privmask.frame import Frame
from privmask.masks import MaskPlan, plan_from_data
from privmask.sighting import Sighting
from privmask.video import Reading

if TYPE_CHECKING:
    from privmask.detect.tracks import Tracks


@dataclass(frozen=True, slots=True)
class Said:
    """A statement about pictures; `tracks` is where moving masks were, as far as the one who asks knows it."""

    statement: Statement
    lossless: bool
    times_exact: bool
    frames: int
    recorded_at: datetime | None
    whole: tuple[tuple[Fraction, Fraction | None], ...]
    reading: Reading
    audio: bool
    tracks: Tracks | None = None

    @classmethod
    def by(cls, statement: Statement) -> Said:
        """Read the statement; raises EvidenceError where a part is none that this version wrote."""
        said: Any = statement.predicate
        try:
            return cls(
                statement,
                lossless=bool(said["encoder"]["lossless"]),
                times_exact=bool(said["timestamps_exact"]),
                frames=int(said["frames"]["out"]),
                recorded_at=_moment(said["reading"]["recorded_at"]),
                whole=tuple((Fraction(a), None if b is None else Fraction(b)) for a, b in said["reading"]["whole"]),
                reading=Reading(stream=said["reading"]["stream"], damaged=said["reading"]["damaged"]),
                audio=int(said["encoder"]["audio_packets"]) > 0,
            )
        except (KeyError, TypeError, ValueError) as cause:
            raise EvidenceError(
                "the statement says how the copy was made in words that this version does not know"
            ) from cause

    def as_shown(self, frame: Frame) -> Frame:
        """The frame, marked if the statement says that it was damaged and hidden whole."""
        at = frame.start_time
        whole = any(start <= at and (end is None or at < end) for start, end in self.whole)
        return replace(frame, hide_all=True) if whole else frame

    @property
    def plan(self) -> MaskPlan:
        """The plan as far as it can be checked: tracks that were kept visible are not in the file of tracks either.

        Raises EvidenceError for one that this version would not have taken.
        """
        try:
            plan = plan_from_data(self.statement.plan)
        except PlanError as cause:
            raise EvidenceError(f"the plan in the statement does not stand: {cause}") from cause
        if self.statement.search is None:
            return plan
        if self.tracks is None:
            return replace(plan, masks=tuple(mask for mask in plan.masks if mask.type == "Color"), dynamic=(), keep=())
        return replace(plan, keep=tuple(keep for keep in plan.keep if keep.track is None))

    def sightings(self, frame: Frame) -> tuple[Sighting, ...]:
        """Where moving masks were on that frame."""
        return self.tracks.at(frame) if self.tracks else ()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
