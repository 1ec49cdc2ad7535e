"""What a person asked for of one copy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from privmask.masks import MaskPlan
from privmask.video import Reading, Writing
from privmask.watching import Looking


@dataclass(frozen=True, slots=True)
class Wanted:
    """The words of `mask_clip`: what is hidden, how the original is read and searched, and how the copy is written."""

    plan: MaskPlan
    reading: Reading
    writing: Writing
    looking: Looking
    recorded_at: datetime | None
