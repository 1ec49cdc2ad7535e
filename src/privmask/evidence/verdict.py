"""The lines of a verdict. Every check has one number and one name, here, for as long as its statement's format lives."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from privmask.evidence.files import FileRecord
    from privmask.evidence.provenance import Statement

Outcome: TypeAlias = Literal["PASS", "FAIL", "NOT CHECKED"]

NAMES = MappingProxyType(
    {
        1: "statement",
        2: "signature",
        3: "signer",
        4: "copy's name",
        5: "copy's bytes",
        6: "SHA256SUMS",
        7: "plan",
        8: "original untouched",
        9: "original's bytes",
        10: "packets per group of pictures",
        11: "only pictures",
        12: "zones hidden",
        13: "where moving masks were",
        14: "nothing else altered",
        15: "copy stands still",
    }
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold, and whether it does. `asked` is false where its being unchecked breaks no promise."""

    number: int
    name: str
    outcome: Outcome
    reason: str
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """All checks of one verification, and what they were about: the statement and the copy, where they could be read."""

    checks: tuple[Check, ...]
    statement: Statement | None = None
    copy: FileRecord | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing failed and nothing that was asked for stayed unchecked; never without a check that passed."""
        broken = any(c.outcome == "FAIL" or (c.outcome == "NOT CHECKED" and c.asked) for c in self.checks)
        return not broken and any(c.outcome == "PASS" for c in self.checks)


def passed(number: int, reason: str) -> Check:
    """The check holds."""
    return Check(number, NAMES[number], "PASS", reason)


def failed(number: int, reason: str) -> Check:
    """The check does not hold."""
    return Check(number, NAMES[number], "FAIL", reason)


def unchecked(number: int, reason: str, *, asked: bool = True) -> Check:
    """Nobody knows whether the check holds."""
    return Check(number, NAMES[number], "NOT CHECKED", reason, asked)


def judged(number: int, holds: bool, good: str, bad: str) -> Check:
    """The check holds for the reason `good`, or not for the reason `bad`."""
    return passed(number, good) if holds else failed(number, bad)
