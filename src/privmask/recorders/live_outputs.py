"""Which output a word on the command line asks for."""

from __future__ import annotations

import re
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from privmask.errors import PlanError
from privmask.evidence import Row
from privmask.language import Text
from privmask.recorders.live_status import LiveStatus, Segment
from privmask.recorders.patience import Patience
from privmask.recorders.playlist import Playlist
from privmask.recorders.pushing import PushOutput
from privmask.recorders.segmenting import SegmentOutput
from privmask.video import Output, Writing, check_address

if TYPE_CHECKING:
    from privmask.recorders.live import Clocks

SEGMENT, LISTED_SEGMENT = 60.0, 4.0
"""Seconds in a file, and in one that a playlist names."""
WINDOW = 10
"""Segments in a playlist."""


def output_for(
    word: str,
    seconds: float | None,
    writing: Writing,
    status: LiveStatus,
    opened: ExitStack,
    patience: Patience,
    clocks: Clocks,
) -> Output:
    """The output that `word` names: a server for RTSP, a playlist, or files named by their time.

    What is opened for it is closed with `opened`. Raises PlanError for a word that names none, CopyError where nothing can be
    written there.
    """
    if re.match(r"[a-zA-Z]+://", word):
        if not word.startswith("rtsp://"):
            raise PlanError(_NO_OUTPUT)
        check_address(word)
        return PushOutput(word, writing, patience, status, clocks.now)
    path = Path(word)
    if path.suffix not in (".m3u8", ".mp4"):
        raise PlanError(_NO_OUTPUT)
    now = clocks.wall().strftime(path.name)
    if path.suffix == ".mp4" and (now == path.name or "/" in now or "\0" in now):
        raise PlanError(_NO_TIME)
    row = Row(path.parent)
    opened.callback(row.close)

    def count(segment: Segment) -> None:
        status.segments += 1
        status.last_segment = segment

    if path.suffix == ".mp4":
        name = path.name
        return SegmentOutput(
            row, lambda wall: wall.strftime(name), "mp4", seconds or SEGMENT, writing, count, own_time=True
        )
    playlist = Playlist(row, path.name, WINDOW, int(clocks.wall().timestamp()))

    def enlist(segment: Segment) -> None:
        playlist.add(segment)
        count(segment)

    def named(wall: datetime) -> str:
        return f"{path.stem}-{wall:%Y%m%d-%H%M%S}{wall.microsecond // 1000:03d}.ts"

    return SegmentOutput(row, named, "mpegts", seconds or LISTED_SEGMENT, writing, enlist, own_time=False)


_NO_OUTPUT = Text(
    "-o には rtsp:// の送り先、.m3u8 の名前、又は segments-%Y%m%d-%H%M%S.mp4 のような名前を指定してください",
    "-o takes an rtsp:// address, a name that ends in .m3u8, or one such as segments-%Y%m%d-%H%M%S.mp4",
)
_NO_TIME = Text(
    "続けて作るファイルの名前には時刻が要ります（例：gate-%Y%m%d-%H%M%S.mp4）",
    "files that come one after the other are named by their time, such as gate-%Y%m%d-%H%M%S.mp4",
)
