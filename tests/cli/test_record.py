"""`privmask record`: by flags and on a terminal."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from privmask.cli import record as command
from privmask.office import open_office
from privmask.policy.records import CHOICE_WORDS, CLAUSES, RecordKind, record_fields
from privmask.register import Entry
from tests.cli.conftest import Privmask
from tests.cli.governed import AT, enter
from tests.staging import NAME
from tests.test_recording import GOOD


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return enter(tmp_path, monkeypatch)


def last(site: Path) -> Entry:
    with open_office(site, AT) as office:
        *_, entry = office.register.entries()
    return entry


def flags(kind: RecordKind) -> list[str]:
    return [word for name, value in GOOD[kind].items() for word in ("--set", f"{name}={value}")]


def test_a_complaint_is_recorded_and_answered(privmask: Privmask, site: Path) -> None:
    done = privmask("--lang", "ja", "record", "complaint", *flags("complaint"), "--as", "suzuki")
    assert (done.code, done.err) == (0, "")
    assert "番号は C-2026-0001 です。2026-12-07 までに回答" in done.out
    assert "C-2026-0001" in privmask("due").out
    assert privmask("record", "answer", *flags("answer"), "--as", "suzuki").code == 0
    assert "C-2026-0001" not in privmask("due").out
    assert last(site).kind == "complaint"


@pytest.mark.parametrize("kind", ["contractor", "disposal", "leak", "briefing"])
def test_each_kind_is_recorded(privmask: Privmask, site: Path, kind: RecordKind) -> None:
    done = privmask("record", kind, *flags(kind), "--as", "sato", "--json")
    assert (done.code, done.data["kind"], done.data["receipt"]["seq"]) == (0, kind, 2)
    assert last(site).kind == kind
    assert NAME not in done.out


def test_what_is_missing_is_named_in_the_clerks_language(privmask: Privmask) -> None:
    done = privmask("--lang", "ja", "record", "disposal", "--set", "medium=hdd-1", "--as", "suzuki")
    assert done.code == 5
    assert "立会人（witness）" in done.err
    assert "処分の方法（method）" in done.err


@pytest.mark.parametrize("words", [("complaint", "--set", "text"), ("theft",)])
def test_words_that_say_nothing_are_wrong_words(privmask: Privmask, words: tuple[str, ...]) -> None:
    assert privmask("record", *words, "--as", "suzuki").code == 2


def test_on_a_terminal_each_field_is_asked_for_until_it_can_be_used(
    privmask: Privmask, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "is_terminal", lambda: True)
    typed = ["soon", "2026-11-23 10:00", "7", "2", "1", "", "窓が写っている", "", "", "gate"]
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
    done = privmask("--lang", "ja", "record", "complaint", "--as", "suzuki")
    assert done.code == 0, done.err
    assert "受付日時" in done.err
    assert "「soon」は日時ではありません" in done.err
    assert "1から5までの番号で答えてください" in done.err
    entry = last(site)
    assert entry.body["received_at"] == "2026-11-23T10:00:00+09:00"
    assert (entry.body["channel"], entry.body["subject"], entry.body["camera"]) == ("phone", "view", "gate")
    assert entry.personal == {"text": "窓が写っている"}


def test_every_choice_has_words(site: Path) -> None:
    assert site.exists()
    choices = {choice for kind in CLAUSES for field in record_fields(kind) for choice in field.choices}
    assert choices == CHOICE_WORDS.keys()
