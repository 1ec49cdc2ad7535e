"""Whether packets of an original may travel into a copy at all, told from its first picture and from what was asked for."""

from __future__ import annotations

from privmask.errors import UnsupportedFootageError
from privmask.video.mixing import Passing, plan_like, rate_of
from privmask.video.nals import Avc
from privmask.video.original import Source, VideoInfo
from privmask.video.route import OpenRoute, Run
from privmask.video.settings import Writing
from privmask.video.survey import Group, Survey
from privmask.video.travelling import told_by_pictures

_FORMATS = {"yuv420p", "yuvj420p"}
_DEEPEST = 16
"""Pictures that a decoder holds back at most until it is their turn (ITU-T H.264 and H.265, annexes A)."""
MOST_HELD = 96 << 20
"""Bytes of frames that are held until it is known whether their group travels."""
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
    return _if_safe(source, Passing(survey, route), writing)


def open_passing(source: Source, survey: Survey, writing: Writing) -> tuple[Passing | None, str]:
    """How groups travel on which nothing is found while they are looked at, and why none can ("" if some may).

    Such a group is held until it is known: one of more than `MOST_HELD` bytes of frames cannot wait.
    """
    able = [group for group in survey.groups if not group.fault and is_held(source, group)]
    if not any(group.clean for group in able):
        faults = [group.fault for group in survey.groups if group.fault]
        long = (
            "its groups of pictures are too long to be held until they are searched; with two passes they need not be"
        )
        return None, long if len(faults) < len(survey.groups) else faults[0]
    runs = tuple(Run(group.start, group.stop, True, group.start) for group in able)
    return _if_safe(source, Passing(survey, OpenRoute(survey.times, survey.time_base, runs, survey.last)), writing)


def is_held(source: Source, group: Group) -> bool:
    """Whether the frames of a group may be held until it is known whether it travels."""
    picture = source.info.picture
    samples = picture.size.width * picture.size.height * 3 // 2  # 4:2:0 of 8 bits alone travels
    return (group.stop - group.start) * samples <= MOST_HELD


def _if_safe(source: Source, passing: Passing, writing: Writing) -> tuple[Passing | None, str]:
    survey, route = passing.survey, passing.route
    if survey.depth_of(route.may_travel) > _DEEPEST:
        return None, "its frames are shown in an order that no decoder of its kind can follow"
    if isinstance(survey.syntax, Avc) and survey.syntax.free_id is None:
        return None, "every number of a parameter set is taken"
    if why_not := _left_behind(source, survey, writing.container):
        return None, why_not
    try:
        plan_like(source.info, writing, rate_of(route))
    except UnsupportedFootageError as error:
        return None, str(error)
    return passing, ""


def _left_behind(source: Source, survey: Survey, container: str) -> str:
    """What only the original's container tells and the copy's cannot, so that it changed in the middle; "" if nothing."""
    color, aspect = source.info.color, source.info.picture.sample_aspect
    if container == "mpegts":
        same = told_by_pictures(source.file, source.info.stream, survey) == (color, aspect)
        told = "its colours or the shape of its samples, and a ts"
    else:
        alone = container == "mp4" and color.is_range_alone
        same = not alone or told_by_pictures(source.file, source.info.stream, survey)[0].range == color.range
        told = "the range of its colours, and an mp4"
    return "" if same else f"only its container tells {told} has no place for that"
