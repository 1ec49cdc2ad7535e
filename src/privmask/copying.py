"""The corridor of pictures: from an original to a masked, checked copy beside its statement.

`mask_clip` is privmask's main function, and the order of its lines is the safety argument: the original is held and hashed
before a frame is read, only masked frames reach the sink, both files are hashed before a word is stated about them, the
statement is signed as it stands, and the copy gets its name last. Whatever is raised on the way, there is no copy.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from privmask.checking import SelfCheck, check_copy, require_empty
from privmask.errors import CopyError, LateFieldsError
from privmask.evidence import Custody, Draft, Signer, draft_copy, keep_custody, note_bytes, signed_by
from privmask.frame import Frame
from privmask.masks import MaskPlan, Shown, fit_masks, hide
from privmask.passing import PassedThrough, find_passing, passed_of
from privmask.sighting import Label
from privmask.stating import Job, state_job
from privmask.video import PacketHashes, Reading, Writing, container_of, hash_packets, open_video, write_video
from privmask.watching import Looking, Watch


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
    travelled as it is in the original, or why nothing did.
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
    notices: tuple[str, ...]
    passed_through: PassedThrough
    self_check: SelfCheck | None
    sightings: dict[Label, int]
    seconds: dict[str, float]

    def as_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        passed = self.passed_through
        summed = {"groups": len(passed.groups), "frames": passed.frames, "why_not": passed.why_not}
        plain = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(self).items()}
        return {**plain, "passed_through": summed}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a person asked for."""

    plan: MaskPlan
    reading: Reading
    writing: Writing
    looking: Looking
    recorded_at: datetime | None


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
    signer: Signer | None = None,
    progress: Told | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Result:
    """Make `copy` of `original` with the zones of `plan` hidden, and put its signed statement beside it.

    The suffix of `copy` says the container: .mp4 or .mkv for a film, .jpg or .png for a still. `looking` says how faces and
    other things that the plan hides wherever they are seen are looked for. `recorded_at` is the wall-clock time of the first
    frame, which `valid` and `hours` of a mask need. Without a `signer` the statement says that nobody signed it, and it stops
    no forger. The original is only read, and proved to be as it was.
    Raises a `PrivmaskError` and leaves nothing behind where anything is wrong or in doubt.
    """
    writing = replace(writing or Writing(), container=container_of(copy))
    wanted = _Wanted(plan, reading or Reading(), writing, looking or Looking(), recorded_at)
    timer, told = _Stopwatch(), progress or (lambda _: None)
    key_id = None if signer is None else signer.key_id
    with keep_custody(original) as custody, draft_copy(copy, original=custody) as draft:
        timer.lap("evidence")
        try:
            job = _write_masked(custody, draft, wanted, told)
        except LateFieldsError as late:
            # The encoder was opened at the first picture; for interlaced ones it has to be opened anew.
            wanted = replace(wanted, reading=replace(wanted.reading, fields=late.order))
            job = _write_masked(custody, draft, wanted, told)
        timer.lap("masking")
        packets = _hash_packets(draft, job)
        passed = passed_of(job.passing, job.why_not, packets)
        checked = _check(custody, draft, job, passed, told) if self_check else None
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
        self_check=checked,
        sightings=job.watch.seen.counted(),
        seconds=dict(timer.laps),
    )


def _path(name: str | None) -> Path | None:
    return None if name is None else Path(name)


def _write_masked(custody: Custody, draft: Draft, wanted: _Wanted, told: Told) -> Job:
    with custody.open() as file, open_video(file, wanted.reading) as source:
        plan, picture, total = wanted.plan, source.info.picture, source.info.frames_from_header
        masks, shown = fit_masks(plan, picture, wanted.recorded_at), Shown()
        watch = Watch(plan, picture, wanted.looking, wanted.reading.damaged)
        watch.require_of(custody.before)
        if watch.searches_first:
            _search(custody, wanted, watch, told)
        asked = fit_masks(plan, picture, wanted.recorded_at)
        passing, why_not = find_passing(source, asked, watch, wanted.reading, wanted.writing)
        with write_video(draft.path, like=source, writing=wanted.writing, passing=passing) as sink:
            for frame, sightings in watch.over(source.frames(passing.route if passing else None)):
                cover = masks.at(frame, sightings)
                shown.note(frame, cover.tokens)
                if frame.passed:
                    require_empty(frame, cover)
                else:
                    sink.write(hide(frame, cover))
                told(Progress("masking", frame.index + 1, total))
        watch.require_kept(masks.kept)
        return Job(
            plan, wanted.reading, wanted.recorded_at, source.info, masks, shown, sink.tally, source.damage, watch,
            dict(masks.kept), passing, why_not,
        )  # fmt: skip


def _search(custody: Custody, wanted: _Wanted, watch: Watch, told: Told) -> None:
    with custody.open() as file, open_video(file, wanted.reading) as source:
        total = source.info.frames_from_header
        watch.search(_told(source.frames(), lambda frames: told(Progress("searching", frames, total))))


def _told(frames: Iterator[Frame], told: Callable[[int], None]) -> Iterator[Frame]:
    for frame in frames:
        yield frame
        told(frame.index + 1)


def _hash_packets(draft: Draft, job: Job) -> PacketHashes:
    with draft.open() as file:
        packets = hash_packets(file)
    if (packets.packets, packets.hidden) != (job.tally.frames, 0):
        held = f"{packets.packets} packets and {packets.hidden} that are never shown"
        raise CopyError(f"the copy holds {held}, but {job.tally.frames} frames were written; it was thrown away")
    return packets


def _check(custody: Custody, draft: Draft, job: Job, passed: PassedThrough, told: Told) -> SelfCheck:
    with custody.open() as original, draft.open() as copy:
        return check_copy(
            original,
            copy,
            job.masks,
            seen=job.watch.seen,
            reading=job.reading,
            exact=job.tally.lossless,
            times_exact=job.tally.timestamps_exact,
            passed=passed.groups,
            told=lambda frames: told(Progress("checking", frames, job.tally.frames)),
        )


class _Stopwatch:
    """Wall time by stage; a stage may come more than once."""

    def __init__(self) -> None:
        self.laps: defaultdict[str, float] = defaultdict(float)
        self._since = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.laps[stage] += now - self._since
        self._since = now
