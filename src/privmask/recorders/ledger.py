"""What is known of segments, on the disk: which wait, are done, or lie in quarantine. A kill at any line loses nothing.

Beside the copies stands the folder `.privmask-watch`: `jobs/` has a file for each segment that waits, `done/` one for each that
has its copy, `contents/` the same by size and hash of the segment's bytes; `quarantine/` stands open beside the copies, with a
notice for each segment that cannot be masked. Every file is made whole by link(), which replaces nothing; a job goes only when
what came of it stands. The original itself is never moved, altered or deleted.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from privmask.errors import CopyError
from privmask.language import Text
from privmask.recorders.recorder import Segment
from privmask.recorders.records import held, held_folder, read_whole, write_new, write_over

FOLDER = ".privmask-watch"
QUARANTINE = "quarantine"
JOB_FORMAT = "privmask.watch-job.v1"
DONE_FORMAT = "privmask.watch-done.v1"
NOTICE_FORMAT = "privmask.quarantine.v1"
VANISHED = "Vanished"
"""The kind of notice that ends when the file is there again."""

_LONGEST_NAME = 160


@dataclass(frozen=True, slots=True)
class Ticket:
    """One state of one segment: its real path, how the file stood when it was finished, and the hash of its plan."""

    path: str
    inode: int
    size: int
    mtime_ns: int
    plan: str

    @property
    def id(self) -> str:
        """The number of the job: the same for the same state and plan, however often it is delivered."""
        return _hashed(self.path, self.inode, self.size, self.mtime_ns, self.plan)

    @property
    def segment(self) -> str:
        """The number of the segment, whatever plan it is masked with."""
        return _hashed(self.path, self.inode, self.size, self.mtime_ns)

    def stands(self) -> bool:
        """Whether the file is still as it was."""
        try:
            found = os.lstat(self.path)
        except OSError:
            return False
        return (found.st_ino, found.st_size, found.st_mtime_ns) == (self.inode, self.size, self.mtime_ns)


class Ledger:
    """The records below the folder of copies; held by one watcher alone, until `close`.

    Raises PlanError where another watcher holds it, and CopyError where it cannot be written.
    """

    def __init__(self, copies: str, watched: str) -> None:
        self._place, self._notices = Path(copies, FOLDER), Path(copies, QUARANTINE)
        with in_words(copies):
            for folder in (self._place / "jobs", self._place / "done", self._place / "contents", self._notices):
                folder.mkdir(0o700, parents=True, exist_ok=True)
            self._locks = [held(self._place / "lock", watched), *held_folder(watched)]
        for path in (*self._place.rglob(".draft-*"), *self._notices.glob(".draft-*")):
            path.unlink()

    def close(self) -> None:
        """Let the next watcher in."""
        for lock in self._locks:
            os.close(lock)

    def accept(self, ticket: Ticket, segment: Segment) -> bool:
        """Write down that it waits; false where that is known already. Raises OSError where the disk refuses."""
        told = {"camera": segment.camera, "time": segment.time and segment.time.isoformat()}
        return write_new(self._job(ticket), {"format": JOB_FORMAT, **asdict(ticket), "told": told})

    def waiting(self) -> Iterator[tuple[Ticket, Segment]]:
        """Those that were accepted and not done with, in no order, with what their recorder told of them."""
        for path in (self._place / "jobs").iterdir():
            match read_whole(path):
                case {"format": form, "told": {"camera": camera, "time": time}, **of} if form == JOB_FORMAT:
                    parts: Any = [of[name] for name in ("path", "inode", "size", "mtime_ns", "plan")]
                    ticket = Ticket(*parts)
                    yield ticket, Segment(ticket.path, time and datetime.fromisoformat(time), camera)

    def done_with(self, ticket: Ticket) -> str | None:
        """The hash of the plan with which this state of the segment got its copy; None where it has none."""
        data = read_whole(self._done(ticket))
        return None if data is None else str(data.get("plan"))

    def finish(self, ticket: Ticket, content: str | None, more: dict[str, Any]) -> None:
        """Write down that it is done; `content` is the hash of its bytes. Raises OSError where the disk refuses."""
        done = {"format": DONE_FORMAT, **asdict(ticket), "content": content, **more}
        if not write_new(self._done(ticket), done):
            write_over(self._done(ticket), done)  # it had a copy of another plan
        if content is not None:
            place = self._content(ticket.size, content, ticket.plan)
            place.parent.mkdir(0o700, exist_ok=True)
            write_new(place, done)
        self.lift(ticket.path)
        self.drop(ticket)

    def drop(self, ticket: Ticket) -> None:
        """Strike it from those that wait."""
        self._job(ticket).unlink(missing_ok=True)

    def may_be_known(self, size: int) -> bool:
        """Whether a segment of this size is done, so that it is worth while to hash another one."""
        return (self._place / "contents" / str(size)).is_dir()

    def copy_of(self, ticket: Ticket, content: str) -> str | None:
        """The copy that was made of these very bytes with the same plan, under whatever name they came."""
        data = read_whole(self._content(ticket.size, content, ticket.plan))
        return None if data is None else str(data.get("copy"))

    def quarantine(self, ticket: Ticket, more: dict[str, Any]) -> Path:
        """Leave a notice why it has no copy. Raises OSError where the disk refuses."""
        path = self._notice(ticket)
        write_new(path, {"format": NOTICE_FORMAT, **asdict(ticket), **more})
        self.drop(ticket)
        return path

    def notice_of(self, ticket: Ticket) -> dict[str, Any] | None:
        """The notice of this state of the segment with this plan. One that says that it had vanished does not count."""
        data = read_whole(self._notice(ticket))
        return None if data is None or data.get("kind") == VANISHED else data

    def count_done(self) -> int:
        """How many states of segments have their copies."""
        return sum(1 for _ in os.scandir(self._place / "done"))

    def count_notices(self) -> int:
        """How many segments are in quarantine."""
        return sum(1 for _ in self._notices.glob("*.json"))

    def lift(self, path: str) -> None:
        """Take the notices of earlier states of this file away: now it has its copy."""
        for notice in self._notices.glob(f"*.{_hashed(path)[:8]}-*.json"):
            data = read_whole(notice)
            if data is not None and data.get("path") == path:
                notice.unlink(missing_ok=True)

    def forget(self, before: float) -> None:
        """Drop records, older than `before` (seconds since 1970), of originals that are gone."""
        for folder in (self._place / "done", self._place / "contents"):
            for path in folder.rglob("*.json"):
                if path.stat().st_mtime < before and not os.path.lexists((read_whole(path) or {}).get("path", "")):
                    path.unlink()

    def _job(self, ticket: Ticket) -> Path:
        return self._place / "jobs" / f"{ticket.id}.json"

    def _done(self, ticket: Ticket) -> Path:
        return self._place / "done" / f"{ticket.segment}.json"

    def _content(self, size: int, content: str, plan: str) -> Path:
        return self._place / "contents" / str(size) / f"{content}-{plan[:16]}.json"

    def _notice(self, ticket: Ticket) -> Path:
        name = os.fsencode(os.path.basename(ticket.path))[:_LONGEST_NAME].decode("utf-8", "ignore")
        return self._notices / f"{name}.{_hashed(ticket.path)[:8]}-{ticket.id[:16]}.json"


def _hashed(*parts: str | int) -> str:
    return sha256("|".join(map(str, parts)).encode("utf-8", "surrogateescape")).hexdigest()


@contextlib.contextmanager
def in_words(copies: str) -> Iterator[None]:
    """What the disk refuses is a CopyError."""
    try:
        yield
    except OSError as cause:
        raise CopyError(_NOT_WRITTEN.with_(folder=repr(copies), why=cause.strerror)) from cause


_NOT_WRITTEN = Text("{folder} に記録を書けません（{why}）", "the records in {folder} cannot be written: {why}")
