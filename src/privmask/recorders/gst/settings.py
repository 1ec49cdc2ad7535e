"""What the element's properties say, checked before the pipeline starts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from privmask.errors import PlanError, UnsupportedFootageError
from privmask.geometry import Rotation
from privmask.masks import MaskPlan, load_plan, parse_zone
from privmask.recorders.gst.buffers import refuse_searching, warm_up

_TURNS: dict[str, Rotation] = {"rotate-0": 0, "rotate-90": 90, "rotate-180": 180, "rotate-270": 270}


@dataclass(frozen=True, slots=True)
class Settings:
    """The plan, when the first picture was taken, and what becomes of pictures that are damaged or to be turned."""

    plan: MaskPlan
    recorded_at: datetime | None
    damaged: str
    rotation: str

    def turn(self, tag: str) -> Rotation:
        """The turn after which the pictures are seen, from their tag.

        Whether it is still to be done is not in the tag: videoflip does it and hands the tag on. So people have to say.
        """
        if self.rotation == "ignore" or tag == "rotate-0":
            return 0
        if self.rotation == "fail":
            raise UnsupportedFootageError(
                f"a tag says that the pictures are to be turned ({tag}); say rotation=follow if that is done after privmask, "
                "and rotation=ignore if it was done before, as by videoflip"
            )
        if tag not in _TURNS:
            raise UnsupportedFootageError(
                f"the pictures are to be shown mirrored ({tag}); put videoflip before privmask"
            )
        return _TURNS[tag]


def read_settings(plan: str, camera: str, zone: str, recorded_at: str, damaged: str, rotation: str) -> Settings:
    """Read and check it all, and load the kernels. Raises PlanError: without a plan that stands nothing may start."""
    if not plan and not zone:
        raise PlanError("no plan: name one with plan=FILE (or zone='x,y x,y x,y'); without it nothing would be hidden")
    if damaged not in ("fail", "hide"):
        raise PlanError(f"damaged={damaged!r} is not known; it is fail or hide")
    if rotation not in ("fail", "follow", "ignore"):
        raise PlanError(f"rotation={rotation!r} is not known; it is fail, follow or ignore")
    read = load_plan(plan, camera or None) if plan else MaskPlan(())
    zones = [each for each in zone.split(";") if each.strip()]
    extra = tuple(parse_zone(each, f"zone-{number}") for number, each in enumerate(zones, 1))
    whole = replace(read, masks=(*read.masks, *extra))
    refuse_searching(whole)
    warm_up(whole)
    return Settings(whole, _moment(recorded_at), damaged, rotation)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError as cause:
        raise PlanError(f"recorded-at={text!r} is no time such as 2026-11-23T18:00+09:00") from cause
