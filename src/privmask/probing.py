"""The corridor of looking: what is in a clip, and what a plan would hide in it. Nothing is written."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from privmask.evidence import keep_custody, open_once
from privmask.frame import Picture
from privmask.masks import MaskPlan, fit_masks
from privmask.video import Reading, VideoInfo, open_video


def probe_clip(clip: Path, reading: Reading | None = None) -> dict[str, Any]:
    """What a file is, what it holds and what its pictures are, as plain data; only the first picture is decoded.

    Raises FootageError with the reason where privmask would not mask it.
    """
    with keep_custody(clip) as custody, open_video(custody.open(), reading or Reading()) as source:
        return {
            "file": asdict(custody.before),
            "container": source.info.container,
            "pictures": _pictures(source.info),
            "holds": [asdict(found) for found in source.found],
        }


def _pictures(info: VideoInfo) -> dict[str, Any]:
    picture, seconds = info.picture, info.duration_from_header
    return {
        "stream": info.stream,
        "codec": f"{info.codec} {info.codec_profile}".strip(),
        "pixel_format": info.found_format,
        "size": str(picture.size),
        "rotation": picture.rotation,
        "sample_aspect": str(picture.sample_aspect),
        "still": info.is_still,
        "field_order": info.field_order,
        "frames_from_header": info.frames_from_header,
        "seconds_from_header": None if seconds is None else round(float(seconds), 3),
        "average_rate": _text(info.average_rate),
        "time_base": _text(info.time_base),
        "times_counted_from_rate": info.pts_made,
        "range": picture.range,
        "matrix": picture.matrix,
        "color_numbers": asdict(info.color),
        "hdr": info.hdr.mastering is not None or info.hdr.light is not None,
    }


def _text(number: Fraction | None) -> str | None:
    return None if number is None else str(number)


def picture_of(clip: Path, reading: Reading | None = None) -> Picture:
    """What the pictures of a clip have in common, from its first frame."""
    with open_once(clip) as file, open_video(file, reading or Reading()) as source:
        return source.info.picture


def coverage(plan: MaskPlan, picture: Picture, recorded_at: datetime | None = None) -> dict[str, float]:
    """For each enabled mask, the share of the picture that it hides, 0…1. Raises PlanError where the plan does not fit."""
    fit_masks(plan, picture, recorded_at)
    return {mask.token: _share(replace(plan, masks=(mask,)), picture) for mask in plan.enabled}


def _share(plan: MaskPlan, picture: Picture) -> float:
    spans = fit_masks(plan, picture).always().hidden[0]
    return float((spans[:, 2] - spans[:, 1]).sum()) / (picture.size.width * picture.size.height)
