"""Encoders that give each picture as soon as they get it: none is looked ahead at, none is held back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from privmask.errors import PlanError, UnsupportedFootageError
from privmask.language import Text
from privmask.video.encoders import EncoderPlan, plan_encoder
from privmask.video.original import VideoInfo
from privmask.video.settings import CodecWish, Writing

KEY_SECONDS = 2
"""A key frame at least this often: whoever tunes in to a stream waits for one."""

_MORE: dict[str, tuple[str, tuple[str, ...]]] = {
    # Left to itself PyAV asks for frame threads, each of which would hold a picture.
    "libx264": ("x264-params", ("sliced-threads=1",)),
    "libx264rgb": ("x264-params", ("sliced-threads=1",)),
    "libx265": ("x265-params", ("bframes=0", "rc-lookahead=0")),
    "libsvtav1": ("svtav1-params", ("pred-struct=1", "lookahead=0")),
}


def plan_quick_encoder(info: VideoInfo, writing: Writing, rate: Fraction, codecs: Sequence[CodecWish]) -> EncoderPlan:
    """The encoder for a stream that can be of one of these codecs, told to hold nothing back.

    Raises PlanError for a codec that was asked for and is none of them, UnsupportedFootageError where none carries the picture.
    """
    if writing.codec not in ("auto", *codecs):
        raise PlanError(_NOT_IN.with_(codec=writing.codec, known=", ".join(codecs)))
    plan = _first(info, writing, rate, [each for each in _order(writing) if each in codecs])
    if plan.encoder not in _MORE:
        return plan
    key, words = _MORE[plan.encoder]
    options = dict(plan.options)
    options[key] = ":".join(filter(None, [options.get(key, ""), *words]))
    if plan.encoder != "libsvtav1":
        options |= {"tune": "zerolatency", "forced-idr": "1"}
    if "g" in options:
        options["g"] = str(max(1, round(KEY_SECONDS * rate)))
    return replace(plan, options=options)


def _order(writing: Writing) -> Sequence[CodecWish]:
    if writing.codec != "auto":
        return (writing.codec,)
    return ("ffv1", "h264", "hevc") if writing.lossless else ("h264", "hevc", "ffv1")


def _first(info: VideoInfo, writing: Writing, rate: Fraction, codecs: Sequence[CodecWish]) -> EncoderPlan:
    """The plan of the first of the codecs that carries the picture; what the first one raises, if none does."""
    refused: UnsupportedFootageError | None = None
    for codec in codecs:
        preset = writing.preset or ("superfast" if codec == "h264" else None)
        try:
            return plan_encoder(info, replace(writing, codec=codec, preset=preset), rate)
        except UnsupportedFootageError as error:
            refused = refused or error
    assert refused is not None
    raise refused


_NOT_IN = Text(
    "この形式の流れは {codec} にできません。次のどれかを指定してください：{known}",
    "a stream of this format cannot be {codec}; it takes {known}",
)
