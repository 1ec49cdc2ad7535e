"""Verification of a copy by its bytes, which needs neither FFmpeg nor numpy. What must hold:

1. beside the copy stands a statement, readable and in canonical form;
2. the statement is signed by somebody who may sign (not in this version: every statement says that it is unsigned);
3. the copy has the name that the statement gives it;
4. the copy has the bytes that the statement gives it: all are read, and it stands still meanwhile;
5. `SHA256SUMS` lists the copy and the statement, and nothing else;
6. the plan in the statement has the hash that the statement gives it;
7. by the statement, the original was the same before and after;
8. the original, where it is given, has the bytes that the statement gives it.

A change of any single bit of the copy, of the statement or of the original breaks one of these. That the statement was written
by an honest privmask is for the signature to say. What is in the pictures is checked elsewhere.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

from privmask.errors import EvidenceError, FootageError
from privmask.evidence.canonical import LARGEST_TEXT
from privmask.evidence.files import FileRecord, OffsetReader, Stand, digest, open_regular, record_of
from privmask.evidence.names import PROVENANCE, SIGNATURE, SUMS
from privmask.evidence.provenance import Statement, hash_of_plan, read_statement
from privmask.evidence.sums import sums_bytes
from privmask.evidence.words import Path, in_words, shown

Outcome: TypeAlias = Literal["PASS", "FAIL", "NOT CHECKED"]

_LARGEST_SUMS = 64 << 10


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
    """All checks of one verification."""

    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing failed and nothing that was asked for stayed unchecked; never without a check that passed."""
        broken = any(c.outcome == "FAIL" or (c.outcome == "NOT CHECKED" and c.asked) for c in self.checks)
        return not broken and any(c.outcome == "PASS" for c in self.checks)


class Examined:
    """A copy whose bytes were checked, and which is still held open, so that its pictures can be read from the same bytes.

    `statement` is None where there is none that can be read.
    """

    def __init__(self, descriptor: int, stand: Stand, statement: Statement | None, checks: tuple[Check, ...]) -> None:
        self._descriptor = descriptor
        self._stand = stand
        self.statement = statement
        self.checks = checks

    def open(self) -> io.RawIOBase:
        """A fresh raw binary reader of the copy through the one descriptor; the caller closes it."""
        return OffsetReader(self._descriptor, self._stand.bytes, FootageError)

    def still(self, number: int) -> Check:
        """Whether the copy stood still since its bytes were read; ask after its pictures were."""
        name = "copy stands still"
        if Stand.of(os.fstat(self._descriptor)).is_unwritten(self._stand):
            return _passed(number, name, "nobody wrote to it while it was verified")
        return _failed(number, name, "it was written to while it was verified; verify it again when nobody does")


@contextmanager
def examine_copy(
    copy: Path, statement_path: Path | None = None, original: Path | None = None, *, accept_unsigned: bool = False
) -> Iterator[Examined]:
    """Check the bytes of `copy` and hold it open for a `with` block.

    The statement is `copy` + ".provenance.json" unless `statement_path` says otherwise. A missing signature is no promise
    broken only where `accept_unsigned` says so. Raises `FootageError` if `copy` or
    `original` is no regular file that can be read to its end; whatever else is wrong is a check that fails.
    """
    descriptor, found = open_regular(copy)
    try:
        stand = Stand.of(found)
        read = _read_whole(descriptor, stand, copy)
        moved = not Stand.of(os.fstat(descriptor)).is_unwritten(stand) or read.bytes != stand.bytes
        source = statement_path if statement_path is not None else os.fspath(copy) + PROVENANCE
        text, statement, first = _read_statement(source)
        checks = (
            first,
            _signature(copy, asked=not accept_unsigned),
            *_about_copy(statement, read, moved),
            _sums(copy, read, text),
            *_about_plan_and_original(statement),
            _original(statement, original),
        )
        yield Examined(descriptor, stand, statement, checks)
    finally:
        os.close(descriptor)


def verify_bytes(
    copy: Path, statement_path: Path | None = None, original: Path | None = None, *, accept_unsigned: bool = False
) -> list[Check]:
    """The checks of `examine_copy`, for those who look at the bytes alone."""
    with examine_copy(copy, statement_path, original, accept_unsigned=accept_unsigned) as examined:
        return list(examined.checks)


def _read_whole(descriptor: int, stand: Stand, path: Path) -> FileRecord:
    try:
        read = digest(descriptor, stand.bytes)
    except OSError as cause:
        raise FootageError(f"{shown(path)} cannot be read to its end: {in_words(cause)}") from cause
    name = os.fsencode(os.path.basename(os.fspath(path))).decode("utf-8", "backslashreplace")
    return FileRecord(name, read.bytes, read.sha256)


def _read_small(path: Path, largest: int) -> bytes | None:
    """The bytes of a companion; None if nothing has its name. `FootageError` if it is no regular file or too large."""
    if not os.path.lexists(path):
        return None
    descriptor, found = open_regular(path)
    with OffsetReader(descriptor, largest + 1, FootageError) as reader:
        os.close(descriptor)
        text = reader.read()
    if found.st_size > largest or len(text) > largest:
        raise FootageError(f"{shown(path)} is larger than {largest} bytes")
    return text


# 1
def _read_statement(path: Path) -> tuple[bytes, Statement | None, Check]:
    name, text = "statement", b""
    try:
        found = _read_small(path, LARGEST_TEXT)
        if found is None:
            return text, None, _failed(1, name, f"there is no {shown(path)}; ask whoever gave you the copy for it")
        text = found
        return text, read_statement(text), _passed(1, name, "canonical, of this version, complete")
    except (EvidenceError, FootageError) as error:
        return text, None, _failed(1, name, str(error))


# 2
def _signature(copy: Path, *, asked: bool) -> Check:
    lies_there = os.path.lexists(os.fspath(copy) + SIGNATURE)
    reason = (
        "a signature lies beside it, which this version cannot check" if lies_there else "the statement is unsigned"
    )
    return Check(2, "signature", "NOT CHECKED", f"{reason}: who wrote it is not proved", asked)


# 3, 4
def _about_copy(statement: Statement | None, read: FileRecord, moved: bool) -> Iterator[Check]:
    if statement is None:
        yield _unchecked(3, "copy's name")
        yield _unchecked(4, "copy's bytes")
        return
    said = statement.copy
    named = f"{shown(read.name)}, stated is {shown(said.name)}"
    yield _judged(3, "copy's name", said.name == read.name, shown(read.name), named)
    same = (said.bytes, said.sha256) == (read.bytes, read.sha256)
    if moved:
        yield _failed(4, "copy's bytes", "it was written to while it was read; verify it again when nobody does")
    else:
        yield _judged(4, "copy's bytes", same, f"all {read.bytes} bytes, sha256 {read.sha256}", _difference(said, read))


# 5
def _sums(copy: Path, read: FileRecord, statement: bytes) -> Check:
    name = "SHA256SUMS"
    try:
        text = _read_small(os.fspath(copy) + SUMS, _LARGEST_SUMS)
    except FootageError as error:
        return _failed(5, name, str(error))
    if text is None:
        return Check(
            5, name, "NOT CHECKED", "there is no such list beside the copy; the statement holds the hash", asked=False
        )
    records = [read, record_of(read.name + PROVENANCE, statement)]
    holds = text == sums_bytes(records)
    return _judged(5, name, holds, "lists the copy and the statement", "its lines are not those of both files")


# 6, 7
def _about_plan_and_original(statement: Statement | None) -> Iterator[Check]:
    if statement is None:
        yield _unchecked(6, "plan")
        yield _unchecked(7, "original untouched")
        return
    same = hash_of_plan(statement.plan) == statement.plan_sha256
    yield _judged(6, "plan", same, f"sha256 {statement.plan_sha256}", "the plan is not the one that was hashed")
    untouched = statement.original_before == statement.original_after
    yield _judged(7, "original untouched", untouched, "the same before and after, as stated", "stated to have changed")


# 8
def _original(statement: Statement | None, original: Path | None) -> Check:
    name = "original's bytes"
    if original is None:
        return Check(8, name, "NOT CHECKED", "the original was not given", asked=False)
    if statement is None:
        return _unchecked(8, name)
    descriptor, found = open_regular(original)
    try:
        read = _read_whole(descriptor, Stand.of(found), original)
    finally:
        os.close(descriptor)
    said = statement.original_before
    same = (said.bytes, said.sha256) == (read.bytes, read.sha256)
    return _judged(8, name, same, f"all {read.bytes} bytes, sha256 {read.sha256}", _difference(said, read))


def _difference(said: FileRecord, read: FileRecord) -> str:
    if said.bytes != read.bytes:
        return f"{read.bytes} bytes, stated are {said.bytes}"
    return f"sha256 is {read.sha256}, stated is {said.sha256}"


def _judged(number: int, name: str, holds: bool, good: str, bad: str) -> Check:
    return _passed(number, name, good) if holds else _failed(number, name, bad)


def _passed(number: int, name: str, reason: str) -> Check:
    return Check(number, name, "PASS", reason)


def _failed(number: int, name: str, reason: str) -> Check:
    return Check(number, name, "FAIL", reason)


def _unchecked(number: int, name: str) -> Check:
    return Check(number, name, "NOT CHECKED", "there is no statement to hold it against")
