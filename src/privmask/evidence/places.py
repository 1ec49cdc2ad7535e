"""Where a new file is to stand: its name looked at before anything is written, and its folder held open.

`what` is the word for the file in what people are told: "copy", or "file".
"""

from __future__ import annotations

import os

from privmask.errors import CopyError, CopyExistsError
from privmask.evidence.custody import Custody
from privmask.evidence.files import Stand
from privmask.evidence.names import LONGEST_ADDITION, is_ours
from privmask.evidence.words import Path, anchored, in_words, noun, shown
from privmask.language import Text


def checked_place(path: Path, what: str) -> str:
    """`path` from the root on; `CopyError` where no file should be called so."""
    name = os.path.basename(os.fspath(path))
    if name in ("", ".", ".."):
        raise CopyError(
            Text(
                f"{shown(path)} は{noun(what)}の名前になりません。out/clip.mp4 のようなファイルの名前を指定してください",
                f"{shown(path)} is no name for a {what}; name a file, such as out/clip.mp4",
            )
        )
    if "\0" in os.fspath(path):
        raise CopyError(
            Text(
                f"{shown(path)} に、ファイル名に使えない文字（NUL）があります",
                f"{shown(path)} holds a NUL character, which no file name can",
            )
        )
    if not _is_utf8(name):
        raise CopyError(
            Text(
                f"{shown(path)} は UTF-8 ではないため来歴に書けません。別の名前にしてください",
                f"{shown(path)}: the {what}'s name is not UTF-8, and no statement could say it; choose another",
            )
        )
    if is_ours(name):
        raise CopyError(
            Text(
                f"{shown(path)} は privmask が作業中のファイルに使う名前です。別の名前にしてください",
                f"{shown(path)} is a name that privmask gives to its own unfinished files; choose another",
            )
        )
    return anchored(path)


def open_folder(folder: str, what: str) -> int:
    """A descriptor of `folder`; `CopyError` where there is none."""
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as cause:
        raise CopyError(
            Text(
                f"{noun(what)}のフォルダー {shown(folder)} は使えません（{in_words(cause).ja}）",
                f"the {what}'s folder {shown(folder)} cannot be used: {in_words(cause)}",
            )
        ) from cause


def require_length(folder: int, name: str, what: str) -> None:
    """Raise `CopyError` where `name` leaves no room for the names that privmask makes of it."""
    longest = os.fpathconf(folder, "PC_NAME_MAX") - LONGEST_ADDITION
    if len(os.fsencode(name)) > longest:
        raise CopyError(
            Text(
                f"{noun(what)}の名前 {shown(name)} が長すぎます。{longest}バイト以内にしてください",
                f"the {what}'s name {shown(name)} is too long: {longest} bytes leave room for those of its companions",
            )
        )


def require_other_file(folder: int, name: str, original: Custody, what: str) -> None:
    """Raise `CopyError` where `name` leads to the original, under any spelling or link."""
    try:
        found = Stand.of(os.stat(name, dir_fd=folder))
    except OSError:
        return  # nothing there, or a link to nothing: the next check tells
    if found.is_same_file(original.stand):
        raise CopyError(
            Text(
                f"{shown(name)} は原本 {original.shown} そのものです。{noun(what)}に別の名前を付けてください",
                f"the {what} {shown(name)} is the original {original.shown} itself; give the {what} another name",
            )
        )


def require_free(folder: int, name: str, what: str) -> None:
    """Raise `CopyExistsError` where anything has that name."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return
    raise CopyExistsError(
        Text(
            f"{shown(name)} は既にあります。置き換えはしません。{noun(what)}に別の名前を指定してください",
            f"{shown(name)} exists already; privmask replaces nothing. Name another {what}",
        )
    )


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
