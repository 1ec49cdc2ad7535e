"""Jobs and keys that several tests of the batch use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from privmask.batch import Event, Job, Options, Outcome
from privmask.masks import MaskPlan
from privmask.video import Reading, Writing
from tests.plans import three_zones
from tests.video.clips import make_clip

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLAN = three_zones("Color")
ONE_THREAD = Options(Reading(threads=1), Writing(threads=1, preset="ultrafast"))
SMALL = {"size": (96, 64), "frames": 6, "gop": 6}


def job(original: Path, copy: Path, number: int = 1, plan: MaskPlan = PLAN, key_id: str | None = None) -> Job:
    return Job(number, str(original), str(copy), plan, None, ONE_THREAD, key_id)


def named(folder: Path, *names: str) -> list[Job]:
    """Jobs of clips with these names, which need not be there."""
    return [job(folder / f"{name}.mp4", folder / f"{name}-copy.mp4", number) for number, name in enumerate(names, 1)]


def small_clip(path: Path, seed: int = 0) -> Path:
    """A clip of six small frames; another seed makes another clip."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return make_clip(path, **SMALL, tags={"title": str(seed)})


def outcomes(events: Iterable[Event]) -> dict[int, Outcome]:
    return {event.number: event for event in events if isinstance(event, Outcome)}


def timeless(outcome: Outcome) -> Outcome:
    return replace(outcome, seconds=0.0)
