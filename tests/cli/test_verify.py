from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE

import pytest

from tests.cli.conftest import Privmask, Street, command, environment


@dataclass(frozen=True)
class Copied:
    copy: Path
    street: Street


@pytest.fixture(scope="module")
def masked(street: Street, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from privmask import load_plan, mask_clip

    copy = tmp_path_factory.mktemp("copied") / "copy.mp4"
    mask_clip(street.clip, copy, load_plan(street.plan))
    return copy


@pytest.fixture
def copied(masked: Path, street: Street, tmp_path: Path) -> Copied:
    """A good copy with its companions, for this test to break."""
    shutil.copytree(masked.parent, tmp_path, dirs_exist_ok=True)
    return Copied(tmp_path / masked.name, street)


def test_a_good_copy_holds_and_each_point_is_numbered(privmask: Privmask, copied: Copied) -> None:
    done = privmask("verify", copied.copy, "--original", copied.street.clip, "--unsigned")
    assert done.code == 0, done.out + done.err
    lines = done.out.splitlines()
    assert lines[-1].endswith("holds.")
    assert [int(line.split()[0]) for line in lines[:-1]] == list(range(1, len(lines)))
    assert not any("FAIL" in line for line in lines)


def test_without_a_word_about_it_an_unsigned_copy_does_not_hold(privmask: Privmask, copied: Copied) -> None:
    done = privmask("verify", copied.copy)
    assert done.code == 3
    assert "DOES NOT HOLD" in done.out


def test_a_changed_copy_ends_with_3_and_the_point_that_fails(privmask: Privmask, copied: Copied) -> None:
    content = bytearray(copied.copy.read_bytes())
    content[len(content) // 2] ^= 1
    copied.copy.chmod(0o600)
    copied.copy.write_bytes(content)
    done = privmask("verify", copied.copy, "--unsigned", "--json")
    assert (done.code, done.data["exit_code"], done.data["holds"]) == (3, 3, False)
    assert "FAIL" in {check["outcome"] for check in done.data["checks"]}


def test_a_copy_without_its_statement_does_not_hold(privmask: Privmask, copied: Copied) -> None:
    (copied.copy.parent / "copy.mp4.provenance.json").unlink()
    assert privmask("verify", copied.copy, "--unsigned").code == 3


def test_another_original_does_not_hold(privmask: Privmask, copied: Copied) -> None:
    done = privmask("verify", copied.copy, "--unsigned", "--original", copied.street.plan)
    assert done.code in (3, 6)


def test_a_reader_who_has_seen_enough_does_not_change_the_exit_code(street: Street) -> None:
    """As with `privmask verify COPY | head -1`."""
    with subprocess.Popen(command("verify", street.clip), stdout=PIPE, stderr=PIPE, env=environment()) as verify:
        assert verify.stdout
        verify.stdout.close()
        assert verify.stderr
        assert (verify.wait(60), verify.stderr.read()) == (3, b"")
