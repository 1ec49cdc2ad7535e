"""What a run that was killed leaves behind, and how the next start clears it away.

Where the file system keeps files without a name, a kill leaves nothing, except between the first and the last name that
`publish` gives. A journal stands beside the copy for just that time. Drafts and journals are locked by the run that made them
for as long as it lives, so what is locked is left alone, and so is everything that privmask did not make for this user.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from privmask.errors import CopyError, EvidenceError
from privmask.evidence.canonical import Json, canonical_bytes, read_canonical
from privmask.evidence.files import FileRecord, Stand, digest
from privmask.evidence.hidden import leads_to, lock
from privmask.evidence.names import DRAFT_NAME, JOURNAL_NAME, companion_names, is_ours
from privmask.evidence.words import Path, in_words, shown

_FORMAT = "privmask.publishing.v1"
_LARGEST_JOURNAL = 64 << 10


@dataclass(frozen=True, slots=True)
class Journal:
    """What is being published: the copy, which gets its name last, and the companions, which get theirs before."""

    copy: FileRecord
    companions: tuple[FileRecord, ...]

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        companions: list[Json] = [_as_data(each) for each in self.companions]
        return canonical_bytes({"format": _FORMAT, "copy": _as_data(self.copy), "companions": companions})

    @classmethod
    def from_bytes(cls, text: bytes, copy: str) -> Journal:
        """The journal of the copy of that name; `EvidenceError` if `text` is anything else."""
        match read_canonical(text, "the journal"):
            case {"format": str(form), "copy": dict(of), "companions": list(companions)} if form == _FORMAT:
                journal = cls(_record(of), tuple(map(_record, companions)))
            case _:
                raise EvidenceError("the journal is of another kind")
        names = [each.name for each in journal.companions]
        if journal.copy.name != copy or not set(names) <= set(companion_names(copy)):
            raise EvidenceError("the journal names files that are not of its copy")
        return journal


def sweep(folder: Path) -> tuple[str, ...]:
    """Remove from `folder` what killed runs left there; the names that are gone. Nothing of a living run is touched.

    Raises `CopyError` if the folder cannot be read. What may not be removed is left.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            return sweep_open(descriptor)
        finally:
            os.close(descriptor)
    except OSError as cause:
        raise CopyError(f"the folder {shown(folder)} cannot be read: {in_words(cause)}") from cause


def sweep_open(folder: int, spared: Stand | None = None) -> tuple[str, ...]:
    """As `sweep`, in an open folder; the file `spared` (the original) stays whatever it is called."""
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if is_ours(entry.name))
    removed: list[str] = []
    for name in names:
        with contextlib.suppress(OSError), _if_dead(folder, name, spared) as descriptor:
            if descriptor is not None:
                removed += _clear(folder, name, descriptor)
    return tuple(removed)


@contextlib.contextmanager
def _if_dead(folder: int, name: str, spared: Stand | None) -> Iterator[int | None]:
    """Hold the lock of what a dead run left under `name`; None if it lives, is no file, or is spared."""
    descriptor = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        found = os.fstat(descriptor)
        dead = (
            _may_go(found, spared)
            and lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            and leads_to(folder, name, descriptor)
        )
        yield descriptor if dead else None
    finally:
        os.close(descriptor)


def _may_go(found: os.stat_result, spared: Stand | None) -> bool:
    """Only a file of this very user: in a folder for everybody, a stranger's journal could name files that are not his."""
    is_own_file = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
    return is_own_file and not (spared and spared.is_same_file(Stand.of(found)))


def _clear(folder: int, name: str, descriptor: int) -> Iterator[str]:
    if journal := JOURNAL_NAME.fullmatch(name):
        try:
            text = os.pread(descriptor, _LARGEST_JOURNAL, 0)
            yield from _take_back(folder, Journal.from_bytes(text, journal["copy"]))
        except EvidenceError:
            return  # it has a journal's name but is none of ours
    elif not DRAFT_NAME.fullmatch(name):
        return
    os.unlink(name, dir_fd=folder)
    yield name


def _take_back(folder: int, journal: Journal) -> Iterator[str]:
    if _is(folder, journal.copy):
        return  # killed after the last name was given: the copy and all that belongs to it are whole
    for companion in journal.companions:
        if _is(folder, companion):
            os.unlink(companion.name, dir_fd=folder)
            yield companion.name


def _is(folder: int, record: FileRecord) -> bool:
    """Whether the file of that name has the size and the bytes of the record."""
    try:
        descriptor = os.open(record.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return False
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size != record.bytes:
            return False
        return digest(descriptor, record.bytes).sha256 == record.sha256
    finally:
        os.close(descriptor)


def _as_data(record: FileRecord) -> Json:
    return {"name": record.name, "bytes": record.bytes, "sha256": record.sha256}


def _record(data: Json) -> FileRecord:
    match data:
        case {"name": str(name), "bytes": int(count), "sha256": str(sha256)}:
            return FileRecord(name, count, sha256)
        case _:
            raise EvidenceError("the journal has a broken entry")
