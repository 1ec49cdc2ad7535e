"""What the site's rules and the ground of a request demand of a copy: the least that has to be hidden in it.

Whoever makes the copy may hide more, and never less: the camera's private zones of the recording's date stand in every plan,
and a copy for the person in the pictures hides every face but that person's (II-7(1)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

from privmask.errors import PlanError, PolicyError
from privmask.language import Text
from privmask.masks import DynamicMask, Follow, Keep, Mask, MaskPlan
from privmask.policy import Camera, Ground
from privmask.zoning import zone_plan

_LEAST_MARGIN = Fraction(3, 10)
_SMALLEST_FACE = 16


def demanded_plan(
    site_path: Path, camera: Camera, days: tuple[date, date], ground: Ground | None, extra: MaskPlan
) -> MaskPlan:
    """The camera's zones of those days (first, last), what the ground demands, and what `extra` adds.

    Raises `PlanError` if that is nothing, `PolicyError` if `extra` leaves visible what has to be hidden.
    """
    zones = zone_plan(site_path, camera, *days) or MaskPlan((), camera.id)
    subject = ground is Ground.SUBJECT
    _require_kept_rightly(zones, extra.keep, subject)
    plan = MaskPlan(
        masks=(*zones.masks, *_renamed(extra.masks, {mask.token for mask in zones.masks})),
        camera=camera.id,
        frame=zones.frame or extra.frame,
        dynamic=_dynamic(zones, extra, subject),
        follow=Follow(
            max(zones.follow.look_ahead, extra.follow.look_ahead, Follow().look_ahead if subject else Fraction(0)),
            max(zones.follow.hold, extra.follow.hold, Follow().hold if subject else Fraction(0)),
        ),
        keep=(*zones.keep, *extra.keep) if not subject else extra.keep,
    )
    if not plan.enabled and not plan.labels:
        raise PlanError(_NOTHING.with_(camera=camera.id))
    return plan


def _require_kept_rightly(zones: MaskPlan, keep: Sequence[Keep], subject: bool) -> None:
    if subject and any(each.track is None for each in keep):
        raise PolicyError(_BY_PLACE, clause="II-7(1)")
    if keep and not subject and zones.dynamic:
        raise PolicyError(_KEPT, clause="II-2")


def _renamed(masks: Sequence[Mask], taken: set[str]) -> tuple[Mask, ...]:
    """The masks, with other names where the zones have theirs."""
    found = []
    for mask in masks:
        names = (mask.token, *(f"{mask.token}-{number}" for number in range(2, len(masks) + len(taken) + 3)))
        token = next(name for name in names if name not in taken)
        taken = taken | {token}
        found.append(replace(mask, token=token))
    return tuple(found)


def _dynamic(zones: MaskPlan, extra: MaskPlan, subject: bool) -> tuple[DynamicMask, ...]:
    """One mask a label; where the site's own plan has one, it holds."""
    found = {mask.label: mask for mask in (*extra.dynamic, *zones.dynamic)}
    if subject:
        found["face"] = _strict(found.get("face", DynamicMask("face")))
    return tuple(found.values())


def _strict(face: DynamicMask) -> DynamicMask:
    """That mask, hiding every face that can be found, anywhere."""
    return replace(
        face,
        enabled=True,
        model="auto" if face.model == "none" else face.model,
        min_size=min(face.min_size or _SMALLEST_FACE, _SMALLEST_FACE),
        margin=max(face.margin, _LEAST_MARGIN),
        search=(),
        ignore=(),
    )


_NOTHING = Text(
    "規程ではカメラ「{camera}」に私的空間がなく、隠すものがありません。隠すものを指定してください（--faces、--plates、--zone）",
    "by the rules nothing private is in view of the camera {camera!r}, so nothing would be hidden; say what to hide: --faces,"
    " --plates or --zone",
)
_BY_PLACE = Text(
    "本人への提供で隠さずに残せるのは、追跡番号で指定した本人だけです（--tracks と --keep-track）",
    "for the person in the pictures only that person may stay visible, by the number of a track (--tracks and --keep-track)",
)
_KEPT = Text(
    "このカメラの規程が隠すものを、残すことはできません（keep）",
    "the site's rules hide what moves in this camera's view; nothing of it may be left visible (keep)",
)
