"""The corridor of records besides requests: complaints and their answers, contractors, media, leaks, briefings, reviews.

Each is checked by the rules of its clause, gets its due date from the site's rules where they have one, and goes into the
register; one that does not stand is refused, and not recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from privmask.errors import PolicyError
from privmask.language import Text
from privmask.looking_up import entries_of_request
from privmask.office import Office
from privmask.policy.records import CLAUSES, Answer, Clock, Complaint, Record, RecordKind, Review, parted, read_record
from privmask.register import Entry, Receipt
from privmask.register.entry import CLOCK_SET_BACK

_BY_THE_MANAGER: tuple[RecordKind, ...] = ("contractor", "review", "clock")
_KINDS: Mapping[RecordKind, str] = {"answer": "complaint"}


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded; `id` is a new complaint's, `due` the day by which something has to be done about it."""

    receipt: Receipt
    id: str | None = None
    due: date | None = None


def record(office: Office, kind: RecordKind, data: Mapping[str, Any], by: str) -> Recorded:
    """Record what `data` says, in the name of the person `by`.

    Raises `PolicyError` that names every field that is missing or wrong, and for what the rules or the register contradict.
    """
    person = office.actor(by, "manager" if kind in _BY_THE_MANAGER else None, {"act": kind})
    found = read_record(kind, data)
    with office.alone():
        kinds = ("complaint", "disposal")
        entries = [each for name in kinds for each in office.register.entries(name)]
        if isinstance(found, Review):
            entries += entries_of_request(office.register, found.request_id)
        _require_sound(office, kind, found, entries)
        body, personal = parted(found)
        added = _added(office, found, entries)
        receipt = office.record(_KINDS.get(kind, kind), person, {**body, **added}, personal)
    due = added.get("answer_due")
    return Recorded(receipt, added.get("complaint_id"), date.fromisoformat(due) if due else None)


def open_complaints(entries: Sequence[Entry]) -> list[str]:
    """The numbers of the complaints that wait for an answer."""
    answered = {each.value("complaint_id") for each in entries if each.value("answered_at") is not None}
    asked = (each.value("complaint_id") for each in entries if each.value("received_at") is not None)
    return [id for id in asked if isinstance(id, str) and id not in answered]


def _added(office: Office, found: Record, entries: Sequence[Entry]) -> dict[str, Any]:
    """What the register and the rules add: a number, and the day by which a complaint is to be answered."""
    if isinstance(found, Clock):
        return {CLOCK_SET_BACK: True}
    if not isinstance(found, Complaint):
        return {}
    year = office.site.day(office.at).year
    ids = (str(each.value("complaint_id")) for each in entries if each.kind == "complaint")
    last = max((int(id[7:]) for id in ids if id.startswith(f"C-{year}-")), default=0)
    due = office.site.day(found.received_at) + timedelta(days=office.site.complaints.answer_days)
    return {"complaint_id": f"C-{year}-{last + 1:04d}", "answer_due": due.isoformat()}


def _require_sound(office: Office, kind: RecordKind, found: Record, entries: Sequence[Entry]) -> None:
    for name in type(found).model_fields:
        _require_past(office, kind, name, getattr(found, name))
    if isinstance(found, Clock) and office.at >= office.register.head().at:
        raise PolicyError(_NOT_SET_BACK, clause=CLAUSES[kind])
    camera = getattr(found, "camera", None)
    if camera is not None:
        office.site.camera(camera)
    if isinstance(found, Answer) and found.complaint_id not in open_complaints(entries):
        raise PolicyError(_NO_COMPLAINT.with_(id=found.complaint_id), clause=CLAUSES[kind])
    known = {each.id for each in office.site.contractors}
    if kind == "contractor" and getattr(found, "contractor", None) not in known:
        raise PolicyError(_NO_CONTRACTOR.with_(known=", ".join(sorted(known)) or "-"), clause=CLAUSES[kind])
    if kind == "review" and not _is_emergency(str(getattr(found, "request_id", "")), entries):
        raise PolicyError(_NO_EMERGENCY, clause=CLAUSES[kind])
    if kind == "disposal" and any(
        each.kind == "disposal" and each.value("medium") == getattr(found, "medium", None) for each in entries
    ):
        raise PolicyError(_DISPOSED, clause=CLAUSES[kind])


def _require_past(office: Office, kind: RecordKind, name: str, value: object) -> None:
    late = (
        value > office.at
        if isinstance(value, datetime)
        else isinstance(value, date) and value > office.site.day(office.at)
    )
    if late:
        raise PolicyError(_TO_COME.with_(name=name, when=value), clause=CLAUSES[kind])


def _is_emergency(request_id: str, entries: Sequence[Entry]) -> bool:
    return any(
        each.kind == "request"
        and each.value("request_id") == request_id
        and each.value("evidence.ground") == "emergency"
        for each in entries
    )


_TO_COME = Text(
    "{name} の日時（{when}）はまだ来ていません。済んだことだけを記載してください",
    "{name} ({when}) is still to come; record what has happened",
)
_NOT_SET_BACK = Text(
    "時計は台帳の最後の記載より前に戻っていません。記載の必要はありません",
    "the clock is not behind the register's last entry; there is nothing to record",
)
_NO_COMPLAINT = Text(
    "回答を待っている苦情「{id}」はありません（privmask due で確かめてください）",
    "no complaint {id!r} waits for an answer; look at privmask due",
)
_NO_CONTRACTOR = Text(
    "その委託先は設置・運用規程にありません（規程の委託先：{known}）",
    "that contractor is not in the site's rules, which know: {known}",
)
_NO_EMERGENCY = Text(
    "その番号の、緊急の必要性による提供依頼はありません",
    "there is no request of that number on the ground of emergency",
)
_DISPOSED = Text("その記録媒体の処分は記載済みです", "the disposal of that medium is recorded already")
