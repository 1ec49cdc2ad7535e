"""When each picture is shown: time stamps as the footage has them, strictly rising, none made up unless all are missing."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from privmask.errors import DamagedFootageError
from privmask.language import Text

Mode: TypeAlias = Literal["pts", "dts", "counted"]


_MOST_RATE = 300
"""Frames a second beyond which a header's rate is the ticks of a clock."""

_REACH = 8
"""Pictures looked ahead in AVI: B pictures in a row, of which encoders make two or three."""


def in_avi_order(decoded: Iterator[tuple[Any, bool]]) -> Iterator[tuple[Any, bool]]:
    """The pictures of an AVI file, whose pts are handed out anew, rising.

    AVI numbers pictures in the order in which they are coded. They are the right numbers on the wrong pictures once B
    pictures are shown in another order.
    """
    held: deque[tuple[Any, bool]] = deque()
    times: list[int] = []
    for picture, hidden in decoded:
        if picture.pts is not None:
            heapq.heappush(times, picture.pts)
        held.append((picture, hidden))
        if len(held) > _REACH:
            yield _next_in_order(held, times)
    while held:
        yield _next_in_order(held, times)


def _next_in_order(held: deque[tuple[Any, bool]], times: list[int]) -> tuple[Any, bool]:
    picture, hidden = held.popleft()
    if picture.pts is not None:
        picture.pts = heapq.heappop(times)
    return picture, hidden


class Timeline:
    """Gives each decoded picture its pts, in the order of presentation.

    Three kinds of footage exist: pictures with pts (most), with dts only (AVI), and raw streams with neither, whose pts are
    counted from the frame rate. The first picture decides, and a picture that does not fit is refused.
    """

    def __init__(self, time_base: Fraction | None, rate: Fraction | None) -> None:
        self._stream_time_base = time_base
        self.rate = rate
        self._mode: Mode | None = None
        self._count = 0
        self._last: int | None = None

    @property
    def last(self) -> int | None:
        """The pts of the last picture, None before the first."""
        return self._last

    @property
    def made(self) -> bool:
        """Whether the pts are counted from the frame rate, because the footage has none."""
        return self._mode == "counted"

    @property
    def time_base(self) -> Fraction:
        """Seconds per unit of the pts that `stamp` gives; known after the first picture."""
        if self.made:
            return 1 / (self.rate or Fraction(25))
        return self._stream_time_base or Fraction(1, 90_000)

    def stamp(self, decoded: Any) -> int:
        """The pts of the next picture; raises DamagedFootageError if it has none, or one that does not rise."""
        if self._mode is None:
            self._mode = "pts" if decoded.pts is not None else "dts" if decoded.dts is not None else "counted"
        pts = {"pts": decoded.pts, "dts": decoded.dts, "counted": self._count}[self._mode]
        if pts is None:
            raise DamagedFootageError(_NO_TIME.with_(where=self._where()))
        if self.made and decoded.pts is not None:
            raise DamagedFootageError(_A_TIME.with_(where=self._where()))
        if self._last is not None and pts <= self._last:
            raise DamagedFootageError(
                _NOT_AFTER.with_(where=self._where(), pts=pts, last=self._last, unit=self.time_base)
            )
        self._last = pts
        self._count += 1
        return int(pts)

    def _where(self) -> Text:
        if self._last is None:
            return _AT.with_(index=self._count)
        return _AFTER.with_(index=self._count, seconds=f"{float(self._last * self.time_base):.3f}")


_AT = Text("コマ {index}", "frame {index}")
_AFTER = Text("コマ {index}（{seconds} 秒の後）", "frame {index}, after {seconds} s")
_NO_TIME = Text(
    "{where}：最初のコマには時刻があるのに、このコマにはありません",
    "{where}: the picture has no time stamp, although the first one has",
)
_A_TIME = Text(
    "{where}：最初のコマには時刻がないのに、このコマにはあります",
    "{where}: the picture has a time stamp, although the first one has none",
)
_NOT_AFTER = Text(
    "{where}：コマの時刻 {pts} が、前のコマの {last} より後ではありません（{unit} 秒を単位として）",
    "{where}: time stamp {pts} does not come after {last} (units of {unit} s)",
)


def timeline_of(stream: Any) -> Timeline:
    """A fresh timeline of a stream. The demuxer of raw streams says 25 of all of them; the pictures' own header knows better.

    Unless it holds the ticks of a clock, as encoders write for variable rate.
    """
    header = stream.codec_context.framerate
    raw = stream.container.format.name in ("h264", "hevc", "m4v", "mpegvideo")
    trusted = raw and header and 1 <= header <= _MOST_RATE
    return Timeline(stream.time_base, (header if trusted else stream.average_rate) or None)
