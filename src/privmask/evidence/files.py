"""Files that are opened once, by one descriptor, and read by offset: nobody who reads one moves another's place in it."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from privmask.errors import FootageError, PrivmaskError
from privmask.evidence.words import Path, in_words, shown
from privmask.language import Text

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Content: TypeAlias = bytes | Iterable[bytes]
"""What a file is to hold: at once, or block by block; each time that it is gone through it is the same."""

_BLOCK = 1 << 20

# O_NONBLOCK: a FIFO must not hang us. O_NOFOLLOW: the name itself is the file. O_NOCTTY: a terminal stays nobody's.
_READING = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY | os.O_NOFOLLOW

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe (FIFO)",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What a file was when all its bytes were read: its name without folders, its size, and the hex sha256 of its bytes."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Stand:
    """What `fstat` says of a file that nobody writes to; two of these tell whether it stood still in between."""

    device: int
    inode: int
    bytes: int
    modified_ns: int
    changed_ns: int

    @classmethod
    def of(cls, found: os.stat_result) -> Stand:
        """The part of a stat result that matters."""
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)

    def is_same_file(self, other: Stand) -> bool:
        """Whether both are one file, whatever it is called."""
        return (self.device, self.inode) == (other.device, other.inode)

    def is_unwritten(self, since: Stand) -> bool:
        """Whether nothing was written to the file since then, as far as its size and time of modification tell."""
        return (self.bytes, self.modified_ns) == (since.bytes, since.modified_ns)


class OffsetReader(io.RawIOBase):
    """A raw, read-only, seekable binary file over a descriptor, with a place of its own.

    It ends at `size`, whatever is appended meanwhile. It owns a duplicate of the descriptor (the file is not opened again), so
    closing it closes nothing else and it outlives its maker. A failing read raises `error`.
    """

    def __init__(self, descriptor: int, size: int, error: type[PrivmaskError]) -> None:
        super().__init__()
        self._descriptor = os.dup(descriptor)
        self._size = size
        self._error = error
        self._place = 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """The place of the next byte to be read."""
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place; beyond the end is allowed, before the start is a ValueError."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError(f"cannot go to {start + offset}, before the start of the file")
        self._place = start + offset
        return self._place

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill `buffer` from here on as far as one read goes; the number of bytes, 0 at the end."""
        if self.closed:
            raise ValueError("the file was closed")
        view = memoryview(buffer).cast("B")[: max(0, self._size - self._place)]
        try:
            got = os.preadv(self._descriptor, [view], self._place) if view else 0
        except OSError as cause:
            raise self._error(f"reading failed at byte {self._place}: {in_words(cause)}") from cause
        self._place += got
        return got

    def close(self) -> None:
        """Close this reader only."""
        if not self.closed:
            os.close(self._descriptor)
        super().close()


def open_regular(path: Path, *, may_be_empty: bool = False) -> tuple[int, os.stat_result]:
    """A read-only descriptor of the regular, non-empty file `path` itself, and its stat; `FootageError` for anything else."""
    try:
        _require_regular(os.lstat(path), path, may_be_empty)  # a device must not even be opened: some act on that
        descriptor = _open_quietly(path)
    except (OSError, ValueError) as cause:
        why = in_words(cause) if isinstance(cause, OSError) else _NUL
        raise FootageError(
            Text(f"{shown(path)} を開けません（{why.ja}）", f"{shown(path)} cannot be opened: {why}")
        ) from cause
    try:
        found = os.fstat(descriptor)
        _require_regular(found, path, may_be_empty)
    except FootageError:
        os.close(descriptor)
        raise
    return descriptor, found


def open_once(path: Path) -> io.RawIOBase:
    """A reader of the regular file `path`, opened as strictly as an original, but neither hashed nor watched: to look at it."""
    descriptor, found = open_regular(path)
    try:
        return OffsetReader(descriptor, found.st_size, FootageError)
    finally:
        os.close(descriptor)


def read_small(path: Path, largest: int) -> bytes | None:
    """The bytes of a companion; None if nothing has its name. `FootageError` if it is no regular file, or over `largest`."""
    if not os.path.lexists(path):
        return None
    descriptor, found = open_regular(path, may_be_empty=True)
    with OffsetReader(descriptor, largest + 1, FootageError) as reader:
        os.close(descriptor)
        text = reader.readall() if found.st_size <= largest else None
    if text is None or len(text) > largest:
        raise FootageError(
            Text(
                f"{shown(path)} が{largest:,}バイトより大きいため、名前の示すものではありません",
                f"{shown(path)} is larger than {largest:,} bytes: it is not what its name says",
            )
        )
    return text


def record_of(name: str, content: Content) -> FileRecord:
    """The record of a file that holds `content`."""
    hasher, count = hashlib.sha256(), 0
    for block in blocks_of(content):
        hasher.update(block)
        count += len(block)
    return FileRecord(name, count, hasher.hexdigest())


def blocks_of(content: Content) -> Iterable[bytes]:
    """It, block by block."""
    return (content,) if isinstance(content, bytes) else content


def digest(descriptor: int, size: int) -> FileRecord:
    """Read all bytes: a nameless record of them. `size` is what is expected; reading stops soon after it is exceeded."""
    hasher = hashlib.sha256()
    view = memoryview(bytearray(_BLOCK))
    count = 0
    while count <= size and (got := os.preadv(descriptor, [view], count)):
        hasher.update(view[:got])
        count += got
    return FileRecord("", count, hasher.hexdigest())


def _open_quietly(path: Path) -> int:
    try:
        return os.open(path, _READING | os.O_NOATIME)
    except PermissionError:
        return os.open(path, _READING)  # only the owner may leave the time of access alone


def _require_regular(found: os.stat_result, path: Path, may_be_empty: bool) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise FootageError(
            Text(
                f"{shown(path)} はシンボリックリンクです。リンク先のファイルそのものを指定してください",
                f"{shown(path)} is a symbolic link; name the file that it leads to, so that there is no doubt which file is"
                " meant",
            )
        )
    if not stat.S_ISREG(found.st_mode):
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), "something else")
        raise FootageError(Text(f"{shown(path)} はファイルではありません", f"{shown(path)} is {kind}, not a file"))
    if found.st_size == 0 and not may_be_empty:
        raise FootageError(
            Text(
                f"{shown(path)} は空です。録画は終わっていますか",
                f"{shown(path)} is empty; was the recording finished?",
            )
        )


_NUL = Text("名前に NUL 文字があります", "its name holds a NUL character")
