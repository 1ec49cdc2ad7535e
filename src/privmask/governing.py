"""The corridor of governed copies: none without an approved request, none that hides less than the rules, none unrecorded.

The order is the argument: who, which request, which camera and time, what has to be hidden, whether the camera still looks
where its zones were drawn. Then the copy is made in a private folder, encrypted, recorded with its hashes, and put
into the vault; only then the open files go. Whatever is refused on the way is recorded, and there is no file.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from math import ceil
from pathlib import Path
from typing import Any

from privmask.angle import require_view
from privmask.copying import Result, Told, mask_clip
from privmask.demanding import demanded_plan
from privmask.errors import PolicyError
from privmask.evidence import SUMS, Signer, companion_names, open_once, read_statement
from privmask.filed import Filed, approved_request, named
from privmask.language import Text
from privmask.masks import MaskPlan
from privmask.office import Office
from privmask.policy import Camera, Person
from privmask.register import Receipt
from privmask.register.vault import new_id
from privmask.register.vault_files import BLOCK, draft_file, name_draft, require_free, sync
from privmask.shelving import Bundle, shelve
from privmask.video import Reading, Writing, length_of
from privmask.watching import Looking
from privmask.workroom import work_folder


@dataclass(frozen=True, slots=True)
class Errand:
    """For what a copy is made: of which camera, recorded when (the first frame), for which request, or as which exception.

    With `keep_plain` the copy also stays open under its own name; else it is in the vault only.
    """

    camera: str
    recorded_at: datetime
    request_id: str | None = None
    exception: str | None = None
    keep_plain: bool = False


@dataclass(frozen=True, slots=True)
class Governed:
    """A copy in the vault: its id there, the entry that tells of it, when it has to be erased, and how it was made."""

    copy_id: str
    receipt: Receipt
    erase_due: datetime
    result: Result
    plain: Path | None


def copy_governed(
    office: Office,
    by: str,
    clip: str | os.PathLike[str],
    copy: str | os.PathLike[str],
    errand: Errand,
    extra: MaskPlan,
    *,
    signer: Signer,
    clock: Callable[[], datetime],
    reading: Reading | None = None,
    writing: Writing | None = None,
    looking: Looking | None = None,
    jobs: int = 1,
    progress: Told | None = None,
) -> Governed:
    """Make a copy for that errand in the name of the person `by`, hiding what the rules demand and what `extra` adds.

    An operator makes it for an approved request; without one, or where the camera has moved, only the manager, as an exception.
    Raises `PolicyError`, recorded, where the rules do not allow it, and whatever `mask_clip` raises: there is no file then.
    """
    about = {"act": "mask", **_camera_named(office, errand.camera), **named(errand.request_id or "")}
    actor = office.actor(by, "operator" if errand.exception is None else "manager", about)
    reading = reading or Reading()
    with office.refusals(actor, about):
        filed = _require_allowed(office, errand)
        camera = office.site.camera(errand.camera)
        office.vault()  # that it is there, before the work
        days = _require_span(office, errand, filed, camera, _length(clip, reading))
        ground = None if filed is None else filed.ground
        plan = demanded_plan(office.site_path, camera, days, ground, extra)
        looking = replace(looking or Looking(), named=any(keep.track is not None for keep in plan.keep))
        view = require_view(office, actor, camera, clip, reading, plan, excepted=errand.exception is not None)
        if errand.exception is not None:
            _record_exception(office, actor, errand.exception, about)
        if errand.keep_plain:
            require_free(copy)
        with work_folder(office.folder) as folder:
            result = mask_clip(
                clip, folder / Path(copy).name, plan, reading=reading, writing=writing, looking=looking,
                recorded_at=errand.recorded_at, jobs=jobs, signer=signer, progress=progress, clock=clock,
            )  # fmt: skip
            office.at = max(office.at, clock().astimezone(office.at.tzinfo))
            _require_span(office, errand, filed, camera, _length(result.copy, Reading()))
            governed = _keep(office, actor, errand, result, view)
            return _laid_open(governed, Path(os.path.abspath(copy))) if errand.keep_plain else governed


def _require_allowed(office: Office, errand: Errand) -> Filed | None:
    """The approved request, None for an exception without one; `PolicyError` if neither allows the copy."""
    if errand.exception is not None and not errand.exception.strip():
        raise PolicyError(_NO_REASON, clause="II-6(2)")
    if errand.request_id is None:
        if errand.exception is None:
            raise PolicyError(_NO_REQUEST, clause="II-1")
        return None
    filed = approved_request(office, errand.request_id, ["provide"])
    if errand.camera not in filed.cameras:
        raise PolicyError(_OTHER_CAMERA.with_(id=filed.id, camera=errand.camera), clause="II-7(1)")
    return filed


def _require_span(office: Office, errand: Errand, filed: Filed | None, camera: Camera, length: Fraction | None) -> Any:
    """The first and last day of the recording, which lies in the request, in the camera's time, and behind us."""
    start = errand.recorded_at
    end = start + timedelta(microseconds=ceil((length or Fraction(0)) * 1_000_000))
    if filed is not None and not (filed.start <= start and end <= filed.end):
        words = _OUTSIDE.with_(id=filed.id, first=filed.start, last=filed.end, start=start, end=end)
        raise PolicyError(words, clause="II-7(1)")
    if end > office.at:
        raise PolicyError(_TO_COME.with_(end=end), clause="II-7(2)")
    first, last = office.site.day(start), office.site.day(end)
    if first < camera.installed_on or (camera.retired_on is not None and last > camera.retired_on):
        raise PolicyError(_NOT_THERE.with_(camera=camera.id, first=first, last=last), clause="II-2")
    return first, last


def _record_exception(office: Office, actor: Person, reason: str, about: dict[str, Any]) -> None:
    office.record("exception", actor, about, {"exception.reason": reason.strip()})


def _keep(office: Office, actor: Person, errand: Errand, result: Result, view: str) -> Governed:
    """Put the copy into the vault, and record it: nothing is there that the register does not tell of."""
    text = result.statement.read_bytes()
    statement = read_statement(text)
    copy_id, due = new_id(), office.erase_due
    body = {
        **named(errand.request_id or ""),
        "camera": errand.camera,
        "recorded_at": errand.recorded_at.isoformat(),
        "exception": errand.exception is not None,
        "original": {"bytes": statement.original_after.bytes, "sha256": statement.original_after.sha256},
        "copies": [{"bytes": statement.copy.bytes, "sha256": statement.copy.sha256}],
        "statement": {"sha256": sha256(text).hexdigest()},
        "plan": {"sha256": statement.plan_sha256},
        "key_id": result.key_id,
        "view": view,
    }
    shared = [path for path in (result.statement, result.signature, result.note, _sums(result.copy)) if path]
    bundle = Bundle(result.copy, tuple(shared), (result.tracks,) if result.tracks else ())
    receipt = shelve(office, actor, "copy", copy_id, bundle, body)
    return Governed(copy_id, receipt, due, result, None)


def _laid_open(governed: Governed, copy: Path) -> Governed:
    """The copy with its companions beside it under the name `copy` as well, the copy last; it is in the vault already."""
    made = governed.result.copy
    there = [name for name in companion_names(made.name) if made.with_name(name).exists()]
    for name in (*there, made.name):
        with draft_file(copy.with_name(name)) as (hidden, file), open(made.with_name(name), "rb") as source:
            shutil.copyfileobj(source, file, BLOCK)
            sync(file)
            name_draft(hidden, copy.with_name(name))
    return replace(governed, plain=copy)


def _length(clip: str | os.PathLike[str], reading: Reading) -> Fraction | None:
    with open_once(Path(clip)) as file:
        return length_of(file, reading.stream)


def _sums(copy: Path) -> Path:
    return copy.with_name(copy.name + SUMS)


def _camera_named(office: Office, camera: str) -> dict[str, str]:
    return {"camera": camera} if any(each.id == camera for each in office.site.cameras) else {}


_NO_REQUEST = Text(
    "複写には、承認された提供依頼（--request）が要ります。管理責任者は、理由を付けて例外とすることができます（--exception）",
    "a copy needs an approved request (--request); the manager can make an exception with a reason (--exception)",
)
_NO_REASON = Text("例外には理由が要ります（--exception 理由）", "an exception needs its reason: --exception REASON")
_OTHER_CAMERA = Text(
    "提供依頼 {id} は、カメラ「{camera}」の画像を求めていません", "the request {id} is not about the camera {camera!r}"
)
_OUTSIDE = Text(
    "録画（{start} から {end} まで）が、提供依頼 {id} の範囲（{first} から {last} まで）の外に出ています",
    "the recording, from {start} to {end}, is not within the request {id}: from {first} to {last}",
)
_TO_COME = Text(
    "録画の終わり（{end}）がまだ来ていません。--recorded-at を確かめてください",
    "the recording ends at {end}, which is still to come; look at --recorded-at",
)
_NOT_THERE = Text(
    "カメラ「{camera}」は、録画の日（{first}から{last}まで）には設置されていませんでした",
    "the camera {camera!r} was not there on the days of the recording, {first} to {last}",
)
