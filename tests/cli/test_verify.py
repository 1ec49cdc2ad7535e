from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from subprocess import PIPE

import pytest

from privmask.cli.verify import checklist
from privmask.evidence import Check, Verdict
from privmask.evidence.allowed import AllowedSigner, allowed_line
from privmask.language import Text
from tests.cli.conftest import Privmask, Street, command, environment
from tests.evidence.small import KEY

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Copied:
    copy: Path
    street: Street
    allowed: Path

    @property
    def trusting(self) -> tuple[object, ...]:
        """What a recipient says who has the signer's line."""
        return "verify", self.copy, "--allowed-signers", self.allowed


@pytest.fixture(scope="module")
def masked(short: Street, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from privmask import load_plan, mask_clip

    copy = tmp_path_factory.mktemp("copied") / "copy.mp4"
    mask_clip(short.clip, copy, load_plan(short.plan), signer=KEY, clock=lambda: NOON)
    return copy


@pytest.fixture
def copied(masked: Path, short: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copied:
    """A good copy with its companions, for this test to break, and a list with its signer; no own folder of keys."""
    monkeypatch.setenv("PRIVMASK_KEYS", str(tmp_path / "no keys"))
    shutil.copytree(masked.parent, tmp_path, dirs_exist_ok=True)
    (tmp_path / "allowed").write_text(allowed_line(AllowedSigner("office", KEY.public, before=NOON)))
    return Copied(tmp_path / masked.name, short, tmp_path / "allowed")


def test_a_good_copy_holds_and_each_point_is_numbered(privmask: Privmask, copied: Copied) -> None:
    done = privmask(*copied.trusting, "--original", copied.street.clip)
    assert done.code == 0, done.out + done.err
    lines = done.out.splitlines()
    assert lines[-1].endswith("holds.")
    assert [int(line.split()[0]) for line in lines[:-1]] == list(range(1, 16))
    assert {line[4:].split("  ")[0] for line in lines[:-1]} == {"PASS"}


def test_a_clerk_reads_the_checklist_in_japanese_and_a_program_reads_the_same_json(
    privmask: Privmask, copied: Copied
) -> None:
    done = privmask("--lang", "ja", *copied.trusting, "--original", copied.street.clip)
    assert done.code == 0, done.out + done.err
    *lines, last = done.out.splitlines()
    assert all(re.match(r" ?\d+  合格 +\S+：.+", line) for line in lines)
    assert last.endswith("の証明は成り立っています。")
    with copied.copy.open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"!")
    failed = privmask("--lang", "ja", *copied.trusting)
    assert failed.code == 3
    assert "成り立ちません：5 複写の内容、" in failed.out.splitlines()[-1]
    as_json = [privmask("--lang", each, *copied.trusting, "--json").out for each in ("ja", "en")]
    assert as_json[0] == as_json[1]


def test_who_signed_must_be_known_and_the_last_line_says_what_is_missing(privmask: Privmask, copied: Copied) -> None:
    done = privmask("verify", copied.copy)
    assert done.code == 3
    assert done.out.splitlines()[-1].endswith("DOES NOT HOLD: 3 signer not checked.")


def test_the_own_folder_of_keys_tells_whom_to_trust_and_whom_no_more(
    privmask: Privmask, copied: Copied, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = copied.copy.with_name("keys")
    own.mkdir()
    copied.allowed.rename(own / "allowed_signers")
    monkeypatch.setenv("PRIVMASK_KEYS", str(own))
    assert privmask("verify", copied.copy).code == 0
    (own / "revoked").write_text(KEY.key_id)
    assert "the key was revoked" in privmask("verify", copied.copy).out


def test_name_and_time_may_be_asked_for(privmask: Privmask, copied: Copied) -> None:
    assert privmask(*copied.trusting, "--signer", "office", "--at", "2026-11-23T21:00+09:00").code == 0
    assert "not of 'mayor'" in privmask(*copied.trusting, "--signer", "mayor").out
    assert "was not valid at 2026-11-23 12:00:01" in privmask(*copied.trusting, "--at", "2026-11-23T12:00:01Z").out
    for unclear in ("noon", "2026-11-23T12:00"):
        assert privmask(*copied.trusting, "--at", unclear).code == 2


def test_a_revoked_key_is_told(privmask: Privmask, copied: Copied) -> None:
    revoked = copied.copy.with_name("revoked")
    revoked.write_text(KEY.key_id)
    done = privmask(*copied.trusting, "--revoked", revoked)
    assert (done.code, "the key was revoked" in done.out) == (3, True)


def test_an_unsigned_copy_holds_for_those_only_who_accept_that(
    privmask: Privmask, short: Street, tmp_path: Path
) -> None:
    from privmask import load_plan, mask_clip

    copy = mask_clip(short.clip, tmp_path / "copy.mp4", load_plan(short.plan)).copy
    done = privmask("verify", copy)
    assert done.code == 3
    assert "DOES NOT HOLD: 2 signature, 3 signer not checked" in done.out
    assert privmask("verify", copy, "--unsigned").code == 0


def test_bytes_alone_may_be_checked(privmask: Privmask, copied: Copied) -> None:
    done = privmask(*copied.trusting, "--bytes-only", "--json")
    assert (done.code, done.data["holds"]) == (0, True)
    assert {c["number"] for c in done.data["checks"] if not c["asked"]} == {9, 10, 11, 12, 13, 14}


def test_a_changed_copy_ends_with_3_and_the_points_that_fail(privmask: Privmask, copied: Copied) -> None:
    content = bytearray(copied.copy.read_bytes())
    content[len(content) // 2] ^= 1
    copied.copy.chmod(0o600)
    copied.copy.write_bytes(content)
    done = privmask(*copied.trusting, "--json")
    assert (done.code, done.data["exit_code"], done.data["holds"]) == (3, 3, False)
    checks = {check["number"]: check for check in done.data["checks"]}
    assert set(checks) == set(range(1, 16))
    assert {"number", "name", "outcome", "reason", "asked"} == set(checks[5])
    assert checks[5]["outcome"] == checks[6]["outcome"] == checks[10]["outcome"] == "FAIL"


def test_a_copy_without_its_statement_does_not_hold(privmask: Privmask, copied: Copied) -> None:
    (copied.copy.parent / "copy.mp4.provenance.json").unlink()
    assert privmask(*copied.trusting).code == 3


def test_another_original_does_not_hold(privmask: Privmask, copied: Copied) -> None:
    done = privmask(*copied.trusting, "--original", copied.street.plan)
    assert done.code == 3
    assert "stated is" in done.out or "stated are" in done.out


@pytest.mark.parametrize("missing", ["copy.mp4", "original"])
def test_a_missing_file_fails_with_a_sentence(missing: str, privmask: Privmask, copied: Copied) -> None:
    original = copied.street.clip if missing == "copy.mp4" else copied.copy.with_name("gone.mp4")
    if missing == "copy.mp4":
        copied.copy.unlink()
    done = privmask(*copied.trusting, "--original", original)
    assert (done.code, done.err) == (3, "")
    assert "there is no such file" in done.out


@pytest.mark.parametrize("end", [".provenance.json", ".provenance.json.sig", ".SHA256SUMS"])
def test_who_names_a_companion_is_told_the_copy(end: str, privmask: Privmask, copied: Copied) -> None:
    done = privmask("verify", f"{copied.copy}{end}")
    assert done.code == 2
    assert done.err.rstrip().endswith(f"name the copy itself: '{copied.copy}'")


def test_who_names_a_folder_is_told_the_copies_in_it(privmask: Privmask, copied: Copied) -> None:
    done = privmask("verify", copied.copy.parent)
    assert done.code == 2
    assert f"is a folder; name one copy: '{copied.copy}'" in done.err
    (copied.copy.parent / "empty").mkdir()
    assert "there is none in it" in privmask("verify", copied.copy.parent / "empty").err


def test_on_a_terminal_no_line_is_wider_and_the_words_stay_in_their_column() -> None:
    long = Check(5, "FAIL", Text("", "sha256 is " + "0" * 64 + ", stated is " + "1" * 64))
    lines = checklist(Path("copy.mp4"), Verdict((long,)), 90).splitlines()
    assert max(map(len, lines)) <= 90
    assert [line[:17].strip() for line in lines[1:3]] == ["", ""]
    assert lines[0].startswith(" 5  FAIL         copy's bytes: sha256 is")


def test_a_reader_who_has_seen_enough_does_not_change_the_exit_code(street: Street) -> None:
    """As with `privmask verify COPY | head -1`."""
    with subprocess.Popen(command("verify", street.clip), stdout=PIPE, stderr=PIPE, env=environment()) as verify:
        assert verify.stdout
        verify.stdout.close()
        assert verify.stderr
        assert (verify.wait(60), verify.stderr.read()) == (3, b"")


_BLOCKED = """
import sys
for name in ("numpy", "numba", "av", "cv2", "onnxruntime"):
    sys.modules[name] = None
from privmask.cli.ending import run
raise SystemExit(run(sys.argv[1:]))
"""


def bare(*words: object) -> subprocess.CompletedProcess[str]:
    """`privmask WORDS…` where the packages that show pictures are not installed."""
    line = [*command()[:1], "-c", _BLOCKED, *map(str, words)]
    return subprocess.run(line, capture_output=True, text=True, env=environment())


def test_signature_and_bytes_are_checked_where_nothing_can_show_pictures(copied: Copied) -> None:
    done = bare(*copied.trusting)
    assert (done.returncode, done.stderr) == (3, "")
    outcomes = [line[4:15].strip() for line in done.stdout.splitlines()[:-1]]
    assert outcomes == ["PASS"] * 8 + ["NOT CHECKED"] * 6 + ["PASS"]
    assert done.stdout.count("pip install privmask") == 5
    only = bare(*copied.trusting, "--bytes-only")
    assert (only.returncode, only.stderr) == (0, "")
