"""The ways to walk over the pictures of an original: all of them, those that do not travel, or those of a section."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

import av

from privmask.frame import Frame
from privmask.video.decoding import Decoder
from privmask.video.route import Route
from privmask.video.timetable import Timetable

Picture: TypeAlias = tuple[av.VideoFrame, bool]
"""A decoded picture, and whether it must be hidden whole."""

Framed: TypeAlias = Callable[[int, av.VideoFrame, bool], Frame]
"""Makes the frame of that number out of a picture; it does not know yet when the frame ends."""


def looking_ahead(pictures: Iterator[Picture], framed: Framed) -> Iterator[Frame]:
    """Each frame leaves when the next one's pts is known, which is when it ends."""
    held: Frame | None = None
    for index, (decoded, hide_all) in enumerate(pictures):
        frame = framed(index, decoded, hide_all)
        if held is not None:
            yield replace(held, end=frame.pts)
        held = frame
    if held is not None:
        yield held


def along(
    route: Route, pictures: Iterator[Picture], decoder: Decoder, framed: Framed, passed: Callable[[int], Frame]
) -> Iterator[Frame]:
    """All frames, of which those are decoded that do not travel; every one of them, or an error."""
    decoder.needs = route.needs
    for index in range(len(route.times)):
        if route.is_copied(index):
            yield passed(index)
            continue
        picture = _sought(index, pictures, route.number)
        if picture is None:
            decoder.report(f"frame {index} of all, which is missing")
            return
        yield replace(framed(index, *picture), end=route.end(index))


def between(
    table: Timetable, start: int, stop: int, pictures: Iterator[Picture], decoder: Decoder, framed: Framed
) -> Iterator[Frame]:
    """The frames from number `start` up to `stop`; every one of them, or an error."""
    decoder.begin_with(table.clean_before(start), table)
    for index in range(start, stop):
        picture = _sought(index, pictures, table.frame)
        if picture is None:
            decoder.report(f"frame {index} of all, which is missing")
            return
        yield replace(framed(index, *picture), end=table.end(index))


def _sought(index: int, pictures: Iterator[Picture], number: Callable[[int | None], int]) -> Picture | None:
    """The next picture with that number, past earlier ones; None where it does not come."""
    for picture in pictures:
        found = number(picture[0].pts)
        if found >= index:
            return picture if found == index else None
    return None
