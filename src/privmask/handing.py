"""A sealed file gets its name when its hand-over is recorded, and what a killed run left between the two is put right.

While that goes on, a note lies in `handing-over/` of the site: the copy, the file's hash, and its hidden and its own name. Who
finds a note that nobody holds finishes it: a file that was recorded gets its name, one that was not goes.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from privmask.errors import CopyError
from privmask.language import Text
from privmask.register.vault_files import rename_no_replace, sync_folder

HANDING = Path("handing-over")


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A hand-over that was recorded and whose file was not named; `note` tells of it."""

    note: Path
    copy_id: str
    sha256: str
    names: Mapping[str, str]


@contextmanager
def noted(site_folder: Path, copy_id: str, sha256: str, names: Mapping[str, str]) -> Iterator[None]:
    """A note of the files, by their hidden names, for as long as the block lasts; `CopyError` if it cannot be written."""
    folder = site_folder / HANDING
    note = folder / f"{secrets.token_hex(8)}.json"
    text = json.dumps(
        {"copy_id": copy_id, "sha256": sha256, "names": {k: os.path.abspath(v) for k, v in names.items()}}
    )
    try:
        with contextlib.suppress(FileExistsError):
            folder.mkdir(0o700)
        held = os.open(note, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        fcntl.flock(held, fcntl.LOCK_EX)
        os.write(held, text.encode())
        os.fsync(held)
        sync_folder(folder)
    except OSError as cause:
        raise CopyError(_NO_NOTE.with_(folder=HANDING, why=cause.strerror)) from cause
    try:
        yield
    finally:
        _drop(note)
        os.close(held)


def unfinished(site_folder: Path) -> Iterator[Unfinished]:
    """What killed runs left; a run that still goes on holds its note."""
    folder = site_folder / HANDING
    for note in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError), open(note, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            data = json.loads(file.read() or b"{}")  # empty: killed before anything was recorded
            yield Unfinished(
                note, str(data.get("copy_id", "")), str(data.get("sha256", "")), dict(data.get("names", {}))
            )


def finish(site_folder: Path, recorded: Callable[[Unfinished], bool]) -> None:
    """Put right what killed runs left. What was recorded and cannot be reached, on a disk that is not there, stays noted."""
    for each in unfinished(site_folder):
        if not recorded(each):
            for hidden in each.names:
                with contextlib.suppress(OSError):
                    os.unlink(hidden)
            _drop(each.note)
        elif all(_named(hidden, name) for hidden, name in each.names.items()):
            _drop(each.note)
    with contextlib.suppress(OSError):  # notes are left in it
        (site_folder / HANDING).rmdir()


def _named(hidden: str, name: str) -> bool:
    """Whether the file has its name now."""
    with contextlib.suppress(OSError):
        if os.path.lexists(hidden):
            rename_no_replace(hidden, name)
            sync_folder(os.path.dirname(name))
    return os.path.lexists(name) and not os.path.lexists(hidden)


def _drop(note: Path) -> None:
    with contextlib.suppress(OSError):
        note.unlink()
        note.parent.rmdir()


_NO_NOTE = Text("フォルダー {folder} に書けません（{why}）", "the folder {folder} cannot be written: {why}")
