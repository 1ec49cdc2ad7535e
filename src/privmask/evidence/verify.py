"""Verification of a copy by its bytes, which needs neither FFmpeg nor numpy. What must hold:

1. beside the copy stands a statement, readable and in canonical form;
2. beside the statement stands a signature, which holds for its very bytes, in the namespace of statements;
3. the signer is known to the one who verifies, was allowed to sign at that time, and the key is not revoked;
4. the copy has the name that the statement gives it;
5. the copy has the bytes that the statement gives it: all are read, and it stands still meanwhile;
6. `SHA256SUMS` lists the copy, the statement and its signature, and nothing else;
7. the plan in the statement has the hash that the statement gives it;
8. by the statement, the original was the same before and after;
9. the original, where it is given, has the bytes that the statement gives it;

and at the end, when the pictures were looked at as well (10 to 14, which is done elsewhere):

15. nobody wrote to the copy meanwhile.

A change of any single bit of the copy, of the statement, of the signature or of the original breaks one of these.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from privmask.errors import EvidenceError, FootageError
from privmask.evidence.canonical import LARGEST_TEXT
from privmask.evidence.files import FileRecord, OffsetReader, Stand, digest, open_regular, read_small, record_of
from privmask.evidence.names import PROVENANCE, SIGNATURE, SUMS
from privmask.evidence.provenance import Statement, hash_of_plan, read_statement
from privmask.evidence.signed import Trust, check_signed
from privmask.evidence.sums import sums_bytes
from privmask.evidence.verdict import Check, failed, in_both, judged, passed, unchecked
from privmask.evidence.words import Path, in_words, shown
from privmask.language import Text

_LARGEST_SUMS = 64 << 10
_NO_STATEMENT = Text("照らし合わせる来歴がありません", "there is no statement to hold it against")
_UNREAD = Text("複写を読めません", "the copy cannot be read")
_NOTHING = Text("", "")
_MOVED = Text(
    "読む間に書き込まれました。誰も書き込まないときに検証し直してください",
    "it was written to while it was read; verify it again when nobody does",
)
_MOVED_LATER = Text(
    "検証の間に書き込まれました。誰も書き込まないときに検証し直してください",
    "it was written to while it was verified; verify it again when nobody does",
)
_STILL = Text("検証の間、誰も書き込みませんでした", "nobody wrote to it while it was verified")
_CUT_SHORT = Text("{path} を終わりまで読めません（{why}）", "{path} cannot be read to its end: {why}")
_ABSENT = Text(
    "{path} がありません。複写を渡した人に求めてください", "there is no {path}; ask whoever gave you the copy for it"
)
_COMPLETE = Text("正しい形で、この版のもので、欠けがありません", "canonical, of this version, complete")
_OTHER_NAME = Text("{name} です。来歴では {stated}", "{name}, stated is {stated}")
_NO_SUMS = Text(
    "複写の隣にその一覧はありません。ハッシュは来歴にあります",
    "there is no such list beside the copy; the statement holds the hash",
)
_SUMS_HOLD = Text("複写とその証拠が正しく並んでいます", "lists the copy and what proves it")
_SUMS_LACK = Text(
    "{names} が、ファイルのハッシュでは載っていません", "it does not list {names} with the hash that the file has"
)
_SUMS_MORE = Text(
    "複写・来歴・署名のほかのものが載っているか、順序が違います",
    "it lists something else besides the copy, its statement and their signature, or in another order",
)
_PLAN_HASH = Text("sha256 {sha256}", "sha256 {sha256}")
_OTHER_PLAN = Text("計画がハッシュを取ったものと違います", "the plan is not the one that was hashed")
_UNTOUCHED = Text("来歴によれば前後で同じです", "the same before and after, as stated")
_TOUCHED = Text("来歴が、変わったと述べています", "stated to have changed")
_NOT_GIVEN = Text("原本が渡されていません", "the original was not given")
_LENGTH = Text("{found} バイトです。来歴では {stated}", "{found} bytes, stated are {stated}")
_ALL = Text("全 {count} バイト、sha256 {sha256}", "all {count} bytes, sha256 {sha256}")
_OTHER_HASH = Text("sha256 が {found} です。来歴では {stated}", "sha256 is {found}, stated is {stated}")


@dataclass(frozen=True, slots=True)
class _Held:
    """An open file, how it stood then, and what its bytes are; `moved` if it did not stand still while they were read."""

    descriptor: int
    stand: Stand
    read: FileRecord
    moved: bool


class Examined:
    """A copy whose bytes were checked, and which is still held open, so that its pictures can be read from the same bytes.

    `statement` is None where there is none that can be read, and `readable` false where there is no copy that can.
    """

    def __init__(self, held: _Held | None, statement: Statement | None, checks: tuple[Check, ...]) -> None:
        self._held = held
        self.statement = statement
        self.checks = checks

    @property
    def readable(self) -> bool:
        """Whether the copy can be read to its end, and stood still so far."""
        return self._held is not None and not self._held.moved

    @property
    def record(self) -> FileRecord | None:
        """The copy as it was read; None where it could not be."""
        return None if self._held is None else self._held.read

    def open(self) -> io.RawIOBase:
        """A fresh raw binary reader of the copy through the one descriptor; the caller closes it."""
        if self._held is None:
            raise FootageError(_UNREAD)
        return OffsetReader(self._held.descriptor, self._held.stand.bytes, FootageError)

    def still(self) -> Check:
        """Check 15; ask after the pictures were looked at."""
        if self._held is None:
            return unchecked(15, _UNREAD)
        still = Stand.of(os.fstat(self._held.descriptor)).is_unwritten(self._held.stand)
        return judged(15, still, _STILL, _MOVED_LATER)


@contextmanager
def examine_copy(
    copy: Path, *, statement_path: Path | None = None, original: Path | None = None, trust: Trust | None = None
) -> Iterator[Examined]:
    """Check the bytes of `copy` and hold it open for a `with` block.

    The statement is `copy` + ".provenance.json" unless `statement_path` says otherwise. Whatever is wrong is a check that
    fails, a file that is missing or no file at all as well.
    """
    text, statement, first = _read_statement(os.fspath(copy) + PROVENANCE if statement_path is None else statement_path)
    held, unreadable = _hold(copy)
    try:
        checks = (
            first,
            *check_signed(copy, text, statement, trust or Trust()),
            *_about_copy(statement, held, unreadable),
            _sums(copy, held, text),
            *_about_plan_and_original(statement),
            _original(statement, original),
        )
        yield Examined(held, statement, checks)
    finally:
        if held is not None:
            os.close(held.descriptor)


def verify_bytes(
    copy: Path, *, statement_path: Path | None = None, original: Path | None = None, trust: Trust | None = None
) -> list[Check]:
    """The checks of `examine_copy`, for those who look at the bytes alone."""
    with examine_copy(copy, statement_path=statement_path, original=original, trust=trust) as examined:
        return list(examined.checks)


def _hold(path: Path) -> tuple[_Held | None, Text]:
    """The file, read to its end and still open; or why it cannot be."""
    try:
        descriptor, found = open_regular(path)
    except FootageError as error:
        return None, in_both(error)
    stand = Stand.of(found)
    try:
        read = digest(descriptor, stand.bytes)
    except OSError as cause:
        os.close(descriptor)
        return None, _CUT_SHORT.with_(path=shown(path), why=in_words(cause))
    name = os.fsencode(os.path.basename(os.fspath(path))).decode("utf-8", "backslashreplace")
    moved = not Stand.of(os.fstat(descriptor)).is_unwritten(stand) or read.bytes != stand.bytes
    return _Held(descriptor, stand, FileRecord(name, read.bytes, read.sha256), moved), _NOTHING


# 1
def _read_statement(path: Path) -> tuple[bytes, Statement | None, Check]:
    text = b""
    try:
        found = read_small(path, LARGEST_TEXT)
        if found is None:
            return text, None, failed(1, _ABSENT.with_(path=shown(path)))
        text = found
        return text, read_statement(text), passed(1, _COMPLETE)
    except (EvidenceError, FootageError) as error:
        return text, None, failed(1, error)


# 4, 5
def _about_copy(statement: Statement | None, held: _Held | None, unreadable: Text) -> Iterator[Check]:
    if held is None:
        yield unchecked(4, _UNREAD)
        yield failed(5, unreadable)
        return
    if statement is None:
        yield unchecked(4, _NO_STATEMENT)
        yield failed(5, _MOVED) if held.moved else unchecked(5, _NO_STATEMENT)
        return
    said, read = statement.copy, held.read
    name = shown(read.name)
    yield judged(4, said.name == read.name, Text(name, name), _OTHER_NAME.with_(name=name, stated=shown(said.name)))
    yield failed(5, _MOVED) if held.moved else _same_bytes(5, said, read)


# 6
def _sums(copy: Path, held: _Held | None, statement: bytes) -> Check:
    try:
        text = read_small(os.fspath(copy) + SUMS, _LARGEST_SUMS)
        signature = read_small(os.fspath(copy) + SIGNATURE, _LARGEST_SUMS)
    except FootageError as error:
        return failed(6, error)
    if text is None:
        return unchecked(6, _NO_SUMS, asked=False)
    if held is None:
        return unchecked(6, _UNREAD)
    name = held.read.name
    records = [held.read, record_of(name + PROVENANCE, statement)]
    if signature is not None:
        records.append(record_of(name + SIGNATURE, signature))
    return judged(6, text == sums_bytes(records), _SUMS_HOLD, _other_lines(text, records))


def _other_lines(text: bytes, records: list[FileRecord]) -> Text:
    """What is wrong with a list that is not that of these files."""
    lines = text.splitlines(keepends=True)
    wrong = [shown(record.name) for record in records if sums_bytes([record]) not in lines]
    if wrong:
        return _SUMS_LACK.with_(names=", ".join(wrong))
    return _SUMS_MORE


# 7, 8
def _about_plan_and_original(statement: Statement | None) -> Iterator[Check]:
    if statement is None:
        yield unchecked(7, _NO_STATEMENT)
        yield unchecked(8, _NO_STATEMENT)
        return
    same = hash_of_plan(statement.plan) == statement.plan_sha256
    yield judged(7, same, _PLAN_HASH.with_(sha256=statement.plan_sha256), _OTHER_PLAN)
    untouched = statement.original_before == statement.original_after
    yield judged(8, untouched, _UNTOUCHED, _TOUCHED)


# 9
def _original(statement: Statement | None, original: Path | None) -> Check:
    if original is None:
        return unchecked(9, _NOT_GIVEN, asked=False)
    if statement is None:
        return unchecked(9, _NO_STATEMENT)
    held, unreadable = _hold(original)
    if held is None:
        return failed(9, unreadable)
    os.close(held.descriptor)
    return failed(9, _MOVED) if held.moved else _same_bytes(9, statement.original_before, held.read)


def _same_bytes(number: int, said: FileRecord, read: FileRecord) -> Check:
    if said.bytes != read.bytes:
        return failed(number, _LENGTH.with_(found=read.bytes, stated=said.bytes))
    good = _ALL.with_(count=read.bytes, sha256=read.sha256)
    return judged(number, said.sha256 == read.sha256, good, _OTHER_HASH.with_(found=read.sha256, stated=said.sha256))
