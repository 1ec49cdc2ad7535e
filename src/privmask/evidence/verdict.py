"""The lines of a verdict. Every check has one number and one name, here, for as long as its statement's format lives."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

from privmask.errors import PrivmaskError
from privmask.language import Text

if TYPE_CHECKING:
    from privmask.evidence.files import FileRecord
    from privmask.evidence.provenance import Statement

Outcome: TypeAlias = Literal["PASS", "FAIL", "NOT CHECKED"]

NAMES = MappingProxyType(
    {
        1: Text("来歴", "statement"),
        2: Text("署名", "signature"),
        3: Text("署名者", "signer"),
        4: Text("複写の名前", "copy's name"),
        5: Text("複写の内容", "copy's bytes"),
        6: Text("SHA256SUMS", "SHA256SUMS"),
        7: Text("計画", "plan"),
        8: Text("原本の不変", "original untouched"),
        9: Text("原本の内容", "original's bytes"),
        10: Text("映像の区間", "packets per group of pictures"),
        11: Text("映像のみ", "only pictures"),
        12: Text("隠した領域", "zones hidden"),
        13: Text("動く領域の記録", "where moving masks were"),
        14: Text("ほかの改変なし", "nothing else altered"),
        15: Text("複写の静止", "copy stands still"),
    }
)
"""What each check is called, by its number."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold, whether it does, and why in `words`.

    `asked` is false where its being unchecked breaks no promise.
    """

    number: int
    outcome: Outcome
    words: Text
    asked: bool = True

    @property
    def name(self) -> str:
        """What it is called, in English."""
        return NAMES[self.number].en

    @property
    def reason(self) -> str:
        """Why, in English."""
        return self.words.en


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


def passed(number: int, words: Text) -> Check:
    """The check holds."""
    return Check(number, "PASS", words)


def failed(number: int, words: Text | PrivmaskError) -> Check:
    """The check does not hold: for that reason, or for what was raised."""
    return Check(number, "FAIL", words if isinstance(words, Text) else in_both(words))


def unchecked(number: int, words: Text, *, asked: bool = True) -> Check:
    """Nobody knows whether the check holds."""
    return Check(number, "NOT CHECKED", words, asked)


def judged(number: int, holds: bool, good: Text, bad: Text) -> Check:
    """The check holds for the reason `good`, or not for the reason `bad`."""
    return passed(number, good) if holds else failed(number, bad)


def in_both(error: PrivmaskError) -> Text:
    """What an error says, in both languages; as it stands, where it has but one."""
    return error.text or Text(str(error), str(error))
