"""The clock of the governed commands: the one place that reads it, and what their tests replace."""

from __future__ import annotations

from datetime import datetime


def now() -> datetime:
    """This moment, in this machine's zone."""
    return datetime.now().astimezone()
