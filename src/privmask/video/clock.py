"""Times of a copy: the original's exactly where the container can hold them, and said where it cannot."""

from __future__ import annotations

from fractions import Fraction

from privmask.errors import UnsupportedFootageError
from privmask.frame import Frame
from privmask.language import Text

_LEAST_TIMESCALE = 10_000
"""The MP4 muxer doubles smaller time scales by itself; we choose, so that every pts stays exact."""
_MOST_TIMESCALE = (1 << 31) - 1


class CopyClock:
    """Turns frames' times into pts of a copy, in units of `time_base`."""

    def __init__(self, time_base: Fraction, container_options: dict[str, str], container: str) -> None:
        self.time_base = time_base
        self.container_options = container_options
        self.exact = True
        self._container = container
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
        if self._last is not None and pts <= self._last:
            told = {"seconds": f"{float(start_time):.6f}", "unit": self.time_base, "container": self._container}
            raise UnsupportedFootageError(_SAME_TIME.with_(index=index, **told))
        self._last = pts
        return pts

    def duration(self, frame: Frame) -> int:
        """How long `frame` is shown, in units of `time_base`; 0 when nobody knows."""
        if frame.end is None:
            length = getattr(frame.carrier, "duration", 0) or 0
            return round(length * frame.time_base / self.time_base)
        return round((frame.end - frame.pts) * frame.time_base / self.time_base)


def clock_for(time_base: Fraction, container: str) -> CopyClock:
    """The clock of a `container` for footage that counts in `time_base`; raises UnsupportedFootageError beyond 32 bits."""
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
_TOO_FINE = Text(
    "この映像は時刻を {unit} 秒の単位で数えていて、mp4 には細かすぎます。複写を .mkv にしてください",
    "the footage counts in {unit} s, which is too fine for mp4. Write the copy as matroska",
)
