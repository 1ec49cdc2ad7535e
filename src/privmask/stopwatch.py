"""How long the stages of a job take."""

from __future__ import annotations

import time
from collections import defaultdict


class Stopwatch:
    """Wall time by stage; a stage may come more than once."""

    def __init__(self) -> None:
        self.laps: defaultdict[str, float] = defaultdict(float)
        self._since = time.perf_counter()

    def lap(self, stage: str) -> None:
        """What was done since the last call was this stage."""
        now = time.perf_counter()
        self.laps[stage] += now - self._since
        self._since = now
