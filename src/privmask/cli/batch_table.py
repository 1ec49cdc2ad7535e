"""The table of a running batch, on standard error and only where that is a terminal; finished clips scroll above it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from privmask.batch import Began, Event, Job, Outcome, Told
from privmask.cli.language import said
from privmask.cli.progress import REDRAWN_EVERY
from privmask.cli.words import say, shown
from privmask.language import Text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bars

Draw = Callable[[Event], None]
Write = Callable[[str], None]

_LONGEST_NAME = 32


@contextmanager
def table(jobs: Mapping[int, Job]) -> Iterator[tuple[Draw, Write]]:
    """What draws an event, and what writes a line above the table; on a pipe nothing is drawn, and the lines are written."""
    if not sys.stderr.isatty():
        yield (lambda _: None), say
        return
    from rich.console import Console

    with bars_on(Console(stderr=True, highlight=False, markup=False)) as bars:
        painter = Painter(bars, jobs)
        yield painter.draw, lambda line: bars.console.print(shown(line), soft_wrap=True)


def bars_on(console: Console) -> Bars:
    """Bars with a name, a stage, the frames done and the speed; drawn when they are told to, and gone at the end."""
    from rich.progress import BarColumn, Progress, TextColumn
    from rich.table import Column

    return Progress(
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
        TextColumn("{task.fields[stage]}", markup=False, table_column=Column(no_wrap=True)),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[done]}", markup=False, justify="right", table_column=Column(no_wrap=True)),
        TextColumn("{task.fields[rate]}", markup=False, justify="right", table_column=Column(no_wrap=True)),
        console=console,
        auto_refresh=False,  # no thread of its own beside processes that are begun and killed
        transient=True,
    )


class Painter:
    """A bar for each clip that is worked at, and one for all; drawn at most every tenth of a second."""

    def __init__(self, bars: Bars, jobs: Mapping[int, Job]) -> None:
        self._bars, self._jobs = bars, jobs
        self._tasks: dict[int, tuple[object, str, float]] = {}
        self._began, self._drawn, self._ended, self._failed = time.monotonic(), 0.0, 0, 0
        self._all = bars.add_task(said(_ALL), total=len(jobs), stage="", done=f"0/{len(jobs)}", rate="")

    def draw(self, event: Event) -> None:
        """Take an event into the table."""
        match event:
            case Began(number, attempt):
                self._forget(number)
                name = shown(Path(self._jobs[number].original).name)
                self._begin(number, _shortened(name) + (f" ({attempt})" if attempt > 1 else ""))
            case Told(number):
                self._told(number, event)
            case Outcome(number):
                self._forget(number)
                self._ended += 1
                self._failed += bool(event.code)
        self._sum_up()
        now = time.monotonic()
        if now - self._drawn >= REDRAWN_EVERY or not isinstance(event, Told):
            self._drawn = now
            self._bars.refresh()

    def _begin(self, number: int, name: str) -> None:
        task = self._bars.add_task(name, total=None, stage="", done="", rate="")
        self._tasks[number] = (task, "", time.monotonic())

    def _told(self, number: int, event: Told) -> None:
        if number not in self._tasks:
            self._begin(number, _shortened(shown(Path(self._jobs[number].original).name)))
        task, stage, since = self._tasks[number]
        progress, now = event.progress, time.monotonic()
        if progress.stage != stage:
            stage, since = progress.stage, now
            self._tasks[number] = (task, stage, since)
        done = f"{progress.frames}/{progress.total}" if progress.total else str(progress.frames)
        rate = f"{progress.frames / (now - since):.0f} fps" if now - since > 0.2 else ""
        self._bars.update(
            task,  # type: ignore[arg-type]  # rich counts its tasks in a type of its own
            total=progress.total,
            completed=progress.frames,
            stage=said(_STAGES[stage]),
            done=done,
            rate=rate,
        )

    def _forget(self, number: int) -> None:
        if number in self._tasks:
            self._bars.remove_task(self._tasks.pop(number)[0])  # type: ignore[arg-type]  # as above

    def _sum_up(self) -> None:
        passed = time.monotonic() - self._began
        left = passed / self._ended * (len(self._jobs) - self._ended) if self._ended else None
        self._bars.update(
            self._all,
            completed=self._ended,
            stage=said(_FAILED.with_(count=self._failed)) if self._failed else "",
            done=f"{self._ended}/{len(self._jobs)}",
            rate="" if left is None else said(_LEFT.with_(time=_clock(left))),
        )


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME // 2]}…{name[-_LONGEST_NAME // 2 + 1 :]}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


_ALL = Text("全体", "all")
_FAILED = Text("失敗 {count}", "{count} failed")
_LEFT = Text("残り {time}", "{time} left")
_STAGES = {
    "searching": Text("探す", "searching"),
    "drawing": Text("描く", "drawing"),
    "masking": Text("隠す", "masking"),
    "checking": Text("検査", "checking"),
}
