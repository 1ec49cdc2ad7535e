"""The register's own note of its last entry, in a file beside it: what an accident cut off is missed at once, without a paper.

A `-wal` that was deleted or belongs to another day, a backup that was put back, another machine's view of a shared disk: each
leaves a register that is whole and ends too early, and whoever added to it would begin a second history. The note is written
after each entry and read before the next one. It may fall behind when the power fails, and never runs ahead. It is no proof:
who can edit the register can edit the note.
"""

from __future__ import annotations

import contextlib
import os

from privmask.errors import PlanError
from privmask.register.receipts import Receipt
from privmask.register.schema import PathLike

_LONGEST = 2000


def note_of(path: PathLike) -> str:
    """The note's file beside that register."""
    return f"{os.fspath(path)}.head"


def write_note(path: PathLike, last: Receipt) -> None:
    """Note the last entry. A disk that refuses is no harm: the note falls behind."""
    text = last.as_text().encode()
    with contextlib.suppress(OSError):
        descriptor = os.open(note_of(path), os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(descriptor, text, 0)
            os.ftruncate(descriptor, len(text))
        finally:
            os.close(descriptor)


def read_note(path: PathLike) -> Receipt | None:
    """The last entry as it was noted; None if there is no note, or one that was half written."""
    try:
        descriptor = os.open(note_of(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return Receipt.parse(os.read(descriptor, _LONGEST).decode())
        finally:
            os.close(descriptor)
    except (OSError, UnicodeDecodeError, PlanError):
        return None
