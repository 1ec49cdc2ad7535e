"""Passphrases of keys: asked for on a terminal, else read from the private file that a variable names."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from privmask.cli.words import shown_name
from privmask.errors import PlanError

VARIABLE = "PRIVMASK_PASSPHRASE_FILE"


def passphrase_of(path: str | Path) -> Callable[[], bytes]:
    """What asks for the passphrase of the key `path`, when it turns out to have one.

    Raises PlanError, when called, if there is neither a terminal nor PRIVMASK_PASSPHRASE_FILE, and EvidenceError if that file
    is open to others.
    """

    def ask() -> bytes:
        if _is_terminal():
            return _typed(f"Passphrase of the key {shown_name(path)}: ")
        return _from_file(f"the key {shown_name(path)} has a passphrase, and there is no terminal to ask for it")

    return ask


def new_passphrase() -> bytes:
    """The passphrase of a key that is to be made: typed twice, or out of the file that PRIVMASK_PASSPHRASE_FILE names."""
    if not _is_terminal():
        return _from_file(
            "a new key needs a passphrase, and there is no terminal to ask for it", "; or say --no-passphrase"
        )
    first = _typed("Passphrase of the new key: ")
    if not first:
        raise PlanError("an empty passphrase locks nothing; for a key without one say --no-passphrase")
    if _typed("The same again: ") != first:
        raise PlanError("these were two different passphrases; no key was made")
    return first


def _is_terminal() -> bool:
    return bool(sys.stdin and sys.stdin.isatty())


def _typed(prompt: str) -> bytes:
    from getpass import getpass

    try:
        return getpass(prompt).encode("utf-8", "surrogateescape")
    except EOFError as cause:
        raise PlanError("no passphrase was typed") from cause


def _from_file(why: str, otherwise: str = "") -> bytes:
    from privmask.evidence.keys import read_passphrase

    path = os.environ.get(VARIABLE)
    if not path:
        raise PlanError(f"{why}; name a file (mode 600) that holds it in {VARIABLE}{otherwise}")
    return read_passphrase(path)
