"""What a statement says about a copy's pictures, in the types of those who look at them again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from privmask.checking import MILLISECOND, PassedGroup
from privmask.errors import EvidenceError, PlanError
from privmask.evidence import Statement
from privmask.frame import Frame
from privmask.language import Text
from privmask.masks import MaskPlan, Shown, plan_from_data
from privmask.sighting import Sighting
from privmask.video import Reading

if TYPE_CHECKING:
    from privmask.detect.tracks import Tracks


_Span = tuple[Fraction | None, Fraction | None]

_UNKNOWN_WORDS = Text(
    "複写の作り方が、この版の知らない言葉で来歴に書かれています",
    "the statement says how the copy was made in words that this version does not know",
)
_BAD_PLAN = Text("来歴にある計画が成り立ちません：{why}", "the plan in the statement does not stand: {why}")
_OTHER_ZONES = Text(
    "来歴が隠したと述べる領域が、来歴の計画の領域と違います",
    "the zones that the statement lists as shown are not those of its plan",
)
_OTHER_TIMES = Text(
    "領域 {token} を隠した時間が、来歴の述べる時間と違います",
    "the zone {token} is shown at other times than the statement says",
)


@dataclass(frozen=True, slots=True)
class Said:
    """A statement about pictures; `tracks` is where moving masks were, as far as the one who asks knows it.

    `sounds` are the streams of sound that were kept: each one's number in the original, None where it was encoded anew.
    `passed` are the groups of pictures that travelled as they are.
    """

    statement: Statement
    lossless: bool
    times_exact: bool
    frames: int
    recorded_at: datetime | None
    whole: tuple[tuple[Fraction, Fraction | None], ...]
    reading: Reading
    container: str
    sounds: tuple[int | None, ...]
    passed: tuple[PassedGroup, ...]
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
                container=str(said["encoder"]["container"]),
                sounds=tuple(_sounds(said["streams"])),
                passed=tuple(_passed(statement)),
            )
        except (KeyError, TypeError, ValueError) as cause:
            raise EvidenceError(_UNKNOWN_WORDS) from cause

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
            raise EvidenceError(_BAD_PLAN.with_(why=cause.text or cause)) from cause
        if self.statement.search is None:
            return plan
        if self.tracks is None:
            return replace(plan, masks=tuple(mask for mask in plan.masks if mask.type == "Color"), dynamic=(), keep=())
        return replace(plan, keep=tuple(keep for keep in plan.keep if keep.track is None))

    def require_shown(self, shown: Shown, time_base: Fraction) -> None:
        """Raise EvidenceError unless each zone of the plan was shown just when the statement says.

        `shown` is when it was on the copy, in units of `time_base`, in seconds.
        """
        masks: Any = self.statement.predicate["masks"]
        stated = {mask["token"]: mask["shown"] for mask in masks}
        planned = [(mask.token, mask.type) for mask in plan_from_data(self.statement.plan).enabled]
        if planned != [(mask["token"], mask["type"]) for mask in masks]:
            raise EvidenceError(_OTHER_ZONES)
        for mask in self.plan.enabled:
            ours = [_seconds(start, end, time_base) for start, end in shown.ranges.get(mask.token, [])]
            theirs = [_seconds(start, end) for start, end in stated[mask.token]]
            if len(ours) != len(theirs) or not all(map(self._same_span, ours, theirs)):
                raise EvidenceError(_OTHER_TIMES.with_(token=repr(mask.token)))

    def _same_span(self, one: _Span, other: _Span) -> bool:
        tolerance = Fraction(0) if self.times_exact else MILLISECOND
        return all(
            a is b if a is None or b is None else abs(a - b) <= tolerance for a, b in zip(one, other, strict=True)
        )

    def sightings(self, frame: Frame) -> tuple[Sighting, ...]:
        """Where moving masks were on that frame."""
        return self.tracks.at(frame) if self.tracks else ()


def _sounds(streams: Any) -> Iterator[int | None]:
    for each in streams:
        if each["kind"] == "audio" and each["done"].startswith("kept"):
            yield each["index"] if each["done"] == "kept, copied" else None


def _passed(statement: Statement) -> Iterator[PassedGroup]:
    groups: list[dict[str, Any]] = list(statement.passed)
    for each in groups:
        yield PassedGroup(each["frame"], Fraction(each["start"]), each["packets"], each["sha256"])


def _seconds(start: Any, end: Any, unit: Fraction = Fraction(1)) -> _Span:
    return Fraction(start) * unit, None if end is None else Fraction(end) * unit


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
