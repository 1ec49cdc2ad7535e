"""Bytes on their way: read in pieces, counted, hashed, and held against what they should be."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from typing import Protocol

from privmask.errors import CopyError, EvidenceError
from privmask.register import vault_words as words
from privmask.register.vault_files import BLOCK, Path, in_words


class Reader(Protocol):
    """Where bytes come from: `read(count)` gives at most `count` of them, none at the end."""

    def read(self, count: int, /) -> bytes: ...  # noqa: D102  # the class says it


class Writer(Protocol):
    """Where bytes go to; `write` takes all that it is given."""

    def write(self, data: bytes, /) -> object: ...  # noqa: D102  # the class says it


def file_chunks(descriptor: int, path: Path) -> Iterator[bytes]:
    """The bytes of an open regular file, as many as there were; `CopyError` if it changes meanwhile. `path` is for words."""
    before = os.fstat(descriptor)
    at = 0
    with in_words(path, words.NOT_READ):
        while chunk := os.pread(descriptor, min(BLOCK, before.st_size - at), at):
            at += len(chunk)
            yield chunk
        after = os.fstat(descriptor)
    if (at, after.st_size, after.st_mtime_ns) != (before.st_size, before.st_size, before.st_mtime_ns):
        raise CopyError(words.CHANGED.with_(path=words.shown(path)))


class ChunkReader:
    """Chunks, none of them empty, as a `Reader`."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def read(self, count: int) -> bytes:
        """At most `count` bytes, none at the end."""
        if not self._rest:
            self._rest = memoryview(next(self._chunks, b""))
        piece, self._rest = self._rest[:count], self._rest[count:]
        return bytes(piece)


class Counted:
    """A `Reader` or `Writer` that counts and hashes what goes through another one."""

    def __init__(self, *, source: Reader | None = None, target: Writer | None = None) -> None:
        self._source, self._target = source, target
        self._sha256 = hashlib.sha256()
        self.bytes = 0

    @property
    def sha256(self) -> str:
        """Of all that went through until now, as hex digits."""
        return self._sha256.hexdigest()

    def read(self, count: int) -> bytes:
        """At most `count` bytes, none at the end."""
        return self._note(self._source.read(count) if self._source else b"")

    def write(self, data: bytes) -> None:
        """Pass on, if there is somebody to pass on to."""
        self._note(data)
        if self._target:
            self._target.write(data)

    def _note(self, data: bytes) -> bytes:
        self._sha256.update(data)
        self.bytes += len(data)
        return data


class Checked(Counted):
    """A `Reader` that raises `EvidenceError` instead of ending, if what went through has another SHA-256 than `expected`."""

    def __init__(self, source: Reader, expected: str) -> None:
        super().__init__(source=source)
        self._expected = expected

    def read(self, count: int) -> bytes:
        """At most `count` bytes, none at the end."""
        data = super().read(count)
        if not data and self.sha256 != self._expected:
            raise EvidenceError(words.OTHER_BYTES)
        return data


def drain(source: Reader) -> None:
    """Read to the end and forget it."""
    while source.read(BLOCK):
        pass
