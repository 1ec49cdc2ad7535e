"""Where the pictures of a copy are not those of its statement: which seconds, cut off or moved, or only wrapped anew.

Groups of pictures are held against groups of pictures by the hashes of their packets; nothing is decoded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING, Any

from privmask.language import Text

if TYPE_CHECKING:
    from privmask.evidence import Statement
    from privmask.video import PacketHashes

_MOST_PLACES = 5

_CONTRADICTS = Text(
    "来歴が矛盾しています：映像の区間はこのとおりですが、全体のハッシュが違います",
    "the statement contradicts itself: its groups of pictures are these, their hash is not",
)
_ALL_CHANGED = Text(
    "映像が 0.0 秒から終わりまで変わっています：来歴どおりの区間が一つもなく、全体を符号化し直したか、来歴が別の複写のものです",
    "pictures changed between 0.0 s and the end: no group of pictures is as stated, as when all was encoded again or"
    " the statement was made for another copy",
)
_TIMES = Text(
    "映像の時刻が変わっています：来歴で {stated} に始まるものが {found} に始まります",
    "the times of the pictures were changed: what is stated to begin at {stated} begins at {found}",
)
_ORDER = Text(
    "映像の順序が変わっています：{place} に、来歴では {stated} のものがあります",
    "the order of the pictures was changed: at {place} stands what is stated to be at {stated}",
)
_CUT_HEAD = Text(
    "複写が切り取られています：{begin} から始まります（来歴では全体で {stated}）",
    "the copy was cut: it begins at {begin}, stated are {stated}",
)
_CUT_TAIL = Text(
    "複写が切り取られています：{end} で終わります（来歴では全体で {stated}）",
    "the copy was cut: it ends at {end}, stated are {stated}",
)
_CUT_BOTH = Text(
    "複写が切り取られています：{begin} から始まり {end} で終わります（来歴では全体で {stated}）",
    "the copy was cut: it begins at {begin} and ends at {end}, stated are {stated}",
)
_THE_END = Text("終わり", "the end")
_PUT_IN = Text("{since} に映像が挿入されています", "pictures were put in at {since}")
_CHANGED = Text("{since} から {until} までの映像が変わっています", "pictures changed between {since} and {until}")
_MORE = Text("ほかに {count} か所", "and in {count} more places")
_COUNT = Text(
    "複写の映像は {count} 枚で、来歴では {stated} 枚です", "the copy holds {count} pictures, stated are {stated}"
)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of pictures: its start in seconds, how many packets it has, and their sha256."""

    start: Fraction
    packets: int
    sha256: str


def located(found: PacketHashes, statement: Statement) -> Text | None:
    """Where and how the packets that were found are not those that are stated; None if they are."""
    ours = [Group(gop.start, gop.packets, gop.sha256) for gop in found.gops]
    stated: list[dict[str, Any]] = list(statement.gops)
    said = [Group(Fraction(gop["start"]), gop["packets"], gop["sha256"]) for gop in stated]
    if ours == said:
        same = found.stream_sha256 == statement.stream_sha256
        return None if same else _CONTRADICTS
    one, other = [gop.sha256 for gop in ours], [gop.sha256 for gop in said]
    if one == other:
        return _other_times(ours, said)
    if set(one).isdisjoint(other):
        return _ALL_CHANGED
    if sorted(one) == sorted(other):
        return _moved(ours, said)
    return _cut(one, said) or _listed(list(_changes(ours, said)))


def _other_times(ours: list[Group], said: list[Group]) -> Text:
    index = next(i for i, (one, other) in enumerate(zip(ours, said, strict=True)) if one != other)
    return _TIMES.with_(stated=_seconds(said[index].start), found=_seconds(ours[index].start))


def _moved(ours: list[Group], said: list[Group]) -> Text:
    index = next(i for i, (one, other) in enumerate(zip(ours, said, strict=True)) if one.sha256 != other.sha256)
    origin = next(gop.start for gop in said if gop.sha256 == ours[index].sha256)
    return _ORDER.with_(place=_seconds(said[index].start), stated=_seconds(origin))


def _cut(ours: list[str], said: list[Group]) -> Text | None:
    """What is missing at the ends, if the rest is as it was; None if more was done."""
    first = next(i for i, gop in enumerate(said) if gop.sha256 in ours)
    last = first + len(ours)
    if [gop.sha256 for gop in said[first:last]] != ours:
        return None
    begin, end = said[first].start if first else None, said[last].start if last < len(said) else None
    words = _CUT_BOTH if first and end is not None else _CUT_HEAD if first else _CUT_TAIL
    return words.with_(begin=_seconds(begin or 0), end=_seconds(end or 0), stated=_seconds(_end(said)))


def _end(said: Sequence[Group]) -> Fraction:
    """When the last group ends, if its pictures last as long as those before; the statement does not say."""
    *before, last = said
    each = last.start / sum(gop.packets for gop in before) if before else Fraction(0)
    return last.start + last.packets * each


def _changes(ours: list[Group], said: list[Group]) -> Iterator[Text]:
    places = list(_places([gop.sha256 for gop in ours], [gop.sha256 for gop in said]))
    for start, end in places[:_MOST_PLACES]:
        until = _seconds(said[end].start) if end < len(said) else _THE_END
        since = said[start].start if start < len(said) else _end(said)
        if start == end:
            yield _PUT_IN.with_(since=_seconds(since))
        else:
            yield _CHANGED.with_(since=_seconds(since), until=until)
    if len(places) > _MOST_PLACES:
        yield _MORE.with_(count=len(places) - _MOST_PLACES)
    count, stated = sum(gop.packets for gop in ours), sum(gop.packets for gop in said)
    if count != stated:
        yield _COUNT.with_(count=count, stated=stated)


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


def _seconds(moment: Fraction | int) -> Text:
    return Text(f"{float(moment):.1f} 秒", f"{float(moment):.1f} s")


def _listed(changes: list[Text]) -> Text:
    return Text("、".join(each.ja for each in changes), "; ".join(each.en for each in changes))
