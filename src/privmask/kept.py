"""What the register says of each copy: when it was made and is due to be erased, whether a hold stops that, whether it is gone.

The pictures that show how a camera has moved are kept, erased and counted as copies are; they are made by the refusal itself.
Values only; `privmask.keeping` acts on them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from privmask.policy import Site
from privmask.register import Entry

KEPT = ("copy", "drift")
"""The kinds of entries that tell of something in the vault, where they name its `copy_id`."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One copy as the register tells of it. `erase_due` is None where its entry does not say; `hold_until` is the last day.

    `is_drift` says that it is the picture of a camera that moved, `seq` is the entry that tells of its making.
    """

    copy_id: str
    camera: str
    request_id: str | None
    sha256: str | None
    made_at: datetime
    erase_due: datetime | None
    hold_until: date | None = None
    erased_at: datetime | None = None
    is_drift: bool = False
    seq: int = 0

    def is_held(self, day: date) -> bool:
        """Whether a hold stops its erasure on that day."""
        return self.hold_until is not None and day <= self.hold_until

    def is_overdue(self, site: Site, at: datetime) -> bool:
        """Whether it should have been erased; one without a date always should."""
        if self.erased_at is not None or self.is_held(site.day(at)):
            return False
        return self.erase_due is None or self.erase_due <= at


def kept_copies(entries: Iterable[Entry]) -> dict[str, Kept]:
    """Every copy that was ever recorded, by its id, in the order in which they were made."""
    copies: dict[str, Kept] = {}
    for entry in entries:
        id = _text(entry, "copy_id")
        if entry.kind in KEPT and id is not None and id not in copies:
            copies[id] = _made(id, entry)
        elif id in copies:
            copies[id] = _after(copies[id], entry)
    return copies


def moment_of(entry: Entry, name: str) -> datetime | None:
    """The time of that name in the entry, if there is one."""
    try:
        found = datetime.fromisoformat(_text(entry, name) or "")
    except ValueError:
        return None
    return found if found.utcoffset() is not None else None


def day_of(entry: Entry, name: str) -> date | None:
    """The day of that name in the entry, if there is one."""
    try:
        return date.fromisoformat(_text(entry, name) or "")
    except ValueError:
        return None


def _made(id: str, entry: Entry) -> Kept:
    hashes = entry.value("copies")
    first = hashes[0] if isinstance(hashes, list) and hashes and isinstance(hashes[0], dict) else {}
    return Kept(
        id,
        _text(entry, "camera") or "",
        _text(entry, "request_id"),
        first.get("sha256"),
        entry.at,
        moment_of(entry, "erase_due"),
        is_drift=entry.kind == "drift",
        seq=entry.seq,
    )


def _after(copy: Kept, entry: Entry) -> Kept:
    match entry.kind:
        case "hold":
            return replace(copy, hold_until=day_of(entry, "until"))
        case "release":
            return replace(copy, hold_until=None)
        case "erasure":
            return replace(copy, erased_at=copy.erased_at or entry.at)
    return copy


def _text(entry: Entry, name: str) -> str | None:
    found = entry.value(name)
    return found if isinstance(found, str) else None
