"""Each number of the checklist in `privmask.evidence.verify` has its tampering here; who signed is `test_signed`'s matter.

A verdict is drawn as one letter for each check, in order: P for PASS, F for FAIL, - for NOT CHECKED.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from privmask.evidence import Check, Trust, Verdict, examine_copy, verify_bytes
from privmask.evidence.allowed import AllowedSigner, allowed_line
from privmask.evidence.canonical import canonical_bytes
from privmask.evidence.files import record_of
from privmask.evidence.sums import sums_bytes
from privmask.language import Text
from tests.evidence.small import FOOTAGE, KEY, MASKED, job

PROVENANCE, SIGNATURE, SUMS = ".provenance.json", ".provenance.json.sig", ".SHA256SUMS"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A signed copy with its companions; beside it the original, `clip.mp4`, and the list of who may sign, `allowed`."""
    (tmp_path / "clip.mp4").write_bytes(FOOTAGE)
    (tmp_path / "allowed").write_text(allowed_line(AllowedSigner("office", KEY.public)))
    return Path(job(tmp_path / "clip.mp4", tmp_path / "copy.mp4").copy)


def verify(copy: Path, **given: Any) -> list[Check]:
    return verify_bytes(copy, trust=Trust(copy.with_name("allowed")), **given)


def _drawn(checks: list[Check]) -> str:
    assert [check.number for check in checks] == list(range(1, 10))
    return "".join({"PASS": "P", "FAIL": "F", "NOT CHECKED": "-"}[check.outcome] for check in checks)


def test_a_whole_copy_passes_whatever_can_be_checked(copy: Path) -> None:
    assert _drawn(verify(copy)) == "PPPPPPPP-"
    assert _drawn(verify(copy, original=copy.with_name("clip.mp4"))) == "PPPPPPPPP"
    assert Verdict(tuple(verify(copy))).holds


def _flip(path: Path, place: int = -1) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def _restate(copy: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the statement, and sign it again as its signer could."""
    path = _beside(copy, PROVENANCE)
    data = json.loads(path.read_bytes())
    change(data["predicate"])
    statement = canonical_bytes(data)
    path.write_bytes(statement)
    _beside(copy, SIGNATURE).write_bytes(KEY.sign(statement))


def _append(path: Path, content: bytes) -> None:
    path.write_bytes(path.read_bytes() + content)


def _put_instead(path: Path, put: Callable[[Path], object]) -> None:
    path.unlink()
    put(path)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 30)


def _beside(copy: Path, end: str) -> Path:
    return copy.with_name(copy.name + end)


TAMPERED: dict[str, tuple[Callable[[Path], object], str]] = {
    "one bit of the copy": (_flip, "PPPPFFPP-"),
    "the first bit of the copy": (lambda copy: _flip(copy, 0), "PPPPFFPP-"),
    "the copy cut by a byte": (lambda copy: os.truncate(copy, len(MASKED) - 1), "PPPPFFPP-"),
    "a byte after the copy": (lambda copy: copy.write_bytes(MASKED + b"\0"), "PPPPFFPP-"),
    "the copy missing": (lambda copy: copy.unlink(), "PPP-F-PP-"),
    "the copy empty": (lambda copy: os.truncate(copy, 0), "PPP-F-PP-"),
    "the copy a folder": (lambda copy: _put_instead(copy, Path.mkdir), "PPP-F-PP-"),
    "the copy a FIFO": (lambda copy: _put_instead(copy, os.mkfifo), "PPP-F-PP-"),
    "the copy a link": (lambda copy: _put_instead(copy, lambda path: path.symlink_to("clip.mp4")), "PPP-F-PP-"),
    "the statement missing": (lambda copy: _beside(copy, PROVENANCE).unlink(), "F----F---"),
    "the statement a folder": (lambda copy: _put_instead(_beside(copy, PROVENANCE), Path.mkdir), "F----F---"),
    "the statement a FIFO": (lambda copy: _put_instead(_beside(copy, PROVENANCE), os.mkfifo), "F----F---"),
    "the statement huge": (lambda copy: _sparse(_beside(copy, PROVENANCE)), "F----F---"),
    "one bit of the statement": (lambda copy: _flip(_beside(copy, PROVENANCE), 1), "FF---F---"),
    "a line break after the statement": (lambda copy: _append(_beside(copy, PROVENANCE), b"\n"), "FF---F---"),
    "the statement exchanged for nothing": (lambda copy: os.truncate(_beside(copy, PROVENANCE), 0), "F----F---"),
    "another clock in the statement": (
        lambda copy: _restate(copy, lambda p: p.update(clock="2026-01-01T00:00:00Z")),
        "PPPPPFPP-",
    ),
    "another plan": (lambda copy: _restate(copy, lambda p: p["plan"].update(format="v0")), "PPPPPFFP-"),
    "an original that was changed": (
        lambda copy: _restate(copy, lambda p: p["original"].update(sha256_after="0" * 64)),
        "PPPPPFPF-",
    ),
    "no list of hashes": (lambda copy: _beside(copy, SUMS).unlink(), "PPPPP-PP-"),
    "one bit of the list": (lambda copy: _flip(_beside(copy, SUMS), 3), "PPPPPFPP-"),
    "one more line in the list": (lambda copy: _append(_beside(copy, SUMS), b"0" * 64 + b"  other\n"), "PPPPPFPP-"),
    "a huge list": (lambda copy: _sparse(_beside(copy, SUMS)), "PPPPPFPP-"),
}


@pytest.mark.parametrize(("change", "verdict"), TAMPERED.values(), ids=TAMPERED.keys())
def test_what_was_tampered_with_fails(change: Callable[[Path], object], verdict: str, copy: Path) -> None:
    change(copy)
    checks = verify(copy)
    assert _drawn(checks) == verdict
    assert Verdict(tuple(checks)).holds == ("F" not in verdict)
    assert all(check.reason for check in checks)


def test_a_list_of_hashes_is_told_which_file_it_does_not_fit(copy: Path) -> None:
    _flip(copy)
    assert "'copy.mp4' with the hash" in verify(copy)[5].reason
    _flip(copy)
    _append(_beside(copy, SUMS), b"0" * 64 + b"  other\n")
    assert "something else besides" in verify(copy)[5].reason


def test_a_statement_of_a_newer_privmask_is_said_to_be_that(copy: Path) -> None:
    _restate(copy, lambda predicate: predicate.update(format="privmask.provenance.v2"))
    listed = [copy, _beside(copy, PROVENANCE), _beside(copy, SIGNATURE)]
    _beside(copy, SUMS).write_bytes(sums_bytes(record_of(path.name, path.read_bytes()) for path in listed))
    checks = verify(copy)
    assert _drawn(checks) == "FP---P---"
    assert "newer privmask" in checks[0].reason


def test_every_bit_of_a_statement_counts(copy: Path) -> None:
    statement = _beside(copy, PROVENANCE)
    for place in range(0, statement.stat().st_size, 7):
        _flip(statement, place)
        assert not Verdict(tuple(verify(copy))).holds
        _flip(statement, place)
    assert Verdict(tuple(verify(copy))).holds


def test_a_renamed_copy_is_told_from_the_one_that_was_stated(copy: Path) -> None:
    renamed = copy.with_name("evidence.mp4")
    for end in ("", PROVENANCE, SIGNATURE, SUMS):
        _beside(copy, end).rename(_beside(renamed, end))
    checks = verify(renamed)
    assert _drawn(checks) == "PPPFPFPP-"
    assert "'evidence.mp4', stated is 'copy.mp4'" in checks[3].reason


def test_another_original_is_told(copy: Path) -> None:
    clip = copy.with_name("clip.mp4")
    _flip(clip)
    assert _drawn(verify(copy, original=clip)) == "PPPPPPPPF"
    clip.write_bytes(FOOTAGE[:-1])
    checks = verify(copy, original=clip)
    assert f"{len(FOOTAGE) - 1} bytes, stated are {len(FOOTAGE)}" in checks[8].reason


@pytest.mark.parametrize(
    "put", [Path, Path.mkdir, os.mkfifo, Path.touch], ids=["no", "folder", "FIFO", "empty"]
)
def test_an_original_that_is_no_file_fails(put: Callable[[Path], object], copy: Path) -> None:
    put(copy.with_name("original.mp4"))
    checks = verify(copy, original=copy.with_name("original.mp4"))
    assert _drawn(checks) == "PPPPPPPPF"
    assert "original.mp4" in checks[8].reason


def test_without_a_statement_the_original_stays_unchecked(copy: Path) -> None:
    _beside(copy, PROVENANCE).unlink()
    checks = verify(copy, original=copy.with_name("clip.mp4"))
    assert _drawn(checks) == "F----F---"
    assert checks[8].asked


@pytest.mark.parametrize("which", ["copy.mp4", "clip.mp4"])
def test_a_file_that_is_written_to_while_it_is_read_fails(
    which: str, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = os.preadv

    def while_growing(*arguments: Any) -> int:
        with copy.with_name(which).open("ab") as writer:
            writer.write(b"more")
        return really(*arguments)

    monkeypatch.setattr("os.preadv", while_growing)
    check = verify(copy, original=copy.with_name("clip.mp4"))[4 if which == "copy.mp4" else 8]
    assert check.outcome == "FAIL"
    assert "written to while it was read" in check.reason


def test_a_disk_that_breaks_is_a_line_of_the_verdict(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("privmask.evidence.verify.digest", breaks)
    assert "device reported a read or write error" in verify(copy)[4].reason


def test_pictures_are_read_from_the_very_bytes_that_were_hashed(copy: Path) -> None:
    with examine_copy(copy) as examined:
        copy.rename(copy.with_name("aside.mp4"))
        copy.write_bytes(b"another")
        with examined.open() as reader:
            assert reader.read() == MASKED
        assert examined.statement is not None
        assert examined.statement.copy.bytes == len(MASKED)
        assert (examined.still().number, examined.still().outcome) == (15, "PASS")
        copy.with_name("aside.mp4").write_bytes(MASKED)
        assert examined.still().outcome == "FAIL"


NOTHING = Text("", "")
PASSED, FAILED = Check(1, "PASS", NOTHING), Check(2, "FAIL", NOTHING)
UNASKED, UNCHECKED = Check(3, "NOT CHECKED", NOTHING, asked=False), Check(4, "NOT CHECKED", NOTHING)


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
