"""A site for the tests of governed commands: adopted rules in the working folder, keys beside it, and a clock that stands."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from privmask.cli import clock
from tests.offices import make_site
from tests.policy.sites import NOON

AT = (NOON + timedelta(hours=1)).astimezone()


def enter(folder: Path, monkeypatch: pytest.MonkeyPatch, *changes: tuple[str, str]) -> Path:
    """The rules' file of a new site, which is the working folder from now on, at `AT`."""
    site = make_site(folder / "site", *changes)
    monkeypatch.setattr(clock, "now", lambda: AT)
    monkeypatch.setenv("PRIVMASK_KEYS", str(folder / "keys"))
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(site.parent)
    return site
