"""The files of one copy as one stream: a plain tar, made as it is read and unpacked as it comes.

A tar, because every recipient has a program for it: `age -d -i KEY X.tar.age | tar -x`.
"""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import IO, cast
from unicodedata import category

from privmask.errors import EvidenceError, PolicyError
from privmask.register import vault_words as words
from privmask.register.vault_files import BLOCK, Path, create_private, open_regular, sync
from privmask.register.vault_streams import Counted, Reader, drain, file_chunks

_END = bytes(2 * tarfile.BLOCKSIZE)
_LONGEST_NAME = 255


def pack(files: Mapping[str, Path], at: datetime, first: Counted) -> Iterator[bytes]:
    """The tar of those files under those names, in chunks; the bytes of the first file go through `first` as well.

    Raises `PolicyError` for a name that is no plain name of a file, `CopyError` for what cannot be read or changes meanwhile.
    """
    for number, (name, path) in enumerate(files.items()):
        require_plain(name)
        descriptor = open_regular(path)
        try:
            size = os.fstat(descriptor).st_size
            yield _member(name, size, at)
            for chunk in file_chunks(descriptor, path):
                if number == 0:
                    first.write(chunk)
                yield chunk
            if rest := -size % tarfile.BLOCKSIZE:
                yield bytes(rest)
        finally:
            os.close(descriptor)
    yield _END


def unpack(source: Reader, folder: str) -> None:
    """Write the files of such a tar into `folder`, 0600 and on the disk, and read `source` to its end.

    Raises `EvidenceError` for anything but plain files with plain names, and what `source` raises instead of ending.
    """
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", source), mode="r|", bufsize=BLOCK) as archive:
            for member in archive:
                _write(archive, member, folder)
    except (tarfile.TarError, FileExistsError) as cause:
        drain(source)  # if it was tampered with, that is what must be said
        raise EvidenceError(words.STRANGE_UNIT) from cause
    drain(source)


def require_plain(name: str) -> None:
    """`PolicyError` for a name that leads out of its folder on some system, or that no file can have."""
    if not _is_plain(name):
        raise PolicyError(words.STRANGE_NAME, clause="II-6(1)")


def _is_plain(name: str) -> bool:
    strange = name in ("", ".", "..") or set(name) & set("/\\") or any(category(each) in ("Cc", "Cs") for each in name)
    return not strange and len(name.encode()) <= _LONGEST_NAME


def _member(name: str, size: int, at: datetime) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, int(at.timestamp()), 0o600
    return member.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: str) -> None:
    content = archive.extractfile(member) if member.isreg() else None
    if content is None or not _is_plain(member.name):
        raise tarfile.ExtractError(member.name)
    with create_private(os.path.join(folder, member.name)) as file:
        shutil.copyfileobj(content, file, BLOCK)
        sync(file)
