"""Which encoder writes a copy, and with which settings.

Settings depend on public facts only (size, format, colour, time stamps): never on the original's bytes, bit rate, GOP structure
or picture types, or two clips that differ only inside the masks would give different copies.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

import av.codec

from privmask.errors import UnsupportedFootageError
from privmask.frame import PixelFormat
from privmask.geometry import Size
from privmask.video.hdr import HdrTags
from privmask.video.original import VideoInfo

Codec: TypeAlias = Literal["h264", "hevc", "av1", "ffv1", "mjpeg", "png"]
CodecWish: TypeAlias = Literal["auto", "h264", "hevc", "av1", "ffv1"]
Container: TypeAlias = Literal["mp4", "matroska", "jpeg", "png"]

GOP_SECONDS = 4
"""A key frame at least this often, so that a verifier can say which seconds of a copy were changed."""

_QUALITY = {"h264": 14, "hevc": 15, "av1": 15, "ffv1": 0}
"""Measured on the real clips: the worst frame keeps at least 38 dB, most keep 42 to 50 (`make footage`)."""

_PRESET = {"h264": "veryfast", "hevc": "veryfast", "av1": "9", "ffv1": ""}


@dataclass(frozen=True, slots=True)
class Writing:
    """How to write a copy. `quality` is the encoder's own constant-quality number (lower is better), None for the default.

    `codec` "auto" is H.264, or what can carry the picture where H.264 cannot. `threads` 0 is one for each processor.
    """

    codec: CodecWish = "auto"
    container: Container = "mp4"
    quality: int | None = None
    preset: str | None = None
    lossless: bool = False
    audio: Literal["drop", "keep"] = "drop"
    threads: int = 0


AS_USUAL = Writing()


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
    options = _OPTIONS[codec](info, writing, rate)
    return EncoderPlan(codec, encoder, pixel_format, options, notices)


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
            first = _cannot("h264", info, writing)
            told = (f"written as {codec}, because H.264 cannot carry this picture: {first}",) if first else ()
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


def _ffv1_cannot(size: Size, format: PixelFormat, writing: Writing) -> str | None:
    if format.shift_x > 1 and _odd(size, format):
        return f"its last column of chroma is lost in {format.name} at {size}"
    return "ffv1 goes into matroska only" if writing.container != "matroska" else None


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


def _gop(rate: Fraction) -> int:
    return max(12, min(300, round(GOP_SECONDS * rate)))


def threads_of(writing: Writing) -> int:
    """The number of encoder threads, settled here so that the same settings always give the same bytes."""
    return writing.threads or min(os.cpu_count() or 1, 16)


def _quality(codec: Codec, writing: Writing) -> str:
    return str(_QUALITY[codec] if writing.quality is None else writing.quality)


def _x264(info: VideoInfo, writing: Writing, rate: Fraction) -> dict[str, str]:
    options = {
        "preset": writing.preset or _PRESET["h264"],
        "g": str(_gop(rate)),
        "udu_sei": "0",
        "a53cc": "0",
        **({"qp": "0"} if writing.lossless else {"crf": _quality("h264", writing)}),
    }
    extra = []
    if info.field_order != "progressive":
        options["flags"] = "+ildct+ilme"
    if info.hdr.mastering:
        extra.append(f"mastering-display={_mastering(info.hdr)}")
    if info.hdr.light:
        extra.append("cll={},{}".format(*info.hdr.light))
    return {**options, **({"x264-params": ":".join(extra)} if extra else {})}


def _x265(info: VideoInfo, writing: Writing, rate: Fraction) -> dict[str, str]:
    extra = ["info=0", "log-level=none", "frame-threads=1", f"keyint={_gop(rate)}"]
    extra.append("lossless=1" if writing.lossless else f"crf={_quality('hevc', writing)}")
    if info.hdr.mastering:
        extra.append(f"master-display={_mastering(info.hdr)}")
    if info.hdr.light:
        extra.append("max-cll={},{}".format(*info.hdr.light))
    return {"preset": writing.preset or _PRESET["hevc"], "udu_sei": "0", "a53cc": "0", "x265-params": ":".join(extra)}


def _svt(info: VideoInfo, writing: Writing, rate: Fraction) -> dict[str, str]:
    # The library talks to standard error by itself; this is its only switch.
    os.environ.setdefault("SVT_LOG", "1")
    extra = [f"keyint={_gop(rate)}"]
    if info.hdr.mastering:
        extra.append(f"mastering-display={_mastering(info.hdr, units=False)}")
    if info.hdr.light:
        extra.append("content-light={},{}".format(*info.hdr.light))
    return {
        "preset": writing.preset or _PRESET["av1"],
        "crf": _quality("av1", writing),
        "svtav1-params": ":".join(extra),
    }


def _ffv1(_info: VideoInfo, _writing: Writing, _rate: Fraction) -> dict[str, str]:
    return {"level": "3", "g": "1", "slices": "4", "slicecrc": "1", "coder": "1"}


_OPTIONS: dict[Codec, Callable[[VideoInfo, Writing, Fraction], dict[str, str]]] = {
    "h264": _x264,
    "hevc": _x265,
    "av1": _svt,
    "ffv1": _ffv1,
}


def _mastering(hdr: HdrTags, units: bool = True) -> str:
    """G(x,y)B(x,y)R(x,y)WP(x,y)L(max,min); x264 and x265 count in 1/50000 and 1/10000, SVT-AV1 in ones."""
    assert hdr.mastering is not None
    red, green, blue, white = (hdr.mastering[i : i + 2] for i in (0, 2, 4, 6))
    least, most = hdr.mastering[8:10]
    place, light = (50_000, 10_000) if units else (1, 1)

    def pair(numbers: tuple[Fraction, ...], scale: int) -> str:
        return "({})".format(",".join(str(round(n * scale)) if units else f"{float(n * scale):.5f}" for n in numbers))

    named = zip("GBR", (green, blue, red), strict=True)
    return "".join(n + pair(v, place) for n, v in named) + "WP" + pair(white, place) + "L" + pair((most, least), light)


def known_encoders() -> dict[str, str | None]:
    """For each codec of a copy the encoder that this build of FFmpeg has for it, None when it has none."""
    wanted = {"h264": "libx264", "hevc": "libx265", "av1": "libsvtav1", "ffv1": "ffv1", "jpeg": "mjpeg", "png": "png"}
    return {codec: encoder if encoder in av.codec.codecs_available else None for codec, encoder in wanted.items()}
