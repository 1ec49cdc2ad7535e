"""Whether packets of an original may travel into a copy at all, told from its first picture and from what was asked for."""

from __future__ import annotations

from privmask.errors import UnsupportedFootageError
from privmask.video.mixing import Passing, plan_like, rate_of
from privmask.video.nals import Avc
from privmask.video.original import Source, VideoInfo
from privmask.video.settings import Writing
from privmask.video.survey import Survey

_FORMATS = {"yuv420p", "yuvj420p"}
_DEEPEST = 16
"""Pictures that a decoder holds back at most until it is their turn (ITU-T H.264 and H.265, annexes A)."""
_LEAST = 16
"""Samples of width and height below which the encoder works without loss, in another profile."""


def unsuited(info: VideoInfo, writing: Writing, damaged: str) -> str:
    """Why no packets of such footage travel, "" if some may. What was not tried is not safe."""
    size = info.picture.size
    reasons = {
        "it was not wanted": not writing.pass_through,
        f"the original is coded as {info.codec}": info.codec not in ("h264", "hevc"),
        f"the original is {info.codec}, and the copy is to be {writing.codec}": writing.codec
        not in ("auto", info.codec),
        "the copy is to be without loss": writing.lossless,
        "what is damaged is to be hidden, so every frame has to be looked at": damaged != "fail",
        f"its pictures are {info.found_format}, not 4:2:0 of 8 bits": info.found_format not in _FORMATS,
        "it is interlaced": info.field_order != "progressive",
        "it has tags of high dynamic range": bool(info.hdr.mastering or info.hdr.light),
        "its times were counted, as the footage has none": info.pts_made,
        f"its pictures are small ({size})": min(size.width, size.height) < _LEAST,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def passing_of(source: Source, survey: Survey, untouched: list[bool], writing: Writing) -> tuple[Passing | None, str]:
    """How the `untouched` groups travel, and why none do ("" if some do)."""
    route = survey.route(untouched)
    if not route.copied:
        faults = [group.fault for group, wanted in zip(survey.groups, untouched, strict=True) if wanted and group.fault]
        free = "no group of pictures that a decoder can start with" if any(untouched) else "no group of pictures"
        return None, faults[0] if faults else f"{free} is free of what is hidden"
    if survey.depth_of(route.copied_runs) > _DEEPEST:
        return None, "its frames are shown in an order that no decoder of its kind can follow"
    if isinstance(survey.syntax, Avc) and survey.syntax.free_id is None:
        return None, "every number of a parameter set is taken"
    try:
        plan_like(source.info, writing, rate_of(route))
    except UnsupportedFootageError as error:
        return None, str(error)
    return Passing(survey, route), ""
