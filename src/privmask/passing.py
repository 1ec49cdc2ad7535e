"""The corridor of what is left alone: which groups of pictures have nothing to hide, and so may travel as they are.

Every frame is asked, by its number and time, for what would be hidden on it, in the same words as when it is masked; a group
travels only where that is nothing on each of its frames, and where `privmask.video` finds it safe. It depends on the plan, on
what is known to be seen, and on when the original's key frames are: never on a private sample. What is in doubt is masked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from privmask.checking import PassedGroup
from privmask.errors import CopyError
from privmask.masks import FittedMasks
from privmask.video import Gop, PacketHashes, Passing, Reading, Source, Writing, passing_of, unsuited
from privmask.watching import Watch


@dataclass(frozen=True, slots=True)
class PassedThrough:
    """What of a copy travelled packet by packet: groups of pictures, `frames` in all; or `why_not`, if none did."""

    groups: tuple[PassedGroup, ...]
    frames: int
    why_not: str | None

    def as_data(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def find_passing(
    source: Source, masks: FittedMasks, watch: Watch, reading: Reading, writing: Writing
) -> tuple[Passing | None, str]:
    """How groups with nothing to hide travel, and why none do ("" if some do). `masks` are only asked, and kept by nobody."""
    why_not = unsuited(source.info, writing, reading.damaged)
    if not why_not and masks.hides_always:
        why_not = "a zone without times is hidden on every frame"
    if not why_not and not watch.knows_ahead:
        why_not = "what moves is looked for while the clip is masked; with two passes it is known before"
    if why_not:
        return None, why_not
    survey = source.survey()
    if survey.refused:
        return None, survey.refused
    frames = watch.ahead(source.undecoded(survey.through(())))
    empty = [masks.at(frame, sightings).is_empty for frame, sightings in frames]
    if len(empty) != len(survey.times):
        return None, "not every frame of it is known"
    untouched = [all(empty[group.start : group.stop]) for group in survey.groups]
    return passing_of(source, survey, untouched, writing)


def passed_of(passing: Passing | None, why_not: str, packets: PacketHashes) -> PassedThrough:
    """What of the packets of a finished copy travelled; raises CopyError where its groups are not those that were to."""
    if passing is None:
        return PassedThrough((), 0, why_not)
    groups = tuple(each for each in _numbered(packets.gops) if passing.route.is_copied(each.frame))
    frames = sum(each.packets for each in groups)
    if frames != passing.route.copied:
        raise CopyError(f"{frames} frames of the copy travelled as they are, but {passing.route.copied} were to")
    return PassedThrough(groups, frames, None)


def _numbered(gops: Sequence[Gop]) -> Iterator[PassedGroup]:
    frame = 0
    for gop in gops:
        yield PassedGroup(frame, gop.start, gop.packets, gop.sha256)
        frame += gop.packets
