"""Files that come one after the other into a folder, each whole under its name, as a recorder's segments do."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from privmask.errors import CopyError, CopyExistsError
from privmask.evidence.hidden import HiddenFile, naming_in, sync_folder
from privmask.evidence.names import draft_name
from privmask.evidence.places import open_folder
from privmask.evidence.sweep import sweep_open
from privmask.evidence.words import in_words, shown
from privmask.language import Text

_OTHER_NAMES = 100


class Row:
    """A folder that is held open; what a run that was killed left in it is swept away.

    All files are readable by their owner only (0600), and none replaces another, but for `replace`. Raises CopyError.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder
        self._folder = open_folder(str(folder), "file")
        with self._in_words():
            sweep_open(self._folder)
            self._naming = naming_in(self._folder, "segment")

    def begin(self, name: str) -> HiddenFile:
        """A new file without a name, or with a hidden one; `name` is about the one that it will have."""
        with self._in_words():
            file = HiddenFile(self._folder, name, self._naming)
            file.make_private()
            return file

    def path_of(self, file: HiddenFile) -> str:
        """Where others write it."""
        return file.path(str(self._path))

    def publish(self, file: HiddenFile, name: str) -> str:
        """Bring the file to the disk and give it its name, or name-2, name-3… where it is taken; the name that it has now."""
        with self._in_words():
            os.fsync(file.descriptor)
            for candidate in _names(name):
                with contextlib.suppress(FileExistsError):
                    file.take_name(candidate)
                    sync_folder(self._folder)
                    return candidate
        raise CopyExistsError(_TAKEN.with_(name=shown(name)))

    def replace(self, name: str, content: bytes) -> None:
        """Have a file of that name hold `content`, whole at any time."""
        with self._in_words():
            hidden = draft_name(name, secrets.token_hex(4))
            descriptor = os.open(
                hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=self._folder
            )
            try:
                with open(descriptor, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(descriptor)
                os.rename(hidden, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            except BaseException:
                os.unlink(hidden, dir_fd=self._folder)
                raise

    def read(self, name: str) -> bytes | None:
        """What a file of that name holds, None where there is none."""
        with self._in_words(), contextlib.suppress(FileNotFoundError):
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=self._folder)
            with open(descriptor, "rb") as file:
                return file.read(1 << 20)
        return None

    def names(self) -> list[str]:
        """What is in the folder, in the order of the names."""
        with self._in_words():
            return sorted(os.listdir(self._folder))

    def remove(self, name: str) -> None:
        """Take a file away that was published here; it may be gone."""
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=self._folder)

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._folder)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except OSError as cause:
            folder = shown(self._path)
            raise CopyError(
                Text(
                    f"フォルダー {folder} に書き込めません（{in_words(cause).ja}）",
                    f"nothing can be written into the folder {folder}: {in_words(cause)}",
                )
            ) from cause


def _names(name: str) -> Iterator[str]:
    stem, suffix = os.path.splitext(name)
    yield name
    yield from (f"{stem}-{number}{suffix}" for number in range(2, _OTHER_NAMES))


_TAKEN = Text(
    "{name} という名前のファイルが多過ぎます。何も置き換えていません",
    "too many files have the name {name}; nothing was replaced",
)
