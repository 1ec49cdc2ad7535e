"""Private files and folders on the disk: drafts with a hidden name, names that replace nothing, locks, overwriting."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, TypeAlias

from privmask.errors import CopyError, CopyExistsError
from privmask.language import Text
from privmask.register import vault_words as words

Path: TypeAlias = str | os.PathLike[str]

BLOCK = 1 << 20
"""Bytes that are read or written at a time."""

_DRAFT = re.compile(r"\.[0-9a-f]{16}\.privmask-draft")
_RENAME_NOREPLACE = 1
_NO_RENAME = {errno.EINVAL, errno.ENOSYS}

# Where a write to a place of a file goes to that very place: ext2/3/4, XFS, FAT, exFAT, NTFS, memory. Elsewhere (btrfs, ZFS,
# F2FS, overlays, network) it may go to another one, and overwriting means nothing.
_IN_PLACE = {0xEF53, 0x58465342, 0x4D44, 0x2011BAB0, 0x7366746E, 0x01021994}


@contextmanager
def in_words(path: Path, said: Text = words.NOT_WRITTEN) -> Iterator[None]:
    """What the operating system refuses inside is a `CopyError` about `path`."""
    try:
        yield
    except OSError as cause:
        raise CopyError(said.with_(path=words.shown(path), why=words.why(cause))) from cause


def open_regular(path: Path) -> int:
    """A descriptor for reading; `CopyError` for what is no regular file, a link among them."""
    with in_words(path, words.NOT_READ):
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise CopyError(words.NOT_A_FILE.with_(path=words.shown(path)))
    return descriptor


def write_private(path: str, content: bytes) -> None:
    """A new file 0600 with `content`, on the disk; `FileExistsError` if something is there."""
    with create_private(path) as file:
        file.write(content)
        sync(file)


def create_private(path: str) -> BinaryIO:
    """A new file 0600, open for writing."""
    return open(_make_file(path), "wb", buffering=BLOCK)


def sync(file: BinaryIO) -> None:
    """Have what was written on the disk."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Have the names in the folder on the disk; some network file systems cannot, and do it by themselves."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(descriptor)


def require_free(target: Path) -> None:
    """`CopyExistsError` if anything has that name, a link to nothing too."""
    if os.path.lexists(target):
        raise CopyExistsError(words.EXISTS.with_(path=words.shown(target)))


@contextmanager
def draft_file(target: Path) -> Iterator[tuple[str, BinaryIO]]:
    """The hidden path and the open file of what is to be `target`; gone after the block unless `name_draft` named it."""
    with (
        in_words(target),
        _draft(target, _make_file) as (hidden, descriptor),
        open(descriptor, "wb", buffering=BLOCK, closefd=False) as file,
    ):
        yield hidden, file


@contextmanager
def draft_folder(target: Path) -> Iterator[str]:
    """The hidden folder 0700 of what is to be the folder `target`; gone after the block unless `name_draft` named it."""
    with in_words(target), _draft(target, _make_folder) as (hidden, _):
        yield hidden


def name_draft(hidden: str, target: Path) -> None:
    """Give a finished draft its name in one step that replaces nothing; `CopyExistsError` if something has the name."""
    try:
        rename_no_replace(hidden, os.fspath(target))
    except FileExistsError as cause:
        raise CopyExistsError(words.EXISTS.with_(path=words.shown(target))) from cause
    sync_folder(_folder_of(target))


def rename_no_replace(old: str, new: str) -> None:
    """`FileExistsError` if something is called `new`."""
    try:
        _renameat2(old, new)
    except OSError as error:
        if error.errno not in _NO_RENAME:
            raise
        if os.path.isdir(old):
            raise CopyError(words.NO_NAMING.with_(path=words.shown(new))) from error
        os.link(old, new, follow_symlinks=False)
        os.unlink(old)


@contextmanager
def locked(path: str, how: int) -> Iterator[None]:
    """Hold the lock file `path` with `fcntl.LOCK_EX` or `LOCK_SH`; waits for others unless `LOCK_NB` is in `how`."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def overwrite(path: str) -> bool:
    """Put zeros in the place of every byte, where the file system writes in place; whether it does."""
    with contextlib.suppress(OSError):
        os.chmod(path, 0o600)
    descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with open(descriptor, "wb", buffering=0) as file:
        if not writes_in_place(descriptor):
            return False
        left = os.fstat(descriptor).st_size
        while left:
            left -= file.write(bytes(min(left, BLOCK)))
        os.fsync(descriptor)
    return True


def drop(path: str) -> None:
    """Remove a file that nobody may read any more, overwritten first, unless its bytes have another name as well."""
    if os.lstat(path).st_nlink == 1:
        overwrite(path)
    os.unlink(path)


def writes_in_place(descriptor: int) -> bool:
    """Whether overwriting the file can mean anything on its file system."""
    found = (ctypes.c_long * 64)()  # struct statfs, which begins with f_type and is far shorter
    if ctypes.CDLL(None, use_errno=True).fstatfs(descriptor, ctypes.byref(found)):
        return False
    return found[0] in _IN_PLACE


@contextmanager
def _draft(target: Path, make: Callable[[str], int]) -> Iterator[tuple[str, int]]:
    folder = _folder_of(target)
    require_free(target)
    _sweep(folder)
    hidden, descriptor = _make_held(folder, make)
    try:
        yield hidden, descriptor
    finally:
        _remove(hidden)
        os.close(descriptor)


def _make_held(folder: str, make: Callable[[str], int]) -> tuple[str, int]:
    """A new draft, locked as long as it is open: what is not locked was left by a run that was killed."""
    while True:
        hidden = os.path.join(folder, f".{secrets.token_hex(8)}.privmask-draft")
        descriptor = make(hidden)
        with contextlib.suppress(OSError):  # no locks here: nobody can sweep it either
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.path.lexists(hidden):
            return hidden, descriptor
        os.close(descriptor)  # another run's sweep came between making and locking


def _make_file(path: str) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _make_folder(path: str) -> int:
    os.mkdir(path, 0o700)
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)


def _sweep(folder: str) -> None:
    for name in os.listdir(folder):
        if _DRAFT.fullmatch(name):
            with contextlib.suppress(OSError):  # living, or not ours to remove
                _sweep_one(os.path.join(folder, name))


def _sweep_one(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if os.fstat(descriptor).st_uid == os.geteuid():
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(path)
    finally:
        os.close(descriptor)


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def _folder_of(path: Path) -> str:
    return os.path.dirname(os.path.abspath(path))


def _renameat2(old: str, new: str) -> None:
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError as cause:
        raise OSError(errno.ENOSYS, "the C library has no renameat2") from cause
    here = -100  # AT_FDCWD
    if renameat2(here, os.fsencode(old), here, os.fsencode(new), _RENAME_NOREPLACE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), new)
