"""How a watch stands, as data for programs."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

FORMAT = "privmask.watch-status.v1"


@dataclass(slots=True)
class Status:
    """What was counted since the start, and how things stand now.

    `done` is all that ever got its copy into this folder of copies, and `quarantined` all that lies in quarantine; `counts` is
    by what came of segments: made, there, same, quarantined, vanished, rewritten, known, ignored. `lag` is how many seconds ago
    the longest waiting segment was finished, and `behind` whether that is more than was asked for.
    """

    folder: str
    copies: str
    began: datetime
    done: int = 0
    waiting: int = 0
    at_work: int = 0
    quarantined: int = 0
    unfinished: int = 0
    lag: float = 0.0
    behind: bool = False
    trouble: str | None = None
    frames: int = 0
    seconds: float = 0.0
    deaths: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def as_data(self, now: datetime, *, running: bool = True) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "format": FORMAT,
            "at": now.astimezone(UTC).isoformat(),
            "running": running,
            "pid": os.getpid(),
            "folder": self.folder,
            "copies": self.copies,
            "began": self.began.astimezone(UTC).isoformat(),
            "done": self.done,
            "waiting": self.waiting,
            "at_work": self.at_work,
            "quarantined": self.quarantined,
            "unfinished": self.unfinished,
            "lag_seconds": round(self.lag, 3),
            "behind": self.behind,
            "trouble": self.trouble,
            "frames": self.frames,
            "work_seconds": round(self.seconds, 3),
            "worker_deaths": self.deaths,
            "since_start": {name: self.counts[name] for name in COUNTED},
        }


COUNTED = ("made", "there", "same", "quarantined", "vanished", "rewritten", "known", "ignored")
