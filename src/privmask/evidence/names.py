"""The names that stand beside a copy, and those that privmask gives to what is unfinished."""

from __future__ import annotations

import re

PROVENANCE = ".provenance.json"
SIGNATURE = ".provenance.json.sig"
SUMS = ".SHA256SUMS"
NOTE = ".how-to-check.txt"
TRACKS = ".private-tracks.jsonl"

_DRAFT = ".privmask-draft-"
_JOURNAL = ".privmask-publishing"
_TOKEN = 8

DRAFT_NAME = re.compile(rf"\..+{re.escape(_DRAFT)}[0-9a-f]{{{_TOKEN}}}", re.DOTALL)
JOURNAL_NAME = re.compile(rf"\.(?P<copy>.+){re.escape(_JOURNAL)}", re.DOTALL)

LONGEST_ADDITION = 1 + len(_DRAFT) + _TOKEN
"""How many bytes the longest of these names has more than the copy's own."""


def draft_name(copy: str, token: str) -> str:
    """The hidden name of a draft for `copy`, where a file cannot be without a name; `token` is eight hex digits."""
    return f".{copy}{_DRAFT}{token}"


def journal_name(copy: str) -> str:
    """The hidden name of the note that says what is being published with `copy`."""
    return f".{copy}{_JOURNAL}"


def companion_names(copy: str) -> tuple[str, ...]:
    """The names that belong to `copy` and must be free, whether this run makes such a file or not."""
    return tuple(copy + end for end in (PROVENANCE, SIGNATURE, SUMS, NOTE, TRACKS))


def is_ours(name: str) -> bool:
    """Whether `name` is one that privmask gives to unfinished things."""
    return bool(DRAFT_NAME.fullmatch(name) or JOURNAL_NAME.fullmatch(name))
