"""Small files of JSON that come into being whole, and locks that end with the process that holds them."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from pathlib import Path
from typing import Any

from privmask.errors import PlanError
from privmask.language import Text
from privmask.recorders.delivery import sync, take_name


def write_new(path: Path, data: dict[str, Any]) -> bool:
    """A JSON file that comes into being whole, on the disk when this returns; false where there is one of that name."""
    if path.exists():
        return False
    draft = path.parent / f".draft-{secrets.token_hex(8)}"
    try:
        _write_whole(draft, data)
        take_name(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    sync(path.parent)
    return True


def write_over(path: Path, data: dict[str, Any]) -> None:
    """A JSON file that is replaced whole; it need not survive a power cut."""
    draft = path.parent / f".draft-{secrets.token_hex(8)}"
    try:
        draft.write_bytes(_as_bytes(data))
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def held(path: Path, watched: str) -> int:
    """A descriptor that holds the lock `path`; PlanError where another process does."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    _lock(descriptor, watched)
    return descriptor


def is_held(path: Path) -> bool:
    """Whether a process holds that lock now."""
    try:
        os.close(held(path, ""))
    except PlanError:
        return True
    except OSError:
        return False
    return False


def held_folder(watched: str) -> list[int]:
    """The watched folder itself, held: nothing is written to it. Nothing where its file system cannot lock folders."""
    descriptor = os.open(watched, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(descriptor, watched)
    except OSError:
        os.close(descriptor)
        return []
    except PlanError:
        os.close(descriptor)
        raise
    return [descriptor]


def _lock(descriptor: int, watched: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as cause:
        raise PlanError(_ANOTHER.with_(folder=repr(watched))) from cause


def _as_bytes(data: dict[str, Any]) -> bytes:
    """Japanese as it is read, and bytes of names that are no UTF-8 as JSON's own escapes."""
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def _write_whole(draft: Path, data: dict[str, Any]) -> None:
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(_as_bytes(data))
        file.flush()
        os.fsync(descriptor)


def read_whole(path: Path) -> dict[str, Any] | None:
    """The data of such a file; None where there is none that could be read."""
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None


_ANOTHER = Text(
    "フォルダー {folder} は、別の privmask watch が見ています",
    "another privmask watch is at the folder {folder}; one is enough",
)
