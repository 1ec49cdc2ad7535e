"""A camera's address and how to get at it: from the command line, from standard input, or with a password from elsewhere."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit

from privmask.errors import PlanError
from privmask.language import Text

CREDENTIALS = "PRIVMASK_CAMERA"
"""The environment's variable that holds user:password of a camera."""
_MOST = 4096


def address_of(word: str, credentials: Path | None) -> str:
    """The whole address: `word`, or the first line of standard input for "-", with what a file or the environment add to it.

    Raises PlanError where that is no address, or where others can read the file.
    """
    from privmask.video import check_address

    url = sys.stdin.readline(_MOST).strip() if word == "-" else word
    check_address(url)
    said = _from_file(credentials) if credentials is not None else os.environ.get(CREDENTIALS, "")
    if not said:
        return url
    user, colon, password = said.strip().partition(":")
    if not (user and colon):
        raise PlanError(_NO_CREDENTIALS)
    parts = urlsplit(url)
    if "@" in parts.netloc or parts.scheme == "file":
        if credentials is None:
            return url
        raise PlanError(_TWICE)
    return parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{parts.netloc}").geturl()


def _from_file(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, encoding="utf-8") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_mode & 0o077 or found.st_uid != os.geteuid():
                raise PlanError(_OPEN)
            return file.readline(_MOST) or ":"
    except (OSError, UnicodeError) as cause:
        raise PlanError(_UNREADABLE) from cause


_NO_CREDENTIALS = Text(
    "カメラの利用者名とパスワードは user:password の形で1行目に書いてください",
    "a camera's user and password are written as user:password, in the first line",
)
_TWICE = Text(
    "アドレスにも --credentials にも利用者名があります。どちらか一方にしてください",
    "both the address and --credentials name a user; leave one of them out",
)
_OPEN = Text(
    "--credentials のファイルは他の利用者にも読めるか、通常のファイルではありません。chmod 600 で閉じてください",
    "the file of --credentials is open to others, or no file; close it: chmod 600",
)
_UNREADABLE = Text("--credentials のファイルを読めません", "the file of --credentials cannot be read")
