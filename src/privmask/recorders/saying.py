"""What a watch tells people."""

from __future__ import annotations

import os
from pathlib import Path

from privmask.batch import Outcome
from privmask.language import Text
from privmask.recorders.intake import Unfit
from privmask.recorders.status import Status
from privmask.recorders.waiting import Item


def finished(item: Item, ending: str, copy: str, outcome: Outcome | None) -> Text:
    """A segment has its copy."""
    name, of = _name(item.ticket.path), repr(os.path.basename(copy))
    if ending == "same":
        return _SAME.with_(name=name, copy=of)
    if outcome is None or ending == "there":
        return _THERE.with_(name=name, copy=of)
    return _MADE.with_(name=name, frames=outcome.frames, seconds=f"{outcome.seconds:.1f}")


def put_aside(unfit: Unfit, notice: Path) -> Text:
    """A segment has no copy, and why."""
    return _QUARANTINED.with_(name=_name(unfit.ticket.path), why=unfit.why, notice=repr(notice.name))


def rewritten(item: Item) -> Text:
    """A segment is not what it was when it was told of."""
    return _REWRITTEN.with_(name=_name(item.ticket.path))


def behind(status: Status) -> Text:
    """The watch falls behind, or has caught up."""
    words = _BEHIND if status.behind else _CAUGHT_UP
    return words.with_(lag=round(status.lag), waiting=status.waiting)


def _name(path: str) -> str:
    return repr(os.path.basename(path))


TROUBLE = Text(
    "待っています（{why}）。直れば続けます。何も飛ばしません",
    "waiting: {why}. It goes on when that is mended, and nothing is skipped",
)
MENDED = Text("続けます", "it goes on")
NOT_WRITTEN = Text("記録を書けません（{why}）", "the records cannot be written ({why})")
_MADE = Text(
    "{name}：複写を作りました（{frames} コマ、{seconds} 秒）", "{name}: masked, {frames} frames in {seconds} s"
)
_THERE = Text("{name}：複写 {copy} は既にあります", "{name}: its copy {copy} is there already")
_SAME = Text("{name}：同じ内容の複写 {copy} が既にあります", "{name}: the same bytes have their copy already, {copy}")
_QUARANTINED = Text(
    "{name}：複写を作れません（{why}）。原本はそのままで、quarantine/{notice} に記録しました",
    "{name}: no copy: {why}. The original stays as it is; the notice is quarantine/{notice}",
)
_REWRITTEN = Text(
    "{name}：書き換えられたので、新しい内容で作ります", "{name}: it was written to, and is taken as it is now"
)
_BEHIND = Text(
    "遅れています：最も古いものが {lag} 秒、{waiting} 件が待っています。何も飛ばしません",
    "falling behind: the oldest waits {lag} s, {waiting} in all; nothing is skipped",
)
_CAUGHT_UP = Text("追いつきました（{lag} 秒、{waiting} 件）", "caught up: {lag} s, {waiting} waiting")
