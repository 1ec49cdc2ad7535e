"""Writing a clip: one encoder, one muxer, and the audio beside it where that was asked for."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import av
import av.container
import av.error

from privmask.errors import CopyError, LateFieldsError, UnsupportedFootageError
from privmask.frame import MaskedFrame
from privmask.language import Text
from privmask.memory import give_back_free
from privmask.video.audio import AudioKeeper
from privmask.video.clock import clock_for
from privmask.video.display import display_matrix
from privmask.video.encoders import EncoderPlan, plan_encoder
from privmask.video.fields import FieldMarker
from privmask.video.inband import decoded_at, delimited
from privmask.video.nals import units_of
from privmask.video.original import Source
from privmask.video.sections import SECTIONED, Cutter, Seam
from privmask.video.sei import replaced
from privmask.video.settings import Writing, threads_of
from privmask.video.transport import lengthen
from privmask.workers import Stopped

_FIELD_ORDERS = {"progressive": 1, "tt": 2, "bb": 3}
_FIRST_REORDERED = 3
_P_PICTURE = 2
_BITEXACT = 0x400
"""Container flag: write no version and no random numbers."""
_GLOBAL_HEADER = 1 << 22
"""Codec flag: parameter sets stand in the header of the file alone, or where we put them (see `inband`)."""

_NAMES = {"mpegts": {"service_provider": "FFmpeg", "service_name": "Service01"}}
"""Names that a container asks for, as FFmpeg gives them to anything."""


class ClipOutput:
    """A clip in the making. Everything is opened at the first frame, whose duration gives the rate unless it is given."""

    def __init__(self, path: str, like: Source, writing: Writing, rate: Fraction | None = None) -> None:
        self._path, self._like, self._writing = path, like, writing
        self._info = like.info
        self.packets = 0
        self.plan: EncoderPlan | None = None
        self.audio = AudioKeeper(like) if writing.audio == "keep" else None
        self._clock = clock_for(self._info.time_base, writing.container)
        self._clock.require_room(like.end_by_header)
        self._marker = FieldMarker(self._info)
        self._container: av.container.OutputContainer | None = None
        self._stream: Any = None
        self._encoder: Any = None
        self._header: bytes | None = None
        self._told: list[bytes] = []
        self._first = 0
        self._rate = rate
        self._cutter: Cutter | None = None
        self._seam = Seam("")
        self._of_section = 0
        self.given_up = threading.Event()
        """Set when nobody wants the copy any more."""
        self.starts: list[int] = []
        """The numbers of the frames with which the encoder began."""

    @property
    def exact(self) -> bool:
        """Whether every time stamp so far is the original's exactly."""
        return self._clock.exact

    @property
    def notices(self) -> tuple[Text, ...]:
        """What a person should know about this copy."""
        return (self.plan.notices if self.plan else ()) + self._clock.notices

    def take(self, frame: MaskedFrame) -> None:
        """Encode one frame and write what the encoder has ready; its memory is changed."""
        if self._like.late_fields != "progressive":
            raise LateFieldsError(
                f"the footage turns interlaced after frame {frame.index} ({float(frame.start_time):.3f} s); read it as "
                "interlaced from its start",
                self._like.late_fields,
            )
        if self.plan is None:
            self._open(self._rate or rate_of(frame))
        begins = self._cutter is not None and self._cutter.begins(frame.pts)
        picture = self._picture(frame)
        assert picture.pts is not None
        if not frame.index:
            self._first = picture.pts
        if begins:
            self._begin(frame.index, picture.pts)
        self._seam.note(picture.pts)
        self._mux(self._encoder.encode(picture))
        if self.audio:
            self.audio.write_until(frame.start_time)

    def finish(self) -> None:
        """Encode what is left, write the index and close the file. Raises CopyError."""
        if self._container is None:
            raise CopyError("nothing was written: the sink got no frame")
        self._end_section()
        if self.audio:
            self.audio.finish()
        self._close()

    def abandon(self) -> None:
        """Let go of the file as it is."""
        if self.audio:
            self.audio.close()
        if self._container is not None:
            with contextlib.suppress(av.error.FFmpegError, OSError, ValueError):
                self._container.close()

    def _close(self) -> None:
        assert self._container is not None
        self._container.close()
        if self._writing.container == "mpegts":
            lengthen(self._path)

    def _stamp(self, frame: MaskedFrame) -> int:
        return self._clock.stamp(frame.index, frame.start_time)

    def _picture(self, frame: MaskedFrame) -> av.VideoFrame:
        carrier, color, plan = frame.carrier, self._info.color, self.plan
        assert plan is not None
        if carrier.format.name != plan.pixel_format:
            carrier = carrier.reformat(format=plan.pixel_format, threads=1)  # several garble seams (see formats.py)
        carrier.pts = self._stamp(frame)
        carrier.time_base = self._clock.time_base
        carrier.duration = self._clock.duration(frame)
        carrier.pict_type = 0
        carrier.color_range, carrier.colorspace = color.range, color.matrix
        carrier.color_primaries, carrier.color_trc = color.primaries, color.transfer
        marked = self._marker.marked(carrier, frame.interlaced)
        if self._cutter and frame.end is not None and self._cutter.would_begin(frame.end):
            marked.pict_type = _P_PICTURE  # a key frame just before one is for nobody
        return marked

    def _begin(self, number: int, pts: int) -> None:
        """Begin a section with that frame: the first one, or another, each with an encoder of its own."""
        if self.starts:
            self._end_section()
            self._seam.begin(pts)
        self.starts.append(number)
        self._encoder = None  # before there is another: each takes a hundred megabytes and more
        give_back_free()
        self._encoder = self._new_encoder()
        if self._header is not None:
            require_same_header(self._header, bytes(self._encoder.extradata))

    def _end_section(self) -> None:
        """Encode what is left of a section."""
        last = list(self._left())
        self._mux(last if self._of_section else _in_order(last))
        self._add(self._seam.rest())
        self._of_section = 0

    def _left(self) -> Iterator[Any]:
        """The packets that the encoder still holds: of a slow one that is many seconds' work, which can be stopped."""
        for packet in self._encoder.encode_lazy(None):
            if self.given_up.is_set():
                raise Stopped
            yield packet

    def _mux(self, packets: list[Any]) -> None:
        self._add(self._seam.joined(packets, first=not self._of_section))
        self._of_section += len(packets)

    def _add(self, packets: Iterable[Any]) -> None:
        for packet in packets:
            assert self._container is not None
            whole = self._in_band(packet) if self._writing.container == "mpegts" else packet
            whole.stream = self._stream
            self._container.mux(whole)
            self.packets += 1

    def _in_band(self, packet: Any) -> Any:
        """The packet with what decoders have to know before it, in a container that tells them nothing."""
        assert self.plan is not None
        sets = self._told if packet.is_keyframe else []
        whole = replaced(packet, delimited(self.plan.codec, [*sets, *units_of(bytes(packet), 0)]))
        whole.dts = decoded_at(packet.dts, self.packets, self._first)
        return whole

    def _planned(self, rate: Fraction) -> EncoderPlan:
        return plan_encoder(self._info, self._writing, rate)

    def _open(self, rate: Fraction) -> None:
        self.plan = plan = self._planned(rate)
        options = self._clock.container_options
        self._container = av.open(f"file:{self._path}", "w", format=self._writing.container, options=options)
        self._container.flags |= _BITEXACT
        self._container.metadata.update(_NAMES.get(self._writing.container, {}))
        self._rate = rate
        self._stream = self._container.add_stream(plan.encoder, rate=rate, options=dict(plan.options))
        self._stream.time_base = self._clock.time_base
        if self._info.picture.rotation:
            self._stream.set_display_matrix(display_matrix(self._info.picture.rotation))
        self._seam = Seam(plan.codec)
        self._cut(plan)
        # Where there are sections, each has an encoder of its own, and this one gets no frame.
        threads = 1 if self._cutter else threads_of(self._writing)
        self._encoder = self._opened(self._stream.codec_context, threads)
        self._header = bytes(self._encoder.extradata)
        self._told = list(units_of(self._header, 0)) if self._writing.container == "mpegts" else []
        if self.audio:
            self.audio.open(self._container)

    def _new_encoder(self) -> Any:
        """Another encoder like the one that the file was opened with."""
        assert self.plan is not None
        context: Any = av.CodecContext.create(self.plan.encoder, "w")
        context.options, context.framerate = dict(self.plan.options), self._rate or 0
        return self._opened(context, threads_of(self._writing))

    def _opened(self, context: Any, threads: int) -> Any:
        """The encoder with all that it has to know, ready for frames."""
        info, plan = self._info, self.plan
        assert plan is not None
        size = info.picture.size
        context.width, context.height, context.pix_fmt = size.width, size.height, plan.pixel_format
        # The encoder must count in the copy's unit: in frames, variable rate would lose its times.
        context.time_base = self._clock.time_base
        context.sample_aspect_ratio = info.picture.sample_aspect
        context.color_range, context.colorspace = info.color.range, info.color.matrix
        context.color_primaries, context.color_trc = info.color.primaries, info.color.transfer
        context.field_order = _FIELD_ORDERS[info.field_order]
        context.thread_count = threads
        context.flags |= _GLOBAL_HEADER
        context.thread_type = "AUTO"  # PyAV asks for slices by itself, with which x264 is slower and codes worse
        with opened(plan):
            context.open()
        return context

    def _cut(self, plan: EncoderPlan) -> None:
        """Have the copy made in sections, where its codec is the one that may be."""
        if plan.codec == SECTIONED:
            self._cutter = Cutter(self._writing.sections, self._info.time_base)


def _in_order(packets: list[Any]) -> list[Any]:
    """The packets of a clip of one or two frames, which no encoder reorders, decoded when they are shown.

    x265 4.2 computes a decoding time from the third frame on, and for shorter clips gives what happens to lie in its memory.
    """
    if len(packets) < _FIRST_REORDERED:
        for packet in packets:
            packet.dts = packet.pts
    return packets


def rate_of(frame: MaskedFrame) -> Fraction:
    """Frames per second as the first frame's duration has it, for the encoder's key frames and levels; 25 for a single one."""
    return Fraction(25) if frame.end is None else rate_from((frame.end - frame.pts) * frame.time_base)


def rate_from(seconds: Fraction) -> Fraction:
    """Frames per second where one lasts so long, within what encoders take."""
    rate = 1 / seconds
    return max(Fraction(1), min(Fraction(240), rate)).limit_denominator(1001)


def require_same_header(one: bytes, other: bytes) -> None:
    """Raise CopyError where two encoders of one copy have other sets of parameters: the header of the file has one only."""
    if one != other:
        raise CopyError("the encoder began anew with other parameters than before; the copy was thrown away")


@contextmanager
def opened(plan: EncoderPlan) -> Iterator[None]:
    """Say which encoder would not start."""
    try:
        yield
    except av.error.FFmpegError as cause:
        settings = f"{plan.pixel_format} pictures with {plan.options}"
        raise UnsupportedFootageError(f"the encoder {plan.encoder} does not take {settings}: {cause}") from cause
