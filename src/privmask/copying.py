"""The corridor of pictures: from an original to a masked, checked copy beside its statement.

`mask_clip` is privmask's main function, and the order of its lines is the safety argument: the original is held and hashed
before a frame is read, only masked frames reach the sink, both files are hashed before a word is stated about them, the
statement is signed as it stands, and the copy gets its name last. Whatever is raised on the way, there is no copy.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from privmask.checking import SelfCheck, check_copy, require_empty
from privmask.errors import CopyError, LateFieldsError
from privmask.evidence import Custody, Draft, Signer, draft_copy, keep_custody, note_bytes, signed_by
from privmask.language import Text
from privmask.masks import FittedMasks, MaskPlan, Shown, fit_masks, hide
from privmask.parts import Crew, Parts, check_in_parts, find_cut, mask_in_parts, require_jobs, search_clip
from privmask.passing import PassedThrough, covered, find_passing, passed_of
from privmask.sighting import Label
from privmask.stating import Job, state_job
from privmask.stopwatch import Stopwatch
from privmask.video import (
    PacketHashes,
    Passing,
    Reading,
    Source,
    Tally,
    Writing,
    container_of,
    hash_packets,
    open_video,
    require_carried,
    write_video,
)
from privmask.wanted import Wanted
from privmask.watching import Looking, Watch
from privmask.workers import DEPTH


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: `frames` of `total` (None when the container does not say) in its present stage."""

    stage: Literal["searching", "drawing", "masking", "checking"]
    frames: int
    total: int | None


Told = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Result:
    """What a finished job leaves: the copy and its companions, and what a person should be told.

    `key_id` is the fingerprint of the key that signed; it and `signature` are None where no signer was given. `note` tells the
    recipient how to check the copy. `tracks` is the owner's private file of where moving masks were, and `sightings` counts
    their tracks by label; for a plan without any they are None and empty. `seconds` is the wall time of the stages "masking"
    (with a first pass of searching), "checking" and "evidence" (hashing, signing and publishing). `passed_through` says what
    travelled as it is in the original, or why nothing did, and `parts` how many processes did the work, or why it was one;
    `search_parts` says the same of the search before it, where there was one.
    """

    copy: Path
    statement: Path
    signature: Path | None
    note: Path | None
    tracks: Path | None
    key_id: str | None
    frames: int
    codec_in: str
    codec_out: str
    notices: tuple[Text, ...]
    passed_through: PassedThrough
    parts: Parts
    search_parts: Parts | None
    self_check: SelfCheck | None
    sightings: dict[Label, int]
    seconds: dict[str, float]

    def as_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        passed = self.passed_through
        summed = {"groups": len(passed.groups), "frames": passed.frames, "why_not": passed.why_not}
        plain = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(self).items()}
        return {**plain, "notices": tuple(map(str, self.notices)), "passed_through": summed}


@dataclass(frozen=True, slots=True)
class _Hands:
    """What a job is done with: the files that are held, the processes that may be begun, and whoever wants to know."""

    custody: Custody
    draft: Draft
    crew: Crew
    told: Told


def utc_now() -> datetime:
    """The present moment; tests pass a clock of their own."""
    return datetime.now(UTC)


def mask_clip(
    original: str | os.PathLike[str],
    copy: str | os.PathLike[str],
    plan: MaskPlan,
    *,
    reading: Reading | None = None,
    writing: Writing | None = None,
    looking: Looking | None = None,
    recorded_at: datetime | None = None,
    self_check: bool = True,
    jobs: int = 1,
    signer: Signer | None = None,
    progress: Told | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Result:
    """Make `copy` of `original` with the zones of `plan` hidden, and put its signed statement beside it.

    The suffix of `copy` says the container: .mp4, .mkv or .ts for a film, .jpg or .png for a still. `looking` says how faces
    and other things that the plan hides wherever they are seen are looked for. `recorded_at` is the wall-clock time of the
    first frame, which `valid` and `hours` of a mask need. Up to `jobs` processes share the work on a clip of more than one
    section (`Writing.sections`), where that is safe; it makes no difference to the copy. Without a `signer` the statement says
    that nobody signed it, and it stops no forger. The original is only read, and proved to be as it was.
    Raises a `PrivmaskError` and leaves nothing behind where anything is wrong or in doubt.
    """
    require_jobs(jobs)
    writing = replace(writing or Writing(), container=container_of(copy))
    wanted = Wanted(plan, reading or Reading(), writing, looking or Looking(), recorded_at)
    timer, told = Stopwatch(), progress or (lambda _: None)
    key_id = None if signer is None else signer.key_id
    with keep_custody(original) as custody, draft_copy(copy, original=custody) as draft, Crew(jobs) as crew:
        hands = _Hands(custody, draft, crew, told)
        timer.lap("evidence")
        try:
            job = _write_masked(hands, wanted)
        except LateFieldsError as late:
            # The encoder was opened at the first picture; for interlaced ones it has to be opened anew.
            wanted = replace(wanted, reading=replace(wanted.reading, fields=late.order))
            job = _write_masked(hands, wanted)
        timer.lap("masking")
        packets = _hash_packets(draft, job)
        passed = passed_of(job.passing, job.why_not, packets)
        checked = _check(hands, job, passed) if self_check else None
        parts = Parts(crew.dismiss() if job.cut else 1, max(1, len(job.tally.starts)), job.why_whole or None)
        timer.lap("checking")
        tracks = job.watch.file()
        statement = state_job(job, custody, draft, packets, passed, checked, tracks, clock(), key_id)
        signature = None if signer is None else signed_by(signer, statement)
        published = draft.publish(statement, signature=signature, note=note_bytes(statement), tracks=tracks)
        timer.lap("evidence")
    return Result(
        copy=Path(published.copy),
        statement=Path(published.statement),
        signature=_path(published.signature),
        note=_path(published.note),
        tracks=_path(published.tracks),
        key_id=key_id,
        frames=job.tally.frames,
        codec_in=job.info.codec,
        codec_out=job.tally.codec,
        notices=(*job.notices, *draft.notices),
        passed_through=passed,
        parts=parts,
        search_parts=job.searched,
        self_check=checked,
        sightings=job.watch.seen.counted(),
        seconds=dict(timer.laps),
    )


def _path(name: str | None) -> Path | None:
    return None if name is None else Path(name)


def _write_masked(hands: _Hands, wanted: Wanted) -> Job:
    custody, plan = hands.custody, wanted.plan
    with custody.open() as file, open_video(file, wanted.reading) as source:
        require_carried(source, wanted.writing)
        picture = source.info.picture
        masks, shown = fit_masks(plan, picture, wanted.recorded_at), Shown()
        watch = Watch(plan, picture, wanted.looking, wanted.reading.damaged)
        watch.require_of(custody.before)
        searched = _search(hands, wanted, watch) if watch.searches_first else None
        asked = fit_masks(plan, picture, wanted.recorded_at)
        passing, why_not = find_passing(source, asked, watch, wanted.reading, wanted.writing)
        cut, why_whole = find_cut(source, watch, passing, wanted.reading, wanted.writing, hands.crew.jobs)
        if cut is None:
            tally = _write_whole(hands, wanted, source, watch, masks, shown, passing)
        else:
            watched, told = watch.over(source.undecoded(cut.route)), _counted(hands, len(cut.table.times))
            tally = mask_in_parts(cut, hands.crew, custody, hands.draft, source, wanted, watched, masks, shown, told)
        watch.require_kept(masks.kept)
        return Job(
            plan, wanted.reading, wanted.recorded_at, source.info, masks, shown, tally, source.damage, watch,
            dict(masks.kept), passing, why_not, cut, why_whole, wanted.writing.sections, searched,
        )  # fmt: skip


def _write_whole(
    hands: _Hands,
    wanted: Wanted,
    source: Source,
    watch: Watch,
    masks: FittedMasks,
    shown: Shown,
    passing: Passing | None,
) -> Tally:
    total = source.info.frames_from_header
    waiting, source.ahead = (DEPTH, 1) if watch.knows_ahead else (1, 0)  # a search takes longer than all else
    with (
        write_video(hands.draft.path, source, wanted.writing, passing, waiting=waiting) as sink,
        closing(covered(source, watch, masks, passing)) as frames,
    ):
        for frame, cover in frames:
            shown.note(frame, cover.tokens)
            if frame.passed:
                require_empty(frame, cover)
            else:
                sink.write(hide(frame, cover))
            hands.told(Progress("masking", frame.index + 1, total))
    return sink.tally


def _counted(hands: _Hands, total: int) -> Callable[[int], None]:
    return lambda frames: hands.told(Progress("masking", frames, total))


def _search(hands: _Hands, wanted: Wanted, watch: Watch) -> Parts:
    def told(frames: int, total: int | None) -> None:
        hands.told(Progress("searching", frames, total))

    return search_clip(hands.custody, hands.crew, watch, wanted.reading, wanted.writing.sections, told)[0]


def _hash_packets(draft: Draft, job: Job) -> PacketHashes:
    with draft.open() as file:
        packets = hash_packets(file)
    if (packets.packets, packets.hidden) != (job.tally.frames, 0):
        held = f"{packets.packets} packets and {packets.hidden} that are never shown"
        raise CopyError(f"the copy holds {held}, but {job.tally.frames} frames were written; it was thrown away")
    return packets


def _check(hands: _Hands, job: Job, passed: PassedThrough) -> SelfCheck:
    seen, exact, times_exact = job.watch.seen, job.tally.lossless, job.tally.timestamps_exact

    def told(frames: int) -> None:
        hands.told(Progress("checking", frames, job.tally.frames))

    with hands.custody.open() as original, hands.draft.open() as copy:
        if job.cut:
            checked = check_in_parts(
                job.cut, hands.crew, hands.draft, seen, exact=exact, times_exact=times_exact, told=told
            )
            if checked:
                return checked
        return check_copy(
            original,
            copy,
            job.masks,
            seen=seen,
            reading=job.reading,
            exact=exact,
            times_exact=times_exact,
            passed=passed.groups,
            container=job.tally.container,
            told=told,
        )
