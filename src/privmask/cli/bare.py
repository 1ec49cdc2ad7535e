"""`privmask` itself, before any command: what can be said to it."""

from __future__ import annotations

from typing import Annotated

import typer

from privmask.cli import options
from privmask.cli.helping import Words, both
from privmask.cli.language import choose
from privmask.language import Language


def bare_app() -> Words:
    """`privmask` without any command."""
    bare = Words(
        name="privmask",
        help=both(
            "防犯カメラ映像の複写に写った私的空間や人を隠します。原本には手を加えません。",
            "Hide private zones in a copy of security-camera footage, and never touch the original.",
        ),
        epilog=both(
            "終了コード：0（完了）、2（指定又は計画の誤り）、3（検証の不合格）、4（原本の変化）、5（規程による拒否）、"
            "6（読めない、対応していない又は壊れた映像）、7（複写の書込み失敗）、8（検出器又はモデルの失敗）、130（中断）。",
            "Exit codes: 0 done · 2 wrong words or plan · 3 evidence does not hold · 4 the original changed · "
            "5 refused by the site's rules · 6 footage unreadable, unsupported or damaged · 7 the copy could not be written · "
            "8 detector or model · 130 interrupted.",
        ),
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    bare.callback()(_privmask)
    return bare


def _version(wanted: bool) -> None:
    if wanted:
        from privmask import __version__

        typer.echo(f"privmask {__version__}")
        raise typer.Exit


def _privmask(
    version: Annotated[
        bool, options.flag("--version", both("版を表示します。", "Show the version."), callback=_version, is_eager=True)
    ] = False,
    lang: Annotated[
        Language | None,
        typer.Option(
            "--lang",
            help=both(
                "日本語（ja）か英語（en）で話します。指定がなければ端末の設定に従います。",
                "Speak Japanese or English; else as the locale says.",
            ),
        ),
    ] = None,
) -> None:
    del version  # its callback has spoken
    choose(lang)
