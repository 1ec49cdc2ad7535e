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
from privmask.language import Text
from privmask.video.original import VideoInfo
from privmask.video.settings import Codec, Writing, options_of


@dataclass(frozen=True, slots=True)
class EncoderPlan:
    """A chosen encoder: FFmpeg's name, the pixel format it is given, its options, and what a person should know."""

    codec: Codec
    encoder: str
    pixel_format: str
    options: dict[str, str]
    notices: tuple[Text, ...] = ()


def plan_encoder(info: VideoInfo, writing: Writing, rate: Fraction) -> EncoderPlan:
    """The encoder for copies of `info`; raises UnsupportedFootageError, saying what to use, if none carries it exactly."""
    codec, notices = _choose(info, writing)
    encoder, pixel_format = _encoder(codec, info.picture.format)
    return EncoderPlan(codec, encoder, pixel_format, options_of(codec, info, writing, rate), notices)


def codec_for(info: VideoInfo, writing: Writing) -> Codec:
    """The codec of that encoder; raises as `plan_encoder` does."""
    return _choose(info, writing)[0]


def _choose(info: VideoInfo, writing: Writing) -> tuple[Codec, tuple[Text, ...]]:
    if writing.container == "mpegts" and info.picture.rotation:
        raise UnsupportedFootageError(_TURNED.with_(rotation=info.picture.rotation))
    if writing.codec != "auto":
        why = _cannot(writing.codec, info, writing)
        if why:
            raise UnsupportedFootageError(
                _CANNOT_CARRY.with_(codec=writing.codec, why=why, advice=_advice(info, writing))
            )
        return writing.codec, ()
    order: tuple[Codec, ...] = ("ffv1", "h264", "hevc") if writing.lossless else ("h264", "av1", "hevc", "ffv1")
    for codec in order:
        if not _cannot(codec, info, writing):
            first = _cannot(order[0], info, writing)
            name = "FFV1" if writing.lossless else "H.264"
            told = (_INSTEAD.with_(codec=codec, name=name, why=first),) if first else ()
            return codec, told
    raise UnsupportedFootageError(_NO_CODEC.with_(container=writing.container, advice=_advice(info, writing)))


def _advice(info: VideoInfo, writing: Writing) -> Text:
    for container in (writing.container, "matroska"):
        for codec in ("h264", "av1", "hevc", "ffv1"):
            if not _cannot(codec, info, Writing(container=container, lossless=writing.lossless)):
                return _IN.with_(codec=codec, container=container)
    return _ANOTHER_WAY


def _cannot(codec: str, info: VideoInfo, writing: Writing) -> Text | None:
    """Why `codec` cannot carry the picture exactly, or None. Each line was tried with the encoders of the PyAV wheel."""
    size, format = info.picture.size, info.picture.format
    if writing.container == "mpegts" and codec not in IN_TRANSPORT:
        return _NOT_IN_TRANSPORT
    if info.field_order != "progressive" and codec in ("hevc", "av1"):
        return _INTERLACED
    if codec == "ffv1" and (info.hdr.mastering or info.hdr.light):
        return _NO_HDR
    if codec in ("av1", "ffv1") and writing.container == "matroska" and info.picture.sample_aspect != 1:
        return _NOT_SQUARE.with_(codec=codec)
    full = info.picture.range == "full" and not format.is_rgb
    if codec == "ffv1" and writing.container == "mp4" and full and info.color.is_range_alone:
        return _NO_FULL_RANGE
    return _CANNOT[codec](size, format, writing)


def _odd(size: Size, format: PixelFormat) -> bool:
    return bool(size.width % (1 << format.shift_x) or size.height % (1 << format.shift_y))


def _h264_cannot(size: Size, format: PixelFormat, _writing: Writing) -> Text | None:
    if format.name not in _X264:
        return _NO_FORMAT_BACK.with_(format=format.name)
    return _NO_ODD_SIZES.with_(size=size, format=format.name) if _odd(size, format) else None


def _hevc_cannot(size: Size, format: PixelFormat, _writing: Writing) -> Text | None:
    if format.name not in _X265:
        return _NO_FORMAT.with_(format=format.name)
    if _odd(size, format):
        return _NO_ODD_SIZES.with_(size=size, format=format.name)
    # Up to a width of 64, x265 4.2 reads memory that it never wrote: the same frames give other bytes each time.
    return _TOO_SMALL_FOR_HEVC.with_(size=size) if size.width <= 64 or size.height < 16 else None


def _av1_cannot(size: Size, format: PixelFormat, writing: Writing) -> Text | None:
    if format.name not in _SVT:
        known = sorted(_SVT)
        return _ONLY_FORMATS.with_(known=Text("、".join(known), " and ".join(known)), format=format.name)
    if writing.lossless:
        return _NOT_FOR_LOSSLESS
    return _TOO_SMALL_FOR_AV1.with_(size=size) if min(size.width, size.height) < 4 else None


def _ffv1_cannot(size: Size, format: PixelFormat, _writing: Writing) -> Text | None:
    if format.shift_x > 1 and _odd(size, format):
        return _CHROMA_LOST.with_(format=format.name, size=size)
    return None


IN_TRANSPORT = ("h264", "hevc")
"""The codecs of copies in MPEG-TS, which describes their pictures by nothing but their own headers."""

_CANNOT: dict[str, Callable[[Size, PixelFormat, Writing], Text | None]] = {
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


_CANNOT_CARRY = Text(
    "{codec} ではこの画面を記録できません（{why}）。{advice}", "{codec} cannot carry this picture: {why}. Use {advice}"
)
_NO_CODEC = Text(
    "{container} にこの画面を記録できる符号化方式がありません。{advice}",
    "no codec carries this picture in {container}. Use {advice}",
)
_IN = Text("{container} で {codec} を使ってください", "codec {codec} in {container}")
_ANOTHER_WAY = Text("privmask には使える符号化方式がありません", "another way: privmask has no codec for it")
_INSTEAD = Text(
    "{name} ではこの画面を記録できないため、{codec} で書きました（{why}）",
    "written as {codec}, because {name} cannot carry this picture: {why}",
)
_NOT_IN_TRANSPORT = Text("ts に入れられるのは h264 と hevc だけです", "ts takes h264 and hevc alone")
_TURNED = Text(
    "この映像は {rotation} 度回して表示しますが、ts にはそれを書く所がありません。複写を .mp4 にしてください",
    "the picture is to be turned by {rotation} degrees, and ts has no place for that. Write the copy as mp4",
)
_INTERLACED = Text("インターレースの映像です", "it is interlaced")
_NO_HDR = Text("FFV1 には HDR のタグを書く所がありません", "FFV1 has no place for HDR tags")
_NOT_SQUARE = Text(
    "画素が正方形でなく、mkv の {codec} にはそれを書く所がありません",
    "its samples are not square, and {codec} in mkv has no place for that",
)
_NO_FULL_RANGE = Text(
    "mp4 の FFV1 には、ほかの色のタグなしにフルレンジを書く所がありません",
    "FFV1 in mp4 has no place for a full range without other colour tags",
)
_NO_FORMAT_BACK = Text(
    "そのまま読み戻せる画素形式 {format} がありません", "it has no pixel format {format} that is read back as such"
)
_NO_FORMAT = Text("画素形式 {format} がありません", "it has no pixel format {format}")
_NO_ODD_SIZES = Text("{format} では奇数の大きさ（{size}）にできません", "it has no odd sizes ({size}) in {format}")
_TOO_SMALL_FOR_HEVC = Text(
    "幅は64を超え、高さは16以上でなければなりません（この映像は {size}）",
    "it needs a width above 64 and a height of 16, and this is {size}",
)
_ONLY_FORMATS = Text("画素形式は {known} だけで、{format} はありません", "the encoder has only {known}, not {format}")
_NOT_FOR_LOSSLESS = Text("可逆の複写には使いません", "it is not used for lossless copies")
_TOO_SMALL_FOR_AV1 = Text(
    "4x4 以上でなければなりません（この映像は {size}）", "it needs at least 4x4, and this is {size}"
)
_CHROMA_LOST = Text(
    "{format} の {size} では、色の最後の列が失われます", "its last column of chroma is lost in {format} at {size}"
)
