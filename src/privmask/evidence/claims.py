"""Who works on a copy: of several runs that want to make one, only one begins, and the others see that.

A claim is a hidden, empty file beside the copy, of the family of drafts, held by a lock that ends with its process however that
ends. So nobody waits for the dead, and what a killed run leaves is swept like any draft. It saves work and nothing else:
where the file system keeps no locks everybody is let in, and the copy's name is still given once only.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from privmask.errors import CopyError
from privmask.evidence.hidden import NO_LOCKS, leads_to
from privmask.evidence.names import draft_name
from privmask.evidence.places import open_folder
from privmask.evidence.words import Path, anchored, in_words, shown

_TOKEN = "c1a1c1a1"


@contextmanager
def claim_copy(path: Path) -> Iterator[bool]:
    """Whether the copy `path` is this run's to make, for a `with` block; false while another run makes it.

    Raises `CopyError` where no file can be made beside it.
    """
    place = anchored(path)
    name = draft_name(os.path.basename(place), _TOKEN)
    folder = open_folder(os.path.dirname(place), "copy")
    try:
        descriptor = _taken(folder, name, path)
        try:
            yield descriptor is not None
        finally:
            if descriptor is not None:
                _let_go(folder, name, descriptor)
    finally:
        os.close(folder)


def _taken(folder: int, name: str, path: Path) -> int | None:
    """A descriptor that holds the claim; None where somebody else has it."""
    while True:
        try:
            descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=folder)
        except OSError as cause:
            raise CopyError(f"the copy {shown(path)} cannot be written: {in_words(cause)}") from cause
        if not _locked(descriptor):
            os.close(descriptor)
            return None
        if leads_to(folder, name, descriptor):
            return descriptor
        os.close(descriptor)  # between those lines its last holder took it away, or a sweep did


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
    return True


def _let_go(folder: int, name: str, descriptor: int) -> None:
    try:
        if leads_to(folder, name, descriptor):
            os.unlink(name, dir_fd=folder)
    finally:
        os.close(descriptor)
