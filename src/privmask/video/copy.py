"""Footage out: a copy with the original's times, colours, shape and rotation, and nothing else of it but masked pictures."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import av.container
import av.error
import av.filter

from privmask.errors import CopyError, UnsupportedFootageError
from privmask.frame import MaskedFrame
from privmask.video.clock import CopyClock, clock_for
from privmask.video.display import display_matrix
from privmask.video.encoders import AS_USUAL, EncoderPlan, Writing, plan_encoder, threads_of
from privmask.video.fields import FieldMarker
from privmask.video.original import Source, VideoInfo
from privmask.video.sei import without_user_data
from privmask.video.workers import Consumer

_BITEXACT = 0x400
"""Container flag: write no version and no random numbers."""

_FIELD_ORDERS = {"progressive": 1, "tt": 2, "bb": 3, "tb": 4, "bt": 5}


@dataclass(frozen=True, slots=True)
class StreamDone:
    """What was found in the original, and what was done with it."""

    index: int
    kind: str
    codec: str
    what: str
    done: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What a sink did: frames taken, packets written, how, and what became of everything that the original held."""

    frames: int
    packets: int
    audio_packets: int
    codec: str
    container: str
    encoder: str
    settings: dict[str, str]
    timestamps_exact: bool
    streams: tuple[StreamDone, ...]
    notices: tuple[str, ...]


@dataclass(slots=True)
class _Counts:
    frames: int = 0
    packets: int = 0
    audio_packets: int = 0


class Sink:
    """A copy that is being written. Takes masked frames only; `tally` is whole after the `with` block."""

    def __init__(self, path: str, like: Source, writing: Writing) -> None:
        self._path, self._like, self._info, self._writing = path, like, like.info, writing
        self._counts = _Counts()
        self._clock = clock_for(self._info.time_base, writing.container)
        self._plan: EncoderPlan | None = None
        self._container: av.container.OutputContainer | None = None
        self._stream: Any = None
        self._marker = FieldMarker(self._info)
        self._worker: Consumer[MaskedFrame] = Consumer(self._encode, "privmask-encode")
        self._taken = 0

    def write(self, frame: MaskedFrame) -> None:
        """Take the next frame, in the order of presentation; its memory now belongs to the sink.

        It is encoded later, in a thread of its own: an error of an earlier frame may be raised here.
        """
        self._taken += 1
        self._worker.put(frame)

    @property
    def tally(self) -> Tally:
        """What was done so far."""
        plan = self._plan
        return Tally(
            frames=self._counts.frames,
            packets=self._counts.packets,
            audio_packets=self._counts.audio_packets,
            codec=plan.codec if plan else "",
            container=self._writing.container,
            encoder=plan.encoder if plan else "",
            settings=dict(plan.options) if plan else {},
            timestamps_exact=self._clock.exact,
            streams=tuple(self._done(found) for found in self._like.found),
            notices=(plan.notices if plan else ()) + self._clock.notices,
        )

    def _done(self, found: Any) -> StreamDone:
        masked = found.index == self._info.stream
        return StreamDone(found.index, found.kind, found.codec, found.what, "masked" if masked else "dropped")

    def finish(self) -> None:
        """Encode what is left, write the index and close the file."""
        self._worker.finish()
        if self._container is None:
            raise CopyError("nothing was written: the sink got no frame")
        with written():
            self._mux(self._stream.encode(None))
            self._container.close()
        if self._counts.packets != self._counts.frames:
            raise CopyError(f"the encoder made {self._counts.packets} packets of {self._counts.frames} frames")

    def abandon(self) -> None:
        """Stop at once; what was written is no copy, and its file is to be thrown away."""
        self._worker.close()
        if self._container is not None:
            with contextlib.suppress(av.error.FFmpegError, OSError, ValueError):
                self._container.close()

    def _encode(self, frame: MaskedFrame) -> None:
        with written():
            if self._container is None:
                self._open(frame)
            picture = self._picture(frame)
            self._mux(self._stream.encode(picture))
            self._counts.frames += 1

    def _picture(self, frame: MaskedFrame) -> av.VideoFrame:
        carrier, color, plan = frame.carrier, self._info.color, self._plan
        assert plan is not None
        if carrier.format.name != plan.pixel_format:
            carrier = carrier.reformat(format=plan.pixel_format)
        carrier.pts = self._clock.stamp(frame)
        carrier.time_base = self._clock.time_base
        carrier.duration = self._clock.duration(frame)
        carrier.pict_type = 0
        carrier.color_range, carrier.colorspace = color.range, color.matrix
        carrier.color_primaries, carrier.color_trc = color.primaries, color.transfer
        return self._marker.marked(carrier, frame.interlaced)

    def _mux(self, packets: list[Any]) -> None:
        assert self._container is not None
        for packet in packets:
            first = self._counts.packets == 0
            self._container.mux(without_user_data(packet, self._plan.codec) if first and self._plan else packet)
            self._counts.packets += 1

    def _open(self, frame: MaskedFrame) -> None:
        rate = rate_of(frame)
        self._plan = plan = plan_encoder(self._info, self._writing, rate)
        options = self._clock.container_options
        self._container = av.open(f"file:{self._path}", "w", format=self._writing.container, options=options)
        self._container.flags |= _BITEXACT
        self._stream = _add_stream(self._container, self._info, plan, self._clock, rate, threads_of(self._writing))
        unknown = self._stream.codec_context.options
        if unknown:
            raise AssertionError(f"the encoder {plan.encoder} did not take the options {sorted(unknown)}")


@contextmanager
def write_video(path: str, like: Source, writing: Writing = AS_USUAL) -> Iterator[Sink]:
    """Write a copy of `like` to `path`, an existing or new file that may be overwritten (a draft without a name).

    On an exception the threads stop at once and the file is worthless. Raises CopyError when it cannot be written.
    """
    sink = Sink(path, like, writing)
    try:
        yield sink
        sink.finish()
    except BaseException:
        sink.abandon()
        raise


def rate_of(frame: MaskedFrame) -> Fraction:
    """Frames per second as the first frame's duration has it, for the encoder's key frames and levels; 25 for a single one."""
    if frame.end is None:
        return Fraction(25)
    rate = 1 / ((frame.end - frame.pts) * frame.time_base)
    return max(Fraction(1), min(Fraction(240), rate)).limit_denominator(1001)


def _add_stream(
    container: av.container.OutputContainer,
    info: VideoInfo,
    plan: EncoderPlan,
    clock: CopyClock,
    rate: Fraction,
    threads: int,
) -> Any:
    picture = info.picture
    stream: Any = container.add_stream(plan.encoder, rate=rate, options=dict(plan.options))
    context = stream.codec_context
    context.width, context.height, context.pix_fmt = picture.size.width, picture.size.height, plan.pixel_format
    context.time_base = clock.time_base
    stream.time_base = clock.time_base
    context.sample_aspect_ratio = picture.sample_aspect
    context.color_range, context.colorspace = info.color.range, info.color.matrix
    context.color_primaries, context.color_trc = info.color.primaries, info.color.transfer
    context.field_order = _FIELD_ORDERS[info.field_order]
    context.thread_count = threads
    if picture.rotation:
        stream.set_display_matrix(display_matrix(picture.rotation))
    with opened(plan):
        context.open()
    return stream


@contextmanager
def opened(plan: EncoderPlan) -> Iterator[None]:
    """Say which encoder would not start."""
    try:
        yield
    except av.error.FFmpegError as cause:
        raise UnsupportedFootageError(
            f"the encoder {plan.encoder} does not take {plan.pixel_format} pictures with {plan.options}: {cause}"
        ) from cause


@contextmanager
def written() -> Iterator[None]:
    """Turn PyAV's errors while writing into CopyError."""
    try:
        yield
    except (av.error.FFmpegError, OSError) as cause:
        reason = getattr(cause, "strerror", None) or str(cause)
        raise CopyError(
            f"the copy cannot be written: {reason}; is the disk full, or did its folder go away?"
        ) from cause
