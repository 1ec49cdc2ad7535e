"""What to do about a segment that got no copy: try again, give it another name, or put it into quarantine.

What lies at the segment is told apart from what lies around it: a full disk and an agent without its key are waited for,
however long that takes, and nothing is lost; a segment that is damaged, or breaks what reads it, is not tried for ever.
"""

from __future__ import annotations

import os
import tempfile
from enum import Enum

from privmask.batch import Outcome
from privmask.errors import (
    CopyError,
    CopyExistsError,
    DetectorError,
    EvidenceError,
    OriginalChangedError,
    PlanError,
)
from privmask.evidence import Signer, signed_by
from privmask.recorders.waiting import Item

MOST_ATTEMPTS = 5
_TRIAL = b"privmask asks whether this key is at hand"
_LEAST_ROOM = 1 << 20
_PASSING = (CopyError.exit_code, DetectorError.exit_code, OriginalChangedError.exit_code)


class Verdict(Enum):
    """What becomes of a segment without a copy."""

    AGAIN = "again"
    RENAME = "another name"
    CHANGED = "it is another segment now"
    TROUBLE = "nothing can be done until something around it is mended"
    QUARANTINE = "quarantine"


def judged(item: Item, outcome: Outcome, signer: Signer | None, *, renamed: bool) -> Verdict:
    """What to do after a job went wrong."""
    if not item.ticket.stands():
        return Verdict.CHANGED
    if outcome.kind == _kind(CopyExistsError):
        return Verdict.QUARANTINE if renamed else Verdict.RENAME
    if outcome.code == CopyError.exit_code and not has_room(os.path.dirname(item.copy), item.ticket.size):
        return Verdict.TROUBLE
    if outcome.code == EvidenceError.exit_code:
        if not _signs(signer):
            return Verdict.TROUBLE
        return Verdict.QUARANTINE if renamed else Verdict.RENAME  # what stands at the copy's name cannot be read
    passing = outcome.code in _PASSING or outcome.kind == "Memory"
    return Verdict.AGAIN if passing and item.attempts + 1 < MOST_ATTEMPTS else Verdict.QUARANTINE


def has_room(folder: str, size: int) -> bool:
    """Whether a file twice as large as `size` can be written there now; nothing of it stays."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            os.posix_fallocate(file.fileno(), 0, 2 * size + _LEAST_ROOM)
    except OSError:
        return False
    return True


def _signs(signer: Signer | None) -> bool:
    try:
        return signer is None or bool(signed_by(signer, _TRIAL))
    except (EvidenceError, PlanError):
        return False


def _kind(error: type[Exception]) -> str:
    return error.__name__.removesuffix("Error")
