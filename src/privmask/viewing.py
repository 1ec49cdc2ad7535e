"""The corridor of views (閲覧): each is recorded before anything is seen, with the request or the purpose that it is for.

Pictures are seen on the recorder's own screen, or a copy is taken out of the vault into a private folder for as long as
somebody looks at it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from privmask.errors import PolicyError
from privmask.evidence import keep_custody
from privmask.filed import Filed, approved_request, named
from privmask.language import Text
from privmask.office import Office
from privmask.policy import Ground, Person, read_handed_over
from privmask.provision import copy_named, require_copy, require_who_asked
from privmask.register import Receipt
from privmask.workroom import work_folder


@dataclass(frozen=True, slots=True)
class Reason:
    """For what somebody looks: a request, or a purpose of the rules; `to` is who asked and sees it, None for the site's own."""

    request_id: str | None = None
    purpose: str | None = None
    to: str | None = None


@contextmanager
def view_copy(office: Office, by: str, copy_id: str, reason: Reason) -> Iterator[tuple[Path, Receipt]]:
    """Record the view of a copy, and take it out of the vault into a folder that is gone after the block.

    Yields the folder, in which the copy lies with its companions. Raises `PolicyError`, recorded, where the rules do not allow
    it.
    """
    about = {"act": "view", **copy_named(copy_id), **named(reason.request_id or "")}
    actor = office.actor(by, None, about)
    with office.refusals(actor, about):
        filed = _require_reason(office, reason)
        copy = require_copy(office, copy_id)
        if filed is not None and copy.request_id != filed.id:
            raise PolicyError(_OTHER_REQUEST.with_(id=filed.id), clause="II-7(1)")
        with work_folder(office.folder) as room:
            held = office.vault().take(copy_id, room / "copy")
            body = {"copy_id": copy_id, "camera": copy.camera, "copies": [{"sha256": held.sha256}]}
            receipt = _record(office, actor, reason, body)
            yield room / "copy", receipt


def view_recording(
    office: Office,
    by: str,
    camera: str,
    span: tuple[datetime, datetime],
    reason: Reason,
    clip: str | os.PathLike[str] | None = None,
) -> Receipt:
    """Record that the recording of a camera in that span is looked at, on the recorder's screen or in the file `clip`.

    Raises `PolicyError`, recorded, where the rules do not allow it: not for the person in the pictures, who would see others.
    """
    known = any(each.id == camera for each in office.site.cameras)
    about = {"act": "view", **({"camera": camera} if known else {}), **named(reason.request_id or "")}
    actor = office.actor(by, None, about)
    with office.refusals(actor, about):
        office.site.camera(camera)
        filed = _require_reason(office, reason)
        if filed is not None:
            _require_within(filed, camera, span)
        if span[0] > span[1] or span[1] > office.at:
            raise PolicyError(_NO_SPAN.with_(start=span[0], end=span[1]), clause="II-7(2)")
        if filed is not None and filed.ground is Ground.SUBJECT and reason.to is not None:
            raise PolicyError(_OTHERS_VISIBLE.with_(id=filed.id), clause="II-7(1)")
        body: dict[str, Any] = {"camera": camera, "from": span[0].isoformat(), "to": span[1].isoformat()}
        if clip is not None:
            with keep_custody(clip) as custody:
                body["original"] = {"bytes": custody.before.bytes, "sha256": custody.before.sha256}
        return _record(office, actor, reason, body)


def _require_reason(office: Office, reason: Reason) -> Filed | None:
    """The approved request, None for a purpose of the rules."""
    if reason.request_id is not None:
        filed = approved_request(office, reason.request_id, ["view", "provide"])
        if reason.to is not None:
            require_who_asked(office, filed, reason.to)
        return filed
    if reason.to is not None:
        raise PolicyError(_NEEDS_REQUEST, clause="II-7(1)")
    if reason.purpose not in {each.id for each in office.site.purposes}:
        purposes = ", ".join(each.id for each in office.site.purposes)
        raise PolicyError(_NO_PURPOSE.with_(purposes=purposes), clause="II-1")
    return None


def _require_within(filed: Filed, camera: str, span: tuple[datetime, datetime]) -> None:
    if camera not in filed.cameras:
        raise PolicyError(_OTHER_CAMERA.with_(id=filed.id, camera=camera), clause="II-7(1)")
    if not filed.start <= span[0] <= span[1] <= filed.end:
        raise PolicyError(_OUTSIDE.with_(id=filed.id, first=filed.start, last=filed.end), clause="II-7(1)")


def _record(office: Office, actor: Person, reason: Reason, body: dict[str, Any]) -> Receipt:
    place = office.site.disclosure.view_place
    handed = read_handed_over({"at": office.at, "to": reason.to or actor.id, "medium": place}).as_data()
    to = handed.pop("to")
    why = {"request_id": reason.request_id} if reason.request_id else {"purpose": reason.purpose}
    return office.record("view", actor, {**why, **body, "handed_over": handed}, {"handed_over.to": to})


_OTHER_REQUEST = Text(
    "その複写は、提供依頼 {id} のために作られたものではありません", "that copy was not made for the request {id}"
)
_OTHER_CAMERA = Text(
    "提供依頼 {id} は、カメラ「{camera}」の画像を求めていません", "the request {id} is not about the camera {camera!r}"
)
_OUTSIDE = Text(
    "提供依頼 {id} の範囲（{first} から {last} まで）の外です", "that is not within the request {id}: {first} to {last}"
)
_NO_SPAN = Text(
    "{start} から {end} までは、録画の期間として正しくありません（終わりが先か、まだ来ていません）",
    "{start} to {end} is no time of a recording: it ends before it begins, or is still to come",
)
_OTHERS_VISIBLE = Text(
    "提供依頼 {id} は本人への開示です。本人以外の人が写る録画をそのまま見せることはできません。"
    "提供の依頼（kind=provide）を受け、本人以外を隠した複写を見せてください",
    "the request {id} is by the person in the pictures, who would see others in the recording itself; on a request to get a"
    " copy (kind=provide), show a copy that hides everybody else",
)
_NEEDS_REQUEST = Text(
    "他の人に見せるには、承認された提供依頼（--request）が要ります",
    "to show it to somebody else, an approved request is needed: --request",
)
_NO_PURPOSE = Text(
    "閲覧には、承認された提供依頼（--request）か、規程の設置目的（--purpose：{purposes}）が要ります",
    "a view needs an approved request (--request), or a purpose of the rules (--purpose: {purposes})",
)
