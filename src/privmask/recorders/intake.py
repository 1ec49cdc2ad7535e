"""From what a recorder names to what waits: whether it is ours at all, known already, and which plan hides in it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from privmask.batch import Options
from privmask.batch.listing import copy_suffix
from privmask.errors import PlanError
from privmask.evidence import PROVENANCE
from privmask.evidence.canonical import plain
from privmask.evidence.names import is_ours
from privmask.evidence.provenance import hash_of_plan
from privmask.failures import in_both
from privmask.language import Text
from privmask.masks import MaskPlan
from privmask.recorders.ledger import VANISHED, Ledger, Ticket
from privmask.recorders.listing import is_below
from privmask.recorders.names import Pattern, moment_of
from privmask.recorders.polling import is_clip
from privmask.recorders.recorder import Segment
from privmask.recorders.waiting import HOLD, HOLD_EMPTY, Item

_MOST_OTHERS = 100
"""Cameras of which it is said that they are left alone."""

PlanOf = Callable[[str | None], MaskPlan]
"""The plan of a camera, or of all where there is one only; raises PlanError."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a watch is for: `folder` and `copies` are real paths.

    With `camera` the segments of other cameras are nobody's. `zone` is what times in names are told in; without it they only
    order segments, and no mask is lifted by them. With `again` what has a copy of another plan gets one of this. With `timed`
    nothing is made of a segment whose time nobody tells.
    """

    folder: str
    copies: str
    plan_of: PlanOf
    pattern: Pattern
    options: Options
    camera: str | None = None
    zone: tzinfo | None = None
    key_id: str | None = None
    again: bool = False
    timed: bool = False


@dataclass(frozen=True, slots=True)
class Unfit:
    """A segment that goes to quarantine before anybody works on it, and why."""

    ticket: Ticket
    kind: str
    code: int
    why: Text


class Intake:
    """Decides about each segment that is named; what it takes is written down in the ledger first."""

    def __init__(
        self,
        wanted: Wanted,
        ledger: Ledger,
        clock: Callable[[], float],
        now: Callable[[], float],
        told: Callable[[Text], None],
    ) -> None:
        self._wanted, self._ledger, self._clock, self._now, self._told = wanted, ledger, clock, now, told
        self._others: set[str] = set()
        self._plans: dict[str | None, MaskPlan] = {}

    def take(self, segment: Segment) -> Item | Unfit | str:
        """What waits from now on, or why nothing does: `Unfit`, or "ignored" and "known" for what is no matter.

        Raises OSError where it cannot be written down.
        """
        wanted = self._wanted
        place = os.path.join(os.path.realpath(os.path.dirname(segment.path)), os.path.basename(segment.path))
        if not self._is_ours(place):
            return "ignored"
        try:
            found = os.lstat(place)
        except OSError:
            gone = Ticket(place, 0, 0, 0, "")
            return "known" if os.path.lexists(copy_of(place, wanted) + PROVENANCE) else Unfit(gone, VANISHED, 6, GONE)
        if not stat.S_ISREG(found.st_mode):
            return "ignored"
        told = wanted.pattern.told_by(place, wanted.folder)
        sure = segment.camera or (told.camera if wanted.pattern.sure else None)
        if wanted.camera and sure and sure != wanted.camera:
            self._leave_to_others(place, sure)
            return "ignored"
        stand = (found.st_ino, found.st_size, found.st_mtime_ns)
        if not is_clip(os.path.basename(place)):
            return self._unfit(Ticket(place, *stand, ""), "Name", 2, _NO_CLIP)
        try:
            plan = self._plan(wanted.camera or sure)
        except PlanError as error:
            return self._unfit(Ticket(place, *stand, ""), "Plan", error.exit_code, in_both(error))
        ticket = Ticket(place, *stand, hash_of_plan(plain(plan.as_data(), "plan")))
        if self._is_known(ticket):
            return "known"
        time = segment.time or told.time
        if wanted.timed and (time is None or moment_of(time, wanted.zone) is None):
            return self._unfit(ticket, "Name", 2, _NO_TIME)
        self._ledger.accept(ticket, segment)
        return self._item(ticket, plan, time, segment.camera or told.camera)

    def _leave_to_others(self, place: str, camera: str) -> None:
        """Say of the first segment of another camera that it is nobody's here: the name may mean ours by another word."""
        if camera not in self._others and len(self._others) < _MOST_OTHERS:
            self._others.add(camera)
            name = repr(os.path.basename(place))
            self._told(_OTHER.with_(name=name, camera=repr(camera), ours=repr(self._wanted.camera)))

    def _is_ours(self, place: str) -> bool:
        """Whether it lies where originals lie, and is neither a copy of privmask's nor on its way to be one."""
        wanted = self._wanted
        if not is_below(place, wanted.folder) or is_below(place, wanted.copies):
            return False
        return not os.path.lexists(place + PROVENANCE) and not is_ours(os.path.basename(place))

    def _is_known(self, ticket: Ticket) -> bool:
        if self._ledger.notice_of(ticket) is not None:
            return True
        done = self._ledger.done_with(ticket)
        return done is not None and (not self._wanted.again or done == ticket.plan)

    def _unfit(self, ticket: Ticket, kind: str, code: int, why: Text) -> Unfit | str:
        return "known" if self._is_known(ticket) else Unfit(ticket, kind, code, why)

    def _plan(self, camera: str | None) -> MaskPlan:
        if camera not in self._plans:
            self._plans[camera] = self._wanted.plan_of(camera)
        return self._plans[camera]

    def _item(self, ticket: Ticket, plan: MaskPlan, time: datetime | None, camera: str | None) -> Item:
        written = ticket.mtime_ns / 1e9
        moment = None if time is None else moment_of(time, self._wanted.zone)
        order = moment.timestamp() if moment else time.timestamp() if time else written
        lane = f"camera {camera}" if camera else os.path.dirname(ticket.path)
        lane = lane if ticket.size else ticket.path  # nobody waits for one that is perhaps only being begun
        recorded_at = moment if self._wanted.zone else None
        finished = min(written, self._now())
        not_before = self._clock() + (HOLD if ticket.size else HOLD_EMPTY)
        copy = copy_of(ticket.path, self._wanted)
        return Item(ticket, plan, copy, order, lane, recorded_at, finished, not_before)


def copy_of(path: str, wanted: Wanted, number: str = "") -> str:
    """The name of the copy of a segment: as it lies in its folder; `number` tells copies of one name apart."""
    name = os.path.relpath(path, wanted.folder)
    inside = Path(os.fsencode(name).decode("utf-8", "backslashreplace"))  # no statement could say other bytes
    return str(Path(wanted.copies, inside.with_name(f"{inside.stem}{number}{copy_suffix(inside)}")))


GONE = Text(
    "隠す前になくなりました。戻れば処理します",
    "it vanished before it could be masked; if it comes back, it will be",
)
_NO_TIME = Text(
    "名前から撮影の時刻が分かりません。--pattern で名前の形を指定してください",
    "its name does not tell when it was recorded; say with --pattern how names do",
)
_OTHER = Text(
    "{name}：名前によればカメラ {camera} のもので、{ours} ではないので扱いません（同じカメラのほかの映像も）",
    "{name}: by its name of the camera {camera}, not of {ours}, so it is left alone, and so are others of that camera",
)
_NO_CLIP = Text("映像のファイルの名前ではありません", "its name is not that of footage")
