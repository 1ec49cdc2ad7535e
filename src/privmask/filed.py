"""Requests as they stand in the register: found by their ids, with what was decided and what came of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from privmask.errors import PolicyError
from privmask.language import Text
from privmask.looking_up import entries_of_request
from privmask.office import Office
from privmask.policy import Ground
from privmask.register import Entry

State = Literal["open", "approved", "refused"]

_ID = re.compile(r"R-\d{4}-\d{4,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Filed:
    """A request as it stands in the register, without anything personal; `seq` is its entry."""

    id: str
    seq: int
    kind: Literal["view", "provide"]
    ground: Ground
    cameras: tuple[str, ...]
    start: datetime
    end: datetime
    filed_at: datetime
    state: State = "open"
    decided_by: str | None = None
    decided_at: datetime | None = None
    views: int = 0
    copies: int = 0
    provisions: int = 0

    def as_data(self) -> dict[str, object]:
        """Plain data for JSON."""
        times = {"from": self.start, "to": self.end, "filed_at": self.filed_at, "decided_at": self.decided_at}
        return {
            "request_id": self.id,
            "state": self.state,
            "kind": self.kind,
            "ground": str(self.ground),
            "cameras": list(self.cameras),
            **{name: None if at is None else at.isoformat() for name, at in times.items()},
            "decided_by": self.decided_by,
            "views": self.views,
            "copies": self.copies,
            "provisions": self.provisions,
        }


def find_request(office: Office, id: str) -> Filed:
    """The request of that id; `PolicyError` if there is none."""
    if entries := entries_of_request(office.register, id):
        return _filed(id, entries)
    shown = id if _ID.fullmatch(id) else "?"
    raise PolicyError(_NO_REQUEST.with_(id=shown), clause="II-7(1)")


def approved_request(office: Office, id: str, kinds: Sequence[str]) -> Filed:
    """The request, if the manager approved it and it is of one of these kinds; `PolicyError` else."""
    filed = find_request(office, id)
    if filed.state != "approved":
        raise PolicyError(_NOT_APPROVED.with_(id=id, state=STATES[filed.state]), clause="II-7(2)")
    if filed.kind not in kinds:
        raise PolicyError(_OTHER_KIND.with_(id=id, kind=_KINDS[filed.kind]), clause="II-7(1)")
    return filed


def list_requests(office: Office) -> list[Filed]:
    """All requests, the first filed first."""
    of_request: dict[str, list[Entry]] = {}
    for entry in office.register.entries():
        id = entry.body.get("request_id")
        if isinstance(id, str) and (entry.kind == "request" or id in of_request):
            of_request.setdefault(id, []).append(entry)
    return [_filed(id, entries) for id, entries in of_request.items()]


def written_in(office: Office, filed: Filed, *names: str) -> list[str]:
    """What people wrote in the request under these names; what was erased, or is not there, is left out."""
    entry = office.register.entry(filed.seq)
    found = [entry.value(name) for name in names]
    return [each for each in found if isinstance(each, str)]


def named(id: str) -> dict[str, str]:
    """The id for a refusal, if it is one: what else somebody typed is not recorded for ever."""
    return {"request_id": id} if _ID.fullmatch(id) else {}


def _filed(id: str, entries: Sequence[Entry]) -> Filed:
    first = entries[0]
    decided = next((each for each in entries if "decision" in each.body), None)
    decision = decided.body["decision"] if decided else {}
    kinds = [each.kind for each in entries]
    return Filed(
        id=id,
        seq=first.seq,
        kind=first.body["kind"],
        ground=Ground(first.body["evidence"]["ground"]),
        cameras=tuple(first.body["cameras"]),
        start=datetime.fromisoformat(first.body["from"]),
        end=datetime.fromisoformat(first.body["to"]),
        filed_at=first.at,
        state=decision.get("outcome", "open"),
        decided_by=decision.get("by"),
        decided_at=datetime.fromisoformat(decision["at"]) if decision else None,
        views=kinds.count("view"),
        copies=kinds.count("copy"),
        provisions=kinds.count("provision"),
    )


STATES: dict[State, Text] = {
    "open": Text("未決定", "not decided yet"),
    "approved": Text("承認", "approved"),
    "refused": Text("拒否", "refused"),
}
_KINDS = {"view": Text("閲覧", "views"), "provide": Text("提供", "provision")}
_NO_REQUEST = Text("提供依頼 {id} は台帳にありません", "there is no request {id} in the register")
_NOT_APPROVED = Text(
    "提供依頼 {id} は承認されていません（{state}）。管理責任者の決定が要ります：privmask request decide",
    "the request {id} is not approved ({state}); the manager decides: privmask request decide",
)
_OTHER_KIND = Text(
    "提供依頼 {id} は{kind}の依頼です。これには使えません", "the request {id} is for {kind}, and does not allow this"
)
