"""Writing a still picture: recorders make them too, and what is private in a clip is private in them."""

from __future__ import annotations

import os
import threading
from fractions import Fraction
from typing import Any, Literal

import av

from privmask.errors import CopyError, UnsupportedFootageError
from privmask.frame import MaskedFrame
from privmask.language import Text
from privmask.video.encoders import EncoderPlan
from privmask.video.exif import with_orientation
from privmask.video.muxing import opened
from privmask.video.original import Source, VideoInfo
from privmask.video.settings import Writing

_JPEG = {"yuv420p": "yuvj420p", "yuv422p": "yuvj422p", "yuv444p": "yuvj444p"}
_PNG = {"gbrp": "rgb24", "gbrap": "rgba", "gray": "gray"}
_LAMBDA = 118
"""FFmpeg's FF_QP2LAMBDA: units of `global_quality` for one step of the quantiser."""
_BEST = 1
_BITEXACT = 1 << 23
"""Codec flag: no comment that names the library and its version."""


class StillOutput:
    """A JPEG or PNG picture in the making: one frame, no EXIF but the orientation, no thumbnail."""

    audio = None
    exact = True
    starts: tuple[int, ...] = ()

    def __init__(self, path: str, like: Source, writing: Writing) -> None:
        self._path, self._info = path, like.info
        self._data: bytes | None = None
        self.given_up = threading.Event()
        self.packets = 0
        self.plan: EncoderPlan | None = plan_still(like.info, writing)

    @property
    def notices(self) -> tuple[Text, ...]:
        """What a person should know about this copy."""
        return self.plan.notices if self.plan else ()

    def take(self, frame: MaskedFrame) -> None:
        """Encode the picture. Raises UnsupportedFootageError if there is another one already."""
        assert self.plan is not None
        if self._data is not None:
            raise UnsupportedFootageError(_SEVERAL)
        encoder = _encoder(self._info, self.plan)
        picture = frame.carrier
        if picture.format.name != self.plan.pixel_format:
            picture = picture.reformat(format=self.plan.pixel_format, src_color_range=2, dst_color_range=2, threads=1)
        picture.pts, picture.time_base, picture.pict_type = 0, encoder.time_base, 0
        packets = [*encoder.encode(picture), *encoder.encode(None)]
        self.packets += 1
        self._data = with_orientation(b"".join(bytes(packet) for packet in packets), self._info.picture.rotation)

    def finish(self) -> None:
        """Write the file. Raises CopyError."""
        if self._data is None:
            raise CopyError("nothing was written: the sink got no frame")
        with open(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(self._data)

    def abandon(self) -> None:
        """Nothing was opened yet."""


def plan_still(info: VideoInfo, writing: Writing) -> EncoderPlan:
    """The encoder of a still; raises UnsupportedFootageError if the container cannot carry the picture as it is."""
    format = info.picture.format.name
    codec: Literal["mjpeg", "png"] = "mjpeg" if writing.container == "jpeg" else "png"
    formats = _JPEG if codec == "mjpeg" else _PNG
    if not info.is_still:
        raise UnsupportedFootageError(_A_CLIP.with_(container=writing.container))
    if format not in formats:
        instead = "png" if format in _PNG else "jpeg" if format in _JPEG else "matroska"
        raise UnsupportedFootageError(
            _OTHER_SAMPLES.with_(container=writing.container, format=format, instead=instead)
        )
    quality = writing.quality if writing.quality is not None else _BEST
    options = {"qmin": "1"} if codec == "mjpeg" else {"pred": "mixed"}
    settings = {**options, **({"quality": str(quality)} if codec == "mjpeg" else {})}
    return EncoderPlan(codec, codec, formats[format], settings)


def _encoder(info: VideoInfo, plan: EncoderPlan) -> Any:
    encoder: Any = av.CodecContext.create(plan.encoder, "w")
    size = info.picture.size
    encoder.width, encoder.height, encoder.pix_fmt = size.width, size.height, plan.pixel_format
    encoder.time_base, encoder.thread_count = Fraction(1, 25), 1
    encoder.sample_aspect_ratio = info.picture.sample_aspect
    encoder.flags |= _BITEXACT
    if plan.encoder == "mjpeg":
        encoder.color_range, encoder.qscale = 2, True
        encoder.global_quality = int(plan.options["quality"]) * _LAMBDA
    encoder.options = {key: value for key, value in plan.options.items() if key != "quality"}
    with opened(plan):
        encoder.open()
    return encoder


_SEVERAL = Text(
    "この静止画には画面が2つ以上あります。複写を .mp4 か .mkv にしてください",
    "this still holds more than one picture. Write the copy as mp4 or matroska",
)
_A_CLIP = Text(
    "動画を {container} にはできません。複写を .mp4 か .mkv にしてください",
    "a clip cannot be written as {container}. Write the copy as mp4 or matroska",
)
_OTHER_SAMPLES = Text(
    "{container} では、この画像の {format} の画素をそのまま記録できません。複写を {instead} にしてください",
    "{container} cannot carry this picture's {format} samples unchanged. Write the copy as {instead}",
)
