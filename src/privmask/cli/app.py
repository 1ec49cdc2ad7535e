"""The words of `privmask`: which commands there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from privmask.cli import options
from privmask.cli.demo import demo
from privmask.cli.detect import detect
from privmask.cli.doctor import doctor
from privmask.cli.due import due
from privmask.cli.erase import erase
from privmask.cli.hold import hold
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
from privmask.cli.verify import verify
from privmask.cli.view import view
from privmask.cli.zones import zones
from privmask.language import Language

app = typer.Typer(
    name="privmask",
    help="Hide private zones in a copy of security-camera footage, and never touch the original.",
    epilog="Exit codes: 0 done · 2 wrong words or plan · 3 evidence does not hold · 4 the original changed · "
    "5 refused by the site's rules · 6 footage unreadable, unsupported or damaged · 7 the copy could not be written · "
    "8 detector or model · 130 interrupted.",
    no_args_is_help=True,
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
    version: Annotated[bool, options.flag("--version", "Show the version.", callback=_version, is_eager=True)] = False,
    lang: Annotated[
        Language | None,
        typer.Option("--lang", help="Speak Japanese or English, where a command speaks both; else as the locale says."),
    ] = None,
) -> None:
    del version  # its callback has spoken
    choose(lang)


_COMMANDS: tuple[Callable[..., int], ...] = (
    *(mask, detect, verify, probe, demo, doctor, provide, view),
    *(due, erase, hold, retire, record, report),
)
for command in _COMMANDS:
    app.command()(command)
app.command("inspect-site")(inspect_site)
app.add_typer(keys, name="keys")
app.add_typer(models, name="models")
app.add_typer(policy, name="policy")
app.add_typer(register, name="register")
app.add_typer(request, name="request")
app.add_typer(zones, name="zones")
