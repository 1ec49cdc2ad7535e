"""A private folder of the site in which copies lie open for as long as one command works with them, and no longer.

A run that was killed leaves its folder behind; nobody holds its lock any more, and the next command clears it away.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from privmask.errors import CopyError, PolicyError
from privmask.language import Text

ROOM = "open-copies"


@contextmanager
def work_folder(site_folder: Path) -> Iterator[Path]:
    """A new folder, 0700, below `open-copies/` of the site; it is gone after the block with all that is in it.

    Raises `PolicyError` where others may enter the room, `CopyError` where the disk refuses.
    """
    try:
        with _alone_in(site_folder / ROOM) as room:
            _clear(room)
            folder = Path(tempfile.mkdtemp(dir=room))
            held = _held(folder)
    except OSError as cause:
        raise CopyError(_NO_ROOM.with_(room=ROOM, why=cause.strerror)) from cause
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def clear_room(site_folder: Path) -> None:
    """Clear away what killed runs left in the room, if there is one; `work_folder` does so too."""
    if not os.path.lexists(site_folder / ROOM):
        return
    try:
        with _alone_in(site_folder / ROOM) as room:
            _clear(room)
    except OSError as cause:
        raise CopyError(_NO_ROOM.with_(room=ROOM, why=cause.strerror)) from cause


@contextmanager
def _alone_in(room: Path) -> Iterator[Path]:
    """The room, made if it is not there; nobody else begins or clears anything in it meanwhile."""
    with contextlib.suppress(FileExistsError):
        room.mkdir(0o700)
    descriptor = os.open(room, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if found.st_mode & 0o077 or found.st_uid != os.geteuid():
            raise PolicyError(_OPEN.with_(room=ROOM), clause="II-5")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield room
    finally:
        os.close(descriptor)


def _clear(room: Path) -> None:
    for folder in room.iterdir():
        with contextlib.suppress(OSError):  # a run still holds it
            held = _held(folder)
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)


def _held(folder: Path) -> int:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


_OPEN = Text(
    "フォルダー {room} は他の利用者にも開かれています。chmod 700 で閉じてください",
    "the folder {room} is open to other users; close it: chmod 700",
)
_NO_ROOM = Text("フォルダー {room} に書けません（{why}）", "the folder {room} cannot be written: {why}")
