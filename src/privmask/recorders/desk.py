"""What comes of a segment: written down first, then told, then counted."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from privmask.batch import Job, Outcome
from privmask.errors import EvidenceError, OriginalChangedError
from privmask.evidence import PROVENANCE, Signer, read_statement
from privmask.language import Text
from privmask.recorders import saying
from privmask.recorders.intake import GONE, Unfit, Wanted, copy_of
from privmask.recorders.judging import Verdict, judged
from privmask.recorders.ledger import VANISHED, Ledger
from privmask.recorders.recorder import Segment
from privmask.recorders.status import Status
from privmask.recorders.waiting import Item, Line

_LONGEST_PAUSE = 60.0


@dataclass(slots=True)
class Pause:
    """Nothing begins until then, because of trouble that is not a segment's; longer each time, and told once."""

    clock: Callable[[], float]
    until: float = 0.0
    _length: float = 1.0

    def begin(self) -> None:
        """Wait for a while, or a while longer."""
        self.until = self.clock() + self._length
        self._length = min(2 * self._length, _LONGEST_PAUSE)

    def end(self) -> None:
        """All is well again."""
        self.until, self._length = 0.0, 1.0

    @property
    def over(self) -> bool:
        """Whether something may begin."""
        return self.clock() >= self.until


@dataclass(slots=True)
class Desk:
    """Where segments leave the line: with a copy, with a notice, or to wait once more.

    `again` takes segments that are to be looked at anew. `told` hears what people should know.
    """

    wanted: Wanted
    ledger: Ledger
    line: Line
    status: Status
    pause: Pause
    signer: Signer | None
    told: Callable[[Text], None]
    now: Callable[[], float]
    clock: Callable[[], float]
    again: list[Segment] = field(default_factory=list)

    def job(self, number: int, item: Item) -> Job:
        """The job that makes its copy."""
        asked = self.wanted
        return Job(number, item.ticket.path, item.copy, item.plan, item.recorded_at, asked.options, asked.key_id)

    def ended(self, item: Item, outcome: Outcome) -> None:
        """Deal with what came of its job; one that was broken off waits again."""
        self.status.deaths += outcome.attempts - 1
        if outcome.ending in ("made", "there"):
            self.status.frames += outcome.frames or 0
            self.status.seconds += outcome.seconds
            self.finish(item, outcome.ending, _content_of(item), item.copy, outcome)
        elif outcome.ending == "left":
            self.line.add(item)
        else:
            self._failed(item, outcome)

    def finish(self, item: Item, ending: str, content: str | None, copy: str, outcome: Outcome | None = None) -> None:
        """Write down that its copy is there."""
        more: dict[str, Any] = {"copy": copy, "ending": ending, "camera": item.plan.camera or None}
        try:
            self.ledger.finish(item.ticket, content, more)
        except OSError as error:
            self._stuck(item, error)
            return
        self.mended()
        self.status.done += 1
        self.status.counts[ending] += 1
        self.status.quarantined = self.ledger.count_notices()
        self.told(saying.finished(item, ending, copy, outcome))

    def changed(self, item: Item) -> None:
        """It vanished, or another state of it is there now, which is another segment."""
        if not os.path.lexists(item.ticket.path):
            self._put_aside_item(item, Unfit(item.ticket, VANISHED, OriginalChangedError.exit_code, GONE), 0)
            return
        self.again.append(Segment(item.ticket.path))
        self.ledger.drop(item.ticket)
        self.status.counts["rewritten"] += 1
        self.told(saying.rewritten(item))

    def put_aside(self, unfit: Unfit, attempts: int = 0) -> None:
        """Leave a notice, and nothing else. Raises OSError where the disk refuses."""
        at = datetime.fromtimestamp(self.now(), UTC).isoformat()
        why = {"kind": unfit.kind, "exit_code": unfit.code, "reason": unfit.why.en, "reason_ja": unfit.why.ja}
        rest = {"attempts": attempts, "at": at, "original": "left as it is", "copy": None}
        notice = self.ledger.quarantine(unfit.ticket, {**why, **rest})
        self.status.counts["vanished" if unfit.kind == VANISHED else "quarantined"] += 1
        self.status.quarantined = self.ledger.count_notices()
        self.told(saying.put_aside(unfit, notice))

    def later(self, item: Item, seconds: float) -> None:
        """It waits again, at least so long."""
        item.not_before = self.clock() + seconds
        self.line.add(item)

    def trouble(self, why: Text) -> None:
        """Nothing begins for a while."""
        if self.status.trouble is None:
            self.told(saying.TROUBLE.with_(why=why))
        self.status.trouble = why.en
        self.pause.begin()

    def mended(self) -> None:
        """Something could be written down: whatever was wrong is over."""
        if self.status.trouble is not None:
            self.told(saying.MENDED)
        self.status.trouble = None
        self.pause.end()

    def _failed(self, item: Item, outcome: Outcome) -> None:
        why = outcome.message or Text(outcome.kind, outcome.kind)
        renamed = copy_of(item.ticket.path, self.wanted, f".{item.ticket.segment[:8]}")
        match judged(item, outcome, self.signer, renamed=item.copy == renamed):
            case Verdict.CHANGED:
                self.changed(item)
            case Verdict.RENAME:
                item.copy = renamed
                self.later(item, 0)
            case Verdict.TROUBLE:
                self.later(item, 0)
                self.trouble(why)
            case Verdict.AGAIN:
                item.attempts += 1
                self.later(item, 2.0**item.attempts)
            case Verdict.QUARANTINE:
                unfit = Unfit(item.ticket, outcome.kind, outcome.code, why)
                self._put_aside_item(item, unfit, outcome.attempts + item.attempts)

    def _put_aside_item(self, item: Item, unfit: Unfit, attempts: int) -> None:
        try:
            self.put_aside(unfit, attempts)
        except OSError as error:
            self._stuck(item, error)

    def _stuck(self, item: Item, error: OSError) -> None:
        self.later(item, 0)
        self.trouble(saying.NOT_WRITTEN.with_(why=error.strerror))


def hash_of(path: str) -> str | None:
    """The hash of a file's bytes; None where it cannot be read."""
    hashed = sha256()
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            while block := file.read(1 << 20):
                hashed.update(block)
    except OSError:
        return None
    return hashed.hexdigest()


def _content_of(item: Item) -> str | None:
    """The hash of the original's bytes: as the copy's statement gives it, or of the file where the copy is in a vault."""
    try:
        return read_statement(Path(item.copy + PROVENANCE).read_bytes()).original_after.sha256
    except (OSError, EvidenceError):
        return hash_of(item.ticket.path) if item.ticket.stands() else None
