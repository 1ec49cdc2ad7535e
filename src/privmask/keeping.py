"""How long copies are kept: erased when due, not erased while a hold lasts, and all of them when a camera or the site ends.

An erasure is done first and recorded then, with its steps and what it cannot promise. One that was killed between the two is
recorded by the next run: what the vault has erased and the register does not know is found and made up for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from privmask.errors import PolicyError
from privmask.kept import Kept
from privmask.language import Text
from privmask.looking_up import all_kept, kept_copy
from privmask.office import Office
from privmask.policy import Person
from privmask.register import Receipt
from privmask.register.vault import Erasure
from privmask.register.vault_layout import is_id


@dataclass(frozen=True, slots=True)
class Erased:
    """A copy that is gone: `erasure` says by which steps, None if nothing was left; `new` if it was recorded just now."""

    copy_id: str
    erasure: Erasure | None
    new: bool


@dataclass(frozen=True, slots=True)
class Swept:
    """What `erase_all_due` did: the copies, those that a hold spared, and how many entries lost their personal values."""

    erased: tuple[Erased, ...]
    spared: tuple[Kept, ...]
    personal: int


@dataclass(frozen=True, slots=True)
class Retired:
    """What a retirement came to: copies erased, whether the site's key went too, and media that somebody has to destroy."""

    camera: str | None
    erased: tuple[Erased, ...]
    media: tuple[str, ...]
    receipt: Receipt


def erase_copy(office: Office, copy_id: str, by: str, *, missing: bool = False) -> Erased:
    """Erase that copy now, due or not; for one that was erased, say again what was done.

    Refused while a hold lasts. A copy that is not in the vault although nobody erased it is given up only with `missing`, by
    the manager.
    """
    about = {"act": "erase", **_named(copy_id)}
    person = office.actor(by, "manager" if missing else None, about)
    with office.refusals(person, about), office.alone():
        return _erase(office, person, _known(office, copy_id), missing=missing)


def erase_all_due(office: Office, by: str) -> Swept:
    """Erase every copy that is due and not held, and the register's personal values that are due; complete killed runs."""
    about = {"act": "erase"}
    person = office.actor(by, None, about)
    with office.refusals(person, about), office.alone():
        copies = all_kept(office.register)
        erased = [*_made_up_for(office, person, copies), *_erase_due(office, person, copies)]
    day = office.site.day(office.at)
    spared = (each for each in copies.values() if _is_past(each, office) and each.is_held(day))
    personal = office.register.erase_personal(office.at, office.at, actor=person.id, policy_sha256=office.policy_sha256)
    return Swept(tuple(erased), tuple(spared), personal)


def hold_copy(office: Office, copy_id: str, until: date, reason: str, by: str) -> Receipt:
    """Stop the erasure of that copy until the end of the day `until`, for a reason; the manager's. A later hold replaces it."""
    about = {"act": "hold", **_named(copy_id)}
    person = office.actor(by, "manager", about)
    with office.refusals(person, about), office.alone():
        copy = _known(office, copy_id)
        _require_there(copy)
        if until < office.site.day(office.at):
            raise PolicyError(_HOLD_PAST.with_(day=until), clause="II-6(4)")
        _require_reason(reason)
        return office.record("hold", person, {**_about(copy), "until": until.isoformat()}, {"hold.reason": reason})


def release_copy(office: Office, copy_id: str, reason: str, by: str) -> Receipt:
    """End the hold of that copy before its day; the manager's."""
    about = {"act": "release", **_named(copy_id)}
    person = office.actor(by, "manager", about)
    with office.refusals(person, about), office.alone():
        copy = _known(office, copy_id)
        _require_there(copy)
        if not copy.is_held(office.site.day(office.at)):
            raise PolicyError(_NO_HOLD.with_(id=copy_id), clause="II-6(4)")
        _require_reason(reason)
        return office.record("release", person, _about(copy), {"hold.reason": reason})


def retire(office: Office, camera: str | None, media: Sequence[str], by: str) -> Retired:
    """End a camera, or the whole site where `camera` is None: all copies are erased, for the site its key as well.

    `media` are the ids of media that have to be destroyed; each wants a record of its disposal. The manager's; refused, before
    anything is erased, while a copy is held. Goes on where a killed run stopped.
    """
    known = any(each.id == camera for each in office.site.cameras)
    about = {"act": "retire", **({"camera": camera} if known else {})}
    person = office.actor(by, "manager", about)
    with office.refusals(person, about), office.alone():
        if camera is not None:
            office.site.camera(camera)
        copies = all_kept(office.register)
        mine = [each for each in copies.values() if camera in (None, each.camera) and each.erased_at is None]
        held = [each.copy_id for each in mine if each.is_held(office.site.day(office.at))]
        if held:
            raise PolicyError(_STILL_ON_HOLD.with_(ids=", ".join(held)), clause="II-10")
        erased = [_erase(office, person, each, missing=True) for each in mine]
        what = {"camera": camera} if camera else _close_vault(office)
        body = {**what, "copies": [each.copy_id for each in erased], "media": list(media)}
        return Retired(camera, tuple(erased), tuple(media), office.record("retirement", person, body))


def _close_vault(office: Office) -> dict[str, Any]:
    """Destroy what the register does not know of, too, and the key that opened all of it."""
    vault = office.vault()
    unknown = [held.id for held in vault.held()]
    for id in unknown:
        vault.erase(id)
    return {"site": True, "unrecorded": unknown, "key": [step.value for step in vault.retire().steps]}


def _erase_due(office: Office, person: Person, copies: Mapping[str, Kept]) -> Iterator[Erased]:
    there = {held.id for held in office.vault().held()}
    for copy in copies.values():
        if copy.copy_id in there and copy.is_overdue(office.site, office.at):
            yield _erase(office, person, copy)


def _made_up_for(office: Office, person: Person, copies: Mapping[str, Kept]) -> Iterator[Erased]:
    """The copies whose erasure was done by a run that was killed before it recorded it."""
    there = {held.id for held in office.vault().held()}
    for copy in copies.values():
        if copy.erased_at is None and copy.copy_id not in there:
            erasure = _done_in_vault(office, copy)
            if erasure is not None:
                _record(office, person, copy, erasure)
                yield Erased(copy.copy_id, erasure, new=True)


def _erase(office: Office, person: Person, copy: Kept, *, missing: bool = False) -> Erased:
    if copy.erased_at is None and copy.is_held(office.site.day(office.at)):
        raise PolicyError(_HELD.with_(id=copy.copy_id, day=copy.hold_until), clause="II-6(4)")
    erasure = _done_in_vault(office, copy)
    if erasure is None and copy.erased_at is None and not missing:
        raise PolicyError(_MISSING.with_(id=copy.copy_id), clause="II-6(2)")
    if copy.erased_at is None:
        _record(office, person, copy, erasure)
    return Erased(copy.copy_id, erasure, new=copy.erased_at is None)


def _done_in_vault(office: Office, copy: Kept) -> Erasure | None:
    """What the vault did or had done to erase it; None if it never had such a copy."""
    vault = office.vault()
    try:
        return vault.erase(copy.copy_id)
    except PolicyError:
        return None


def _record(office: Office, person: Person, copy: Kept, erasure: Erasure | None) -> None:
    steps = [step.value for step in erasure.steps] if erasure else []
    limits = [text.ja for text in erasure.cannot_promise] if erasure else []
    body = {**_about(copy), "steps": steps, "cannot_promise": limits, "found": erasure is not None}
    office.record("erasure", person, body)


def _named(copy_id: str) -> dict[str, str]:
    """The id for a refusal, if it is one: what else somebody typed is not recorded for ever."""
    return {"copy_id": copy_id} if is_id(copy_id) else {}


def _about(copy: Kept) -> dict[str, Any]:
    request = {"request_id": copy.request_id} if copy.request_id else {}
    return {"copy_id": copy.copy_id, "camera": copy.camera, **request}


def _known(office: Office, copy_id: str) -> Kept:
    found = kept_copy(office.register, copy_id)
    if found is None:
        raise PolicyError(_UNKNOWN.with_(id=copy_id if is_id(copy_id) else "?"), clause="II-6(2)")
    return found


def _is_past(copy: Kept, office: Office) -> bool:
    return copy.erased_at is None and (copy.erase_due is None or copy.erase_due <= office.at)


def _require_there(copy: Kept) -> None:
    if copy.erased_at is not None:
        raise PolicyError(_GONE.with_(id=copy.copy_id, day=copy.erased_at.date()), clause="II-6(4)")


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise PolicyError(_NO_REASON, clause="II-6(4)")


_UNKNOWN = Text(
    "複写「{id}」は台帳にありません。番号は privmask due や register list で確かめてください",
    "the register knows no copy {id!r}; look at privmask due, or at privmask register list --kind copy",
)
_MISSING = Text(
    "複写「{id}」は、消去の記載がないのに保管庫にありません。盗難・紛失でないか確かめてください。"
    "確かめた後、管理責任者が --missing を付けて消去を記載できます",
    "the copy {id!r} is not in the vault, and no erasure is recorded: find out whether it was lost or stolen. After that the"
    " manager may record it as gone, with --missing",
)
_HELD = Text(
    "複写「{id}」は{day}まで消去停止中です。管理責任者が解除（hold --release）すれば消去できます",
    "the copy {id!r} is on hold until {day}; the manager may release it (hold --release)",
)
_HOLD_PAST = Text("消去停止の期限（{day}）が過ぎています", "a hold cannot end in the past ({day})")
_NO_HOLD = Text("複写「{id}」は消去停止中ではありません", "the copy {id!r} is not on hold")
_GONE = Text("複写「{id}」は{day}に消去されています", "the copy {id!r} was erased on {day}")
_NO_REASON = Text("理由がありません", "it needs a reason")
_STILL_ON_HOLD = Text(
    "消去停止中の複写があるため廃止できません。先に解除してください：{ids}",
    "copies are on hold; release them before the retirement: {ids}",
)
