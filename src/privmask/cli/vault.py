"""`privmask vault`: the key of the vault (保管庫), in which the copies lie encrypted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from privmask.cli import options
from privmask.cli.helping import Words, both, in_japanese
from privmask.cli.language import said
from privmask.cli.offices import SITE, Site
from privmask.cli.passphrases import passphrase_of, vault_passphrase
from privmask.cli.words import answer
from privmask.errors import PlanError
from privmask.language import Text

vault = Words(
    no_args_is_help=True,
    help=both(
        "保管庫：複写を暗号化してしまう場所。鍵のパスフレーズを付ける、変える、外す。",
        "The vault in which the copies lie encrypted: set, change or remove the passphrase of its key.",
    ),
)


@vault.callback()
def _vault() -> None:
    """Keep `lock` a command of its own, although it is the only one."""


@vault.command()
@in_japanese("保管庫の鍵にパスフレーズを付けます。既にあれば変え、--remove で外します。")
def lock(
    site: Site = SITE,
    remove: Annotated[
        bool,
        options.flag("--remove", both("パスフレーズを外します。", "Take the passphrase off.")),
    ] = False,
    new_passphrase: Annotated[
        Path | None,
        typer.Option(
            "--new-passphrase",
            metavar="FILE",
            help=both(
                "新しいパスフレーズを書いたファイル（モード600）。指定がなければ端末で尋ねます。",
                "A file (mode 600) that holds the new passphrase; asked for on the terminal if not given.",
            ),
        ),
    ] = None,
    as_json: options.Json = False,
) -> int:
    """Lock the vault's key by a passphrase: set the first, change it, or take it off with --remove."""
    from privmask.office import VAULT
    from privmask.register.vault import open_vault

    if remove and new_passphrase is not None:
        raise PlanError(_BOTH)
    folder = site.parent / VAULT
    opened = open_vault(folder, lambda: passphrase_of(folder / "site-key")().decode("utf-8", "surrogateescape"))
    was_open = opened.is_open
    opened.unlock()
    opened.lock(None if remove else vault_passphrase(new_passphrase))
    done = _REMOVED if remove else (_LOCKED if was_open else _CHANGED)
    answer({"vault": str(folder), "locked": not remove, "exit_code": 0}, said(done), as_json=as_json)
    return 0


_BOTH = Text(
    "--remove と --new-passphrase は一緒に使えません", "--remove and --new-passphrase contradict each other; give one"
)
_LOCKED = Text(
    "保管庫の鍵にパスフレーズを付けました。忘れると複写は誰にも開けません。紙に書いて、施錠できる場所に保管してください。"
    "以前の控え（バックアップ）の鍵は、パスフレーズなしのままです。",
    "The vault's key is locked. Nobody can open the copies if the passphrase is forgotten: write it on paper and lock that"
    " away. In earlier backups the key is still without a passphrase.",
)
_CHANGED = Text(
    "保管庫の鍵のパスフレーズを変えました。紙の控えも書き直してください。以前の控え（バックアップ）の鍵は、前のパスフレーズで開きます。",
    "The passphrase of the vault's key is changed; change it on your paper too. In earlier backups the old one still opens the"
    " key.",
)
_REMOVED = Text(
    "保管庫の鍵のパスフレーズを外しました。このパソコンを使える人は誰でも複写を開けます。",
    "The vault's key has no passphrase any more: whoever can use this computer can open the copies.",
)
