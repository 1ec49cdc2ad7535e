"""A list of the newest segments for players (HLS, RFC 8216), which is whole whenever somebody looks at it."""

from __future__ import annotations

import re
from collections import deque
from math import ceil

from privmask.errors import CopyExistsError
from privmask.evidence import Row
from privmask.language import Text
from privmask.recorders.live_status import Segment

_MARK = "# written by privmask live"
_KEPT = 5
"""Segments that fell out of the list and stay a while, for players that are behind."""


class Playlist:
    """The file `name` in a folder, with at most `window` segments; older ones are taken away, also those of an earlier run."""

    def __init__(self, row: Row, name: str, window: int, sequence: int) -> None:
        self._row, self._name, self._window, self._sequence = row, name, window, sequence
        self._listed: deque[Segment] = deque()
        self._gaps = 0
        self._old: deque[str] = deque(self._names_before())

    def add(self, segment: Segment) -> None:
        """A segment stands under its name."""
        self._listed.append(segment)
        if len(self._listed) > self._window:
            gone = self._listed.popleft()
            self._gaps += not self._listed[0].follows
            self._sequence += 1
            self._old.append(gone.name)
        self._row.replace(self._name, self._text().encode())
        while len(self._old) > _KEPT:
            self._row.remove(self._old.popleft())

    def _text(self) -> str:
        longest = max(ceil(segment.seconds) for segment in self._listed)
        head = ("#EXTM3U", _MARK, "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{longest}")
        numbers = (f"#EXT-X-MEDIA-SEQUENCE:{self._sequence}", f"#EXT-X-DISCONTINUITY-SEQUENCE:{self._gaps}")
        lines = [*head, *numbers]
        for number, segment in enumerate(self._listed):
            if number and not segment.follows:
                lines.append("#EXT-X-DISCONTINUITY")
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{segment.began.isoformat(timespec='milliseconds')}")
            lines += [f"#EXTINF:{segment.seconds:.6f},", segment.name]
        return "\n".join(lines) + "\n"

    def _names_before(self) -> list[str]:
        """The segments that an earlier run left. Raises CopyExistsError where there is a list that is somebody else's."""
        text = (self._row.read(self._name) or b"").decode("utf-8", "replace")
        if text and _MARK not in text:
            raise CopyExistsError(_NOT_OURS)
        stem = re.escape(self._name.removesuffix(".m3u8"))
        ours = re.compile(rf"{stem}-\d{{8}}-\d{{9}}(?:-\d+)?\.ts")
        return [name for name in self._row.names() if text and ours.fullmatch(name)]


_NOT_OURS = Text(
    "その名前の再生リストは privmask が作ったものではありません。何も置き換えていません",
    "the playlist of that name is not one that privmask wrote; nothing was replaced",
)
