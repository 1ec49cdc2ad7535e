"""The nouns of a batch: jobs, what is said of them while they run, and what comes of them. All of them can be sent about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias

from privmask.copying import Progress
from privmask.language import Text
from privmask.masks import MaskPlan
from privmask.video import Reading, Writing

Ending: TypeAlias = Literal["made", "there", "failed", "left"]
"""The copy was made, was there already, could not be made, or was not begun or broken off when the batch was interrupted."""


@dataclass(frozen=True, slots=True)
class Options:
    """What holds for every job: how footage is read and searched, and how copies are written and checked."""

    reading: Reading = Reading()
    writing: Writing = Writing()
    two_pass: bool = False
    self_check: bool = True

    def on(self, threads: int) -> Options:
        """The same with so many threads for each job."""
        reading, writing = replace(self.reading, threads=threads), replace(self.writing, threads=threads)
        return replace(self, reading=reading, writing=writing)


@dataclass(frozen=True, slots=True)
class Job:
    """One copy that is to be there; `number` counts from 1, paths are absolute.

    `key_id` is the fingerprint of the key that signs it, None for nobody.
    """

    number: int
    original: str
    copy: str
    plan: MaskPlan
    recorded_at: datetime | None
    options: Options
    key_id: str | None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a job may take: seconds without a sign of life, new attempts after its worker died or hung, bytes of memory."""

    seconds: float = 1800
    retries: int = 2
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class Began:
    """A worker has begun a job, for the `attempt`th time from 1."""

    number: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Told:
    """How far a job is."""

    number: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job.

    `code` is the exit code of `privmask mask` for it, and `kind` the kind of its error, "" where there is none. `frames` and
    `sha256`, that of the copy's bytes, are those of its statement. `seconds` is wall time from its first attempt.
    """

    number: int
    ending: Ending
    code: int = 0
    kind: str = ""
    message: Text | None = None
    frames: int | None = None
    sha256: str | None = None
    attempts: int = 1
    seconds: float = 0.0
    notices: tuple[Text, ...] = ()

    def as_data(self, job: Job) -> dict[str, Any]:
        """Plain data for JSON."""
        error = None
        if self.code:
            error = {"kind": self.kind, "message": str(self.message), "ja": self.message and self.message.ja}
        return {
            "job": self.number,
            "original": job.original,
            "copy": job.copy,
            "camera": job.plan.camera or None,
            "ending": self.ending,
            "exit_code": self.code,
            "error": error,
            "frames": self.frames,
            "sha256": self.sha256,
            "attempts": self.attempts,
            "seconds": round(self.seconds, 3),
            "notices": list(map(str, self.notices)),
        }


Event: TypeAlias = Began | Told | Outcome


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker stands and waits for jobs."""


@dataclass(frozen=True, slots=True)
class Busy:
    """Another run makes this copy just now."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A worker asks for the signature of a statement."""

    statement: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """No signature, and why."""

    why: str


Answer: TypeAlias = bytes | Refusal
Message: TypeAlias = Ready | Busy | Ask | Progress | Outcome
"""What a worker says."""
