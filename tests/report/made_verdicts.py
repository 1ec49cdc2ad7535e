"""Verdicts for the tests of the page."""

from __future__ import annotations

from typing import Any

from privmask.evidence import NAMES, Check, OriginalRecord, Outcome, Statement, Verdict, read_statement, record_of
from privmask.language import Text
from tests.evidence.small import KEY, statement_of

COPY = record_of("copy.mp4", b"pictures")


def statement(*, signed: bool = True) -> Statement:
    record = record_of("clip.mp4", b"footage")
    signer = KEY.key_id if signed else None
    return read_statement(statement_of(OriginalRecord(record, record, 0), COPY, signer=signer))


def of_original(name: str) -> Statement:
    """A statement of an original of that name, which may be none that a file could have."""
    honest = statement()
    original: Any = honest.predicate["original"]
    return Statement(honest.copy, {**honest.predicate, "original": {**original, "name": name}})


def verdict(
    *, failed: tuple[int, ...] = (), missed: tuple[int, ...] = (), aside: tuple[int, ...] = (), reason: str = "so it is"
) -> Verdict:
    """All checks pass but those that `failed`, those that were asked for and `missed`, and those that nobody asked for."""

    def outcome(number: int) -> Outcome:
        return "FAIL" if number in failed else "NOT CHECKED" if number in (*missed, *aside) else "PASS"

    checks = (Check(n, outcome(n), Text(f"理由：{reason} ({n})", f"{reason} ({n})"), asked=n not in aside) for n in NAMES)
    return Verdict(tuple(checks), statement(), COPY)
