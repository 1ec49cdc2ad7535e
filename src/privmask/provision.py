"""The corridor of provision (提供): a copy leaves the site encrypted, to whoever asked for it, and the register says so.

What is handed over is the copy with its statement, signature and hashes, in one file that only the recipient can open; nothing
of it lies open on the way. The record is made when that file is whole, and it gets its name after that: without a record there
is no file, and what was recorded by a run that was killed gets its name at the next command.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from privmask.errors import PolicyError
from privmask.filed import Filed, approved_request, written_in
from privmask.handing import noted
from privmask.kept import Kept
from privmask.language import Text
from privmask.looking_up import kept_copy
from privmask.office import Office
from privmask.policy import Ground, Site, read_handed_over
from privmask.register import Receipt
from privmask.register.sealing import Passphrase, Recipient, Sealed
from privmask.register.vault_layout import is_id

_ASKED_BY = ("requester.name", "requester.affiliation", "evidence.agency", "evidence.officer.name")


@dataclass(frozen=True, slots=True)
class HandOver:
    """To whom a copy goes, on which medium of the rules, and to which keys it is encrypted."""

    to: str
    medium: str
    recipients: Sequence[Recipient]


@dataclass(frozen=True, slots=True)
class Provided:
    """A copy that was handed over: the encrypted file, and the entry that tells of it."""

    copy_id: str
    request_id: str
    sealed: Sealed
    receipt: Receipt


def provide_copy(office: Office, by: str, copy_id: str, over: HandOver, target: str | os.PathLike[str]) -> Provided:
    """Encrypt the copy to its recipient into the new file `target`, and record it, in the name of the operator `by`.

    Raises `PolicyError`, recorded, unless the manager approved the request that the copy was made for, the recipient is who
    asked, and the copy is not overdue; whatever is raised, there is no file.
    """
    about: dict[str, Any] = {"act": "provide", **copy_named(copy_id)}
    actor = office.actor(by, "operator", about)
    with office.refusals(actor, about):
        copy = require_copy(office, copy_id)
        filed = _require_request(office, copy)
        about["request_id"] = filed.id
        medium = _medium(office.site, over.medium)
        require_who_asked(office, filed, over.to)
        _require_reviewed(office, filed, copy)
        handed = read_handed_over({"at": office.at, "to": over.to, "medium": medium}).as_data()
        to = handed.pop("to")
        with ExitStack() as until_named, office.vault().handing_over(copy_id, target, over.recipients) as sealing:
            sealed = sealing.sealed
            body = {
                "request_id": filed.id,
                "copy_id": copy_id,
                "handed_over": handed,
                "copies": [{"sha256": copy.sha256}],
                "file": {"bytes": sealed.bytes, "sha256": sealed.sha256},
                "passphrase": sealed.key is not None,
                "keep_until": office.site.day(office.keep_until).isoformat(),
            }
            keys = "\n".join(each for each in over.recipients if not isinstance(each, Passphrase))
            personal = {"handed_over.to": to, **({"handed_over.keys": keys} if keys else {})}
            until_named.enter_context(noted(office.folder, copy_id, sealed.sha256, sealing.names))
            receipt = office.record("provision", actor, body, personal)
    return Provided(copy_id, filed.id, sealed, receipt)


def require_copy(office: Office, copy_id: str) -> Kept:
    """The copy, if the register knows it and it is not erased, nor should be; `PolicyError` else."""
    copy = kept_copy(office.register, copy_id)
    if copy is None:
        raise PolicyError(_NO_COPY, clause="II-7(2)")
    if copy.erased_at is not None:
        raise PolicyError(_ERASED.with_(id=copy_id, day=office.site.day(copy.erased_at)), clause="II-6(4)")
    if copy.is_overdue(office.site, office.at):
        raise PolicyError(_OVERDUE.with_(id=copy_id), clause="II-6(4)")
    return copy


def require_who_asked(office: Office, filed: Filed, to: str) -> None:
    """Raise `PolicyError` unless `to` names somebody who asked in that request, or for whom they did."""
    names = [_plain(each) for each in written_in(office, filed, *_ASKED_BY)]
    if not any(name and name in _plain(to) for name in names):
        raise PolicyError(_SOMEBODY_ELSE.with_(id=filed.id), clause="II-7(1)")


def copy_named(copy_id: str) -> Mapping[str, str]:
    """The id for a refusal, if it is one."""
    return {"copy_id": copy_id} if is_id(copy_id) else {}


def _require_request(office: Office, copy: Kept) -> Filed:
    if copy.request_id is None:
        raise PolicyError(_EXCEPTION.with_(id=copy.copy_id), clause="II-7(1)")
    return approved_request(office, copy.request_id, ["provide"])


def _require_reviewed(office: Office, filed: Filed, copy: Kept) -> None:
    """For the person in the pictures: the one who has to see that everybody else is hidden has looked at this copy."""
    if filed.ground is not Ground.SUBJECT:
        return
    reviewer = office.register.entry(filed.seq).value("evidence.third_persons_reviewed_by")
    views = office.register.entries("view", after=copy.seq, about=("copy_id", copy.copy_id))
    if not any(each.actor == reviewer for each in views):
        raise PolicyError(_NOT_REVIEWED.with_(id=copy.copy_id, reviewer=reviewer), clause="II-7(1)")


def _medium(site: Site, medium: str) -> str:
    """The medium as the rules name it; a part of its name will do where only one has it."""
    media = site.disclosure.media
    found = [each for each in media if medium == each] or [each for each in media if medium.strip() and medium in each]
    if len(found) != 1:
        raise PolicyError(_MEDIUM.with_(media="、".join(media)), clause="II-7(2)")
    return found[0]


def _plain(text: str) -> str:
    return "".join(text.split())


_NO_COPY = Text("その複写は台帳にありません", "the register knows no such copy")
_ERASED = Text("複写 {id} は {day} に消去されています", "the copy {id} was erased on {day}")
_OVERDUE = Text(
    "複写 {id} は消去期限を過ぎています。消去してください（privmask erase）",
    "the copy {id} is overdue and has to be erased: privmask erase",
)
_EXCEPTION = Text(
    "複写 {id} は例外として作られたもので、提供依頼がありません。提供できません",
    "the copy {id} was made as an exception, for no request; it is not to be provided",
)
_SOMEBODY_ELSE = Text(
    "提供先が、提供依頼 {id} の要請者ではありません。要請者の氏名か所属を含めて書いてください（--to）",
    "the recipient is not who asked in the request {id}; --to has to hold the requester's name or affiliation",
)
_NOT_REVIEWED = Text(
    "複写 {id} で本人以外の人が隠れていることを「{reviewer}」がまだ見て確かめていません："
    "privmask view {id} --as {reviewer} …",
    "{reviewer!r} has not looked yet whether everybody else is hidden in the copy {id}: privmask view {id} --as {reviewer} …",
)
_MEDIUM = Text(
    "提供の媒体は、規程に定めたもの（{media}）にしてください",
    "the medium has to be one of the site's rules: {media}",
)
