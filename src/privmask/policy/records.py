"""What is recorded besides requests: complaints, contractors, media, leaks, briefings: the fields that each clause needs.

What somebody wrote in words may name a person: those fields are `WRITTEN`, and the register keeps them apart, to be erased.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import AfterValidator, ValidationError
from pydantic.fields import FieldInfo

from privmask.errors import PolicyError
from privmask.language import Text
from privmask.policy.complaints import code, place_in_words, words_for
from privmask.policy.fields import (
    Checked,
    Day,
    Identifier,
    Line,
    Moment,
    Paragraph,
    RequestId,
    fault,
    is_blank,
    word_of,
)

WRITTEN = "written"
"""Marks a field in which somebody writes freely."""

_COMPLAINT_ID = re.compile(r"C-\d{4}-\d{4,}", re.ASCII)


def _complaint_id(text: str) -> str:
    if not _COMPLAINT_ID.fullmatch(text):
        raise fault(
            Text("苦情の番号は C-2026-0001 のように書いてください", "is no number of a complaint, such as C-2026-0001")
        )
    return text


ComplaintId: TypeAlias = Annotated[str, AfterValidator(_complaint_id)]


class Complaint(Checked):
    """II-8: a complaint or an inquiry as it came in."""

    received_at: Annotated[Moment, Text("受付日時", "when it came")]
    channel: Annotated[Literal["visit", "phone", "letter", "email", "other"], Text("受付の方法", "how it came")]
    subject: Annotated[
        Literal["view", "handling", "disclosure", "sign", "other"], Text("苦情・問合せの種類", "what it is about")
    ]
    text: Annotated[Paragraph, Text("苦情・問合せの内容", "what was said"), WRITTEN]
    complainant: Annotated[Line | None, Text("申出者の氏名", "who complained"), WRITTEN] = None
    contact: Annotated[Line | None, Text("申出者の連絡先", "the complainant's contact"), WRITTEN] = None
    camera: Annotated[Identifier | None, Text("カメラ", "camera")] = None


class Answer(Checked):
    """II-8: what the complaint was answered, and what was done about it."""

    complaint_id: Annotated[ComplaintId, Text("苦情の番号", "number of the complaint")]
    answered_at: Annotated[Moment, Text("回答した日時", "when it was answered")]
    answer: Annotated[Paragraph, Text("回答の内容", "what was answered"), WRITTEN]
    measure: Annotated[Paragraph | None, Text("とった措置", "what was done about it"), WRITTEN] = None


class ContractorEvent(Checked):
    """II-9: a contractor was told how to work, was looked at, or has ended."""

    contractor: Annotated[Identifier, Text("委託先の記号", "the contractor's id")]
    event: Annotated[Literal["briefed", "checked", "ended"], Text("徹底・確認・終了の別", "briefed, checked or ended?")]
    on: Annotated[Day, Text("日付", "day")]
    text: Annotated[Paragraph, Text("内容", "what was done"), WRITTEN]


class Disposal(Checked):
    """II-6(5): a medium was destroyed, so that no picture can be read from it."""

    medium: Annotated[Identifier, Text("記録媒体の記号", "the medium's id")]
    disposed_on: Annotated[Day, Text("処分した日", "day of the disposal")]
    method: Annotated[
        Literal["shredded", "degaussed", "erased_by_device", "overwritten"], Text("処分の方法", "how it was destroyed")
    ]
    carried_out_by: Annotated[Line, Text("処分した者", "who destroyed it"), WRITTEN]
    witness: Annotated[Line, Text("立会人", "witness"), WRITTEN]


class Leak(Checked):
    """II-5, II-6: pictures, or what was learnt from them, went where they should not."""

    noticed_at: Annotated[Moment, Text("気付いた日時", "when it was noticed")]
    happened: Annotated[
        Literal["lost", "stolen", "disclosed", "accessed", "other"], Text("漏えい等の種類", "what happened")
    ]
    text: Annotated[Paragraph, Text("経緯", "what is known"), WRITTEN]
    measures: Annotated[Paragraph, Text("とった措置", "what was done at once"), WRITTEN]
    camera: Annotated[Identifier | None, Text("カメラ", "camera")] = None
    copy_id: Annotated[Identifier | None, Text("複写の番号", "id of the copy")] = None
    reported_on: Annotated[
        Day | None, Text("個人情報保護委員会等へ報告した日", "day of the report to the authority")
    ] = None


class Briefing(Checked):
    """III: the rules were made known."""

    on: Annotated[Day, Text("周知した日", "day of the briefing")]
    audience: Annotated[Line, Text("周知した相手", "who was told"), WRITTEN]
    how: Annotated[Line, Text("周知の方法", "how they were told"), WRITTEN]


class Review(Checked):
    """II-7(1): what was provided in an emergency was looked at again."""

    request_id: Annotated[RequestId, Text("提供依頼の番号", "number of the request")]
    reviewed_at: Annotated[Moment, Text("見直した日時", "when it was looked at again")]
    outcome: Annotated[Literal["justified", "not_justified"], Text("結果", "outcome")]
    text: Annotated[Paragraph, Text("見直しの内容", "what was found"), WRITTEN]


class Clock(Checked):
    """II-7(2): this machine's clock was ahead, and stands right again: entries may be earlier than those before them."""

    noticed_at: Annotated[Moment, Text("気付いた日時", "when it was noticed")]
    happened: Annotated[
        Literal["ahead", "time_zone", "replaced", "other"], Text("時計に起きたこと", "what had happened to the clock")
    ]
    text: Annotated[Paragraph, Text("経緯", "what is known"), WRITTEN]


RecordKind: TypeAlias = Literal["complaint", "answer", "contractor", "disposal", "leak", "briefing", "review", "clock"]
Record: TypeAlias = Complaint | Answer | ContractorEvent | Disposal | Leak | Briefing | Review | Clock

_MODELS: dict[RecordKind, type[Record]] = {
    "complaint": Complaint,
    "answer": Answer,
    "contractor": ContractorEvent,
    "disposal": Disposal,
    "leak": Leak,
    "briefing": Briefing,
    "review": Review,
    "clock": Clock,
}
CLAUSES: dict[RecordKind, str] = {
    "complaint": "II-8",
    "answer": "II-8",
    "contractor": "II-9",
    "disposal": "II-6(5)",
    "leak": "II-5",
    "briefing": "III",
    "review": "II-7(1)",
    "clock": "II-7(2)",
}


@dataclass(frozen=True, slots=True)
class RecordField:
    """A field to be asked for. `choices` is empty where anything may be written; `kind` says what is expected."""

    name: str
    word: Text
    needed: bool
    kind: Literal["text", "day", "moment", "choice"]
    choices: tuple[str, ...] = ()


def record_fields(kind: RecordKind) -> tuple[RecordField, ...]:
    """The fields of that kind of record, in the order in which they are asked for."""
    return tuple(_fields(_MODELS[kind]))


def read_record(kind: RecordKind, data: Mapping[str, Any]) -> Record:
    """The record in the data; `PolicyError` that names every field that is missing or wrong."""
    given = {name: value for name, value in data.items() if not is_blank(value)}
    missing = [each for each in record_fields(kind) if each.needed and each.name not in given]
    if missing:
        raise PolicyError(
            _listed(_MISSING, [_FIELD.with_(path=each.name, word=each.word) for each in missing]), clause=CLAUSES[kind]
        )
    model = _MODELS[kind]
    try:
        return model.model_validate(given)
    except ValidationError as error:
        wrong = [
            _WRONG_AT.with_(
                path=place_in_words(each["loc"], code) or "-", words=words_for(each, model, each["loc"], code)
            )
            for each in error.errors()
        ]
        raise PolicyError(_listed(_WRONG, wrong), clause=CLAUSES[kind]) from None


def record_fault(kind: RecordKind, name: str, value: str) -> Text | None:
    """What is wrong with that one field, whatever the others say; None if nothing is."""
    needed = {each.name: each.needed for each in record_fields(kind)}
    if is_blank(value) and not needed[name]:
        return None
    model = _MODELS[kind]
    try:
        model.model_validate({name: value})
    except ValidationError as error:
        return next(
            (words_for(each, model, each["loc"], code) for each in error.errors() if each["loc"] == (name,)), None
        )
    return None


def parted(record: Record) -> tuple[dict[str, Any], dict[str, str]]:
    """What the record says for ever, and what somebody wrote, which is erased in time."""
    data = record.as_data()
    written = {name for name, field in type(record).model_fields.items() if WRITTEN in field.metadata}
    body = {name: value for name, value in data.items() if name not in written}
    return body, {name: str(value) for name, value in data.items() if name in written}


def _fields(model: type[Record]) -> Iterator[RecordField]:
    for name, field in model.model_fields.items():
        word = word_of(field)
        assert word is not None, name
        choices = _choices(field.annotation)
        kind: Literal["text", "day", "moment", "choice"] = "choice" if choices else _kind(field)
        yield RecordField(name, word, field.is_required(), kind, choices)


def _choices(annotation: Any) -> tuple[str, ...]:
    found = get_args(annotation)
    return found if found and all(isinstance(each, str) for each in found) else ()


def _kind(field: FieldInfo) -> Literal["text", "day", "moment"]:
    types = {field.annotation, *get_args(field.annotation)}
    inner = {argument for each in types for argument in (each, *get_args(each))}
    return "day" if date in inner else "text" if str in inner else "moment"


def _listed(head: Text, lines: list[Text]) -> Text:
    return Text("\n".join([head.ja, *(each.ja for each in lines)]), "\n".join([head.en, *(each.en for each in lines)]))


CHOICE_WORDS = {
    "visit": Text("来訪", "somebody came"),
    "phone": Text("電話", "by telephone"),
    "letter": Text("手紙", "by letter"),
    "email": Text("電子メール", "by electronic mail"),
    "other": Text("その他", "other"),
    "view": Text("撮影範囲", "what the camera sees"),
    "handling": Text("画像の取扱い", "how pictures are handled"),
    "disclosure": Text("閲覧・提供", "views and provisions"),
    "sign": Text("設置の表示", "the sign"),
    "briefed": Text("徹底した", "told how to work"),
    "checked": Text("確認した", "looked at"),
    "ended": Text("委託が終了した", "ended"),
    "shredded": Text("破砕", "shredded"),
    "degaussed": Text("消磁", "degaussed"),
    "erased_by_device": Text("専用の装置による完全な消去", "erased by a device made for it"),
    "overwritten": Text("上書きによる消去", "overwritten"),
    "lost": Text("紛失", "lost"),
    "stolen": Text("盗難", "stolen"),
    "disclosed": Text("誤った提供・公開", "disclosed by mistake"),
    "accessed": Text("不正な閲覧・持出し", "looked at or taken without right"),
    "ahead": Text("進んでいた", "it was ahead"),
    "time_zone": Text("時間帯の設定が違っていた", "it had another time zone"),
    "replaced": Text("機器を取り替えた", "the machine was replaced"),
    "justified": Text("必要性があった", "it was necessary"),
    "not_justified": Text("必要性がなかった", "it was not necessary"),
}
_FIELD = Text("  {word}（{path}）", "  {word} ({path})")
_WRONG_AT = Text("  {path}：{words}", "  {path}: {words}")
_MISSING = Text("記載に足りない項目があります：", "the record lacks:")
_WRONG = Text("記載に正しくない項目があります：", "the record does not stand:")
