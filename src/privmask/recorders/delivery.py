"""Telling a watcher that a segment is finished: a note in the queue's folder, with the standard library alone.

A recorder waits for its hooks, so this module loads nothing that takes time. A note holds the segment's path; its name is made
of what tells one state of a file from another, and it is made by link(), so that a delivery that comes three times is one note.
"""

from __future__ import annotations

import errno
import os
import time
from binascii import crc32

VARIABLE = "PRIVMASK_QUEUE"
MARK = b"privmask.delivery.v1\n"
END = ".note"
UNFINISHED = ".unfinished-"

_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


def queue_folder(named: str | None = None) -> str:
    """Where notes are left: `named`, else PRIVMASK_QUEUE, else `privmask/queue` in the user's folder of states."""
    named, states = named or os.environ.get(VARIABLE), os.environ.get("XDG_STATE_HOME")
    if named:
        return os.path.abspath(named)
    if not (states and os.path.isabs(states)):
        states = os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(states, "privmask", "queue")


def deliver(path: str, queue: str) -> bool:
    """Leave a note that the file `path` is finished; false where the very same note is there already.

    It is on the disk when this returns. Raises OSError where there is no such file, or no note can be written.
    """
    place = os.path.abspath(path)
    found = os.stat(place)
    if not os.path.isfile(place):
        raise IsADirectoryError(errno.EISDIR, "it is no file", place)
    os.makedirs(queue, 0o700, exist_ok=True)
    name = (
        f"{found.st_mtime_ns:020d}-{found.st_dev}-{found.st_ino}-{found.st_size}-{crc32(os.fsencode(place)):08x}{END}"
    )
    return _write(queue, name, MARK + os.fsencode(place))


def _write(queue: str, name: str, content: bytes) -> bool:
    draft = os.path.join(queue, f"{UNFINISHED}{os.getpid()}-{time.time_ns()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o660)
    try:
        try:
            os.write(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        take_name(draft, os.path.join(queue, name))
    except FileExistsError:
        return False
    finally:
        if os.path.lexists(draft):
            os.unlink(draft)
    sync(queue)
    return True


def take_name(draft: str | os.PathLike[str], name: str | os.PathLike[str]) -> None:
    """Let a finished draft stand as `name`, by a link where there are links; FileExistsError if something has that name."""
    try:
        os.link(draft, name)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(name):
            raise FileExistsError(errno.EEXIST, "it is there", name) from error
        os.rename(draft, name)


def sync(folder: str | os.PathLike[str]) -> None:
    """Have what stands in that folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
