"""The copy while it has no name, and the one moment at which it gets it: whole, with its companions, or not at all."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from privmask.errors import CopyError, CopyExistsError, EvidenceError
from privmask.evidence.custody import Custody
from privmask.evidence.files import FileRecord, OffsetReader, Stand, digest, record_of
from privmask.evidence.hidden import HiddenFile, naming_in, sync_folder
from privmask.evidence.names import PROVENANCE, SUMS, TRACKS, companion_names, journal_name
from privmask.evidence.places import checked_place, open_folder, require_free, require_length, require_other_file
from privmask.evidence.provenance import read_statement
from privmask.evidence.sums import sums_bytes
from privmask.evidence.sweep import Journal, sweep_open
from privmask.evidence.words import Path, in_words, shown

_COPY = "copy"
_ONLY_WRITING = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class Published:
    """Where the copy and its companions stand now."""

    copy: str
    statement: str
    sums: str
    tracks: str | None = None


class Draft:
    """The copy that is being written; made by `draft_copy`. Its encoder writes to `path`.

    Every file that it makes is readable by its owner only (0600); `notices` tells where its folder cannot do that.
    """

    def __init__(self, path: Path, original: Custody) -> None:
        self.shown = shown(path)
        self._place = checked_place(path, _COPY)
        self.name = os.path.basename(self._place)
        self._recorded: tuple[FileRecord, Stand] | None = None
        with ExitStack() as opened, self._in_words("cannot be written"):
            self._folder = open_folder(os.path.dirname(self._place), _COPY)
            opened.callback(os.close, self._folder)
            _require_names(self._folder, self.name, original)
            self._naming = naming_in(self._folder, self.name)
            self._file = opened.enter_context(self._hidden_file())
            self._opened = opened.pop_all()
        private = self._file.make_private()
        self.notices: tuple[str, ...] = (
            () if private else ("the copy's file system keeps no permissions: others may be able to read the copy",)
        )

    @property
    def path(self) -> str:
        """Where to write the copy: its descriptor's name in /proc, or its hidden name where there is no /proc."""
        return self._file.path(os.path.dirname(self._place))

    def open(self) -> io.RawIOBase:
        """A fresh raw binary reader of what has been written so far; the caller closes it."""
        return OffsetReader(self._file.descriptor, os.fstat(self._file.descriptor).st_size, CopyError)

    def record(self) -> FileRecord:
        """Bring the written bytes to the disk and hash them, under the name that the copy will have. Call it after the last."""
        with self._in_words("cannot be written to the end"):
            os.fsync(self._file.descriptor)
            stand = self._stand()
            read = digest(self._file.descriptor, stand.bytes)
        if read.bytes == 0 or read.bytes != stand.bytes:
            raise CopyError(f"the copy {self.shown} was not written: {read.bytes} bytes of it can be read")
        record = FileRecord(self.name, read.bytes, read.sha256)
        self._recorded = (record, stand)
        return record

    def publish(self, statement: bytes, tracks: bytes | None = None) -> Published:
        """Give the copy and its companions their names: the statement first, the list of hashes, and the copy last.

        `tracks` is what stays with the owner: where the moving masks were. The list of hashes, which goes along with the
        copy, does not name it; the statement may.

        Raises `EvidenceError` if `statement` is about other bytes, `CopyExistsError` if any of the names was taken meanwhile,
        and `CopyError` if the disk refuses. After an exception none of the names is there.
        """
        record = self._require_still()
        _require_about(statement, record)
        with ExitStack() as stack, self._in_words("cannot be published"):
            sums = sums_bytes([record, record_of(self.name + PROVENANCE, statement)])
            written = {self.name + PROVENANCE: statement, self.name + SUMS: sums}
            if tracks is not None:
                written[self.name + TRACKS] = tracks
            companions = {name: stack.enter_context(self._written(text)) for name, text in written.items()}
            journal = Journal(record, tuple(record_of(name, text) for name, text in written.items()))
            note = stack.enter_context(self._written(journal.to_bytes()))
            note.lock()
            self._give_names(note, {**companions, self.name: self._file})
        folder = os.path.dirname(self._place)
        return Published(*(os.path.join(folder, name) for name in (self.name, *written)))

    def close(self) -> None:
        """Forget the draft; a published copy stays."""
        self._opened.close()

    def _give_names(self, note: HiddenFile, files: dict[str, HiddenFile]) -> None:
        noted = journal_name(self.name)
        done = False
        try:
            self._take_journal_name(note, noted)
            sync_folder(self._folder)
            for name, file in files.items():
                self._take_name(file, name)
            sync_folder(self._folder)
            done = True
        finally:
            # The copy goes first and the journal last, so that a kill in here is cleared by the next start as well.
            for name, file in () if done else reversed(files.items()):
                file.lose_name(name)
            note.lose_name(noted)

    def _take_journal_name(self, note: HiddenFile, noted: str) -> None:
        try:
            note.take_name(noted)
        except FileExistsError:
            sweep_open(self._folder)  # perhaps it is that of a run which was killed since this one began
            self._take_name(note, noted, "another run is just publishing it")

    def _take_name(self, file: HiddenFile, name: str, why_not: str = "") -> None:
        try:
            file.take_name(name)
        except FileExistsError as cause:
            what = why_not or f"meanwhile {shown(name)} came into being"
            raise CopyExistsError(f"the copy {self.shown} was not published: {what}; nothing was replaced") from cause

    @contextmanager
    def _hidden_file(self) -> Iterator[HiddenFile]:
        file = HiddenFile(self._folder, self.name, self._naming)
        try:
            yield file
        finally:
            file.close()

    @contextmanager
    def _written(self, content: bytes) -> Iterator[HiddenFile]:
        with self._hidden_file() as file:
            file.write(content)
            yield file

    def _stand(self) -> Stand:
        return Stand.of(os.fstat(self._file.descriptor))

    def _require_still(self) -> FileRecord:
        record, then = self._recorded or (self.record(), self._stand())
        if not self._stand().is_unwritten(then):
            raise CopyError(f"the copy {self.shown} was written to after it was recorded; nothing was published")
        return record

    @contextmanager
    def _in_words(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as cause:
            raise CopyError(f"the copy {self.shown} {what}: {in_words(cause)}") from cause


@contextmanager
def draft_copy(path: Path, original: Custody) -> Iterator[Draft]:
    """A draft of the copy `path` for a `with` block; it is gone after the block unless it was published.

    First clears what killed runs left in the copy's folder. Raises `CopyExistsError` if anything has the copy's name or one
    of its companions', and `CopyError` if the copy is the original itself under any spelling or link, or cannot be written
    there. A disk that fills up inside the block is a `CopyError` too.
    """
    draft = Draft(path, original)
    try:
        yield draft
    except OSError as cause:
        if cause.errno not in _ONLY_WRITING:
            raise
        raise CopyError(
            f"the copy {draft.shown} cannot be written: {in_words(cause)}; nothing of it was kept"
        ) from cause
    finally:
        draft.close()


def _require_names(folder: int, name: str, original: Custody) -> None:
    require_length(folder, name, _COPY)
    require_other_file(folder, name, original, _COPY)
    sweep_open(folder, spared=original.stand)
    for each in (name, *companion_names(name)):
        require_free(folder, each, _COPY)


def _require_about(statement: bytes, record: FileRecord) -> None:
    about = read_statement(statement).copy
    if about != record:
        raise EvidenceError(f"the statement is about {about}, the copy is {record}; nothing was published")
