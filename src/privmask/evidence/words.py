"""What people are told when the operating system says no: error numbers in words, names made safe to print."""

from __future__ import annotations

import errno
import os
from typing import TypeAlias

Path: TypeAlias = str | os.PathLike[str]

_WORDS = {
    errno.EACCES: "permission denied",
    errno.EPERM: "not permitted",
    errno.EROFS: "the file system is read-only",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would be larger than the limit that is set here",
    errno.EIO: "the device reported a read or write error",
    errno.ENOENT: "there is no such file or folder",
    errno.ENOTDIR: "a part of its path is not a folder",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ELOOP: "its path goes round in a circle of links",
    errno.ESTALE: "the file server no longer knows it",
    errno.EMFILE: "too many files are open",
    errno.ENXIO: "it is no file",
}


def in_words(error: OSError) -> str:
    """Why the operating system refused, for a person; the number's own text where we have no better."""
    return _WORDS.get(error.errno or 0) or error.strerror or type(error).__name__


def shown(path: Path) -> str:
    """`path` in quotes on one line: line breaks, control and direction characters in a name are escaped."""
    return repr(os.fspath(path))


def anchored(path: Path) -> str:
    """`path` from the root on, so that it means the same after a change of folder.

    `..` stays in it: after a link to a folder it leads elsewhere than its letters say.
    """
    name = os.fspath(path)
    return name if os.path.isabs(name) else os.path.join(os.getcwd(), name)
