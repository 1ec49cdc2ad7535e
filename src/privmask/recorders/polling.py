"""A folder that is looked through again and again: a file is finished when its size and time have stood still.

For network file systems, which tell nobody of what other machines do, and as the safety net below inotify.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from privmask.batch.listing import CLIPS, STILLS
from privmask.errors import FootageError
from privmask.language import Text
from privmask.recorders.recorder import Segment

Stand: TypeAlias = tuple[int, int, int]
"""Inode, bytes, and time of modification in ns: what changes when somebody writes."""


@dataclass(slots=True)
class _Seen:
    """A file as it was at the last look: since when it stands still, and whether it was named so."""

    stand: Stand
    since: float
    named: bool = False


class PollingRecorder:
    """The files below `folder`, each when it has stood still for `still` seconds; links and what hides are left out.

    It looks at once, after `still` seconds, and then every `every` seconds (`again` begins anew); with `looks` it ends after
    so many. What lies in `left_out` is not ours.
    A file that another process is known to hold open for writing is not finished, however still it stands.
    """

    def __init__(
        self,
        folder: str,
        *,
        left_out: str | None = None,
        still: float = 5.0,
        every: float = 2.0,
        looks: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._folder, self._left_out, self._still, self._every = folder, left_out, still, every
        self._clock, self._sleep = clock, sleep
        self._seen: dict[str, _Seen] = {}
        self._due, self._first = clock(), True
        self._looks = looks
        self.unfinished = 0

    @property
    def ended(self) -> bool:
        """Whether it will name no more."""
        return self._looks == 0

    def finished(self, seconds: float) -> Sequence[Segment]:
        """Those that stand still now and were not named so before; FootageError when the watched folder is gone."""
        now = self._clock()
        if now < self._due:
            self._sleep(min(seconds, self._due - now))
            if self._clock() < self._due:
                return ()
        if self._looks is not None:
            if self.ended:
                return ()
            self._looks -= 1
        if not os.path.isdir(self._folder):
            raise FootageError(GONE.with_(folder=repr(self._folder)))
        found = self._look()
        self._due = self._clock() + (self._still if self._first else self._every)
        self._first = False
        return [Segment(path) for path in found]

    def again(self) -> None:
        """Look at once, and again after `still` seconds: something may have been missed."""
        self._due, self._first = self._clock(), True

    def close(self) -> None:
        """Nothing is held."""

    def _look(self) -> list[str]:
        before, self._seen, now = self._seen, {}, self._clock()
        found = []
        self.unfinished = 0
        for path, stand in files_below(self._folder, self._left_out):
            seen = before.get(path)
            if seen is None or seen.stand != stand:
                seen = _Seen(stand, now)
            self._seen[path] = seen
            if not seen.named and now - seen.since >= self._still and not is_being_written(path):
                seen.named = True
                found.append(path)
            self.unfinished += not seen.named
        return found


def files_below(folder: str, left_out: str | None = None) -> Iterator[tuple[str, Stand]]:
    """The clips and stills below `folder`, by their names, with how they stand."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return  # it went away, or is closed to us
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                if is_watched_folder(entry.path, left_out):
                    yield from files_below(entry.path, left_out)
            elif entry.is_file(follow_symlinks=False) and is_clip(entry.name):
                found = entry.stat(follow_symlinks=False)
                yield entry.path, (found.st_ino, found.st_size, found.st_mtime_ns)
        except OSError:
            continue  # it vanished between two lines


def is_watched_folder(path: str, left_out: str | None) -> bool:
    """Whether a folder below the watched one is watched as well."""
    return not os.path.basename(path).startswith(".") and path != left_out


def is_clip(name: str) -> bool:
    """Whether a file is footage by its name; what begins with a dot is somebody's unfinished work."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in (*CLIPS, *STILLS)


def is_being_written(path: str) -> bool:
    """Whether another process surely holds the file open for writing; false where that cannot be told.

    A lease to read is refused for such a file. It is given back at once; a writer who comes in between waits that long.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)  # who comes in between is announced by what does no harm
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False  # another user's file, or a file system without leases
    finally:
        os.close(descriptor)
    return False


GONE = Text("監視していたフォルダー {folder} がなくなりました", "the watched folder {folder} is gone")
