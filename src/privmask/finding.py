"""One thing that an inspection found, with the guideline's clause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from privmask.language import Text


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found under which clause; a note is worth knowing and no fault."""

    clause: str
    text: Text
    weight: Literal["wrong", "note"] = "wrong"


def wrong(clause: str, text: Text, **values: object) -> Finding:
    """What must be put right."""
    return Finding(clause, text.with_(**values) if values else text)


def note(clause: str, text: Text, **values: object) -> Finding:
    """What should be known."""
    return Finding(clause, text.with_(**values) if values else text, "note")
