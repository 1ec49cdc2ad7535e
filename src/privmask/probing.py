"""The corridor of looking: what is in a clip, and what a plan would hide in it. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from privmask.evidence import keep_custody, open_once
from privmask.frame import Picture
from privmask.language import Text
from privmask.masks import MaskPlan, fit_masks
from privmask.video import Reading, inspect, open_video


def probe_clip(clip: Path, reading: Reading | None = None, said: Callable[[Text], str] = str) -> dict[str, Any]:
    """The file's name, bytes and sha256, and what `privmask.video.inspect` finds in it, as plain data.

    "refused" says why privmask would not mask it, None if nothing is in the way so far: only the first picture is decoded.
    `said` chooses the language of sentences; without it they are English.
    """
    with keep_custody(clip) as custody:
        return {"file": asdict(custody.before), **inspect(custody.open(), reading or Reading(), said)}


def picture_of(clip: Path, reading: Reading | None = None) -> Picture:
    """What the pictures of a clip have in common, from its first frame."""
    with open_once(clip) as file, open_video(file, reading or Reading()) as source:
        return source.info.picture


def coverage(plan: MaskPlan, picture: Picture, recorded_at: datetime | None = None) -> dict[str, float]:
    """For each enabled mask, the share of the picture that it hides, 0…1. Raises PlanError where the plan does not fit."""
    fit_masks(plan, picture, recorded_at)
    return {mask.token: _share(replace(plan, masks=(mask,)), picture) for mask in plan.enabled}


def _share(plan: MaskPlan, picture: Picture) -> float:
    spans = fit_masks(plan, picture).always(()).hidden[0]
    return float((spans[:, 2] - spans[:, 1]).sum()) / (picture.size.width * picture.size.height)
