"""Passphrases of keys: asked for on a terminal, else read from the private file that a variable names."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from privmask.cli.language import said
from privmask.cli.words import shown_name
from privmask.errors import PlanError
from privmask.language import Text

VARIABLE = "PRIVMASK_PASSPHRASE_FILE"


def passphrase_of(path: str | Path) -> Callable[[], bytes]:
    """What asks for the passphrase of the key `path`, when it turns out to have one.

    Raises PlanError, when called, if there is neither a terminal nor PRIVMASK_PASSPHRASE_FILE, and EvidenceError if that file
    is open to others.
    """

    def ask() -> bytes:
        if _is_terminal():
            return _typed(_OF_KEY.with_(key=shown_name(path)))
        return _from_file(_NOBODY_TO_ASK.with_(key=shown_name(path)))

    return ask


def new_passphrase() -> bytes:
    """The passphrase of a key that is to be made: typed twice, or out of the file that PRIVMASK_PASSPHRASE_FILE names."""
    if not _is_terminal():
        return _from_file(_NOBODY_TO_CHOOSE)
    first = _typed(_OF_NEW_KEY)
    if not first:
        raise PlanError(_EMPTY)
    if _typed(_AGAIN) != first:
        raise PlanError(_DIFFERENT)
    return first


def _is_terminal() -> bool:
    return bool(sys.stdin and sys.stdin.isatty())


def _typed(prompt: Text) -> bytes:
    from getpass import getpass

    try:
        return getpass(said(prompt)).encode("utf-8", "surrogateescape")
    except EOFError as cause:
        raise PlanError(_NOTHING_TYPED) from cause


def _from_file(why: Text) -> bytes:
    from privmask.evidence.keys import read_passphrase

    path = os.environ.get(VARIABLE)
    if not path:
        raise PlanError(why)
    return read_passphrase(path)


_OF_KEY = Text("鍵 {key} のパスフレーズ（入力しても表示されません）： ", "Passphrase of the key {key}: ")
_OF_NEW_KEY = Text("新しい鍵のパスフレーズ（入力しても表示されません）： ", "Passphrase of the new key: ")
_AGAIN = Text("もう一度： ", "The same again: ")
_EMPTY = Text(
    "空のパスフレーズでは鍵を守れません。パスフレーズのない鍵にするには --no-passphrase を付けてください",
    "an empty passphrase locks nothing; for a key without one say --no-passphrase",
)
_DIFFERENT = Text(
    "2回のパスフレーズが違います。鍵は作っていません", "these were two different passphrases; no key was made"
)
_NOTHING_TYPED = Text("パスフレーズが入力されませんでした", "no passphrase was typed")
_NOBODY_TO_ASK = Text(
    "鍵 {key} にはパスフレーズがありますが、尋ねる端末がありません。"
    f"パスフレーズを書いたファイル（モード600）を {VARIABLE} で指定してください",
    "the key {key} has a passphrase, and there is no terminal to ask for it; name a file (mode 600) that holds it in "
    f"{VARIABLE}",
)
_NOBODY_TO_CHOOSE = Text(
    f"新しい鍵のパスフレーズを尋ねる端末がありません。パスフレーズを書いたファイル（モード600）を {VARIABLE} で指定するか、"
    "--no-passphrase を付けてください",
    "a new key needs a passphrase, and there is no terminal to ask for it; name a file (mode 600) that holds it in "
    f"{VARIABLE}; or say --no-passphrase",
)
