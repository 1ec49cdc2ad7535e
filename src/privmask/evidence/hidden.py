"""Files that are being written: without a name where the file system can do that, under a hidden, locked one elsewhere.

A finished one takes its name in a single step of the kernel that never replaces anything:

=========  ===========================================  ==============================================
naming     while it is written                          how it takes its name
=========  ===========================================  ==============================================
NAMELESS   no name at all (O_TMPFILE)                   linkat of /proc/self/fd/N
LINK       hidden name, flock held (NFS)                linkat of the hidden name, which is then removed
RENAME     hidden name, flock held (FAT, exFAT, SMB)    renameat2 with RENAME_NOREPLACE
=========  ===========================================  ==============================================
"""

from __future__ import annotations

import contextlib
import ctypes
import enum
import errno
import fcntl
import os
import secrets

from privmask.errors import CopyError
from privmask.evidence.files import Content, Stand, blocks_of
from privmask.evidence.names import draft_name

_NEW = os.O_RDWR | os.O_CLOEXEC
_RENAME_NOREPLACE = 1
_DESCRIPTORS = "/proc/self/fd"

# "This file system cannot do that", in the words of various file systems; all else is a real failure.
_CANNOT = {
    errno.EOPNOTSUPP,
    errno.EINVAL,
    errno.EISDIR,
    errno.ENOSYS,
    errno.EPERM,
    errno.EMLINK,
    errno.EXDEV,
}
NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}


class Naming(enum.Enum):
    """How a finished file takes its name on a file system; see the module's table."""

    NAMELESS = "nameless"
    LINK = "link"
    RENAME = "rename"


class HiddenFile:
    """A file that is being written in an open folder. `close` forgets it, unless it took a name."""

    def __init__(self, folder: int, copy: str, naming: Naming) -> None:
        self._folder = folder
        self._naming = naming
        self._hidden: str | None = None
        if naming is Naming.NAMELESS:
            self.descriptor = os.open(".", _NEW | os.O_TMPFILE, 0o600, dir_fd=folder)
        else:
            self.descriptor, self._hidden = _create_locked(folder, copy)
        self._closed = False

    def path(self, folder: str) -> str:
        """Where others write it: its descriptor's name in /proc, or its hidden name in `folder` where there is no /proc."""
        if self._hidden and not os.path.isdir(_DESCRIPTORS):
            return os.path.join(folder, self._hidden)
        return f"{_DESCRIPTORS}/{self.descriptor}"

    def make_private(self) -> bool:
        """Have its mode 0600; false where the file system keeps no modes, and others may be able to read it."""
        with contextlib.suppress(OSError):
            os.fchmod(self.descriptor, 0o600)
        return not os.fstat(self.descriptor).st_mode & 0o077

    def write(self, content: Content) -> None:
        """Append all of `content`, and have it on the disk."""
        for block in blocks_of(content):
            rest = memoryview(block)
            while rest:
                rest = rest[os.write(self.descriptor, rest) :]
        os.fsync(self.descriptor)

    def lock(self) -> None:
        """Hold it as long as this process lives; the lock stays with the file whatever its name. Without locks: nothing."""
        lock(self.descriptor, fcntl.LOCK_EX)

    def take_name(self, name: str) -> None:
        """Stand as `name` in the folder from now on, whole; `FileExistsError` if anything has that name."""
        hidden = self._hidden
        if self._naming is Naming.NAMELESS:
            os.link(f"{_DESCRIPTORS}/{self.descriptor}", name, dst_dir_fd=self._folder)
        elif hidden and self._naming is Naming.LINK:
            os.link(hidden, name, src_dir_fd=self._folder, dst_dir_fd=self._folder, follow_symlinks=False)
            self.lose_name(hidden)
        elif hidden:
            _rename_no_replace(self._folder, hidden, name)

    def lose_name(self, name: str) -> None:
        """Remove `name` from the folder if it leads to this very file, and leave it alone if it does not."""
        if leads_to(self._folder, name, self.descriptor):
            with contextlib.suppress(FileNotFoundError):  # another run's sweep was faster
                os.unlink(name, dir_fd=self._folder)

    def close(self) -> None:
        """Let go of it; what has no name but the hidden one is gone then."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._hidden:
                self.lose_name(self._hidden)
        finally:
            os.close(self.descriptor)


def naming_in(folder: int, copy: str) -> Naming:
    """What the file system of `folder` can do, found by doing it with an empty file; a real failure raises its `OSError`."""
    for naming in Naming:
        try:
            if _works(naming, folder, copy):
                return naming
        except OSError as error:
            if error.errno not in _CANNOT:
                raise
    raise CopyError(
        "the file system of the copy's folder offers no way to give a finished file its name without replacing another;"
        " write the copy to another disk and move it from there"
    )


def _works(naming: Naming, folder: int, copy: str) -> bool:
    if naming is Naming.NAMELESS and not os.path.isdir(_DESCRIPTORS):
        return False
    name = draft_name(copy, secrets.token_hex(4))
    trial = HiddenFile(folder, copy, naming)
    try:
        trial.take_name(name)
        trial.lose_name(name)
    finally:
        trial.close()
    return True


def lock(descriptor: int, how: int) -> bool:
    """`flock`; whether the lock is held now. False where somebody else holds it or the file system has no locks."""
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        return False
    return True


def leads_to(folder: int, name: str, descriptor: int) -> bool:
    """Whether `name` in the open folder is the file behind `descriptor`."""
    try:
        named = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return Stand.of(named).is_same_file(Stand.of(os.fstat(descriptor)))


def sync_folder(folder: int) -> None:
    """Have the names in the folder on the disk; some network file systems cannot, and do it by themselves."""
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise


def _create_locked(folder: int, copy: str) -> tuple[int, str]:
    while True:
        name = draft_name(copy, secrets.token_hex(4))
        try:
            descriptor = os.open(name, _NEW | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
        except FileExistsError:
            continue
        lock(descriptor, fcntl.LOCK_EX)
        if leads_to(folder, name, descriptor):
            return descriptor, name
        os.close(descriptor)  # between those lines another run's sweep took it for an orphan


def _rename_no_replace(folder: int, old: str, new: str) -> None:
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError as cause:
        raise OSError(errno.ENOSYS, "the C library has no renameat2") from cause
    if renameat2(folder, os.fsencode(old), folder, os.fsencode(new), _RENAME_NOREPLACE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), new)
