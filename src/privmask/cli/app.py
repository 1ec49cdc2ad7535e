"""The words of `privmask`: which commands there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from privmask.cli import options
from privmask.cli.batch import batch
from privmask.cli.demo import demo
from privmask.cli.detect import detect
from privmask.cli.doctor import doctor
from privmask.cli.due import due
from privmask.cli.erase import erase
from privmask.cli.gst_env import gst_env
from privmask.cli.helping import Words, both
from privmask.cli.hold import hold
from privmask.cli.hook import hook, segments
from privmask.cli.inspect_site import inspect_site
from privmask.cli.keys import keys
from privmask.cli.language import choose
from privmask.cli.mask import mask
from privmask.cli.models import models
from privmask.cli.policy import policy
from privmask.cli.probe import probe
from privmask.cli.provide import provide
from privmask.cli.record import record
from privmask.cli.register import register
from privmask.cli.report import report
from privmask.cli.request import request
from privmask.cli.retire import retire
from privmask.cli.vault import vault
from privmask.cli.verify import verify
from privmask.cli.view import view
from privmask.cli.watch import watch
from privmask.cli.zones import zones
from privmask.language import Language

app = Words(
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


def _version(wanted: bool) -> None:
    if wanted:
        from privmask import __version__

        typer.echo(f"privmask {__version__}")
        raise typer.Exit


@app.callback()
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


_COMMANDS: tuple[Callable[..., int], ...] = (
    *(mask, batch, detect, verify, probe, demo, doctor, provide, view),
    *(due, erase, hold, retire, record, report),
    *(watch, hook, segments),
)
for command in _COMMANDS:
    app.command()(command)
app.command("gst-env")(gst_env)
app.command("inspect-site")(inspect_site)
app.add_typer(keys, name="keys")
app.add_typer(models, name="models")
app.add_typer(policy, name="policy")
app.add_typer(register, name="register")
app.add_typer(request, name="request")
app.add_typer(vault, name="vault")
app.add_typer(zones, name="zones")
