"""The corridor of what is left alone: which groups of pictures have nothing to hide, and so may travel as they are.

Every frame is asked, by its number and time, for what would be hidden on it, in the same words as when it is masked; a group
travels only where that is nothing on each of its frames, and where `privmask.video` finds it safe. It depends on the plan, on
what is known to be seen, and on when the original's key frames are: never on a private sample. What is in doubt is masked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any

from privmask.checking import PassedGroup
from privmask.errors import CopyError, DamagedFootageError
from privmask.frame import Frame
from privmask.masks import Cover, FittedMasks
from privmask.video import (
    Gop,
    Group,
    OpenRoute,
    PacketHashes,
    Passing,
    Reading,
    Source,
    Survey,
    Writing,
    is_held,
    open_passing,
    passing_of,
    unsuited,
)
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
    if why_not:
        return None, why_not
    survey = source.survey()
    if survey.refused:
        return None, survey.refused
    if not watch.knows_ahead:
        return open_passing(source, survey, writing)
    frames = watch.ahead(source.undecoded(survey.through(())))
    empty = [masks.at(frame, sightings).is_empty for frame, sightings in frames]
    if len(empty) != len(survey.times):
        return None, "not every frame of it is known"
    untouched = [all(empty[group.start : group.stop]) for group in survey.groups]
    return passing_of(source, survey, untouched, writing)


def covered(
    source: Source, watch: Watch, masks: FittedMasks, passing: Passing | None
) -> Generator[tuple[Frame, Cover], None, None]:
    """The frames of a clip, each with what is covered on it; those that travel come as such, without their samples."""
    known = None if passing is None else passing.route.known
    pairs = ((frame, masks.at(frame, sightings)) for frame, sightings in watch.over(source.frames(known)))
    return pairs if passing is None or known else _decided(source, passing, pairs)


def _decided(
    source: Source, passing: Passing, pairs: Iterator[tuple[Frame, Cover]]
) -> Generator[tuple[Frame, Cover], None, None]:
    """The same, where it shows only now which groups have nothing to hide: each is held until that is certain.

    A group is decided on before its first frame leaves.
    """
    survey, route = passing.survey, passing.route
    assert isinstance(route, OpenRoute)
    for group in survey.groups:
        frames = _of_group(islice(pairs, group.stop - group.start), survey, group)
        able = not group.fault and (group.clean or route.goes_on(copied=True)) and is_held(source, group)
        held = _held(frames) if able else deque()
        travels = len(held) == group.stop - group.start and all(cover.is_empty for _, cover in held)
        route.decide(group.start, group.stop, copied=travels)
        if travels:
            held = deque((replace(frame, planes=(), carrier=None, passed=True), cover) for frame, cover in held)
        while held:
            yield held.popleft()
        yield from frames
    for frame, _ in pairs:
        raise DamagedFootageError(f"frame {frame.index} comes after the last one of which the container tells")


def _held(frames: Iterator[tuple[Frame, Cover]]) -> deque[tuple[Frame, Cover]]:
    """Frames up to the first on which something is hidden, that one included."""
    held: deque[tuple[Frame, Cover]] = deque()
    for frame, cover in frames:
        held.append((frame, cover))
        if not cover.is_empty:
            break
    return held


def _of_group(pairs: Iterator[tuple[Frame, Cover]], survey: Survey, group: Group) -> Iterator[tuple[Frame, Cover]]:
    """The frames of a group; raises DamagedFootageError where they are not those of its packets."""
    index = group.start
    for frame, cover in pairs:
        if frame.index != index or frame.start_time != survey.times[index] * survey.time_base:
            raise DamagedFootageError(f"frame {frame.index} appears at another time than its packet says")
        yield frame, cover
        index += 1
    if index != group.stop:
        raise DamagedFootageError(f"frame {index} of {len(survey.times)} is missing")


def passed_of(passing: Passing | None, why_not: str, packets: PacketHashes) -> PassedThrough:
    """What of the packets of a finished copy travelled; raises CopyError where its groups are not those that were to."""
    if passing is None:
        return PassedThrough((), 0, why_not)
    route = passing.route.settled()
    groups = tuple(each for each in _numbered(packets.gops) if route.is_copied(each.frame))
    frames = sum(each.packets for each in groups)
    if frames != route.copied:
        raise CopyError(f"{frames} frames of the copy travelled as they are, but {route.copied} were to")
    return PassedThrough(groups, frames, None if groups else "no group of pictures is free of what is hidden")


def _numbered(gops: Sequence[Gop]) -> Iterator[PassedGroup]:
    frame = 0
    for gop in gops:
        yield PassedGroup(frame, gop.start, gop.packets, gop.sha256)
        frame += gop.packets
