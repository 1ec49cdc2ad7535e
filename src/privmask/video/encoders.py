"""Which encoder writes a copy: the one that was asked for, or the first that carries the picture exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import av
import av.codec

from privmask.errors import UnsupportedFootageError
from privmask.frame import PixelFormat
from privmask.geometry import Size
from privmask.video.original import VideoInfo
from privmask.video.settings import Codec, Writing, options_of


@dataclass(frozen=True, slots=True)
class EncoderPlan:
    """A chosen encoder: FFmpeg's name, the pixel format it is given, its options, and what a person should know."""

    codec: Codec
    encoder: str
    pixel_format: str
    options: dict[str, str]
    notices: tuple[str, ...] = ()


def plan_encoder(info: VideoInfo, writing: Writing, rate: Fraction) -> EncoderPlan:
    """The encoder for copies of `info`; raises UnsupportedFootageError, saying what to use, if none carries it exactly."""
    codec, notices = _choose(info, writing)
    encoder, pixel_format = _encoder(codec, info.picture.format)
    return EncoderPlan(codec, encoder, pixel_format, options_of(codec, info, writing, rate), notices)


def codec_for(info: VideoInfo, writing: Writing) -> Codec:
    """The codec of that encoder; raises as `plan_encoder` does."""
    return _choose(info, writing)[0]


def _choose(info: VideoInfo, writing: Writing) -> tuple[Codec, tuple[str, ...]]:
    if writing.codec != "auto":
        why = _cannot(writing.codec, info, writing)
        if why:
            raise UnsupportedFootageError(
                f"{writing.codec} cannot carry this picture: {why}. Use {_advice(info, writing)}"
            )
        return writing.codec, ()
    order: tuple[Codec, ...] = ("ffv1", "h264", "hevc") if writing.lossless else ("h264", "av1", "hevc", "ffv1")
    for codec in order:
        if not _cannot(codec, info, writing):
            first = _cannot(order[0], info, writing)
            name = "FFV1" if writing.lossless else "H.264"
            told = (f"written as {codec}, because {name} cannot carry this picture: {first}",) if first else ()
            return codec, told
    raise UnsupportedFootageError(f"no codec carries this picture in {writing.container}. Use {_advice(info, writing)}")


def _advice(info: VideoInfo, writing: Writing) -> str:
    for container in (writing.container, "matroska"):
        for codec in ("h264", "av1", "hevc", "ffv1"):
            if not _cannot(codec, info, Writing(container=container, lossless=writing.lossless)):
                return f"codec {codec} in {container}"
    return "another way: privmask has no codec for it"


def _cannot(codec: str, info: VideoInfo, writing: Writing) -> str | None:
    """Why `codec` cannot carry the picture exactly, or None. Each line was tried with the encoders of the PyAV wheel."""
    size, format = info.picture.size, info.picture.format
    if info.field_order != "progressive" and codec in ("hevc", "av1"):
        return "it is interlaced"
    if codec == "ffv1" and (info.hdr.mastering or info.hdr.light):
        return "FFV1 has no place for HDR tags"
    if codec in ("av1", "ffv1") and writing.container == "matroska" and info.picture.sample_aspect != 1:
        return f"its samples are not square, and {codec} in mkv has no place for that"
    full = info.picture.range == "full" and not format.is_rgb
    if codec == "ffv1" and writing.container == "mp4" and full and info.color.is_range_alone:
        return "FFV1 in mp4 has no place for a full range without other colour tags"
    return _CANNOT[codec](size, format, writing)


def _odd(size: Size, format: PixelFormat) -> bool:
    return bool(size.width % (1 << format.shift_x) or size.height % (1 << format.shift_y))


def _h264_cannot(size: Size, format: PixelFormat, _writing: Writing) -> str | None:
    if format.name not in _X264:
        return f"it has no pixel format {format.name} that is read back as such"
    return f"it has no odd sizes ({size}) in {format.name}" if _odd(size, format) else None


def _hevc_cannot(size: Size, format: PixelFormat, _writing: Writing) -> str | None:
    if format.name not in _X265:
        return f"it has no pixel format {format.name}"
    if _odd(size, format):
        return f"it has no odd sizes ({size}) in {format.name}"
    # Up to a width of 64, x265 4.2 reads memory that it never wrote: the same frames give other bytes each time.
    return (
        f"it needs a width above 64 and a height of 16, and this is {size}"
        if size.width <= 64 or size.height < 16
        else None
    )


def _av1_cannot(size: Size, format: PixelFormat, writing: Writing) -> str | None:
    if format.name not in _SVT:
        return f"the encoder has only {' and '.join(sorted(_SVT))}, not {format.name}"
    if writing.lossless:
        return "it is not used for lossless copies"
    return f"it needs at least 4x4, and this is {size}" if min(size.width, size.height) < 4 else None


def _ffv1_cannot(size: Size, format: PixelFormat, _writing: Writing) -> str | None:
    if format.shift_x > 1 and _odd(size, format):
        return f"its last column of chroma is lost in {format.name} at {size}"
    return None


_CANNOT: dict[str, Callable[[Size, PixelFormat, Writing], str | None]] = {
    "h264": _h264_cannot,
    "hevc": _hevc_cannot,
    "av1": _av1_cannot,
    "ffv1": _ffv1_cannot,
}
_X264 = {"yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le", "gbrp"}
_X265 = {
    *("yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le"),
    *("yuv420p12le", "yuv422p12le", "yuv444p12le", "gbrp", "gbrp10le", "gbrp12le", "gray", "gray10le", "gray12le"),
}
_SVT = {"yuv420p", "yuv420p10le"}


def _encoder(codec: Codec, format: PixelFormat) -> tuple[str, str]:
    if codec == "h264" and format.is_rgb:
        return "libx264rgb", "rgb24"
    # FFV1 has RGB of 8 bits only with a fourth, here unused, sample; the samples are moved, not changed.
    if codec == "ffv1" and format.depth == 8 and format.is_rgb:
        return "ffv1", "bgra" if format.name == "gbrap" else "bgr0"
    return {"h264": "libx264", "hevc": "libx265", "av1": "libsvtav1", "ffv1": "ffv1"}[codec], format.name


def known_encoders() -> dict[str, str | None]:
    """For each codec of a copy the encoder that this build of FFmpeg has for it, None when it has none."""
    wanted = {"h264": "libx264", "hevc": "libx265", "av1": "libsvtav1", "ffv1": "ffv1", "jpeg": "mjpeg", "png": "png"}
    return {codec: encoder if encoder in av.codec.codecs_available else None for codec, encoder in wanted.items()}


def ffmpeg_version() -> str:
    """The version of the FFmpeg that PyAV stands on here: the same PyAV may be built with another."""
    return str(av.ffmpeg_version_info)
