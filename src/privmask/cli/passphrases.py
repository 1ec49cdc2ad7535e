"""Passphrases of keys: asked for on a terminal, else read from the private file that a variable names."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from privmask.cli.language import said
from privmask.cli.words import note, say, shown_name
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


def recipients_passphrase() -> str:
    """The passphrase with which a recipient opens what is handed over: typed twice, or out of the file as above."""
    if not _is_terminal():
        return _from_file(_NOBODY_TO_CHOOSE_RECIPIENTS).decode("utf-8", "replace")
    first = _typed(_OF_RECIPIENT)
    if _typed(_AGAIN) != first:
        raise PlanError(_DIFFERENT_RECIPIENTS)
    return first.decode("utf-8", "replace")


def first_passphrase() -> str | None:
    """The passphrase for the key of a vault that is being made: offered on a terminal, where an empty answer declines."""
    if not _is_terminal():
        return None
    say(said(_FIRST))
    found = _chosen(_OF_VAULT)
    if not found:
        note(said(VAULT_STAYS_OPEN))
    return found or None


def vault_passphrase(file: str | Path | None) -> str:
    """A new passphrase for a vault's key: out of that private file, or else typed twice."""
    from privmask.evidence.keys import read_passphrase

    if file is not None:
        return read_passphrase(file).decode("utf-8", "surrogateescape")
    if not _is_terminal():
        raise PlanError(_NOBODY_TO_CHOOSE_VAULTS)
    found = _chosen(_OF_VAULT)
    if not found:
        raise PlanError(_EMPTY_VAULTS)
    return found


def _chosen(prompt: Text) -> str:
    """Typed twice, until both are the same and long enough; perhaps empty."""
    from privmask.register.vault_age import LEAST_PASSPHRASE
    from privmask.register.vault_words import SHORT_PASSPHRASE

    while first := _typed(prompt):
        if len(first.decode("utf-8", "surrogateescape")) < LEAST_PASSPHRASE:
            say(said(SHORT_PASSPHRASE.with_(least=LEAST_PASSPHRASE)))
        elif _typed(_AGAIN) != first:
            say(said(_DIFFERENT_ONES))
        else:
            break
    return first.decode("utf-8", "surrogateescape")


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


_OF_KEY = Text("鍵 {key} のパスフレーズ（入力しても表示されません）：", "Passphrase of the key {key}: ")
_OF_NEW_KEY = Text("新しい鍵のパスフレーズ（入力しても表示されません）：", "Passphrase of the new key: ")
_OF_VAULT = Text(
    "保管庫の鍵の新しいパスフレーズ（12文字以上、入力しても表示されません）：",
    "New passphrase of the vault's key (12 characters or more): ",
)
_FIRST = Text(
    "複写の保管庫を作ります。保管庫の鍵にパスフレーズを付けると、このパソコンが盗まれても複写は開けません。"
    "閲覧・提供のたびに入力します。忘れると誰にも開けなくなるので、紙に書いて施錠できる場所に保管してください。"
    "付けないときは、そのまま Enter を押してください。",
    "A vault for the copies is being made. With a passphrase on its key nobody opens them who steals this computer. You will"
    " type it for every view and provision. Nobody can open them if it is forgotten: write it on paper and lock that away."
    " For a key without one just press Enter.",
)
VAULT_STAYS_OPEN = Text(
    "保管庫の鍵にパスフレーズはありません。後から付けるには privmask vault lock を使ってください",
    "the vault's key has no passphrase; to set one later: privmask vault lock",
)
_EMPTY_VAULTS = Text(
    "パスフレーズが入力されませんでした。鍵は元のままです。外すには --remove を付けてください",
    "no passphrase was typed, and the key is as it was; to take it off say --remove",
)
_NOBODY_TO_CHOOSE_VAULTS = Text(
    "新しいパスフレーズを尋ねる端末がありません。"
    "パスフレーズを書いたファイル（モード600）を --new-passphrase で指定してください",
    "there is no terminal to ask for the new passphrase; name a file (mode 600) that holds it with --new-passphrase",
)
_DIFFERENT_ONES = Text(
    "2回のパスフレーズが違います。もう一度入力してください", "these were two different passphrases; type it again"
)
_OF_RECIPIENT = Text(
    "提供先に伝えるパスフレーズ（12文字以上、入力しても表示されません）：",
    "Passphrase for the recipient (12 letters or more): ",
)
_DIFFERENT_RECIPIENTS = Text(
    "2回のパスフレーズが違います。まだ何も渡していません", "these were two different passphrases; nothing was provided"
)
_NOBODY_TO_CHOOSE_RECIPIENTS = Text(
    "提供先に伝えるパスフレーズを尋ねる端末がありません。パスフレーズを書いたファイル（モード600）を "
    f"{VARIABLE} で指定してください",
    f"there is no terminal to ask for the recipient's passphrase; name a file (mode 600) that holds it in {VARIABLE}",
)
_AGAIN = Text("もう一度：", "The same again: ")
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
