"""The copy while it has no name, and the one moment at which it gets it: whole, with its companions, or not at all."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from privmask.errors import CopyError, CopyExistsError, EvidenceError
from privmask.evidence.custody import Custody
from privmask.evidence.files import Content, FileRecord, OffsetReader, Stand, digest, record_of
from privmask.evidence.hidden import HiddenFile, naming_in, sync_folder
from privmask.evidence.names import NOTE, PROVENANCE, SIGNATURE, SUMS, TRACKS, companion_names, journal_name
from privmask.evidence.places import checked_place, open_folder, require_free, require_length, require_other_file
from privmask.evidence.provenance import Statement, read_statement
from privmask.evidence.sshsig import NAMESPACE, read_signature
from privmask.evidence.sums import sums_bytes
from privmask.evidence.sweep import Journal, sweep_open
from privmask.evidence.words import Path, in_words, shown
from privmask.language import Text

_COPY = "copy"
_ONLY_WRITING = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class Published:
    """Where the copy and its companions stand now; None for those that it has not."""

    copy: str
    statement: str
    signature: str | None
    sums: str
    note: str | None
    tracks: str | None


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
        self.notices: tuple[Text, ...] = () if private else (_OPEN_TO_OTHERS,)

    @property
    def path(self) -> str:
        """Where to write the copy: its descriptor's name in /proc, or its hidden name where there is no /proc."""
        return self._file.path(os.path.dirname(self._place))

    def open(self) -> io.RawIOBase:
        """A fresh raw binary reader of what has been written so far; the caller closes it."""
        return OffsetReader(self._file.descriptor, os.fstat(self._file.descriptor).st_size, CopyError)

    def lend(self) -> tuple[int, int]:
        """The descriptor, for a process that inherits it and reads by offset, and the bytes written so far."""
        return self._file.descriptor, os.fstat(self._file.descriptor).st_size

    @contextmanager
    def spool(self) -> Iterator[int]:
        """The descriptor of another file beside the copy, as hidden as that, for what is not finished; it never gets a name."""
        with self._in_words("cannot be written"):
            file = HiddenFile(self._folder, self.name, self._naming)
        try:
            yield file.descriptor
        finally:
            file.close()

    def record(self) -> FileRecord:
        """Bring the written bytes to the disk and hash them, under the name that the copy will have. Call it after the last."""
        with self._in_words("cannot be written to the end"):
            os.fsync(self._file.descriptor)
            stand = self._stand()
            read = digest(self._file.descriptor, stand.bytes)
        if read.bytes == 0 or read.bytes != stand.bytes:
            raise CopyError(
                Text(
                    f"複写 {self.shown} を書き込めませんでした（読めるのは{read.bytes}バイトです）",
                    f"the copy {self.shown} was not written: {read.bytes} bytes of it can be read",
                )
            )
        record = FileRecord(self.name, read.bytes, read.sha256)
        self._recorded = (record, stand)
        return record

    def publish(
        self,
        statement: bytes,
        *,
        signature: bytes | None = None,
        note: bytes | None = None,
        tracks: Content | None = None,
    ) -> Published:
        """Give the copy and its companions their names: statement, signature, list of hashes, note, tracks, and the copy last.

        `note` tells the recipient how to check the copy. `tracks` is what stays with the owner: where the moving masks were.
        The list of hashes, which goes along with the copy, names neither; the statement may name the tracks.

        Raises `EvidenceError` if `statement` is about other bytes, or is to be signed and `signature` is not that of its key
        over it, or is not to be signed and there is one; `CopyExistsError` if any of the names was taken meanwhile; and
        `CopyError` if the disk refuses. After an exception none of the names is there.
        """
        record = self._require_still()
        said = read_statement(statement)
        _require_about(said, record)
        _require_signed(said, statement, signature)
        signed = _present({PROVENANCE: statement, SIGNATURE: signature})
        sums = sums_bytes([record, *self._records(signed)])
        written: dict[str, Content] = {**signed, **_present({SUMS: sums, NOTE: note, TRACKS: tracks})}
        with ExitStack() as stack, self._in_words("cannot be published"):
            files = {self.name + end: stack.enter_context(self._written(text)) for end, text in written.items()}
            journal = stack.enter_context(self._written(Journal(record, self._records(written)).to_bytes()))
            journal.lock()
            self._give_names(journal, {**files, self.name: self._file})
        at = {end: self._place + end for end in written}
        return Published(self._place, at[PROVENANCE], at.get(SIGNATURE), at[SUMS], at.get(NOTE), at.get(TRACKS))

    def close(self) -> None:
        """Forget the draft; a published copy stays."""
        self._opened.close()

    def _records(self, companions: Mapping[str, Content]) -> tuple[FileRecord, ...]:
        return tuple(record_of(self.name + end, text) for end, text in companions.items())

    def _give_names(self, journal: HiddenFile, files: dict[str, HiddenFile]) -> None:
        noted = journal_name(self.name)
        done = False
        try:
            self._take_journal_name(journal, noted)
            sync_folder(self._folder)
            for name, file in files.items():
                self._take_name(file, name)
            sync_folder(self._folder)
            done = True
        finally:
            # The copy goes first and the journal last, so that a kill in here is cleared by the next start as well.
            for name, file in () if done else reversed(files.items()):
                file.lose_name(name)
            journal.lose_name(noted)

    def _take_journal_name(self, journal: HiddenFile, noted: str) -> None:
        try:
            journal.take_name(noted)
        except FileExistsError:
            sweep_open(self._folder)  # perhaps it is that of a run which was killed since this one began
            self._take_name(journal, noted, "another run is just publishing it")

    def _take_name(self, file: HiddenFile, name: str, why_not: str = "") -> None:
        try:
            file.take_name(name)
        except FileExistsError as cause:
            what = why_not or f"meanwhile {shown(name)} came into being"
            raise CopyExistsError(
                Text(
                    f"複写 {self.shown} を置けませんでした。同じ名前のファイルができています。何も置き換えていません",
                    f"the copy {self.shown} was not published: {what}; nothing was replaced",
                )
            ) from cause

    @contextmanager
    def _hidden_file(self) -> Iterator[HiddenFile]:
        file = HiddenFile(self._folder, self.name, self._naming)
        try:
            yield file
        finally:
            file.close()

    @contextmanager
    def _written(self, content: Content) -> Iterator[HiddenFile]:
        with self._hidden_file() as file:
            file.write(content)
            yield file

    def _stand(self) -> Stand:
        return Stand.of(os.fstat(self._file.descriptor))

    def _require_still(self) -> FileRecord:
        record, then = self._recorded or (self.record(), self._stand())
        if not self._stand().is_unwritten(then):
            raise CopyError(
                Text(
                    f"複写 {self.shown} が、ハッシュを取った後で書き換えられました。何も残していません",
                    f"the copy {self.shown} was written to after it was recorded; nothing was published",
                )
            )
        return record

    @contextmanager
    def _in_words(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as cause:
            raise CopyError(
                Text(
                    f"複写 {self.shown} を書き込めませんでした（{in_words(cause).ja}）",
                    f"the copy {self.shown} {what}: {in_words(cause)}",
                )
            ) from cause


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
            Text(
                f"複写 {draft.shown} を書き込めません（{in_words(cause).ja}）。作りかけのものは残していません",
                f"the copy {draft.shown} cannot be written: {in_words(cause)}; nothing of it was kept",
            )
        ) from cause
    finally:
        draft.close()


def _require_names(folder: int, name: str, original: Custody) -> None:
    require_length(folder, name, _COPY)
    require_other_file(folder, name, original, _COPY)
    sweep_open(folder, spared=original.stand)
    for each in (name, *companion_names(name)):
        require_free(folder, each, _COPY)


def _present(companions: Mapping[str, Content | None]) -> dict[str, Content]:
    """Those that there are, by the ends of their names."""
    return {end: text for end, text in companions.items() if text is not None}


def _require_about(statement: Statement, record: FileRecord) -> None:
    if statement.copy != record:
        raise EvidenceError(f"the statement is about {statement.copy}, the copy is {record}; nothing was published")


def _require_signed(statement: Statement, text: bytes, signature: bytes | None) -> None:
    if statement.key_id is None or signature is None:
        if statement.key_id is not None or signature is not None:
            said = f"signed by {statement.key_id}" if statement.key_id else "unsigned"
            given = "no signature" if signature is None else "a signature"
            raise EvidenceError(f"the statement says that it is {said}, and there is {given}; nothing was published")
        return
    made = read_signature(signature)
    if made.key.key_id != statement.key_id or made.namespace != NAMESPACE or not made.holds_for(text):
        raise EvidenceError(
            f"the signature is not that of {statement.key_id} over the statement; nothing was published"
        )


_OPEN_TO_OTHERS = Text(
    "複写を置くファイルシステムには権限がないため、ほかの人が複写を読めるかもしれません",
    "the copy's file system keeps no permissions: others may be able to read the copy",
)
