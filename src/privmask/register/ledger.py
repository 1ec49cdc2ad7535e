"""The rows of the 閲覧・提供記録簿: one for each view, provision and refusal, with what was recorded of its request.

What a request, its decision and what came of it said is in several entries; `request_id` joins them, and the latest says it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from privmask.register.entry import ERASED, Entry
from privmask.register.kinds import KINDS

ERASED_WORD = "消去済"
LISTED = ("view", "provision", "refusal")
_GROUNDS: Mapping[str, str] = MappingProxyType(
    {
        "law_based": "法令に基づく場合",
        "emergency": "緊急の必要性がある場合",
        "investigation": "捜査機関等から求められた場合",
        "subject": "本人の同意・本人への提供",
    }
)
_OUTCOMES: Mapping[str, str] = MappingProxyType({"approved": "承認", "refused": "拒否"})


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a row; columns of one `group` share a cell on paper."""

    group: str
    title: str
    of: Callable[[Sequence[Entry]], str]


def _value(name: str, words: Mapping[str, str] | None = None) -> Callable[[Sequence[Entry]], str]:
    """The value of that name in the latest entry that has one."""

    def of(entries: Sequence[Entry]) -> str:
        found = next((each for each in (entry.value(name) for entry in reversed(entries)) if each is not None), "")
        return _written(found if words is None else words.get(str(found), found))

    return of


def _written(value: object) -> str:
    if value is ERASED:
        return ERASED_WORD
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "、".join(map(_written, value))
    if isinstance(value, Mapping):
        return _written(value.get("sha256", ""))
    text = str(value)
    try:
        return day_and_time(datetime.fromisoformat(text)) if "T" in text else text
    except ValueError:
        return text


def day_and_time(at: datetime) -> str:
    """Such as 2026-04-01 09:00, in the time's own zone."""
    return at.strftime("%Y-%m-%d %H:%M")


def _erased_on(entries: Sequence[Entry]) -> str:
    return next((day_and_time(each.at) for each in reversed(entries) if each.kind == "erasure"), "")


COLUMNS: tuple[Column, ...] = (
    Column("依頼", "依頼番号", _value("request_id")),
    Column("依頼", "受付日時", _value("received_at")),
    Column("要請者", "氏名", _value("requester.name")),
    Column("要請者", "所属", _value("requester.affiliation")),
    Column("要請者", "連絡先", _value("requester.contact")),
    Column("身元確認", "確認書類", _value("identity.document_kind")),
    Column("身元確認", "確認者", _value("identity.checked_by")),
    Column("身元確認", "確認日時", _value("identity.checked_at")),
    Column("根拠・必要性", "提供の根拠", _value("evidence.ground", _GROUNDS)),
    Column("根拠・必要性", "必要性", _value("necessity")),
    Column("対象の画像", "カメラ", _value("cameras")),
    Column("対象の画像", "始まり", _value("from")),
    Column("対象の画像", "終わり", _value("to")),
    Column("決定", "決定", _value("decision.outcome", _OUTCOMES)),
    Column("決定", "決定者", _value("decision.by")),
    Column("決定", "決定日時", _value("decision.at")),
    Column("決定", "理由", _value("decision.reason")),
    Column("閲覧・提供", "日時", _value("handed_over.at")),
    Column("閲覧・提供", "提供先", _value("handed_over.to")),
    Column("閲覧・提供", "媒体", _value("handed_over.medium")),
    Column("閲覧・提供", "複写のSHA-256", _value("copies")),
    Column("保存・消去", "保存期限", _value("keep_until")),
    Column("保存・消去", "消去日時", _erased_on),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One view, provision or refusal; `values` go with `COLUMNS`."""

    seq: int
    kind: str
    at: str
    actor: str
    values: tuple[str, ...]
    entry_hash: str


def rows(entries: Iterable[Entry]) -> list[Row]:
    """The rows of all these entries, in their order."""
    listed: list[Entry] = []
    joined: dict[object, list[Entry]] = {}
    for entry in entries:
        if entry.kind in LISTED:
            listed.append(entry)
        request = entry.value("request_id")
        if request is not None:
            joined.setdefault(request, []).append(entry)
    return [_row(entry, joined.get(entry.value("request_id"), [entry])) for entry in listed]


def _row(entry: Entry, of_request: Sequence[Entry]) -> Row:
    # What another view or provision of the same request said is not this one's.
    own = [each for each in of_request if each is entry or each.kind not in LISTED]
    values = tuple(column.of([*own, entry] if column.group == "閲覧・提供" else own) for column in COLUMNS)
    return Row(entry.seq, KINDS[entry.kind].ja, day_and_time(entry.at), entry.actor, values, entry.entry_hash)
