"""What a watch tells programs: its status as JSON, numbers for Prometheus, and systemd."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from privmask.cli import clock
from privmask.cli.language import said
from privmask.cli.words import answer, note, shown_name
from privmask.errors import PlanError
from privmask.language import Text

if TYPE_CHECKING:
    import typer

    from privmask.recorders.manager import Manager
    from privmask.recorders.metrics import Metrics
    from privmask.recorders.status import Status

STATUS = "status.json"

_WRITTEN_EVERY = 1.0
_STOP_AFTER = 45.0


class Teller:
    """Writes the status where programs look for it; a disk that refuses is no reason to stop masking."""

    def __init__(self, files: list[Path], metrics: str | None, manager: Manager, opened: ExitStack) -> None:
        self._files, self._manager, self._opened = files, manager, opened
        self._address = metrics if metrics and not metrics.endswith(".prom") else None
        self._page = metrics if metrics and not self._address else None
        self._metrics: Metrics | None = None
        self._last = float("-inf")

    def serve(self, status: Status) -> None:
        """Answer Prometheus from now on; PlanError where that cannot be."""
        if self._address or self._page:
            from privmask.recorders.metrics import Metrics

            self._metrics = Metrics(lambda: status)
            if self._address:
                self._opened.callback(self._metrics.serve(self._address))

    def beat(self, status: Status) -> None:
        """Tell of it now, unless that was done a moment ago."""
        now = time.monotonic()
        if now - self._last >= _WRITTEN_EVERY:
            self._last = now
            self._write(status, running=True)
            self._manager.beat(
                now, said(_STATUS.with_(done=status.done, waiting=status.waiting, lag=round(status.lag)))
            )

    def end(self, status: Status) -> None:
        """Tell that the watch is over."""
        self._write(status, running=False)

    def _write(self, status: Status, *, running: bool) -> None:
        from privmask.recorders.records import write_over

        for file in self._files:
            with contextlib.suppress(OSError):
                write_over(file, status.as_data(clock.now(), running=running))
        if self._metrics and self._page:
            with contextlib.suppress(OSError):
                self._metrics.write(self._page)


@contextmanager
def telling(copies: str, status_file: Path | None, metrics: str | None, manager: Manager) -> Iterator[Teller]:
    """A teller for a `with` block."""
    from privmask.recorders.ledger import FOLDER

    files = [Path(copies, FOLDER, STATUS), *([status_file] if status_file else [])]
    with ExitStack() as opened:
        yield Teller(files, metrics, manager, opened)


def print_status(out: Path) -> int:
    """The last status of the watch of these copies; whether it runs now is known by the lock that it holds."""
    from privmask.recorders.ledger import FOLDER
    from privmask.recorders.records import is_held, read_whole

    data = read_whole(out / FOLDER / STATUS)
    if data is None:
        raise PlanError(_NO_STATUS.with_(out=shown_name(out)))
    running = is_held(out / FOLDER / "lock")
    answer({**data, "running": running}, "", as_json=True)
    return 0


def print_unit(context: typer.Context, folder: Path, out: Path, queue: Path | None) -> int:
    """A unit of systemd that gives this very command."""
    from privmask.recorders.delivery import queue_folder
    from privmask.recorders.manager import unit

    notes = queue_folder(None if queue is None else str(queue))
    words = [*_program(), "watch", *_given(context)]
    if queue is None:
        words += ["--queue", notes]
    status, metrics = context.params["status_file"], context.params["metrics"]
    files = [status] if status else []
    files += [Path(metrics)] if metrics and metrics.endswith(".prom") else []
    writes = [str(out.absolute()), notes, *(str(file.absolute().parent) for file in files)]
    if context.params["site"]:
        writes.append(str(context.params["site"].absolute().parent))
    answer(
        {}, unit(words, reads=[str(folder.absolute())], writes=writes, stop_after=_STOP_AFTER).rstrip(), as_json=False
    )
    note(said(_MAKE.with_(folders=" ".join(map(shown_name, writes)))))
    return 0


def _program() -> list[str]:
    found = shutil.which(sys.argv[0]) or shutil.which("privmask")
    return (
        [os.path.abspath(found)]
        if found and os.path.basename(found) == "privmask"
        else [sys.executable, "-m", "privmask"]
    )


def _given(context: typer.Context) -> Iterator[str]:
    """The words of the command line, as they are understood; paths from the root on."""
    for parameter in context.command.params:
        name, value = parameter.name or "", context.params.get(parameter.name or "")
        if name == "systemd" or getattr(context.get_parameter_source(name), "name", "") != "COMMANDLINE":
            continue
        if parameter.param_type_name == "option":
            yield max(parameter.opts, key=len)
        if value is not True:
            yield str(value.absolute()) if isinstance(value, Path) else str(value)


_STATUS = Text("済み {done}、待ち {waiting}、遅れ {lag} 秒", "{done} done, {waiting} waiting, {lag} s behind")
_NO_STATUS = Text(
    "{out} に監視の記録がありません。privmask watch が動いたことのあるフォルダーを --out で指定してください",
    "there is no record of a watch in {out}; name with --out the folder of one that ran",
)
_MAKE = Text(
    "始める前に、これらのフォルダーが要ります：{folders}",
    "these folders have to be there before it is started: {folders}",
)
