"""With which settings an encoder writes a copy.

Settings depend on public facts only (size, format, colour, time stamps): never on the original's bytes, bit rate, GOP structure
or picture types, or two clips that differ only inside the masks would give different copies.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

from privmask.errors import PlanError
from privmask.language import Text
from privmask.video.hdr import HdrTags
from privmask.video.original import VideoInfo
from privmask.video.sections import AS_ALWAYS, Sections

Codec: TypeAlias = Literal["h264", "hevc", "av1", "ffv1", "mjpeg", "png"]
CodecWish: TypeAlias = Literal["auto", "h264", "hevc", "av1", "ffv1"]
Container: TypeAlias = Literal["mp4", "matroska", "mpegts", "jpeg", "png"]

GOP_SECONDS = 4
"""A key frame at least this often, so that a verifier can say which seconds of a copy were changed."""

_QUALITY = {"h264": 16, "hevc": 16, "av1": 15, "ffv1": 0}
_REACH = 6
"""How far the quantiser may go above the quality number, which is an average. It bounds the worst frame: on the real clips each
keeps at least 38 dB outside the masks, most 42 to 50 (`make footage`)."""

_LEAST_LOSSY = 16
"""Samples of width and height below which x264 spends its bits on the unseen rest of its blocks."""

_LEAST_SLICED = 16
"""Samples of width and height from which FFmpeg's FFV1 encoder divides any picture into slices."""

_MOST_QUALITY = {"h264": 51, "hevc": 51, "av1": 63, "ffv1": 0}
_X26_PRESETS = (
    *("ultrafast", "superfast", "veryfast", "faster", "fast"),
    *("medium", "slow", "slower", "veryslow", "placebo"),
)
_PRESETS: dict[str, tuple[str, ...]] = {
    "h264": _X26_PRESETS,
    "hevc": _X26_PRESETS,
    "av1": tuple(map(str, range(14))),
    "ffv1": (),
}
_PRESET = {"h264": "veryfast", "hevc": "veryfast", "av1": "6", "ffv1": ""}
"""SVT-AV1 4 with 7 to 9 codes single frames of small moving clips 10 to 20 dB worse, at any quality: they fail the check."""

_X264_QUICK = ("superfast", ("mbtree=1", "rc-lookahead=4", "sync-lookahead=0", "b-pyramid=0"))
"""What lossy H.264 gets where no preset is named: x264's superfast, with the look ahead that spends bits on what stays. Against
veryfast the 1080p crossing takes 0.6 of the time and as many bytes and loses 0.9 dB, the car park 0.5, as many and 1.1 dB. Each
frame of looking ahead takes 6 MB at 1080p, and so does each that waits for a thread of its own to look ahead."""


@dataclass(frozen=True, slots=True)
class Writing:
    """How to write a copy. `quality` is the encoder's own constant-quality number (lower is better), None for the default.

    `codec` "auto" is H.264, or what can carry the picture where H.264 cannot. `threads` 0 is one for each processor.
    `pass_through` lets groups of pictures with nothing to hide travel as they are, where that is safe; the copy then has the
    original's codec. `sections` says where the encoder of H.264 begins anew.
    """

    codec: CodecWish = "auto"
    container: Container = "mp4"
    quality: int | None = None
    preset: str | None = None
    lossless: bool = False
    audio: Literal["drop", "keep"] = "drop"
    threads: int = 0
    pass_through: bool = True
    sections: Sections = AS_ALWAYS


AS_USUAL = Writing()


def _gop(rate: Fraction) -> int:
    return max(12, min(300, round(GOP_SECONDS * rate)))


def threads_of(writing: Writing) -> int:
    """The number of encoder threads, settled here so that the same settings always give the same bytes."""
    return writing.threads or min(os.cpu_count() or 1, 16)


def options_of(codec: Codec, info: VideoInfo, writing: Writing, rate: Fraction) -> dict[str, str]:
    """The options of `codec`'s encoder, in FFmpeg's words; `rate` is frames a second.

    Raises PlanError for a quality or preset that the encoder does not know.
    """
    _check_words(codec, writing)
    return _OPTIONS[codec](info, writing, rate)


def _check_words(codec: Codec, writing: Writing) -> None:
    """An encoder takes a number out of its range for no number at all, or says what is wrong in its own words only."""
    complaints = []
    most, presets = _MOST_QUALITY[codec], _PRESETS[codec]
    if writing.quality is not None and (writing.lossless or most == 0):
        complaints.append(_NO_QUALITY.with_(quality=writing.quality))
    elif writing.quality is not None and not 0 <= writing.quality <= most:
        complaints.append(_OTHER_QUALITY.with_(quality=writing.quality, most=most, codec=codec))
    if writing.preset is not None and writing.preset not in presets:
        known = Text("、".join(presets) or "なし", ", ".join(presets) or "none")
        complaints.append(_OTHER_PRESET.with_(preset=repr(writing.preset), codec=codec, known=known))
    if complaints:
        raise PlanError(*complaints)


def _quality(codec: Codec, writing: Writing) -> int:
    return _QUALITY[codec] if writing.quality is None else writing.quality


def _x264_quality(info: VideoInfo, writing: Writing) -> dict[str, str]:
    size = info.picture.size
    if writing.lossless or (writing.quality is None and min(size.width, size.height) < _LEAST_LOSSY):
        return {"qp": "0"}
    quality = _quality("h264", writing)
    # x264 shifts crf by 6 for each bit above 8 by itself, but not the bound.
    return {"crf": str(quality), "qmax": str(quality + _REACH + 6 * (info.picture.format.depth - 8))}


def _x265_quality(writing: Writing) -> str:
    quality = _quality("hevc", writing)
    return "lossless=1" if writing.lossless else f"crf={quality}:qpmax={quality + _REACH}"


def _x264(info: VideoInfo, writing: Writing, rate: Fraction) -> dict[str, str]:
    quality = _x264_quality(info, writing)
    quick = writing.preset is None and "crf" in quality
    preset, tuned = _X264_QUICK if quick else (writing.preset or _PRESET["h264"], ())
    options = {"preset": preset, "g": str(_gop(rate)), "udu_sei": "0", "a53cc": "0", **quality}
    extra = [*tuned]
    if info.field_order != "progressive":
        options["flags"] = "+ildct+ilme"
    if not info.picture.format.is_rgb and info.picture.format.name.startswith("yuv444"):
        # For pictures whose colour is as fine as their brightness, x264 takes the colour's quantiser 6 coarser by itself.
        extra.append("chroma-qp-offset=-6")
    if info.color.range == 1 and info.color.is_range_alone:
        # x264 leaves out a limited range that stands alone, unless the kind of video is named as well.
        extra.append("videoformat=component")
    if info.hdr.mastering:
        extra.append(f"mastering-display={_mastering(info.hdr)}")
    if info.hdr.light:
        extra.append("cll={},{}".format(*info.hdr.light))
    return {**options, **({"x264-params": ":".join(extra)} if extra else {})}


def _x265(info: VideoInfo, writing: Writing, rate: Fraction) -> dict[str, str]:
    extra = ["info=0", "log-level=none", "frame-threads=1", f"keyint={_gop(rate)}", _x265_quality(writing)]
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
        "crf": str(_quality("av1", writing)),
        "svtav1-params": ":".join(extra),
    }


def _ffv1(info: VideoInfo, _writing: Writing, _rate: Fraction) -> dict[str, str]:
    # The encoder finds a number of slices that fits the size; one of its own is asked for only where it finds none.
    size = info.picture.size
    slices = {"slices": "1"} if min(size.width, size.height) < _LEAST_SLICED else {}
    return {"level": "3", "g": "1", **slices, "slicecrc": "1", "coder": "1"}


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


_NO_QUALITY = Text(
    "--quality：{quality} は、画質の落ちない複写では意味がありません。指定しないでください",
    "quality: {quality} has no meaning for a copy without loss; leave it out",
)
_OTHER_QUALITY = Text(
    "--quality：{quality} は使えません。{codec} では 0 から {most} です",
    "quality: {quality} is not one of 0 to {most}, which is what {codec} takes",
)
_OTHER_PRESET = Text(
    "--preset：{codec} に {preset} はありません。あるもの：{known}",
    "preset: {preset} is not known for {codec}; it knows {known}",
)
