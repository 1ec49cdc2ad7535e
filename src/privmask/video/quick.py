"""One encoder that gives a packet for each picture at once."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
import av.error

from privmask.errors import UnsupportedFootageError
from privmask.frame import MaskedFrame
from privmask.language import Text
from privmask.video.clock import CopyClock
from privmask.video.delays import plan_quick_encoder
from privmask.video.encoders import EncoderPlan
from privmask.video.fields import FieldMarker
from privmask.video.muxing import opened
from privmask.video.original import VideoInfo
from privmask.video.sei import without_user_data
from privmask.video.settings import CodecWish, Writing, threads_of

_FIELD_ORDERS = {"progressive": 1, "tt": 2, "bb": 3}


_Y4M = {"yuv420p", "yuv422p", "yuv444p", "yuv411p", "gray"}
_NOT_IN_Y4M = Text(
    "y4m には画素形式 {format} の映像を入れられません。--to で別の形式を指定してください",
    "y4m cannot hold pictures in the pixel format {format}; name another format with --to",
)


class QuickEncoder:
    """Encodes frames of one kind, in one of these codecs; without any they stay as they are."""

    def __init__(
        self, info: VideoInfo, writing: Writing, rate: Fraction, clock: CopyClock, codecs: Sequence[CodecWish]
    ) -> None:
        self._info, self._writing, self._rate, self._clock = info, writing, rate, clock
        self._marker = FieldMarker(info)
        self._context: Any = None
        self._clean = False
        self.plan = plan_quick_encoder(info, writing, rate, codecs) if codecs else _unencoded(info)

    def open(self, context: Any) -> None:
        """Make ready: `context` is that of an output's stream, None for one of its own that tells its parameters in band."""
        info, plan = self._info, self.plan
        if context is None:
            context = av.CodecContext.create(plan.encoder, "w")
            context.options, context.framerate = dict(plan.options), self._rate
        context.width, context.height = info.picture.size.width, info.picture.size.height
        context.pix_fmt, context.time_base = plan.pixel_format, self._clock.time_base
        context.sample_aspect_ratio = info.picture.sample_aspect
        context.color_range, context.colorspace = info.color.range, info.color.matrix
        context.color_primaries, context.color_trc = info.color.primaries, info.color.transfer
        context.field_order = _FIELD_ORDERS[info.field_order]
        context.thread_count, context.thread_type = threads_of(self._writing), "SLICE"
        with opened(plan):
            context.open()
        self._context = context

    def encode(self, frame: MaskedFrame, pts: int, duration: int) -> list[Any]:
        """The packets that are ready; the frame's memory is changed."""
        carrier, color = frame.carrier, self._info.color
        if carrier.format.name != self.plan.pixel_format:
            carrier = carrier.reformat(
                format=self.plan.pixel_format, threads=1
            )  # several garble seams (see formats.py)
        carrier.pts, carrier.time_base, carrier.duration = pts, self._clock.time_base, duration
        carrier.pict_type = 0
        carrier.color_range, carrier.colorspace = color.range, color.matrix
        carrier.color_primaries, carrier.color_trc = color.primaries, color.transfer
        return self._cleaned(self._context.encode(self._marker.marked(carrier, frame.interlaced)))

    def rest(self) -> list[Any]:
        """The packets of frames that it still holds."""
        return self._cleaned(self._context.encode(None))

    def _cleaned(self, packets: list[Any]) -> list[Any]:
        """The packets, the first one without the encoder's visiting card."""
        if not packets or self._clean:
            return list(packets)
        self._clean = True
        return [without_user_data(packets[0], self.plan.codec), *packets[1:]]


def _unencoded(info: VideoInfo) -> EncoderPlan:
    if info.picture.format.name.removesuffix("10le").removesuffix("12le") not in _Y4M:
        raise UnsupportedFootageError(_NOT_IN_Y4M.with_(format=info.picture.format.name))
    return EncoderPlan("ffv1", "wrapped_avframe", info.picture.format.name, {})
