"""A request (提供依頼) to see pictures or to get a copy: what has to be known before anybody decides, and what is decided then.

It never holds the number of a document of identity, nor a scan of it: only its kind, and who looked at it when.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError, model_validator

from privmask.errors import PolicyError
from privmask.language import Text
from privmask.policy.complaints import code, place_in_words, words_for
from privmask.policy.fields import (
    Checked,
    Identifier,
    KindOnly,
    Line,
    Moment,
    Paragraph,
    RequestId,
    Some,
    fault,
    is_blank,
    word_of,
)
from privmask.policy.grounds import EVIDENCE, Emergency, Evidence, Ground, Investigation, LawBased

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class Requester(Checked):
    """要請者. These three are personal: the register keeps them apart, to be erased in time."""

    name: Annotated[Line, Text("要請者の氏名", "requester's name")]
    affiliation: Annotated[Line, Text("要請者の所属・関係", "requester's affiliation")]
    contact: Annotated[Line, Text("要請者の連絡先", "requester's contact")]


class Identity(Checked):
    """身元確認."""

    document_kind: Annotated[KindOnly, Text("身元確認の書類の種類", "kind of the document of identity")]
    checked_by: Annotated[Identifier, Text("身元を確認した担当者", "who checked the identity")]
    checked_at: Annotated[Moment, Text("身元を確認した日時", "when the identity was checked")]


class Request(Checked):
    """A request as it is filed: what is common to all, and the evidence of its ground."""

    request_id: Annotated[RequestId, Text("提供依頼の記号", "the request's id")]
    received_at: Annotated[Moment, Text("受付日時", "when it was received")]
    requester: Annotated[Requester, Text("要請者", "requester")]
    identity: Annotated[Identity, Text("身元確認", "identity check")]
    cameras: Annotated[Some[Identifier], Text("カメラ", "cameras")]
    start: Annotated[Moment, Field(alias="from"), Text("画像の始まりの日時", "from when")]
    end: Annotated[Moment, Field(alias="to"), Text("画像の終わりの日時", "until when")]
    necessity: Annotated[Paragraph, Text("必要性", "necessity")]
    kind: Annotated[Literal["view", "provide"], Text("閲覧か提供か", "to view, or to get a copy?")]
    evidence: Annotated[Evidence, Text("提供の根拠", "ground")]

    @property
    def ground(self) -> Ground:
        """提供の根拠."""
        return Ground(self.evidence.ground)

    @model_validator(mode="after")
    def _times_agree(self) -> Request:
        for holds, text in _agreements(self):
            if not holds:
                raise fault(text)
        return self


class Decision(Checked):
    """The manager's decision (II-7(2))."""

    outcome: Annotated[Literal["approved", "refused"], Text("承認か拒否か", "approved or refused?")]
    by: Annotated[Identifier, Text("決定した管理責任者", "the manager who decided")]
    at: Annotated[Moment, Text("決定した日時", "when it was decided")]
    reason: Annotated[Paragraph, Text("決定の理由", "reason")]


class HandedOver(Checked):
    """How pictures left the site, or were seen in it."""

    at: Annotated[Moment, Text("提供・閲覧の日時", "when it was handed over or seen")]
    to: Annotated[Line, Text("提供先・閲覧者", "recipient")]
    medium: Annotated[Line, Text("提供の媒体・方法", "medium")]


def missing_fields(data: Mapping[str, Any]) -> list[tuple[str, Text]]:
    """Every field that the request still needs, with its name for people, in the order in which they are asked for.

    An empty text is a missing one. Where the ground is not known, that is what is missing of its evidence.
    """
    return [(path, word) for path, word in required_fields(ground_of(data)) if is_blank(_at(data, path))]


def required_fields(ground: Ground | None) -> tuple[tuple[str, Text], ...]:
    """All fields that a request of this ground needs, as dotted paths with their names for people."""
    return tuple(_required(Request, "", ground))


def ground_of(data: Mapping[str, Any]) -> Ground | None:
    """The ground that the data name, if it is one of the four."""
    found = _at(data, "evidence.ground")
    return Ground(found) if isinstance(found, str) and found in list(Ground) else None


def read_request(data: Mapping[str, Any]) -> Request:
    """The request in `data`; `PolicyError` that names every field that is missing or wrong."""
    missing = missing_fields(data)
    if missing:
        clause = "II-7(1)" if any(path.startswith("evidence.") for path, _ in missing) else "II-7(2)"
        raise PolicyError(
            _listed(_MISSING, [_FIELD.with_(path=path, word=word) for path, word in missing]), clause=clause
        )
    try:
        return Request.model_validate(dict(data))
    except ValidationError as error:
        wrong = [_sentence(each) for each in error.errors()]
        clause = "II-7(1)" if any(each["loc"][:1] == ("evidence",) for each in error.errors()) else "II-7(2)"
        raise PolicyError(_listed(_WRONG, wrong), clause=clause) from None


def read_decision(data: Mapping[str, Any]) -> Decision:
    """The decision in `data`; `PolicyError` that names every field that is missing or wrong."""
    decision: Decision = _read(Decision, data)
    return decision


def read_handed_over(data: Mapping[str, Any]) -> HandedOver:
    """How pictures were handed over or seen; `PolicyError` that names every field that is missing or wrong."""
    handed_over: HandedOver = _read(HandedOver, data)
    return handed_over


def field_fault(path: str, value: Any, ground: Ground | None = None) -> Text | None:
    """What is wrong with the field at a dotted path of a request, whatever else the request says; None if nothing is."""
    *tables, last = path.split(".")
    data: dict[str, Any] = {last: value}
    if tables[:1] == ["evidence"]:
        data = {"ground": ground, **data} if len(tables) == 1 else {"ground": ground, tables[1]: data}
        tables = tables[:1]
    for table in reversed(tables):
        data = {table: data}
    try:
        Request.model_validate(data)
    except ValidationError as error:
        for each in error.errors():
            place = tuple(part for part in each["loc"] if part not in list(Ground))
            if place[: path.count(".") + 1] == tuple(path.split(".")):
                return _words(each)
    return None


def _read(model: type[Checked], data: Mapping[str, Any]) -> Any:
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        wrong = [
            _WRONG_AT.with_(path=place_in_words(each["loc"], code), words=words_for(each, model, each["loc"], code))
            for each in error.errors()
        ]
        raise PolicyError(_listed(_NOT_SO, wrong), clause="II-7(2)") from None


def _required(model: type[BaseModel], before: str, ground: Ground | None) -> Iterator[tuple[str, Text]]:
    for name, field in model.model_fields.items():
        path = before + (field.alias or name)
        if name == "evidence":
            yield f"{path}.ground", _GROUND
            if ground is not None:
                yield from _required(EVIDENCE[ground], f"{path}.", ground)
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _required(field.annotation, f"{path}.", ground)
        elif name != "ground" and field.is_required():
            word = word_of(field)
            assert word is not None, path
            yield path, word


def _at(data: Any, path: str) -> Any:
    for part in path.split("."):
        if not isinstance(data, Mapping):
            return None
        data = data.get(part)
    return data


def _sentence(error: ErrorDetails) -> Text:
    """What is wrong and where, without the ground that pydantic puts into the place of its evidence."""
    place = error["loc"]
    if place[:1] == ("evidence",) and len(place) > 1 and place[1] in list(Ground):
        place = ("evidence", *place[2:])
    return _WRONG_AT.with_(path=place_in_words(place, code) or "-", words=_words(error))


def _words(error: ErrorDetails) -> Text:
    place = error["loc"]
    if place[:1] == ("evidence",) and len(place) > 1 and place[1] in list(Ground):
        return words_for(error, EVIDENCE[Ground(place[1])], place[2:], code)
    return words_for(error, Request, place, code)


def _agreements(request: Request) -> Iterator[tuple[bool, Text]]:
    """What must hold between the times of a request."""
    yield request.start < request.end, Text("画像の終わりが始まりより後ではありません", "`to` is not after `from`")
    yield (
        request.start <= request.received_at,
        Text("受付の後の画像は依頼できません", "`from` is after it was received"),
    )
    checked_at = request.identity.checked_at.astimezone(request.received_at.tzinfo)
    words = Text("身元確認の日が受付の日より前です", "the identity was checked on a day before it was received")
    yield request.received_at.date() <= checked_at.date(), words
    match request.evidence:
        case Emergency(decided_at=decided, review_due=due):
            words = Text("見直しの期限が判断の日より前です", "`review_due` comes before it was decided")
            yield decided.date() <= due, words
        case Investigation(callback_verified_at=called, original_received_on=came):
            words = Text(
                "書面の原本を受け取る前に確認したことになっています", "was called back before the original arrived"
            )
            yield came <= called.date(), words
        case LawBased(document_date=dated):
            words = Text("書面の日付が受付より後です", "`document_date` comes after it was received")
            yield dated <= request.received_at.date(), words


def _listed(head: Text, lines: list[Text]) -> Text:
    return Text("\n".join([head.ja, *(each.ja for each in lines)]), "\n".join([head.en, *(each.en for each in lines)]))


_GROUND = Text("提供の根拠", "ground")
_FIELD = Text("  {word}（{path}）", "  {word} ({path})")
_WRONG_AT = Text("  {path}：{words}", "  {path}: {words}")
_MISSING = Text("提供依頼に足りない項目があります：", "the request lacks:")
_NOT_SO = Text("正しくない項目があります：", "this does not stand:")
_WRONG = Text("提供依頼に正しくない項目があります：", "the request does not stand:")
