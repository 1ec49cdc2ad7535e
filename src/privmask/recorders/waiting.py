"""The segments that wait, in the order in which they are to be masked.

Segments of one camera come strictly one after the other, by the time of their first picture; different cameras may be at work
at once. What comes late by a moment still finds its place, because nothing begins in the first second after it was told of.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from privmask.masks import MaskPlan
from privmask.recorders.ledger import Ticket

HOLD = 1.0
"""Seconds: hooks of one recorder overtake each other by some tenths."""

HOLD_EMPTY = 10.0
"""Seconds: some recorders make a file, close it, and open it anew to write."""


@dataclass(slots=True, eq=False)
class Item:
    """A segment on its way to its copy.

    `order` is the time of its first picture in seconds since 1970, `lane` its camera or else its folder, `finished` when it was
    finished. `attempts` counts those that went wrong, and `not_before` is by the watcher's clock.
    """

    ticket: Ticket
    plan: MaskPlan
    copy: str
    order: float
    lane: str
    recorded_at: datetime | None
    finished: float
    not_before: float
    attempts: int = 0

    def __lt__(self, other: Item) -> bool:
        return (self.order, self.ticket.path) < (other.order, other.ticket.path)


@dataclass(slots=True)
class Line:
    """The items that wait; one line for each lane."""

    _lanes: dict[str, list[Item]] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)

    def __len__(self) -> int:
        return sum(map(len, self._lanes.values()))

    def __iter__(self) -> Iterator[Item]:
        for lane in self._lanes.values():
            yield from lane

    def knows(self, ticket: Ticket) -> bool:
        """Whether it waits."""
        return ticket.id in self._known

    def add(self, item: Item) -> None:
        """Find it its place."""
        insort(self._lanes.setdefault(item.lane, []), item)
        self._known.add(item.ticket.id)

    def take(self, now: float, busy: set[str]) -> Item | None:
        """The earliest of the first ones of each lane that is not busy, out of the line; None where all have to wait."""
        heads = [lane[0] for name, lane in self._lanes.items() if name not in busy]
        ready = [item for item in heads if item.not_before <= now]
        if not ready:
            return None
        item = min(ready)
        lane = self._lanes[item.lane]
        lane.pop(0)
        if not lane:
            del self._lanes[item.lane]
        self._known.discard(item.ticket.id)
        return item
