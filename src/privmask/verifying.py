"""The corridor of proof: a copy held against its statement, its bytes first and its pictures then.

The numbers go on where `evidence.verify` ends. What must hold besides the bytes:

9. the packets of each group of pictures are those that the statement names, and all of them are shown;
10. the container holds pictures and what was asked for, nothing else;
11. every zone is hidden on every frame, for the whole of its time;
12. with the original: the same frames at the same times, and nothing altered outside the masks;
13. the copy stood still while all this was looked at.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from privmask.checking import PSNR_FLOOR, Findings, frame_pairs
from privmask.copying import Progress
from privmask.errors import CopyError, EvidenceError, FootageError, PlanError
from privmask.evidence import Check, Examined, Outcome, Statement, Verdict, examine_copy, open_once
from privmask.frame import Frame
from privmask.masks import FittedMasks, fit_masks, plan_from_data
from privmask.video import Gop, Reading, Source, hash_packets, open_video

Paths = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class _Said:
    """What the statement says about the pictures, in the types of this side."""

    statement: Statement
    lossless: bool
    times_exact: bool
    frames: int
    recorded_at: datetime | None
    whole: tuple[tuple[Fraction, Fraction | None], ...]
    reading: Reading
    audio: bool

    @classmethod
    def by(cls, statement: Statement) -> _Said:
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


def verify_copy(
    copy: Paths,
    *,
    original: Paths | None = None,
    accept_unsigned: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Verdict:
    """Check a copy against the statement beside it, and against its original where that is given.

    Raises `FootageError` only if one of the files cannot be read at all; everything else is a line of the verdict. An unsigned
    statement breaks the verdict unless `accept_unsigned`: who wrote it is not known.
    """
    with examine_copy(copy, original=original, accept_unsigned=accept_unsigned) as examined:
        checks = list(examined.checks)
        failed = any(check.outcome == "FAIL" for check in checks)
        if examined.statement is None or failed:
            reason = "its bytes are not those of the statement" if failed else "there is no statement"
            checks += [Check(number, name, "NOT CHECKED", reason) for number, name in _NAMES.items()]
        else:
            checks += _pictures(examined, examined.statement, original, progress or (lambda _: None))
        checks.append(examined.still(13))
    return Verdict(tuple(checks))


_NAMES = {9: "packets per group of pictures", 10: "only pictures", 11: "zones hidden", 12: "nothing else altered"}


def _pictures(
    examined: Examined, statement: Statement, original: Paths | None, told: Callable[[Progress], None]
) -> Iterator[Check]:
    yield _judge(9, lambda: _packets(examined, statement))
    yield _judge(10, lambda: _only_pictures(examined, _Said.by(statement)))
    yield _judge(11, lambda: _hidden(examined, _Said.by(statement), told))
    if original is None:
        yield Check(12, _NAMES[12], "NOT CHECKED", "the original was not given", asked=False)
    else:
        yield _judge(12, lambda: _unaltered(examined, _Said.by(statement), original, told))


def _judge(number: int, look: Callable[[], str]) -> Check:
    """PASS with what `look` says; FAIL with the reason when it raises one of ours."""
    outcome: Outcome = "PASS"
    try:
        reason = look()
    except (EvidenceError, CopyError, FootageError) as error:
        outcome, reason = "FAIL", str(error)
    return Check(number, _NAMES[number], outcome, reason)


def _packets(examined: Examined, statement: Statement) -> str:
    with examined.open() as file:
        found = hash_packets(file)
    if found.hidden:
        raise EvidenceError(f"the copy holds {found.hidden} packets that are never shown, and of which nothing is stated")
    said = [(Fraction(str(gop["start"])), gop["packets"], gop["sha256"]) for gop in statement.gops]
    ours = [(gop.start, gop.packets, gop.sha256) for gop in found.gops]
    for index, (one, other) in enumerate(zip(ours, said, strict=False)):
        if one != other:
            raise EvidenceError(f"the pictures {_place(found.gops, index)} are not those of the statement")
    if len(ours) != len(said) or found.stream_sha256 != statement.stream_sha256:
        raise EvidenceError(f"the copy holds {len(ours)} groups of pictures, stated are {len(said)}")
    return f"{found.packets} packets in {len(ours)} group{'s' if len(ours) != 1 else ''}"


def _place(gops: Sequence[Gop], index: int) -> str:
    end = f" and {float(gops[index + 1].start):.1f} s" if index + 1 < len(gops) else " s and the end"
    return f"between {float(gops[index].start):.1f}{end}"


def _only_pictures(examined: Examined, said: _Said) -> str:
    with _opened(examined) as source:
        wanted = {"video", "audio"} if said.audio else {"video"}
        kinds = [found.kind for found in source.found]
        strange = [f"{found.kind} {found.what}".strip() for found in source.found if found.kind not in wanted]
    if strange or len(kinds) != len(set(kinds)):
        raise EvidenceError(f"the container holds more than the statement says: {', '.join(strange or kinds)}")
    return "one video stream" + (" and its sound" if said.audio else "")


def _hidden(examined: Examined, said: _Said, told: Callable[[Progress], None]) -> str:
    found = Findings()
    with _opened(examined) as source:
        masks = _fitted(said, source)
        for frame in map(said.as_shown, source.frames()):
            found.look_inside(frame, masks.at(frame), exact=said.lossless)
            found.frames += 1
            told(Progress("checking", found.frames, said.frames))
    _settle(found)
    if found.frames != said.frames:
        raise EvidenceError(f"the copy shows {found.frames} frames, stated are {said.frames}")
    return f"on all {found.frames} frames; at most {found.residual:.2f} of 255 steps off (frame {found.residual_frame})"


def _unaltered(examined: Examined, said: _Said, original: Paths, told: Callable[[Progress], None]) -> str:
    found = Findings()
    with examined.open() as file, open_once(original) as before:
        with open_video(file) as source:
            masks = _fitted(said, source)
        with examined.open() as again:
            for one, other in frame_pairs(before, again, said.reading, times_exact=said.times_exact):
                cover = masks.at(replace(one, interlaced=other.interlaced))
                found.look_outside(one, other, cover, exact=said.lossless)
                found.frames += 1
                told(Progress("checking", found.frames, said.frames))
    _settle(found)
    if said.lossless:
        return f"on all {found.frames} frames every public sample is the original's"
    return f"on all {found.frames} frames; at least {found.psnr:.1f} dB (frame {found.psnr_frame}), {PSNR_FLOOR} are needed"


@contextmanager
def _opened(examined: Examined) -> Iterator[Source]:
    with examined.open() as file, open_video(file) as source:
        yield source


def _fitted(said: _Said, source: Source) -> FittedMasks:
    try:
        return fit_masks(plan_from_data(said.statement.plan), source.info.picture, said.recorded_at)
    except PlanError as cause:
        raise EvidenceError(f"the plan in the statement does not fit the copy: {cause}") from cause


def _settle(found: Findings) -> None:
    if found.faults:
        raise EvidenceError("; ".join(found.faults))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
