"""Custody of the original: opened once, only to be read, hashed before and after, and every change in between is told."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from privmask.errors import CopyError, FootageError, OriginalChangedError
from privmask.evidence.files import FileRecord, OffsetReader, Stand, digest, open_regular
from privmask.evidence.words import Path, anchored, in_words, shown
from privmask.language import Text


@dataclass(frozen=True, slots=True)
class OriginalRecord:
    """The original as it was before and after it was copied; `modified_ns` is its time of modification, since 1970.

    `notices` tells what moved without touching the bytes.
    """

    before: FileRecord
    after: FileRecord
    modified_ns: int
    notices: tuple[str, ...] = ()


class Custody:
    """An original that is held open; made by `keep_custody`.

    `before` is what it was when custody began. The descriptor was opened read-only, and nothing here writes to the file or to
    its folder.
    """

    def __init__(self, path: Path) -> None:
        self.shown = shown(path)
        self._descriptor, found = open_regular(path)
        self._path = anchored(path)
        self._closed = False
        try:
            self.stand = Stand.of(found)
            self.before = self._hash()
            self._compare(self.before, self.stand)
        except BaseException:
            self.close()
            raise

    @property
    def name(self) -> str:
        """The original's name without folders; bytes that are no UTF-8 stand as backslash escapes."""
        return os.fsencode(os.path.basename(self._path)).decode("utf-8", "backslashreplace")

    def open(self) -> io.RawIOBase:
        """A fresh raw binary reader of the original through the one descriptor, at its first byte; the caller closes it."""
        return OffsetReader(self._descriptor, self.stand.bytes, FootageError)

    def lend(self) -> tuple[int, int]:
        """The one descriptor, for a process that inherits it and reads by offset, and the bytes that there are to be read."""
        return self._descriptor, self.stand.bytes

    def recheck(self) -> OriginalRecord:
        """Read all bytes again through the same descriptor, and look where the path leads now.

        Raises `OriginalChangedError` that names what changed: bytes, size, time of modification, or the file behind the name.
        """
        after = self._hash()
        now = Stand.of(os.fstat(self._descriptor))
        self._compare(after, now)
        self._follow_path()
        return OriginalRecord(self.before, after, now.modified_ns, self._notices(now))

    def look_again(self) -> None:
        """Raise `OriginalChangedError` if size or time of what is held open moved; no byte is read."""
        now = Stand.of(os.fstat(self._descriptor))
        if now.bytes != self.stand.bytes:
            self._grown(now)
        if now.modified_ns != self.stand.modified_ns:
            self._changed(_MOVED)

    def close(self) -> None:
        """Let go of the original. Readers that are still open stay usable."""
        if not self._closed:
            self._closed = True
            os.close(self._descriptor)

    def _hash(self) -> FileRecord:
        try:
            read = digest(self._descriptor, self.stand.bytes)
        except OSError as cause:
            raise FootageError(
                Text(
                    f"{self.shown} を最後まで読めません（{in_words(cause).ja}）",
                    f"{self.shown} cannot be read to its end: {in_words(cause)}",
                )
            ) from cause
        return FileRecord(self.name, read.bytes, read.sha256)

    def _compare(self, read: FileRecord, now: Stand) -> None:
        held = self.stand
        if now.bytes != held.bytes or read.bytes != held.bytes:
            self._grown(now)
        if read.sha256 != self.before.sha256:
            self._changed(
                Text("大きさは同じですが、内容が違います", "its size is the same, but its bytes (sha256) are not")
            )
        if now.modified_ns != held.modified_ns:
            self._changed(_TOUCHED)

    def _follow_path(self) -> None:
        try:
            found = Stand.of(os.lstat(self._path))
        except FileNotFoundError:
            self._changed(Text("削除、移動又は改名されました", "it was deleted, moved or renamed"))
        except OSError as cause:
            self._changed(
                Text(
                    f"場所をたどれなくなりました（{in_words(cause).ja}）",
                    f"its path cannot be followed any more: {in_words(cause)}",
                )
            )
        else:
            if not found.is_same_file(self.stand):
                self._changed(Text("別のファイルに置き換えられました", "another file was put in its place"))

    def _grown(self, now: Stand) -> None:
        self._changed(_GROWN.with_(then=self.stand.bytes, now=now.bytes))

    def _changed(self, what: Text) -> None:
        raise OriginalChangedError(
            Text(
                f"原本 {self.shown} が、複写している間に変わりました（{what.ja}）。複写は作っていません",
                f"the original {self.shown} changed while it was being copied: {what}; no copy was made",
            )
        )

    def _notices(self, now: Stand) -> tuple[str, ...]:
        if now.changed_ns == self.stand.changed_ns:
            return ()
        return ("the original's links, owner or mode changed while it was copied (its ctime moved); its bytes did not",)


@contextmanager
def keep_custody(path: Path) -> Iterator[Custody]:
    """Hold the original `path` for a `with` block: open it once, read-only, and hash all of it.

    Raises `FootageError` for anything but a regular, readable file with bytes in it (a symbolic link is not followed), and
    `OriginalChangedError` if it moves while it is hashed. Footage that turns out damaged, or a copy that fails its check,
    is told as what it is when the original was changed under the reader: as `OriginalChangedError`.
    """
    custody = Custody(path)
    try:
        yield custody
    except (FootageError, CopyError):
        custody.look_again()
        raise
    finally:
        custody.close()


_TOUCHED = Text(
    "内容は同じですが、更新日時が変わりました。何かが書き込みました",
    "its bytes are the same, but its time of modification moved: something wrote to it",
)
_MOVED = Text("更新日時が変わりました。何かが書き込みました", "its time of modification moved: something wrote to it")
_GROWN = Text(
    "{then}バイトが{now}バイトになりました。まだ録画中ではありませんか",
    "it had {then} bytes and now has {now}; is it still being recorded?",
)
