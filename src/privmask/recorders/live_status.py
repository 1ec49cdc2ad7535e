"""How a live stream stands, as data for programs and people; nothing in it says how to get at the camera."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from privmask.recorders.latency import Latency
from privmask.video import Dropped

FORMAT = "privmask.live-status.v1"


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment that stands under its name: when its first frame arrived, how many seconds it lasts, and its frames."""

    name: str
    began: datetime
    seconds: float
    frames: int
    follows: bool
    """Whether it goes on where the one before it ended."""


@dataclass(slots=True)
class LiveStatus:
    """What was counted since the start, and how things stand.

    `masked` is how late a frame was when it was masked, from the arrival of its packet on; `written` when it had been encoded
    and written as well. `unsent` frames found no server to go to.
    """

    camera: str
    began: datetime
    connected: bool = False
    connections: int = 0
    failures: int = 0
    frames: int = 0
    unsent: int = 0
    segments: int = 0
    trouble: str | None = None
    last_segment: Segment | None = None
    dropped: Dropped = field(default_factory=Dropped)
    masked: Latency = field(default_factory=Latency)
    written: Latency = field(default_factory=Latency)

    def as_data(self, now: datetime, *, running: bool) -> dict[str, Any]:
        """Plain data for JSON."""
        last = self.last_segment
        dropped = self.dropped
        return {
            "format": FORMAT,
            "at": now.astimezone(UTC).isoformat(),
            "running": running,
            "pid": os.getpid(),
            "camera": self.camera,
            "began": self.began.astimezone(UTC).isoformat(),
            "connected": self.connected,
            "connections": self.connections,
            "failures": self.failures,
            "frames": self.frames,
            "dropped": {
                "late": dropped.late,
                "damaged": dropped.damaged,
                "untimed": dropped.untimed,
                "unsent": self.unsent,
            },
            "segments": self.segments,
            "last_segment": last
            and {
                "name": last.name,
                "began": last.began.isoformat(),
                "seconds": round(last.seconds, 3),
                "frames": last.frames,
            },
            "latency": {"masked": self.masked.as_data(), "written": self.written.as_data()},
            "trouble": self.trouble,
        }
