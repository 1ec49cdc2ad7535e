"""`privmask` as a process of its own, at a moment that is given: python -m tests.clerk 2026-11-23T12:00+09:00 WORDS..."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from privmask.cli import clock, keys, policy, register
from privmask.cli.ending import run

if __name__ == "__main__":
    at = datetime.fromisoformat(sys.argv[1])
    clock.now = lambda: at
    keys._now = policy._now = lambda: at.astimezone(UTC)
    register._now = lambda: at
    sys.exit(run(sys.argv[2:]))
