"""Each number of the checklist in `privmask.evidence.verify` has its tampering here.

A verdict is drawn as one letter for each check, in order: P for PASS, F for FAIL, - for NOT CHECKED.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from privmask.errors import FootageError
from privmask.evidence import Check, Verdict, examine_copy, verify_bytes
from privmask.evidence.canonical import canonical_bytes
from privmask.evidence.files import record_of
from privmask.evidence.sums import sums_bytes
from tests.evidence.small import FOOTAGE, MASKED, job


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy with its companions, and beside it the original, `clip.mp4`."""
    (tmp_path / "clip.mp4").write_bytes(FOOTAGE)
    return Path(job(tmp_path / "clip.mp4", tmp_path / "copy.mp4").copy)


def _drawn(checks: list[Check]) -> str:
    assert [check.number for check in checks] == list(range(1, 9))
    return "".join({"PASS": "P", "FAIL": "F", "NOT CHECKED": "-"}[check.outcome] for check in checks)


def test_a_whole_copy_passes_whatever_can_be_checked(copy: Path) -> None:
    assert _drawn(verify_bytes(copy)) == "P-PPPPP-"
    assert _drawn(verify_bytes(copy, original=copy.with_name("clip.mp4"))) == "P-PPPPPP"


def test_an_unsigned_copy_holds_only_for_those_who_accept_that(copy: Path) -> None:
    assert Verdict(tuple(verify_bytes(copy, accept_unsigned=True))).holds
    assert not Verdict(tuple(verify_bytes(copy))).holds
    copy.with_name("copy.mp4.provenance.json.sig").write_text("a signature")
    assert "cannot check" in verify_bytes(copy)[1].reason


def _flip(path: Path, place: int = -1) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def _restate(copy: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = copy.with_name("copy.mp4.provenance.json")
    data = json.loads(path.read_bytes())
    change(data["predicate"])
    path.write_bytes(canonical_bytes(data))


def _append(path: Path, content: bytes) -> None:
    path.write_bytes(path.read_bytes() + content)


def _put_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _beside(copy: Path, end: str) -> Path:
    return copy.with_name(copy.name + end)


TAMPERED: dict[str, tuple[Callable[[Path], object], str]] = {
    "one bit of the copy": (_flip, "P-PFFPP-"),
    "the first bit of the copy": (lambda copy: _flip(copy, 0), "P-PFFPP-"),
    "the copy cut by a byte": (lambda copy: os.truncate(copy, len(MASKED) - 1), "P-PFFPP-"),
    "a byte after the copy": (lambda copy: copy.write_bytes(MASKED + b"\0"), "P-PFFPP-"),
    "the statement missing": (lambda copy: _beside(copy, ".provenance.json").unlink(), "F---F---"),
    "the statement a folder": (lambda copy: _put_a_folder(_beside(copy, ".provenance.json")), "F---F---"),
    "one bit of the statement": (lambda copy: _flip(_beside(copy, ".provenance.json"), 1), "F---F---"),
    "a line break after the statement": (lambda copy: _append(_beside(copy, ".provenance.json"), b"\n"), "F---F---"),
    "another clock in the statement": (
        lambda copy: _restate(copy, lambda p: p.update(clock="2026-01-01T00:00:00Z")),
        "P-PPFPP-",
    ),
    "another plan": (lambda copy: _restate(copy, lambda p: p["plan"].update(format="v0")), "P-PPFFP-"),
    "an original that was changed": (
        lambda copy: _restate(copy, lambda p: p["original"].update(sha256_after="0" * 64)),
        "P-PPFPF-",
    ),
    "no list of hashes": (lambda copy: _beside(copy, ".SHA256SUMS").unlink(), "P-PP-PP-"),
    "one bit of the list": (lambda copy: _flip(_beside(copy, ".SHA256SUMS"), 3), "P-PPFPP-"),
    "one more line in the list": (
        lambda copy: _append(_beside(copy, ".SHA256SUMS"), b"0" * 64 + b"  other\n"),
        "P-PPFPP-",
    ),
    "a huge list": (lambda copy: _beside(copy, ".SHA256SUMS").write_bytes(bytes(1 << 20)), "P-PPFPP-"),
}


@pytest.mark.parametrize(("change", "verdict"), TAMPERED.values(), ids=TAMPERED.keys())
def test_what_was_tampered_with_fails(change: Callable[[Path], object], verdict: str, copy: Path) -> None:
    change(copy)
    checks = verify_bytes(copy, accept_unsigned=True)
    assert _drawn(checks) == verdict
    assert Verdict(tuple(checks)).holds == ("F" not in verdict)


def test_a_statement_of_a_newer_privmask_is_said_to_be_that(copy: Path) -> None:
    _restate(copy, lambda predicate: predicate.update(format="privmask.provenance.v2"))
    statement = _beside(copy, ".provenance.json").read_bytes()
    records = [record_of("copy.mp4", MASKED), record_of("copy.mp4.provenance.json", statement)]
    _beside(copy, ".SHA256SUMS").write_bytes(sums_bytes(records))
    checks = verify_bytes(copy)
    assert _drawn(checks) == "F---P---"
    assert "newer privmask" in checks[0].reason


def test_every_bit_of_a_statement_counts(copy: Path) -> None:
    statement = _beside(copy, ".provenance.json")
    for place in range(0, statement.stat().st_size, 7):
        _flip(statement, place)
        assert not Verdict(tuple(verify_bytes(copy, accept_unsigned=True))).holds
        _flip(statement, place)
    assert Verdict(tuple(verify_bytes(copy, accept_unsigned=True))).holds


def test_a_renamed_copy_is_told_from_the_one_that_was_stated(copy: Path) -> None:
    renamed = copy.rename(copy.with_name("evidence.mp4"))
    checks = verify_bytes(renamed, statement_path=_beside(copy, ".provenance.json"))
    assert _drawn(checks) == "P-FP-PP-"
    assert "'evidence.mp4', stated is 'copy.mp4'" in checks[2].reason


def test_another_original_is_told(copy: Path) -> None:
    clip = copy.with_name("clip.mp4")
    _flip(clip)
    assert _drawn(verify_bytes(copy, original=clip)) == "P-PPPPPF"
    clip.write_bytes(FOOTAGE[:-1])
    checks = verify_bytes(copy, original=clip)
    assert f"{len(FOOTAGE) - 1} bytes, stated are {len(FOOTAGE)}" in checks[7].reason


def test_without_a_statement_the_original_stays_unchecked(copy: Path) -> None:
    _beside(copy, ".provenance.json").unlink()
    checks = verify_bytes(copy, original=copy.with_name("clip.mp4"))
    assert _drawn(checks) == "F---F---"
    assert checks[7].asked


def test_a_copy_that_is_written_to_while_it_is_read_fails(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = os.preadv

    def while_growing(*arguments: Any) -> int:
        with copy.open("ab") as writer:
            writer.write(b"more")
        return really(*arguments)

    monkeypatch.setattr("os.preadv", while_growing)
    checks = verify_bytes(copy)
    assert checks[3].outcome == "FAIL"
    assert "written to while it was read" in checks[3].reason


def test_pictures_are_read_from_the_very_bytes_that_were_hashed(copy: Path) -> None:
    with examine_copy(copy) as examined:
        copy.rename(copy.with_name("aside.mp4"))
        copy.write_bytes(b"another")
        with examined.open() as reader:
            assert reader.read() == MASKED
        assert examined.statement is not None
        assert examined.statement.copy.bytes == len(MASKED)
        assert examined.still(9).outcome == "PASS"
        copy.with_name("aside.mp4").write_bytes(MASKED)
        assert examined.still(9).outcome == "FAIL"


@pytest.mark.parametrize("which", ["copy", "original"])
def test_a_file_that_cannot_be_read_gives_no_verdict(which: str, copy: Path) -> None:
    missing = copy.with_name("missing.mp4")
    with pytest.raises(FootageError, match="no such"):
        verify_bytes(*((missing,) if which == "copy" else (copy, None, missing)))


PASSED, FAILED = Check(1, "a", "PASS", ""), Check(2, "b", "FAIL", "")
UNASKED, UNCHECKED = Check(3, "c", "NOT CHECKED", "", asked=False), Check(4, "d", "NOT CHECKED", "")


@pytest.mark.parametrize(
    ("checks", "holds"),
    [
        ((), False),
        ((PASSED,), True),
        ((PASSED, FAILED), False),
        ((PASSED, UNASKED), True),
        ((PASSED, UNCHECKED), False),
        ((UNASKED,), False),
    ],
)
def test_a_verdict_holds_when_all_that_was_asked_for_passed(checks: tuple[Check, ...], holds: bool) -> None:
    assert Verdict(checks).holds is holds


def test_verifying_needs_neither_ffmpeg_nor_numpy() -> None:
    import subprocess
    import sys

    loaded = "import sys, privmask.evidence; print(*sorted({m.split('.')[0] for m in sys.modules} & set(sys.argv[1:])))"
    heavy = ["numpy", "numba", "av", "pydantic", "PIL", "typer", "rich"]
    done = subprocess.run([sys.executable, "-c", loaded, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
