"""What a finished job says about itself: its parts, gathered into the words of the statement."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from importlib import metadata
from typing import Any

from privmask.checking import SelfCheck
from privmask.evidence import TRACKS, Content, Custody, Draft, Encoded, record_of, state
from privmask.language import Text
from privmask.masks import FittedMasks, MaskPlan, Shown, notices
from privmask.masks.shown import Range
from privmask.parts.cutting import Cut, Parts
from privmask.passing import PassedThrough
from privmask.video import PacketHashes, Passing, Reading, Sections, Tally, VideoInfo, ffmpeg_version
from privmask.video.sections import AS_ALWAYS
from privmask.watching import Watch

_LIBRARIES = ("av", "numba", "numpy", "rfc8785")
_SEARCHING = ("onnxruntime",)


@dataclass(frozen=True, slots=True)
class Job:
    """A draft whose pictures are written: what was asked for, what was found, what was done."""

    plan: MaskPlan
    reading: Reading
    recorded_at: datetime | None
    info: VideoInfo
    masks: FittedMasks
    shown: Shown
    tally: Tally
    damage: tuple[Text, ...]
    watch: Watch
    kept: dict[str, int]
    passing: Passing | None = None
    why_not: str = ""
    cut: Cut | None = None
    why_whole: str = ""
    sections: Sections = AS_ALWAYS
    searched: Parts | None = None

    @property
    def notices(self) -> tuple[Text, ...]:
        """What a person should be told."""
        return (*notices(self.plan), *self.masks.notices, *self.tally.notices, *self.damage, *self.watch.notices)


def state_job(
    job: Job,
    custody: Custody,
    draft: Draft,
    packets: PacketHashes,
    passed: PassedThrough,
    checked: SelfCheck | None,
    tracks: Content | None,
    clock: datetime,
    key_id: str | None,
) -> bytes:
    """The statement about a finished job; both files are hashed here, the original for the second time.

    `tracks` is the owner's private file, or None where nothing moves; `key_id` is the key that is to sign, or None.
    """
    return state(
        original=custody.recheck(),
        copy=draft.record(),
        encoded=_encoded(job, packets, passed),
        plan=job.plan.as_data(),
        masks=[_mask_data(job, index) for index in range(len(job.masks.masks))],
        reading=_reading_data(job),
        self_check=checked.as_data() if checked else None,
        tool=tool_card(searched=job.watch.detector_looked),
        clock=clock,
        notices=(*job.notices, *draft.notices),
        search=None if tracks is None else _search_data(job, draft.name, tracks),
        signer=key_id,
    )


def tool_card(*, searched: bool = False) -> dict[str, str]:
    """Versions of privmask, Python and the libraries that decide what a copy looks like."""
    names = ("privmask", *_LIBRARIES, *(_SEARCHING if searched else ()))
    versions = {name: metadata.version(name) for name in names}
    return {**versions, "ffmpeg": ffmpeg_version(), "python": platform.python_version(), "machine": platform.machine()}


def _mask_data(job: Job, index: int) -> dict[str, Any]:
    mask = job.masks.masks[index]
    shown = _in_seconds(job.shown.ranges.get(mask.token, []), job.info.time_base)
    return {"token": mask.token, "type": mask.type, "shown": shown}


def _reading_data(job: Job) -> dict[str, Any]:
    return {
        "stream": job.info.stream,
        "damaged": job.reading.damaged,
        "recorded_at": job.recorded_at and job.recorded_at.isoformat(),
        "whole": _in_seconds(job.shown.whole, job.info.time_base),
    }


def _search_data(job: Job, copy: str, tracks: Content) -> dict[str, Any]:
    files = {"tracks_file": record_of(copy + TRACKS, tracks), "given": job.watch.given}
    return {**job.watch.as_data(job.kept), **files}


def _encoded(job: Job, packets: PacketHashes, passed: PassedThrough) -> Encoded:
    return Encoded(
        stream_sha256=packets.stream_sha256,
        gops=packets.gops,
        frames_in=job.tally.frames,
        frames_out=packets.packets,
        time_base=job.info.time_base,
        timestamps_exact=job.tally.timestamps_exact,
        streams=job.tally.streams,
        encoder=_encoder_data(job.tally, job.sections),
        passed_through=passed.as_data(),
    )


def _encoder_data(tally: Tally, sections: Sections) -> dict[str, Any]:
    """How the copy was encoded; whether by one process or by several is nobody's to see, and makes no difference."""
    cut = {"seconds": Fraction(sections.seconds), "frames": sections.frames, "starts": tally.starts}
    return {
        **({"sections": cut} if len(tally.starts) > 1 else {}),
        "codec": tally.codec,
        "container": tally.container,
        "encoder": tally.encoder,
        "settings": tally.settings,
        "lossless": tally.lossless,
        "audio_packets": tally.audio_packets,
    }


def _in_seconds(ranges: list[Range], time_base: Fraction) -> list[list[Fraction | None]]:
    return [[start * time_base, None if end is None else end * time_base] for start, end in ranges]
