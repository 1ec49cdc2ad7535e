from __future__ import annotations

import json
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from privmask.register import Receipt, open_register
from tests.cli.conftest import Privmask
from tests.register.made import DAY, NAME, START, edited, make, note


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "register" / "register.sqlite"
    make(path)
    return path


def spoil(path: Path) -> None:
    with edited(path) as connection:
        connection.execute("UPDATE entry SET body = replace(body, 'R-3', 'R-4') WHERE seq = 3")


def test_the_list_shows_what_was_recorded_and_no_names_unless_asked(privmask: Privmask, path: Path) -> None:
    done = privmask("--lang", "ja", "register", "list", path)
    assert done.code == 0
    assert [line.split()[3] for line in done.out.splitlines()] == ["提供依頼", "閲覧"] * 3
    assert NAME not in done.out
    assert NAME in privmask("register", "list", path, "--personal").out
    assert NAME not in privmask("register", "list", path, "--json").out


def test_the_list_can_be_of_one_kind(privmask: Privmask, path: Path) -> None:
    done = privmask("register", "list", path, "--kind", "view", "--json")
    assert [each["seq"] for each in done.data["entries"]] == [2, 4, 6]
    assert privmask("--lang", "ja", "register", "list", path, "--kind", "copy").out == "記載はありません。\n"
    wrong = privmask("--lang", "ja", "register", "list", path, "--kind", "gossip")
    assert wrong.code == 2
    assert "という種類はありません" in wrong.err


@pytest.mark.parametrize(("language", "holds", "bad"), [("ja", "のままです", "記載 3"), ("en", "All 6", "entry 3")])
def test_verify_says_in_both_languages_whether_the_register_holds(
    privmask: Privmask, path: Path, language: str, holds: str, bad: str
) -> None:
    done = privmask("--lang", language, "register", "verify", path)
    assert (done.code, holds in done.out) == (0, True)
    assert "--anchor" in done.err
    spoil(path)
    done = privmask("--lang", language, "register", "verify", path)
    assert (done.code, bad in done.out.splitlines()[0]) == (3, True)
    data = privmask("--lang", language, "register", "verify", path, "--json").data
    assert (data["holds"], data["faults"][0]["seq"], data["exit_code"]) == (False, 3, 3)


def test_a_head_on_paper_shows_later_that_the_end_was_cut(privmask: Privmask, path: Path, tmp_path: Path) -> None:
    head = privmask("register", "head", path)
    assert head.code == 0
    paper = tmp_path / "paper.txt"
    paper.write_text(head.out, "utf-8")
    done = privmask("register", "verify", path, "--anchor", paper, "--anchor", head.out)
    assert (done.code, done.err) == (0, "")
    with edited(path) as connection:
        connection.execute("DELETE FROM entry WHERE seq = 6")
    assert "cut off from entry 6" in privmask("register", "verify", path).out  # by the register's own note
    Path(f"{path}.head").unlink()
    assert privmask("register", "verify", path).code == 0
    for anchor in (paper, head.out):
        done = privmask("register", "verify", path, "--anchor", anchor)
        assert (done.code, "cut off from entry 6" in done.out) == (3, True)


def test_a_head_as_json_is_an_anchor_too(privmask: Privmask, path: Path) -> None:
    head = privmask("register", "head", path, "--json")
    with open_register(path) as register:
        assert Receipt.parse(head.out) == register.head()
        register.append(note(7), START + 7 * DAY)
    assert privmask("register", "verify", path, "--anchor", head.out).code == 0


def test_an_anchor_that_cannot_be_read_is_no_verdict(privmask: Privmask, path: Path, tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    for anchor in (tmp_path / "nothing", tmp_path / "bytes", "{}"):
        assert privmask("register", "verify", path, "--anchor", anchor).code == 2


def test_the_printed_script_runs_without_privmask(privmask: Privmask, path: Path, tmp_path: Path) -> None:
    script = tmp_path / "check.sh"
    script.write_text(privmask("register", "verify", "--script").out, "utf-8")
    assert len(script.read_text().splitlines()) < 25
    assert subprocess.run(["sh", script, path], capture_output=True).returncode == 0
    spoil(path)
    done = subprocess.run(["sh", script, path], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "entry 3 does not hold\n")
    assert shutil.which("sqlite3")


def test_the_book_is_written_for_paper_and_for_a_spreadsheet(privmask: Privmask, path: Path, tmp_path: Path) -> None:
    for name, opening in (("book.html", b"<!DOCTYPE html>"), ("book.csv", b"\xef\xbb\xbf")):
        assert privmask("register", "export", "-o", tmp_path / name, path).code == 0
        assert (tmp_path / name).read_bytes().startswith(opening)
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        assert privmask("register", "export", "-o", tmp_path / name, path).code == 7
    assert privmask("register", "export", "-o", tmp_path / "book.txt", path).code == 2


def test_no_book_is_made_of_a_register_that_does_not_hold(privmask: Privmask, path: Path, tmp_path: Path) -> None:
    spoil(path)
    done = privmask("--lang", "ja", "register", "export", "-o", tmp_path / "book.html", path)
    assert (done.code, "検証に通らない" in done.err) == (3, True)
    assert not (tmp_path / "book.html").exists()


def test_a_register_that_others_may_read_is_refused_with_the_clause(privmask: Privmask, path: Path) -> None:
    path.chmod(0o644)
    done = privmask("--lang", "ja", "register", "head", path, "--json")
    assert done.code == 5
    error = json.loads(done.out)["error"]
    assert (error["clause"], "chmod 600" in error["message"]) == ("II-5", True)


def test_a_register_that_is_not_there_is_said_so(privmask: Privmask, tmp_path: Path) -> None:
    for command in ("list", "verify", "head"):
        assert privmask("register", command, tmp_path / "nothing").code == 2
