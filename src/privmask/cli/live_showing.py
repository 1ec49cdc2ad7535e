"""How a live stream shows itself while it runs: a line on a terminal, and a status file for programs."""

from __future__ import annotations

import contextlib
import sys
import time
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from privmask.cli.language import said
from privmask.cli.words import say, shown
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.recorders.live_status import LiveStatus

_DRAWN_EVERY, _WRITTEN_EVERY = 0.25, 2.0


class Shower:
    """Draws and writes at most every so often. A status file that cannot be written is no reason to stop masking."""

    def __init__(self, status: LiveStatus, file: Path | None) -> None:
        self._status, self._file = status, file
        self._drawn = self._written = float("-inf")
        self._line: Any = None
        self._trouble: str | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.live import Live

            self._line = Live(console=Console(stderr=True), auto_refresh=False, transient=True)
            self._line.start()
        self._write(running=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._line is not None:
            self._line.stop()
        self._write(running=False)

    def beat(self, status: LiveStatus) -> None:
        """Show it now, unless that was done a moment ago."""
        now = time.monotonic()
        if status.trouble != self._trouble:
            self._trouble = status.trouble
            if self._trouble is not None and self._line is None:
                say(said(_TROUBLE.with_(why=self._trouble)))
        if self._line is not None and now - self._drawn >= _DRAWN_EVERY:
            self._drawn = now
            from rich.text import Text as Plain

            self._line.update(Plain(shown(said(_text(status)))), refresh=True)
        if now - self._written >= _WRITTEN_EVERY:
            self._written = now
            self._write(running=True)

    def _write(self, *, running: bool) -> None:
        if self._file is not None:
            from privmask.recorders.records import write_over

            with contextlib.suppress(OSError):
                write_over(self._file, self._status.as_data(datetime.now().astimezone(), running=running))


def _text(status: LiveStatus) -> Text:
    if not status.connected:
        return _LOST.with_(camera=status.camera, why=status.trouble or "…")
    late, dropped = status.masked.as_data(), status.dropped
    return _LINE.with_(
        camera=status.camera,
        frames=status.frames,
        p50=late["p50_ms"],
        p99=late["p99_ms"],
        late=dropped.late,
        damaged=dropped.damaged + dropped.untimed,
    )


_LINE = Text(
    "{camera}　{frames} コマ　遅れ {p50} ms（99% {p99} ms）　捨てたコマ：遅れ {late}、損傷 {damaged}",
    "{camera}  {frames} frames  late by {p50} ms (99 %: {p99} ms)  dropped: {late} late, {damaged} damaged",
)
_LOST = Text("{camera}　つながっていません（{why}）", "{camera}  not connected: {why}")
_TROUBLE = Text("つなぎ直します：{why}", "trying again: {why}")
