"""The words of `privmask`: which commands there are."""

from __future__ import annotations

from collections.abc import Callable

from privmask.cli.bare import bare_app
from privmask.cli.batch import batch
from privmask.cli.demo import demo
from privmask.cli.detect import detect
from privmask.cli.doctor import doctor
from privmask.cli.due import due
from privmask.cli.erase import erase
from privmask.cli.gst_env import gst_env
from privmask.cli.hold import hold
from privmask.cli.hook import hook, segments
from privmask.cli.inspect_site import inspect_site
from privmask.cli.keys import keys
from privmask.cli.live import live
from privmask.cli.mask import mask
from privmask.cli.models import models
from privmask.cli.pipe import pipe
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

app = bare_app()

_COMMANDS: tuple[Callable[..., int], ...] = (
    *(mask, batch, detect, verify, probe, demo, doctor, provide, view),
    *(due, erase, hold, retire, record, report),
    *(watch, hook, segments),
)
_STREAMS: tuple[Callable[..., int], ...] = (pipe, live)
for command in (*_COMMANDS, *_STREAMS):
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
