"""Where the pictures of a copy are not those of its statement: which seconds, cut off or moved, or only wrapped anew.

Groups of pictures are held against groups of pictures by the hashes of their packets; nothing is decoded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from privmask.evidence import Statement
    from privmask.video import PacketHashes

_MOST_PLACES = 5


@dataclass(frozen=True, slots=True)
class Group:
    """A group of pictures: its start in seconds, how many packets it has, and their sha256."""

    start: Fraction
    packets: int
    sha256: str


def located(found: PacketHashes, statement: Statement) -> str:
    """Where and how the packets that were found are not those that are stated; "" if they are."""
    ours = [Group(gop.start, gop.packets, gop.sha256) for gop in found.gops]
    stated: list[dict[str, Any]] = list(statement.gops)
    said = [Group(Fraction(gop["start"]), gop["packets"], gop["sha256"]) for gop in stated]
    if ours == said:
        same = found.stream_sha256 == statement.stream_sha256
        return "" if same else "the statement contradicts itself: its groups of pictures are these, their hash is not"
    one, other = [gop.sha256 for gop in ours], [gop.sha256 for gop in said]
    if one == other:
        return _other_times(ours, said)
    if set(one).isdisjoint(other):
        return (
            "pictures changed between 0.0 s and the end: no group of pictures is as stated, as when all was encoded again or"
            " the statement was made for another copy"
        )
    if sorted(one) == sorted(other):
        return f"the order of the pictures was changed: {_moved(ours, said)}"
    return _cut(one, said) or "; ".join(_changes(ours, said))


def _other_times(ours: list[Group], said: list[Group]) -> str:
    index = next(i for i, (one, other) in enumerate(zip(ours, said, strict=True)) if one != other)
    times = f"what is stated to begin at {_seconds(said[index].start)} begins at {_seconds(ours[index].start)}"
    return f"the times of the pictures were changed: {times}"


def _moved(ours: list[Group], said: list[Group]) -> str:
    index = next(i for i, (one, other) in enumerate(zip(ours, said, strict=True)) if one.sha256 != other.sha256)
    origin = next(gop.start for gop in said if gop.sha256 == ours[index].sha256)
    return f"at {_seconds(said[index].start)} stands what is stated to be at {_seconds(origin)}"


def _cut(ours: list[str], said: list[Group]) -> str:
    """What is missing at the ends, if the rest is as it was; "" if more was done."""
    first = next(i for i, gop in enumerate(said) if gop.sha256 in ours)
    last = first + len(ours)
    if [gop.sha256 for gop in said[first:last]] != ours:
        return ""
    begin = f"begins at {_seconds(said[first].start)}" if first else ""
    end = f"ends at {_seconds(said[last].start)}" if last < len(said) else ""
    return f"the copy was cut: it {' and '.join(filter(None, (begin, end)))}, stated are {_seconds(_end(said))}"


def _end(said: Sequence[Group]) -> Fraction:
    """When the last group ends, if its pictures last as long as those before; the statement does not say."""
    *before, last = said
    each = last.start / sum(gop.packets for gop in before) if before else Fraction(0)
    return last.start + last.packets * each


def _changes(ours: list[Group], said: list[Group]) -> Iterator[str]:
    places = list(_places([gop.sha256 for gop in ours], [gop.sha256 for gop in said]))
    for start, end in places[:_MOST_PLACES]:
        until = _seconds(said[end].start) if end < len(said) else "the end"
        since = said[start].start if start < len(said) else _end(said)
        if start == end:
            yield f"pictures were put in at {_seconds(since)}"
        else:
            yield f"pictures changed between {_seconds(since)} and {until}"
    if len(places) > _MOST_PLACES:
        yield f"and in {len(places) - _MOST_PLACES} more places"
    count, stated = sum(gop.packets for gop in ours), sum(gop.packets for gop in said)
    if count != stated:
        yield f"the copy holds {count} pictures, stated are {stated}"


def _places(ours: list[str], said: list[str]) -> Iterator[tuple[int, int]]:
    """The runs of stated groups that are not there: each start and end."""
    if len(ours) != len(said):
        yield _common(ours, said)
        return
    end = 0
    for same, run in groupby(zip(ours, said, strict=True), lambda pair: pair[0] == pair[1]):
        start, end = end, end + len(list(run))
        if not same:
            yield start, end


def _common(ours: list[str], said: list[str]) -> tuple[int, int]:
    """The stated groups between those that both have at the beginning and at the end."""
    least = min(len(ours), len(said))
    head = next((i for i in range(least) if ours[i] != said[i]), least)
    tail = next((i for i in range(least - head) if ours[-1 - i] != said[-1 - i]), least - head)
    return head, len(said) - tail


def _seconds(moment: Fraction) -> str:
    return f"{float(moment):.1f} s"
