"""How a register comes to be: whole or not at all, and never in the place of another."""

from __future__ import annotations

import os
import secrets
from datetime import datetime

from privmask.errors import CopyError, CopyExistsError, PlanError
from privmask.language import Text
from privmask.register import schema
from privmask.register.chain import to_second
from privmask.register.private import require_private_folder
from privmask.register.schema import PathLike, told

_LONGEST_SITE = 100


def create_register(path: PathLike, site: str, at: datetime) -> None:
    """Make an empty register for the site, 0600 in a folder 0700 that is made as well.

    Raises CopyExistsError if anything has the name, PolicyError if the folder is open to others.
    """
    if not site.strip() or len(site) > _LONGEST_SITE or not site.isprintable():
        raise PlanError(_BAD_SITE.with_(longest=_LONGEST_SITE))
    created = to_second(at).isoformat()
    folder, name = os.path.split(os.path.abspath(path))
    require_private_folder(folder)
    draft = os.path.join(folder, f".{name}.{secrets.token_hex(4)}.part")
    with told(path):
        try:
            os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            connection = schema.connect(draft)
            try:
                schema.make_tables(connection, site, created)
            finally:
                connection.close()
            os.link(draft, path)
        except FileExistsError as cause:
            raise CopyExistsError(_EXISTS.with_(path=os.fspath(path))) from cause
        except OSError as cause:
            raise CopyError(_NOT_MADE.with_(path=os.fspath(path), why=cause.strerror)) from cause
        finally:
            _remove(draft)
    _sync_folder(folder)


def _remove(draft: str) -> None:
    for name in (draft, f"{draft}-wal", f"{draft}-shm"):
        if os.path.lexists(name):
            os.unlink(name)


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_BAD_SITE = Text(
    "設置場所の名前は、1文字以上 {longest} 文字以内の、目に見える文字だけにしてください",
    "the site's name must have 1 to {longest} letters, all of them visible",
)
_EXISTS = Text(
    "{path} はすでにあります。privmask は何も置き換えません", "{path} exists already; privmask replaces nothing"
)
_NOT_MADE = Text("台帳 {path} を作れません（{why}）", "the register {path} cannot be made ({why})")
