"""Whether a clip shows what its camera should see: held against the reference picture of the rules, and recorded where not."""

from __future__ import annotations

import contextlib
import os

from privmask.drifting import require_same_view
from privmask.errors import PolicyError
from privmask.masks import MaskPlan
from privmask.office import Office
from privmask.policy import Camera, Person
from privmask.video import Reading

MOVED = "moved-cameras"
"""The folder, 0700, of the pictures that show how far a camera has moved; zones are hidden in them, and who passes is not."""


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

    Raises `PolicyError` (II-2) where the camera has moved or that cannot be told, with both pictures drawn in `moved-cameras/`.
    With `excepted` it is "excepted" then. Either way it is recorded.
    """
    if camera.reference is None:
        return "no reference"
    folder = office.folder / MOVED
    with contextlib.suppress(FileExistsError):
        folder.mkdir(0o700)
    shown = folder / f"{camera.id}-{office.at:%Y%m%dT%H%M%S%f}.png"
    try:
        reference = office.site_path.parent / camera.reference.picture
        view = require_same_view(clip, reference, reading=reading, plan=plan, shown=shown)
    except PolicyError:
        office.record("drift", actor, {"camera": camera.id, "excepted": excepted, "picture": shown.name})
        if not excepted:
            raise
        return "excepted"
    finally:
        with contextlib.suppress(OSError):  # a picture lies in it
            folder.rmdir()
    return f"{view.farthest:.2%}"
