"""Whether a clip shows what its camera should see: held against the reference picture of the rules, and recorded where not.

Both pictures of a camera that moved go into the vault: people pass in them. They are looked at with `privmask view`, for a
purpose of the rules, and have their day of erasure.
"""

from __future__ import annotations

import os
from pathlib import Path

from privmask.drifting import require_same_view
from privmask.errors import PolicyError
from privmask.evidence import record_of
from privmask.language import Text
from privmask.masks import MaskPlan
from privmask.office import Office
from privmask.policy import Camera, Person
from privmask.register.vault import new_id
from privmask.shelving import Bundle, shelve
from privmask.video import Reading
from privmask.workroom import work_folder


def require_view(
    office: Office,
    actor: Person,
    camera: Camera,
    clip: str | os.PathLike[str],
    reading: Reading,
    plan: MaskPlan,
    *,
    excepted: bool,
) -> str:
    """By how much of its width the picture has moved, such as "0.12%"; "no reference" where the rules name no picture.

    Raises `PolicyError` (II-2) where the camera has moved or that cannot be told, with both pictures kept in the vault. With
    `excepted` it is "excepted" then. Either way it is recorded.
    """
    if camera.reference is None:
        return "no reference"
    reference, copy_id = office.site_path.parent / camera.reference.picture, new_id()
    told = _SEEN.with_(id=copy_id, purpose=office.site.purposes[0].id, actor=actor.id)
    with work_folder(office.folder) as room:
        shown = room / f"{camera.id}.png"
        try:
            view = require_same_view(clip, reference, reading=reading, plan=plan, shown=shown, told=told)
        except PolicyError:
            _record(office, actor, {"camera": camera.id, "excepted": excepted}, copy_id, shown)
            if not excepted:
                raise
            return "excepted"
    return f"{view.farthest:.2%}"


def _record(office: Office, actor: Person, body: dict[str, object], copy_id: str, shown: Path) -> None:
    if not shown.exists():  # no frame was undamaged
        office.record("drift", actor, body)
        return
    picture = record_of(shown.name, shown.read_bytes())
    copies = [{"bytes": picture.bytes, "sha256": picture.sha256}]
    shelve(office, actor, "drift", copy_id, Bundle(shown), {**body, "copies": copies})


_SEEN = Text(
    "（比較の画像を見るには：privmask view {id} --purpose {purpose} --as {actor}）",
    " (to look at both pictures: privmask view {id} --purpose {purpose} --as {actor})",
)
