"""The corridor of pictures: from an original to a masked, checked copy beside its statement.

`mask_clip` is privmask's main function, and the order of its lines is the safety argument: the original is held and hashed
before a frame is read, only masked frames reach the sink, both files are hashed before a word is stated about them, and the
copy gets its name last. Whatever is raised on the way, there is no copy.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from privmask.checking import SelfCheck, check_copy
from privmask.errors import CopyError, LateFieldsError
from privmask.evidence import Custody, Draft, draft_copy, keep_custody
from privmask.masks import MaskPlan, Shown, fit_masks, hide
from privmask.stating import Job, state_job
from privmask.video import PacketHashes, Reading, Writing, container_of, hash_packets, open_video, write_video


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: `frames` of `total` (None when the container does not say) in its present stage."""

    stage: Literal["masking", "checking"]
    frames: int
    total: int | None


Told = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Result:
    """What a finished job leaves: the copy and its statement, and what a person should be told.

    `seconds` is the wall time of the stages "masking", "checking" and "evidence" (hashing and publishing).
    """

    copy: Path
    statement: Path
    frames: int
    codec_in: str
    codec_out: str
    notices: tuple[str, ...]
    self_check: SelfCheck | None
    seconds: dict[str, float]

    def as_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self) | {"copy": str(self.copy), "statement": str(self.statement)}


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
    recorded_at: datetime | None = None,
    self_check: bool = True,
    progress: Told | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Result:
    """Make `copy` of `original` with the zones of `plan` hidden, and put its statement beside it.

    The suffix of `copy` says the container: .mp4 or .mkv for a film, .jpg or .png for a still. `recorded_at` is the wall-clock
    time of the first frame, which `valid` and `hours` of a mask need. The original is only read, and proved to be as it was.
    Raises a `PrivmaskError` and leaves nothing behind where anything is wrong or in doubt.
    """
    reading, writing = reading or Reading(), replace(writing or Writing(), container=container_of(copy))
    watch, told = _Stopwatch(), progress or (lambda _: None)
    with keep_custody(original) as custody, draft_copy(copy, original=custody) as draft:
        watch.lap("evidence")
        try:
            job = _write_masked(custody, draft, plan, reading, writing, recorded_at, told)
        except LateFieldsError as late:
            # The encoder was opened at the first picture; for interlaced ones it has to be opened anew.
            reading = replace(reading, fields=late.order)
            job = _write_masked(custody, draft, plan, reading, writing, recorded_at, told)
        watch.lap("masking")
        packets = _hash_packets(draft, job)
        checked = _check(custody, draft, job, told) if self_check else None
        watch.lap("checking")
        statement = state_job(job, custody, draft, packets, checked, clock())
        published = draft.publish(statement)
        watch.lap("evidence")
    return Result(
        copy=Path(published.copy),
        statement=Path(published.statement),
        frames=job.tally.frames,
        codec_in=job.info.codec,
        codec_out=job.tally.codec,
        notices=(*job.notices, *draft.notices),
        self_check=checked,
        seconds=dict(watch.laps),
    )


def _write_masked(
    custody: Custody,
    draft: Draft,
    plan: MaskPlan,
    reading: Reading,
    writing: Writing,
    recorded_at: datetime | None,
    told: Told,
) -> Job:
    with custody.open() as file, open_video(file, reading) as source:
        masks, shown, total = fit_masks(plan, source.info.picture, recorded_at), Shown(), source.info.frames_from_header
        with write_video(draft.path, like=source, writing=writing) as sink:
            for frame in source.frames():
                cover = masks.at(frame)
                shown.note(frame, cover.tokens)
                sink.write(hide(frame, cover))
                told(Progress("masking", frame.index + 1, total))
        return Job(plan, reading, recorded_at, source.info, masks, shown, sink.tally, source.damage)


def _hash_packets(draft: Draft, job: Job) -> PacketHashes:
    with draft.open() as file:
        packets = hash_packets(file)
    if (packets.packets, packets.hidden) != (job.tally.frames, 0):
        held = f"{packets.packets} packets and {packets.hidden} that are never shown"
        raise CopyError(f"the copy holds {held}, but {job.tally.frames} frames were written; it was thrown away")
    return packets


def _check(custody: Custody, draft: Draft, job: Job, told: Told) -> SelfCheck:
    with custody.open() as original, draft.open() as copy:
        return check_copy(
            original,
            copy,
            job.masks,
            reading=job.reading,
            exact=job.tally.lossless,
            times_exact=job.tally.timestamps_exact,
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
