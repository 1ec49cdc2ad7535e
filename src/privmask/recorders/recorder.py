"""What a recorder is to privmask: something that says which segments are finished.

A watched folder, hooks, ffmpeg's list of segments and other people's recorders are all told by this one Protocol. An
installed package brings its own by an entry point of the group `privmask.recorders`: a callable that takes the folder which is
watched and gives a `Recorder`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from typing import Protocol, TypeAlias

from privmask.errors import PlanError
from privmask.language import Text

GROUP = "privmask.recorders"


@dataclass(frozen=True, slots=True)
class Segment:
    """A file that a recorder is done with; `path` is absolute.

    `time`, when its first picture was taken, and `camera` are for recorders that know them; None: what the file's name says.
    """

    path: str
    time: datetime | None = None
    camera: str | None = None


class Recorder(Protocol):
    """Says which segments are finished. One thread calls it.

    One that comes to an end by itself says so with an attribute `ended`; the watch ends with the last of its recorders.
    """

    def finished(self, seconds: float) -> Sequence[Segment]:
        """The segments that were finished since the last call; waits for one, at most about so long.

        None of them is written to any more. One may be named again and again: it is masked once. Whoever calls again has
        written down safely what the last call gave, so that a recorder that keeps a list may strike it out then and no
        earlier.
        """
        ...

    def close(self) -> None:
        """Let go of everything; nothing is called after it."""
        ...


Making: TypeAlias = Callable[[str], Recorder]
"""Makes the recorder of a folder."""


class ListedRecorder:
    """Names these segments at the first call, and then no more: the fake of tests, and without any the null recorder."""

    def __init__(self, segments: Sequence[Segment] = ()) -> None:
        self._segments, self.ended = tuple(segments), False

    def finished(self, seconds: float) -> Sequence[Segment]:  # noqa: ARG002  # there is nothing to wait for
        """All of them, once."""
        found, self._segments, self.ended = self._segments, (), True
        return found

    def close(self) -> None:
        """Nothing is held."""


def foreign_recorder(name: str) -> Making:
    """What makes the recorder that an installed package brings under that name; PlanError where none does."""
    found = {each.name: each for each in metadata.entry_points(group=GROUP)}
    if name not in found:
        known = ", ".join(sorted(found)) or "–"
        raise PlanError(_UNKNOWN.with_(name=repr(name), known=known))
    try:
        making: Making = found[name].load()
    except (ImportError, AttributeError) as cause:
        raise PlanError(_BROKEN.with_(name=repr(name), why=cause)) from cause
    return making


_UNKNOWN = Text(
    "--recorder {name} というものはありません。auto、inotify、poll、hook のほか、入っているもの：{known}",
    "--recorder {name}: there is none of that name; there are auto, inotify, poll, hook, and what is installed: {known}",
)
_BROKEN = Text("--recorder {name} を読み込めません（{why}）", "--recorder {name} cannot be loaded ({why})")
