"""The corridor of proof: a copy held against its statement, its bytes first and its pictures then.

The numbers go on where `evidence.verify` ends. What must hold besides the bytes:

9. the packets of each group of pictures are those that the statement names, and all of them are shown;
10. the container holds pictures and what was asked for, nothing else;
11. every zone is hidden on every frame, for the whole of its time, and so are the moving masks, where 12 holds;
12. the owner's private file that says where moving masks were is the one that the statement names;
13. with the original: the same frames at the same times, and nothing altered outside the masks;
14. the copy stood still while all this was looked at.

A recipient has no file of tracks, because it tells where people were. Then of the zones only those of type Color are looked at:
how the others are painted depends on what is hidden near them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from privmask.checking import PSNR_FLOOR, Findings, frame_pairs
from privmask.copying import Progress
from privmask.errors import CopyError, EvidenceError, FootageError, PlanError
from privmask.evidence import TRACKS, Check, Examined, Outcome, Statement, Verdict, examine_copy, open_once, record_of
from privmask.masks import FittedMasks, fit_masks
from privmask.stated import Said
from privmask.video import Gop, Source, hash_packets, open_video

if TYPE_CHECKING:
    from privmask.detect.tracks import Tracks

Paths = str | os.PathLike[str]


def verify_copy(
    copy: Paths,
    *,
    original: Paths | None = None,
    tracks: Paths | None = None,
    accept_unsigned: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Verdict:
    """Check a copy against the statement beside it, and against its original where that is given.

    Raises `FootageError` only if one of the files cannot be read at all; everything else is a line of the verdict. An unsigned
    statement breaks the verdict unless `accept_unsigned`: who wrote it is not known. `tracks` is the owner's private file of
    where moving masks were; left out, the one beside the copy is taken if there is one.
    """
    with examine_copy(copy, original=original, accept_unsigned=accept_unsigned) as examined:
        checks = list(examined.checks)
        failed = any(check.outcome == "FAIL" for check in checks)
        if examined.statement is None or failed:
            reason = "its bytes are not those of the statement" if failed else "there is no statement"
            checks += [Check(number, name, "NOT CHECKED", reason) for number, name in _NAMES.items()]
        else:
            own = tracks if tracks is not None else _beside(copy)
            checks += _pictures(examined, examined.statement, original, own, progress or (lambda _: None))
        checks.append(examined.still(14))
    return Verdict(tuple(checks))


_NAMES = {
    9: "packets per group of pictures",
    10: "only pictures",
    11: "zones hidden",
    12: "where moving masks were",
    13: "nothing else altered",
}


def _beside(copy: Paths) -> Paths | None:
    path = os.fspath(copy) + TRACKS
    return path if os.path.lexists(path) else None


def _pictures(
    examined: Examined,
    statement: Statement,
    original: Paths | None,
    tracks: Paths | None,
    told: Callable[[Progress], None],
) -> Iterator[Check]:
    yield _judge(9, lambda: _packets(examined, statement))
    yield _judge(10, lambda: _only_pictures(examined, Said.by(statement)))
    read: list[Tracks] = []
    if statement.search is None:
        which = Check(12, _NAMES[12], "PASS", "none are stated")
    elif tracks is None:
        which = Check(12, _NAMES[12], "NOT CHECKED", "only the copy's owner has the file that tells it", asked=False)
    else:
        which = _judge(12, lambda: _same_tracks(examined, statement, tracks, read))
    yield _zones(examined, statement, read, told)
    yield which
    blind = statement.search is not None and not read
    if original is None or blind:
        reason = (
            "where moving masks were is not known; give the file with --tracks"
            if original
            else "the original was not given"
        )
        yield Check(13, _NAMES[13], "NOT CHECKED", reason, asked=original is not None)
    else:
        yield _judge(13, lambda: _unaltered(examined, _said(statement, read), original, told))


def _zones(examined: Examined, statement: Statement, read: list[Tracks], told: Callable[[Progress], None]) -> Check:
    """Check 11, as far as it can be made."""
    try:
        fixed = bool(_said(statement, read).plan.labels or _said(statement, read).plan.enabled)
    except EvidenceError as error:
        return Check(11, _NAMES[11], "FAIL", str(error))
    if not fixed:
        return Check(11, _NAMES[11], "NOT CHECKED", "it takes the file that tells where moving masks were", asked=False)
    return _judge(11, lambda: _hidden(examined, _said(statement, read), told))


def _said(statement: Statement, read: list[Tracks]) -> Said:
    return replace(Said.by(statement), tracks=read[0] if read else None)


def _same_tracks(examined: Examined, statement: Statement, path: Paths, read: list[Tracks]) -> str:
    from privmask.detect.trackfile import read_tracks

    stated: Any = (statement.search or {})["tracks_file"]
    before = _digest(path)
    if before != (stated["bytes"], stated["sha256"]):
        raise EvidenceError(f"{os.fspath(path)!r} is not the file of tracks that the statement names")
    with _opened(examined) as source:
        tracks = read_tracks(path, source.info.picture.displayed)
    if _digest(path) != before:
        raise EvidenceError(
            "the file of tracks changed while it was read; verify the copy again when nobody writes to it"
        )
    read.append(tracks)
    return f"{len(tracks.keyed)} tracks, sha256 {stated['sha256']}"


def _digest(path: Paths) -> tuple[int, str]:
    with open_once(path) as file:
        found = record_of("", file.readall() or b"")
    return found.bytes, found.sha256


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
        raise EvidenceError(
            f"the copy holds {found.hidden} packets that are never shown, and of which nothing is stated"
        )
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


def _only_pictures(examined: Examined, said: Said) -> str:
    with _opened(examined) as source:
        wanted = {"video", "audio"} if said.audio else {"video"}
        kinds = [found.kind for found in source.found]
        strange = [f"{found.kind} {found.what}".strip() for found in source.found if found.kind not in wanted]
    if strange or len(kinds) != len(set(kinds)):
        raise EvidenceError(f"the container holds more than the statement says: {', '.join(strange or kinds)}")
    return "one video stream" + (" and its sound" if said.audio else "")


def _hidden(examined: Examined, said: Said, told: Callable[[Progress], None]) -> str:
    found = Findings()
    with _opened(examined) as source:
        masks = _fitted(said, source)
        for frame in map(said.as_shown, source.frames()):
            found.look_inside(frame, masks.at(frame, said.sightings(frame)), exact=said.lossless)
            found.frames += 1
            told(Progress("checking", found.frames, said.frames))
    _settle(found)
    if found.frames != said.frames:
        raise EvidenceError(f"the copy shows {found.frames} frames, stated are {said.frames}")
    return f"on all {found.frames} frames; at most {found.residual:.2f} of 255 steps off (frame {found.residual_frame})"


def _unaltered(examined: Examined, said: Said, original: Paths, told: Callable[[Progress], None]) -> str:
    found = Findings()
    with examined.open() as file, open_once(original) as before:
        with open_video(file) as source:
            masks = _fitted(said, source)
        with examined.open() as again:
            for one, other in frame_pairs(before, again, said.reading, times_exact=said.times_exact):
                cover = masks.at(replace(said.as_shown(one), interlaced=other.interlaced), said.sightings(one))
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


def _fitted(said: Said, source: Source) -> FittedMasks:
    try:
        return fit_masks(said.plan, source.info.picture, said.recorded_at)
    except PlanError as cause:
        raise EvidenceError(f"the plan in the statement does not fit the copy: {cause}") from cause


def _settle(found: Findings) -> None:
    if found.faults:
        raise EvidenceError("; ".join(found.faults))
