"""What an inspection finds in the register: whether what it tells is allowed, complete, and what is in the vault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime, timedelta

from privmask.errors import PolicyError
from privmask.finding import Finding, wrong
from privmask.inspected_disk import VaultState
from privmask.kept import Kept, kept_copies
from privmask.language import Text
from privmask.owing import is_closed
from privmask.policy import Ground, Role, Site, required_fields
from privmask.register import Entry

_BY_THE_MANAGER = ("decision", "exception", "hold", "release", "retirement", "clock")
_SECOND = timedelta(seconds=1)


def register_findings(
    site: Site, entries: Sequence[Entry], vault: VaultState, rules: Set[str], at: datetime
) -> Iterator[Finding]:
    """What is wrong with these entries under the rules of `site`; `rules` are the hashes of all that were ever adopted."""
    copies = kept_copies(entries)
    yield from _who(site, entries, rules)
    yield from _requests(entries)
    yield from _uses(site, entries, copies)
    yield from _copies(site, entries, copies)
    yield from _on_disk(copies, vault)
    if vault.retired and not is_closed(entries):
        yield wrong("II-10", _KEY_GONE)
    yield from _ended(site, entries, copies, at)
    yield from _last_inspection(entries)


def _who(site: Site, entries: Sequence[Entry], rules: Set[str]) -> Iterator[Finding]:
    """Who acted, under which rules. Whoever acted under other rules than these cannot be looked up in them."""
    now = _rules_of_now(entries)
    for entry in entries:
        if entry.policy_sha256 not in rules:
            yield wrong("III", _STRANGE_RULES, seq=entry.seq)
        elif entry.policy_sha256 == now and entry.kind != "refusal":
            role: Role | None = "manager" if entry.kind in _BY_THE_MANAGER else None
            try:
                site.actor(entry.actor, entry.at, role)
            except PolicyError as error:
                text = error.text or Text(str(error), str(error))
                yield wrong(error.clause or "II-4", _ACTOR, seq=entry.seq, why=text)


def _requests(entries: Sequence[Entry]) -> Iterator[Finding]:
    """Requests that were approved although their evidence is not complete."""
    approved = _approved(entries)
    for entry in entries:
        id = entry.value("request_id")
        if entry.kind != "request" or id not in approved:
            continue
        ground = entry.value("evidence.ground")
        if ground not in list(Ground):
            yield wrong("II-7(1)", _NO_GROUND, id=id)
            continue
        for path, word in required_fields(Ground(str(ground))):
            if entry.value(path) in (None, "", []):
                yield wrong("II-7(1)" if path.startswith("evidence.") else "II-7(2)", _LACKS, id=id, word=word)


def _uses(site: Site, entries: Sequence[Entry], copies: Mapping[str, Kept]) -> Iterator[Finding]:
    """Views and provisions: each on an approved request, or a view for a purpose; each with when, to whom and how."""
    approved = _approved(entries)
    purposes = {each.id for each in site.purposes}
    now = _rules_of_now(entries)
    for entry in entries:
        if entry.kind not in ("view", "provision"):
            continue
        request, purpose = entry.value("request_id"), entry.value("purpose")
        if entry.kind == "view" and request is None and purpose is not None:
            if purpose not in purposes and entry.policy_sha256 == now:
                yield wrong("II-1", _STRANGE_PURPOSE, seq=entry.seq)
        elif request not in approved or approved[request] > entry.at:
            yield wrong("II-7(1)", _NOT_APPROVED, seq=entry.seq)
        for name in ("handed_over.at", "handed_over.to", "handed_over.medium"):
            if entry.value(name) in (None, ""):
                yield wrong("II-7(2)", _NOT_SAID, seq=entry.seq, name=name)
        if entry.kind == "provision":
            copy = copies.get(str(entry.value("copy_id")))
            if copy is None:
                yield wrong("II-6(2)", _PROVIDED_WHAT, seq=entry.seq)
            elif copy.request_id != request:
                yield wrong("II-7(1)", _OTHER_REQUEST, seq=entry.seq)


def _copies(site: Site, entries: Sequence[Entry], copies: Mapping[str, Kept]) -> Iterator[Finding]:
    """Copies: each for an approved request or by the manager's exception, of a camera asked for, and with its end."""
    approved = _approved(entries)
    cameras = {each.value("request_id"): each.value("cameras") for each in entries if each.kind == "request"}
    excepted = set(_excepted(entries))
    retired = {each.value("camera"): each.at for each in entries if each.kind == "retirement"}
    for copy in copies.values():
        decided = approved.get(copy.request_id)
        if copy.is_drift:
            excepted.add(copy.copy_id)  # made by a refusal, and asked for by nobody
        if copy.copy_id not in excepted and (decided is None or decided > copy.made_at):
            yield wrong("II-6(2)", _NOT_ASKED, id=copy.copy_id)
        asked = cameras.get(copy.request_id)
        if copy.copy_id not in excepted and isinstance(asked, list) and copy.camera not in asked:
            yield wrong("II-7(1)", _OTHER_CAMERA, id=copy.copy_id, camera=copy.camera)
        longest = copy.made_at + timedelta(days=site.retention.copies_days) + _SECOND
        if copy.erased_at is None and (copy.erase_due is None or copy.erase_due > longest):
            yield wrong("II-6(3)", _TOO_LONG, id=copy.copy_id, days=site.retention.copies_days)
        if copy.camera in retired and copy.made_at > retired[copy.camera]:
            yield wrong("II-10", _AFTER_THE_END, id=copy.copy_id, camera=copy.camera)


def _excepted(entries: Sequence[Entry]) -> Iterator[object]:
    """The copies that a manager made by an exception, which was recorded before."""
    allowed: set[tuple[str, object]] = set()
    for entry in entries:
        who = (entry.actor, entry.value("camera"))
        if entry.kind == "exception":
            allowed.add(who)
        elif entry.kind == "copy" and entry.value("exception") is True and who in allowed:
            yield entry.value("copy_id")


def _on_disk(copies: Mapping[str, Kept], vault: VaultState) -> Iterator[Finding]:
    """Copies on the disk = copies made − copies erased."""
    for id in vault.held.keys() - copies.keys():
        yield wrong("II-6(2)", _UNRECORDED, id=id)
    for copy in copies.values():
        id, there = copy.copy_id, copy.copy_id in vault.held
        if copy.erased_at is not None and there:
            yield wrong("II-6(4)", _STILL_THERE, id=id)
        elif copy.erased_at is None and id in vault.erased:
            yield wrong("II-6(4)", _SILENTLY, id=id)
        elif copy.erased_at is None and not there and id not in vault.drafts:  # told with the vault's faults
            yield wrong("II-6(2)", _VANISHED, id=id)
        elif there and None not in (copy.sha256, vault.held[id]) and copy.sha256 != vault.held[id]:
            yield wrong("II-6(2)", _OTHER_COPY, id=id)


def _ended(site: Site, entries: Sequence[Entry], copies: Mapping[str, Kept], at: datetime) -> Iterator[Finding]:
    """Cameras and contractors that have ended."""
    day = site.day(at)
    retired = {each.value("camera") for each in entries if each.kind == "retirement"}
    for camera in site.cameras:
        over = camera.retired_on is not None and camera.retired_on <= day
        left = [each for each in copies.values() if each.camera == camera.id and each.erased_at is None]
        if over and camera.id not in retired and not is_closed(entries):
            yield wrong("II-10", _NOT_RETIRED, camera=camera.id, count=len(left))
        if not over and camera.id in retired:
            yield wrong("II-10", _STILL_IN_RULES, camera=camera.id)
    ended = {each.value("contractor") for each in entries if each.value("event") == "ended"}
    for contractor in site.contractors:
        if contractor.id in ended and contractor.access_ends >= day:
            yield wrong("II-9", _ENDED, id=contractor.id)


def _last_inspection(entries: Sequence[Entry]) -> Iterator[Finding]:
    last = next((each for each in reversed(entries) if each.kind == "inspection"), None)
    checklist = last.value("checklist") if last else None
    for line, good in enumerate(checklist if isinstance(checklist, list) else (), 1):
        if good is not True:
            yield wrong("II-10", _LINE_BAD, line=line)


def _rules_of_now(entries: Sequence[Entry]) -> str | None:
    return next((each.policy_sha256 for each in reversed(entries) if each.kind == "adoption"), None)


def _approved(entries: Sequence[Entry]) -> dict[object, datetime]:
    """When each request was approved."""
    return {
        each.value("request_id"): each.at
        for each in entries
        if each.kind == "decision" and each.value("decision.outcome") == "approved"
    }


_STRANGE_RULES = Text(
    "記載 {seq} は、ここで採択されたことのない規程によるものです",
    "entry {seq} is under rules that were never adopted here",
)
_ACTOR = Text("記載 {seq}：{why}", "entry {seq}: {why}")
_NO_GROUND = Text("提供依頼 {id} に根拠がありません", "the request {id} has no ground")
_LACKS = Text("承認された提供依頼 {id} に「{word}」がありません", "the approved request {id} lacks: {word}")
_STRANGE_PURPOSE = Text(
    "記載 {seq} の閲覧の目的が、規程の設置目的にありません", "entry {seq}: looked at for no purpose of the rules"
)
_OTHER_REQUEST = Text(
    "記載 {seq} で提供した複写は、その依頼のために作られたものではありません",
    "entry {seq} provides a copy that was not made for that request",
)
_NOT_APPROVED = Text(
    "記載 {seq} の閲覧・提供には、その前に承認された依頼がありません",
    "entry {seq}: shown or provided, and no request was approved before it",
)
_NOT_SAID = Text("記載 {seq} に {name} がありません", "entry {seq} does not say {name}")
_PROVIDED_WHAT = Text(
    "記載 {seq} で提供した複写が台帳にありません", "entry {seq} provides a copy that was never recorded"
)
_NOT_ASKED = Text(
    "複写 {id} には、その前に承認された依頼も、管理責任者の例外の記載もありません",
    "the copy {id}: no request was approved before it was made, and no exception is recorded",
)
_OTHER_CAMERA = Text(
    "複写 {id} のカメラ「{camera}」は依頼にありません",
    "the copy {id} is of the camera {camera!r}, which was not asked for",
)
_TOO_LONG = Text(
    "複写 {id} の消去期限が、規程の保存日数（{days}日）を超えているか、ありません",
    "the copy {id} has no day of erasure, or one beyond the {days} days of the rules",
)
_AFTER_THE_END = Text(
    "複写 {id} は、カメラ「{camera}」の廃止の後に作られています", "the copy {id} was made after {camera!r} was retired"
)
_UNRECORDED = Text(
    "複写 {id} が保管庫にありますが、台帳にありません", "the copy {id} is in the vault, and was never recorded"
)
_STILL_THERE = Text(
    "複写 {id} は消去したと記載されていますが、保管庫にあります",
    "the copy {id} is recorded as erased, and is in the vault",
)
_SILENTLY = Text(
    "複写 {id} は消去されていますが、その記載がありません。privmask erase --due で記載されます",
    "the copy {id} was erased, and that is not recorded; privmask erase --due does so",
)
_KEY_GONE = Text(
    "保管庫の鍵は破棄されていますが、廃止の記載がありません。記載するには：privmask retire --whole-site",
    "the vault's key is destroyed, and no retirement is recorded; this records it: privmask retire --whole-site",
)
_VANISHED = Text(
    "複写 {id} が、消去の記載がないのに保管庫にありません。紛失・盗難でないか確かめた後、管理責任者が記載してください："
    "privmask erase {id} --missing",
    "the copy {id} is not in the vault, and no erasure is recorded; find out whether it was lost or stolen, and let the manager"
    " record that: privmask erase {id} --missing",
)
_OTHER_COPY = Text(
    "保管庫の複写 {id} は、記載されたものと違います", "the copy {id} in the vault is not the one recorded"
)
_NOT_RETIRED = Text(
    "カメラ「{camera}」は廃止されましたが、privmask retire がまだです（残る複写 {count} 件）",
    "the camera {camera!r} has ended, and privmask retire was not done; {count} copies are left",
)
_STILL_IN_RULES = Text(
    "カメラ「{camera}」は廃止されましたが、規程に廃止日（retired_on）がありません",
    "the camera {camera!r} was retired, and the rules still have it in use (retired_on)",
)
_ENDED = Text(
    "委託先「{id}」は終了したと記載されていますが、規程では取扱いが続いています",
    "the contractor {id!r} is recorded as ended, and the rules still give access",
)
_LINE_BAD = Text(
    "前回の点検で、点検項目 {line} が「否」でした。直して、もう一度点検してください",
    "line {line} of the checklist was bad at the last inspection; put it right and inspect again",
)
