"""The progress bar: on standard error, and only where that is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

    from privmask.copying import Progress

REDRAWN_EVERY = 0.1  # seconds


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None] | None]:
    """What to hand to a corridor as `progress`: draws stage, frames, frames a second and time left, or None on a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    with _bars() as bars:
        yield _Painter(bars).paint


def _bars() -> Bars:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[frames]} frames  {task.fields[rate]:.0f} fps"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        auto_refresh=False,  # a thread of its own would draw while privmask forks or dies
        transient=True,
    )


class _Painter:
    """Draws at most every tenth of a second, and forgets a finished stage; a stage may come twice."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        self.stage = ""
        self.began = self.drawn = 0.0
        self.frames = 0

    def paint(self, progress: Progress) -> None:
        now = time.monotonic()
        again, self.frames = progress.frames < self.frames, progress.frames
        if progress.stage != self.stage or again:
            self._begin(progress, now)
        elif now - self.drawn < REDRAWN_EVERY and progress.frames != progress.total:
            return
        self.drawn = now
        self.bars.update(
            self.task,
            completed=progress.frames,
            total=progress.total,
            frames=f"{progress.frames}/{progress.total}" if progress.total else str(progress.frames),
            rate=progress.frames / max(now - self.began, 1e-3),
            refresh=True,
        )

    def _begin(self, progress: Progress, now: float) -> None:
        for task in self.bars.task_ids:
            self.bars.remove_task(task)
        self.stage, self.began = progress.stage, now
        self.task = self.bars.add_task(progress.stage, total=progress.total, frames="0", rate=0.0)
