"""Times of a copy: the original's exactly where the container can hold them, and said where it cannot."""

from __future__ import annotations

from fractions import Fraction

from privmask.errors import UnsupportedFootageError
from privmask.frame import Frame
from privmask.language import Text

_LEAST_TIMESCALE = 10_000
"""The MP4 muxer doubles smaller time scales by itself; we choose, so that every pts stays exact."""
_MOST_TIMESCALE = (1 << 31) - 1


_TRANSPORT_OPTIONS = {
    "mpegts_copyts": "1",
    "avoid_negative_ts": "disabled",
    "max_delay": "0",
    # Each packet of sound by itself: gathered, they come later in the file than pictures with later times.
    "pes_payload_size": "0",
}
_TRANSPORT_END = (1 << 33) - 120 * 90_000
"""MPEG-TS counts in 33 bits. FFmpeg takes the last minute of them for a time before zero, wherever a file begins so."""


class CopyClock:
    """Turns frames' times into pts of a copy, in units of `time_base`.

    With an `end` every time has to be whole, and below it: what the container cannot hold is refused, and not rounded.
    """

    def __init__(
        self, time_base: Fraction, container_options: dict[str, str], container: str, end: int | None = None
    ) -> None:
        self.time_base = time_base
        self.container_options = container_options
        self.exact = True
        self._container, self._end = container, end
        self._last: int | None = None

    @property
    def notices(self) -> tuple[Text, ...]:
        """What a person should know about the times."""
        if self.exact:
            return ()
        return (_ROUNDED.with_(container=self._container, unit=self.time_base),)

    def stamp(self, index: int, start_time: Fraction) -> int:
        """The pts in the copy of the next frame, number `index`; raises UnsupportedFootageError if it is that of the last."""
        time = start_time / self.time_base
        pts = round(time)
        if pts < 0:
            raise UnsupportedFootageError(_BEFORE_ZERO.with_(index=index, seconds=f"{float(start_time):.6f}"))
        self.exact = self.exact and pts == time
        if self._end is not None and pts != time:
            told = {"seconds": f"{float(start_time):.6f}", "unit": self.time_base}
            raise UnsupportedFootageError(_BETWEEN.with_(index=index, **told))
        self.require_room(start_time)
        if self._last is not None and pts <= self._last:
            told = {"seconds": f"{float(start_time):.6f}", "unit": self.time_base, "container": self._container}
            raise UnsupportedFootageError(_SAME_TIME.with_(index=index, **told))
        self._last = pts
        return pts

    def require_room(self, time: Fraction) -> None:
        """Raise UnsupportedFootageError where the container does not count as far as `time`, in seconds."""
        if self._end is not None and time / self.time_base >= self._end:
            most = f"{float(self._end * self.time_base / 3600):.1f}"
            raise UnsupportedFootageError(_TOO_LATE.with_(most=most, found=f"{float(time / 3600):.1f}"))

    def duration(self, frame: Frame) -> int:
        """How long `frame` is shown, in units of `time_base`; 0 when nobody knows."""
        if frame.end is None:
            length = getattr(frame.carrier, "duration", 0) or 0
            return round(length * frame.time_base / self.time_base)
        return round((frame.end - frame.pts) * frame.time_base / self.time_base)


def clock_for(time_base: Fraction, container: str) -> CopyClock:
    """The clock of a `container` for footage that counts in `time_base`; raises UnsupportedFootageError beyond 32 bits."""
    if container == "mpegts":
        return CopyClock(Fraction(1, 90_000), dict(_TRANSPORT_OPTIONS), container, _TRANSPORT_END)
    if container != "mp4":
        # Matroska could be finer, but FFmpeg's muxer counts in milliseconds. Left to itself it also moves everything when
        # audio begins before zero, as AAC does, and the pictures would lose their times.
        return CopyClock(Fraction(1, 1000), {"avoid_negative_ts": "disabled"}, container)
    timescale = time_base.denominator
    timescale *= -(-_LEAST_TIMESCALE // timescale)
    if timescale > _MOST_TIMESCALE:
        raise UnsupportedFootageError(_TOO_FINE.with_(unit=time_base))
    options = {
        "movflags": "+faststart",
        "video_track_timescale": str(timescale),
        # The edit list that delays the first frame counts in the movie's time scale: at 1/1000 s, the default, it is off.
        "movie_timescale": str(timescale),
    }
    return CopyClock(Fraction(1, timescale), options, container)


_ROUNDED = Text(
    "{container} は時刻を {unit} 秒の単位で数えるため、各コマの時刻を最も近い値に丸めました",
    "{container} counts in units of {unit} s: time stamps are rounded to the nearest",
)
_BEFORE_ZERO = Text(
    "コマ {index} の時刻が0より前です（{seconds} 秒）", "frame {index} is shown before time zero ({seconds} s)"
)
_SAME_TIME = Text(
    "コマ {index}（{seconds} 秒）が、前のコマと同じ {unit} 秒に当たり、{container} では区別できません。"
    "複写を .mp4 にしてください",
    "frame {index} ({seconds} s) falls on the same {unit} s as the one before; {container} cannot tell them apart. "
    "Write the copy as mp4",
)
_BETWEEN = Text(
    "コマ {index} の時刻（{seconds} 秒）は ts の単位 {unit} 秒では割り切れません。複写を .mp4 にしてください",
    "frame {index} ({seconds} s) is shown between two of the {unit} s in which ts counts. Write the copy as mp4",
)
_TOO_LATE = Text(
    "ts が数えられる時刻は {most} 時間までで、この映像は {found} 時間に及びます。複写を .mp4 にしてください",
    "ts counts up to {most} hours, and the footage goes on to {found}. Write the copy as mp4",
)
_TOO_FINE = Text(
    "この映像は時刻を {unit} 秒の単位で数えていて、mp4 には細かすぎます。複写を .mkv にしてください",
    "the footage counts in {unit} s, which is too fine for mp4. Write the copy as matroska",
)
