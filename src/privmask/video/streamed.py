"""Streams out: an encoder without delay, a muxer that lets each packet go at once, and no end but the one that is asked for."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from types import TracebackType
from typing import Any, Literal, Protocol, Self, TypeAlias

import av
import av.container
import av.error

from privmask.errors import CopyError, UnsupportedFootageError
from privmask.frame import MaskedFrame
from privmask.video.clock import CopyClock, clock_for
from privmask.video.copy import written
from privmask.video.display import display_matrix
from privmask.video.flowing import Moment
from privmask.video.original import VideoInfo
from privmask.video.piped import Sound
from privmask.video.piping import Piped
from privmask.video.quick import QuickEncoder
from privmask.video.settings import CodecWish, Writing
from privmask.video.sounding import SoundOutput
from privmask.workers import Consumer

Streamed: TypeAlias = Piped | Literal["rtsp", "mp4"]

_BITEXACT, _AT_ONCE = 0x400, 0x200
_QUEUE = 8
"""Frames that wait for the encoder while it ends one file and begins the next."""

_OPTIONS: dict[Streamed, dict[str, str]] = {
    "mpegts": {"mpegts_copyts": "1", "avoid_negative_ts": "disabled", "mpegts_flags": "initial_discontinuity"},
    "matroska": {"live": "1", "cluster_time_limit": "0", "avoid_negative_ts": "disabled"},
    "nut": {"avoid_negative_ts": "disabled"},
    "y4m": {"strict": "-1"},
    "rtsp": {"rtsp_transport": "tcp"},
    "mp4": {},
}


_CODECS: dict[Streamed, tuple[CodecWish, ...]] = {
    "mpegts": ("h264", "hevc"),
    "matroska": ("h264", "hevc", "av1", "ffv1"),
    "nut": ("h264", "hevc", "ffv1"),
    "y4m": (),
    "rtsp": ("h264", "hevc"),
    "mp4": ("h264", "hevc", "av1", "ffv1"),
}
"""In which codecs a format can be written; y4m holds the pictures themselves."""


class ByteSink:
    """What a muxer writes to: each block of bytes goes to `write` whole; after `stop` nothing goes anywhere."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write, self._stopped = write, False

    def write(self, data: bytes) -> int:
        """Give the bytes on; returns when they were taken."""
        if not self._stopped:
            self._write(bytes(data))
        return len(data)

    def stop(self) -> None:
        """Let nothing pass any more, such as the end that a muxer writes when it is closed."""
        self._stopped = True


class Output(Protocol):
    """Where masked frames go, one after the other. `begin` says what the frames after it are, and when the first one came."""

    def begin(self, info: VideoInfo, moment: Moment | None) -> None:
        """Another section begins."""

    def take(self, frame: MaskedFrame, moment: Moment | None) -> None:
        """Encode and write one frame."""

    def rest(self) -> None:
        """Nothing comes for a while: what is open and can stand for itself is ended."""

    def finish(self) -> None:
        """Write what is left, and the end."""

    def abandon(self) -> None:
        """Let go of everything as it is, and write nothing more."""


class StreamOutput:
    """One stream or file in the making, to a file's path, a URL or a `ByteSink`; an `Output`.

    Its time 0 is at `base` seconds of the frames' time, or at its first frame (None). Raises UnsupportedFootageError where
    pictures of another shape come and the format cannot go over to them.
    """

    def __init__(
        self,
        target: str | ByteSink,
        format: Streamed,
        writing: Writing,
        *,
        base: Fraction | None = Fraction(0),
        sound: Sound | None = None,
    ) -> None:
        self._target, self._format, self._writing, self._base = target, format, writing, base
        self._sound = SoundOutput(sound) if sound is not None and sound.streams else None
        self._container: av.container.OutputContainer | None = None
        self._encoder: QuickEncoder | None = None
        self._stream: Any = None
        self._info: VideoInfo | None = None
        self._clock: CopyClock | None = None
        self.frames = self.packets = 0

    def begin(self, info: VideoInfo, moment: Moment | None) -> None:  # noqa: ARG002  # as the Protocol names it
        """Frames of that kind come next."""
        if self._encoder is not None:
            if self._format != "mpegts":
                raise UnsupportedFootageError(
                    f"the pictures change on the way, and {self._format} cannot go over to others; mpegts can"
                )
            self._mux(self._encoder.rest())
            self._encoder = None
        self._info = info

    def take(self, frame: MaskedFrame, moment: Moment | None = None) -> None:  # noqa: ARG002
        """Encode one frame and write what the encoder has; its memory is changed."""
        if self._container is None:
            self._base = frame.start_time if self._base is None else self._base
            self._clock = _clock(self._format, frame.time_base, self._rate)
        if self._encoder is None:
            self._open(self._rate)
        assert self._encoder is not None
        assert self._clock is not None
        assert self._base is not None
        counted = self._format == "y4m"
        time = self.frames * self._clock.time_base if counted else frame.start_time - self._base
        self._mux(self._encoder.encode(frame, self._clock.stamp(frame.index, time), self._clock.duration(frame)))
        self.frames += 1
        if self._sound:
            self._sound.write_until(frame.start_time)

    def rest(self) -> None:
        """It stays open."""

    def finish(self) -> None:
        """Write what the encoder still has, and the end. Raises CopyError where frames were lost on the way."""
        if self._encoder is None or self._container is None:
            raise CopyError("nothing was written: there was no frame")
        self._mux(self._encoder.rest())
        if self._sound:
            self._sound.finish()
        if self.packets != self.frames:
            raise CopyError(f"the encoder made {self.packets} packets of {self.frames} frames")
        self._container.close()

    def abandon(self) -> None:
        """Let go of it as it is."""
        if isinstance(self._target, ByteSink):
            self._target.stop()
        if self._container is not None:
            with contextlib.suppress(av.error.FFmpegError, OSError, ValueError):
                self._container.close()

    @property
    def _rate(self) -> Fraction:
        assert self._info is not None
        if self._info.average_rate:
            return max(Fraction(1), min(Fraction(240), self._info.average_rate)).limit_denominator(1001)
        return Fraction(25)

    def _open(self, rate: Fraction) -> None:
        assert self._info is not None
        assert self._clock is not None
        encoder = QuickEncoder(self._info, self._writing, rate, self._clock, _CODECS[self._format])
        if self._container is None:
            self._container, self._stream = self._opened(encoder, rate)
            encoder.open(self._stream.codec_context)
            if self._sound:
                self._sound.open(self._container)
        else:
            encoder.open(None)
        self._encoder = encoder

    def _opened(self, encoder: QuickEncoder, rate: Fraction) -> tuple[av.container.OutputContainer, Any]:
        assert self._info is not None
        assert self._clock is not None
        name = "yuv4mpegpipe" if self._format == "y4m" else self._format
        options = {**_OPTIONS[self._format], **self._clock.container_options, "max_interleave_delta": "500000"}
        container = av.open(self._target, "w", format=name, options=options)
        container.flags |= _BITEXACT | _AT_ONCE
        stream: Any = container.add_stream(encoder.plan.encoder, rate=rate, options=dict(encoder.plan.options))
        stream.time_base = self._clock.time_base
        if self._info.picture.rotation:
            stream.set_display_matrix(display_matrix(self._info.picture.rotation))
        return container, stream

    def _mux(self, packets: list[Any]) -> None:
        assert self._container is not None
        for packet in packets:
            packet.stream = self._stream
            self._container.mux(packet)
            self.packets += 1


def _clock(format: Streamed, time_base: Fraction, rate: Fraction) -> CopyClock:
    if format == "mp4":
        return clock_for(time_base, "mp4")
    exact = {"mpegts": Fraction(1, 90_000), "rtsp": Fraction(1, 90_000), "matroska": Fraction(1, 1000), "y4m": 1 / rate}
    return CopyClock(exact.get(format, time_base), {}, format)


@dataclass(frozen=True, slots=True)
class _Begin:
    info: VideoInfo
    moment: Moment | None


_Item: TypeAlias = "tuple[MaskedFrame, Moment | None] | _Begin | None"


class StreamSink:
    """Takes masked frames only, and gives them to an output in a thread of its own; what that raises is raised here.

    `told` is called after each frame was written, with the moment at which it came. On an exception in its block nothing more
    is written; without one everything is, and the end. With `ends_well` all that was taken is written and ended whatever was
    raised, but for what cannot be written.
    """

    def __init__(self, output: Output, told: Callable[[Moment | None], None], *, ends_well: bool = False) -> None:
        self._output, self._told, self._ends_well = output, told, ends_well
        self._worker: Consumer[_Item] = Consumer(self._take, "privmask-encode", _QUEUE)

    def begin(self, info: VideoInfo, moment: Moment | None) -> None:
        """The frames that come next are of that kind."""
        self._worker.put(_Begin(info, moment))

    def write(self, frame: MaskedFrame, moment: Moment | None) -> None:
        """Take the next frame; waits while the output is behind."""
        self._worker.put((frame, moment))

    def rest(self) -> None:
        """No frame comes for a while."""
        self._worker.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if error is None or (self._ends_well and not isinstance(error, CopyError)):
                self._worker.finish()
                with written():
                    self._output.finish()
                return
        except BaseException:
            self._end()
            raise
        self._end()

    def _end(self) -> None:
        self._worker.close()
        self._output.abandon()

    def _take(self, item: _Item) -> None:
        with written():
            if item is None:
                self._output.rest()
                return
            if isinstance(item, _Begin):
                self._output.begin(item.info, item.moment)
                return
            self._output.take(*item)
        self._told(item[1])
