"""One open file, read at several places at once."""

from __future__ import annotations

import io
import threading


class SharedFile:
    """Reads a file by offset; several readers, in several threads, do not disturb each other's places."""

    def __init__(self, file: io.RawIOBase) -> None:
        self._file = file
        self._lock = threading.Lock()

    def read_at(self, at: int, size: int) -> bytes:
        """Up to `size` bytes from offset `at`; fewer only at the end of the file."""
        with self._lock:
            self._file.seek(at)
            return self._file.read(size) or b""

    def size(self) -> int:
        """Bytes in the file now."""
        with self._lock:
            return self._file.seek(0, io.SEEK_END)


class NamelessReader(io.RawIOBase):
    """A reader that says nothing of its file's name: by that FFmpeg would choose a demuxer that opens the file's neighbours."""

    def __init__(self, file: SharedFile) -> None:
        self._file = file
        self._at = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """Any place of it can be read."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes from here."""
        data = self._file.read_at(self._at, size if size >= 0 else self._file.size())
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to an offset from the start, from here or from the end."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at}.get(whence)
        self._at = (self._file.size() if start is None else start) + offset
        return self._at

    def tell(self) -> int:
        """Where it stands."""
        return self._at
