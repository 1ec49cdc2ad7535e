"""The corridor of requests (提供依頼): filed with all the evidence of their ground, and decided by the manager.

What a request says is in the register only: ids, codes and times for ever, all that people wrote as personal values. A request
that does not stand, and one that the manager refuses, are recorded as refusals (II-7(2)).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Literal

from privmask.errors import PlanError, PolicyError
from privmask.filed import STATES, find_request, named
from privmask.language import Text
from privmask.office import Office
from privmask.policy import Request, missing_fields, read_decision, read_request
from privmask.register import Receipt

# What of a request is an id, a code or a time. Everything else was written by people, and is personal.
_LASTING = {
    "request_id", "received_at", "cameras", "from", "to", "kind",
    "identity.checked_by", "identity.checked_at",
    "evidence.ground", "evidence.kind", "evidence.danger_to",
    "evidence.original_seen_by", "evidence.decided_by", "evidence.third_persons_reviewed_by",
    "evidence.decided_at", "evidence.review_due", "evidence.document_date", "evidence.original_received_on",
    "evidence.callback_verified_at", "evidence.consent_on",
}  # fmt: skip
_WHO_ASKED = ("requester.name", "requester.affiliation", "requester.contact")


def file_request(office: Office, by: str, data: Mapping[str, Any]) -> tuple[str, Receipt]:
    """File the request in `data` in the name of the person `by`; returns its id, which the register gives, and the receipt.

    Raises `PolicyError` with every field that is missing or wrong, and for evidence that cannot be true under these rules.
    """
    if "request_id" in data:
        raise PlanError(_NUMBERED)
    about: dict[str, Any] = {"act": "request"}
    actor = office.actor(by, about=about)
    missing = [path for path, _ in missing_fields({**data, "request_id": "-"})]
    with office.alone():
        id = _next_id(office)
        with office.refusals(actor, about | ({"missing": missing} if missing else {}), _who_asked(data)):
            request = read_request({**data, "request_id": id})
            _require_true(office, request)
        lasting, personal = parted(request.as_data())
        return id, office.record("request", actor, lasting, personal)


def decide_request(office: Office, by: str, id: str, outcome: Literal["approved", "refused"], reason: str) -> Receipt:
    """The manager `by` approves or refuses the request, once."""
    about = {"act": "decide", **named(id)}
    actor = office.actor(by, "manager", about)
    with office.alone(), office.refusals(actor, about):
        filed = find_request(office, id)
        if filed.state != "open":
            raise PolicyError(_DECIDED.with_(id=id, state=STATES[filed.state]), clause="II-7(2)")
        decision = read_decision({"outcome": outcome, "by": actor.id, "at": office.at, "reason": reason}).as_data()
        personal = {"decision.reason": decision.pop("reason")}
        kind = "decision" if outcome == "approved" else "refusal"
        return office.record(kind, actor, {"request_id": id, "decision": decision}, personal)


def read_filed(office: Office, by: str, id: str) -> dict[str, object]:
    """All that the request says, by dotted names; None for what was erased. `by` is anybody of the site who may act."""
    about = {"act": "read", **named(id)}
    actor = office.actor(by, None, about)
    with office.refusals(actor, about):
        entry = office.register.entry(find_request(office, id).seq)
    return {**dict(_leaves(entry.body)), **entry.personal}


def parted(data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What of a request's data lasts, as it was nested, and what is personal, by dotted names."""
    lasting: dict[str, Any] = {}
    personal: dict[str, str] = {}
    for path, value in _leaves(data):
        if path not in _LASTING:
            personal[path] = str(value)
            continue
        *tables, last = path.split(".")
        table = lasting
        for name in tables:
            table = table.setdefault(name, {})
        table[last] = value
    return lasting, personal


def _leaves(data: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{before}{name}.")
        else:
            yield before + name, value


def _who_asked(data: Mapping[str, Any]) -> dict[str, str]:
    """Who asked, as far as it was said: a refusal names them too."""
    found = {path: value for path, value in _leaves(data) if path in _WHO_ASKED}
    return {path: value[:200] for path, value in found.items() if isinstance(value, str) and value.strip()}


def _next_id(office: Office) -> str:
    """The number after the last of this year. They come in turn; after a clock that was ahead the last is of another year."""
    start = f"R-{office.site.day(office.at).year}-"
    last = office.register.latest("request")
    ids = [str(last.body.get("request_id"))] if last else []
    if last and not ids[0].startswith(start):
        ids = [str(entry.body.get("request_id")) for entry in office.register.entries("request")]
    number = max((int(id.rpartition("-")[2]) for id in ids if id.startswith(start)), default=0)
    return f"{start}{number + 1:04d}"


def _require_true(office: Office, request: Request) -> None:
    """Raise `PolicyError` for what cannot be so: times to come, people, cameras and documents that the rules do not know."""
    site, evidence = office.site, request.evidence
    for camera in request.cameras:
        site.camera(camera)
    documents, kind = site.disclosure.identity_documents, request.identity.document_kind
    if not any(kind in each or each in kind for each in documents):
        raise PolicyError(_DOCUMENT.with_(documents="、".join(documents)), clause="II-7(2)")
    for path, at in _moments(request):
        if at > office.at if isinstance(at, datetime) else at > site.day(office.at):
            raise PolicyError(_TO_COME.with_(path=path, at=at), clause="II-7(2)")
    site.actor(request.identity.checked_by, request.identity.checked_at)
    if evidence.ground == "law_based":
        site.actor(evidence.original_seen_by, request.received_at)
    if evidence.ground == "emergency":
        site.actor(evidence.decided_by, evidence.decided_at)
    if evidence.ground == "subject":
        site.actor(evidence.third_persons_reviewed_by, office.at)


def _moments(request: Request) -> Iterator[tuple[str, date]]:
    """Days and moments that lie behind when the request is filed."""
    yield "received_at", request.received_at
    yield "identity.checked_at", request.identity.checked_at
    for name in ("decided_at", "document_date", "original_received_on", "callback_verified_at", "consent_on"):
        found = getattr(request.evidence, name, None)
        if found is not None:
            yield f"evidence.{name}", found


_NUMBERED = Text(
    "提供依頼の記号（request_id）は台帳が付けます。その項目を消してください",
    "the register gives a request its id; leave request_id out",
)
_DECIDED = Text(
    "提供依頼 {id} はすでに決定されています（{state}）。決め直すには、新しい提供依頼が要ります",
    "the request {id} has been decided already ({state}); to decide anew, file a new request",
)
_DOCUMENT = Text(
    "身元確認の書類は、規程に定めたものにしてください（{documents}）",
    "the identity has to be checked by one of the documents in the rules: {documents}",
)
_TO_COME = Text("{path} の日時（{at}）がまだ来ていません", "{path} ({at}) is still to come")
