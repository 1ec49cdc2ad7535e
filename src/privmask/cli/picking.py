"""The app of the one command that is asked for.

There are many commands, and each start of one would declare them all: a tenth of a second, which shows in short clips.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from privmask.cli.bare import bare_app
from privmask.cli.helping import Words

ALONE = ("mask", "batch", "detect", "verify", "probe")
"""Commands that are loaded without the others when they are the first word; each has the name of its module."""


def app_of(words: Sequence[str]) -> Words:
    """The app that understands these words: of one command where that is plain, else of all."""
    if words and words[0] in ALONE:
        alone = bare_app()
        alone.command()(getattr(import_module(f"privmask.cli.{words[0]}"), words[0]))
        return alone
    from privmask.cli.app import app

    return app
