"""Where something that moves has to be hidden: what the detectors' room hands to the masks' room, and people to both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from privmask.geometry import Box
from privmask.language import Text

Label: TypeAlias = Literal["face", "plate", "text", "person"]

LABELS: tuple[Label, ...] = get_args(Label)

NAMES: dict[Label, Text] = {
    "face": Text("顔", "face"),
    "plate": Text("ナンバープレート", "plate"),
    "text": Text("文字", "text"),
    "person": Text("人", "person"),
}


@dataclass(frozen=True, slots=True)
class Sighting:
    """The place of one track on one frame.

    `track` counts from 1 and names the same thing on every frame. `box` is in samples of the displayed picture
    (`Picture.displayed`: turned upright, the sample aspect not applied) and may reach off it.
    """

    track: int
    label: Label
    box: Box
