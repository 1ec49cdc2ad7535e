"""What a site owes on a day: copies to be erased, complaints to be answered, media to be destroyed, and what else has a date.

It only reads the register, and acts on nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from privmask.kept import day_of, kept_copies, moment_of
from privmask.language import Text
from privmask.policy import Site
from privmask.register import Entry

OwedKind: TypeAlias = Literal["copy", "hold", "personal", "complaint", "review", "medium", "inspection", "briefing"]


@dataclass(frozen=True, slots=True)
class Owed:
    """One duty: what it is about, the guideline's clause, its last day, and how many days that is over on the day asked for.

    Days are negative while they are still to come; `overdue` says whether it should be done by now. `text` says it all.
    """

    kind: OwedKind
    about: str
    clause: str
    due: date
    days_over: int
    overdue: bool
    text: Text


def owed(site: Site, entries: Sequence[Entry], at: datetime) -> list[Owed]:
    """All duties that the register knows at that moment, those of long ago first; what is to come as well."""
    day = site.day(at)
    found = (
        *_copies(site, entries, at),
        *_personal(site, entries, at),
        *_media(site, entries),
        *_complaints(entries),
        *_reviews(entries),
        *_inspection(site, entries),
        *_briefing(site, entries),
    )
    return sorted((_dated(each, day) for each in found), key=lambda each: (-each.days_over, each.kind, each.about))


def is_closed(entries: Sequence[Entry]) -> bool:
    """Whether the whole site was retired."""
    return any(each.kind == "retirement" and each.value("site") is True for each in entries)


_Found: TypeAlias = tuple[OwedKind, str, date, bool | None]  # None: overdue when its day is over


def _dated(found: _Found, day: date) -> Owed:
    kind, about, due, overdue = found
    over = (day - due).days
    words = _OVER if over > 0 else _TODAY if over == 0 else _TO_COME
    text = words.with_(text=_SAID[kind].with_(about=about), day=due, days=abs(over))
    return Owed(kind, about, _CLAUSES[kind], due, over, over > 0 if overdue is None else overdue, text)


def _copies(site: Site, entries: Sequence[Entry], at: datetime) -> Iterator[_Found]:
    for copy in kept_copies(entries).values():
        if copy.erased_at is not None:
            continue
        due = site.day(copy.erase_due or copy.made_at)
        if copy.hold_until is not None and copy.is_held(site.day(at)):
            yield "hold", copy.copy_id, max(copy.hold_until, due), False
        else:
            yield "copy", copy.copy_id, due, copy.is_overdue(site, at)


def _personal(site: Site, entries: Sequence[Entry], at: datetime) -> Iterator[_Found]:
    for entry in entries:
        if entry.erase_after and any(value is not None for value in entry.personal.values()):
            end = datetime.fromisoformat(entry.erase_after)
            yield "personal", str(entry.seq), site.day(end), end <= at


def _complaints(entries: Sequence[Entry]) -> Iterator[_Found]:
    answered = {each.value("complaint_id") for each in entries if each.value("answered_at") is not None}
    for entry in entries:
        id, due = entry.value("complaint_id"), day_of(entry, "answer_due")
        if entry.kind == "complaint" and due is not None and id not in answered:
            yield "complaint", str(id), due, None


def _reviews(entries: Sequence[Entry]) -> Iterator[_Found]:
    reviewed = {each.value("request_id") for each in entries if each.kind == "review"}
    acted = {each.value("request_id") for each in entries if each.kind in ("view", "provision")}
    for entry in entries:
        id, due = entry.value("request_id"), day_of(entry, "evidence.review_due")
        if entry.kind == "request" and due is not None and id in acted - reviewed:
            yield "review", str(id), due, None


def _media(site: Site, entries: Sequence[Entry]) -> Iterator[_Found]:
    gone = {each.value("medium") for each in entries if each.kind == "disposal"}
    for entry in entries:
        media = entry.value("media") if entry.kind == "retirement" else None
        for medium in media if isinstance(media, list) else ():
            if medium not in gone:
                yield "medium", str(medium), site.day(entry.at), True


def _inspection(site: Site, entries: Sequence[Entry]) -> Iterator[_Found]:
    if not is_closed(entries) and entries:
        last = next((each.at for each in reversed(entries) if each.kind == "inspection"), entries[0].at)
        due = site.day(last) + timedelta(days=site.inspection.interval_days)
        yield "inspection", site.site.id, due, None


def _briefing(site: Site, entries: Sequence[Entry]) -> Iterator[_Found]:
    """New rules are to be made known before the next inspection."""
    adopted = next((each for each in reversed(entries) if each.kind == "adoption"), None)
    if adopted is None or is_closed(entries):
        return
    day = site.day(moment_of(adopted, "adopted_at") or adopted.at)
    if not any((day_of(each, "on") or date.min) >= day for each in entries if each.kind == "briefing"):
        yield "briefing", site.site.id, day + timedelta(days=site.inspection.interval_days), None


_CLAUSES: dict[OwedKind, str] = {
    "copy": "II-6(4)",
    "hold": "II-6(4)",
    "personal": "II-7(2)",
    "complaint": "II-8",
    "review": "II-7(1)",
    "medium": "II-6(5)",
    "inspection": "II-10",
    "briefing": "III",
}
_OVER = Text("{text}（期限 {day}、{days}日超過）", "{text} (due {day}, {days} days over)")
_TODAY = Text("{text}（期限 {day}、本日）", "{text} (due today, {day})")
_TO_COME = Text("{text}（期限 {day}、あと{days}日）", "{text} (due {day}, in {days} days)")
_SAID: dict[OwedKind, Text] = {
    "copy": Text("複写 {about} の消去", "erase the copy {about}"),
    "hold": Text("複写 {about} の消去停止の終わり", "the hold of the copy {about} ends"),
    "personal": Text("台帳の記載 {about} の個人情報の消去", "erase the personal values of entry {about}"),
    "complaint": Text("苦情 {about} への回答", "answer the complaint {about}"),
    "review": Text("緊急の提供 {about} の見直し", "look again at the emergency {about}"),
    "medium": Text("廃止した記録媒体 {about} の処分とその記録", "destroy the retired medium {about}, and record it"),
    "inspection": Text("定期点検（{about}）", "the inspection of {about}"),
    "briefing": Text("規程の周知（{about}）", "make the rules of {about} known"),
}
