"""`privmask report`: what the public is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from privmask.cli import clock
from tests.cli.conftest import Privmask
from tests.staging import NAME
from tests.violations import LATER, good


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    stage = good(tmp_path / "site")
    monkeypatch.setattr(clock, "now", lambda: LATER)
    monkeypatch.chdir(stage.folder)
    return stage.folder


def test_i_1_the_summary_is_told_in_both_languages_and_names_nobody(privmask: Privmask) -> None:
    japanese, english = privmask("--lang", "ja", "report"), privmask("--lang", "en", "report")
    assert (japanese.code, english.code) == (0, 0)
    assert "運用状況（2026-01-01から2026-11-23まで）" in japanese.out
    assert "消去した複写: 2" in japanese.out
    assert "Copies erased: 2" in english.out
    for done in (japanese, english):
        assert "\\u" not in done.out
        assert not any(word in done.out for word in (NAME, "sato", "suzuki", "佐藤"))


def test_the_summary_is_a_page_that_replaces_nothing(privmask: Privmask, folder: Path) -> None:
    done = privmask("--lang", "ja", "report", "-o", "report.html")
    assert (done.code, done.err) == (0, "")
    assert '<html lang="ja">' in (folder / "report.html").read_text()
    assert privmask("report", "-o", "report.html").code == 7


def test_the_summary_for_programs_is_of_the_days_asked_for(privmask: Privmask) -> None:
    none = privmask("report", "--from", "2026-01-01", "--to", "2026-01-31", "--json").data
    some = privmask("report", "--json").data
    assert set(none["counts"].values()) == {0}
    assert (some["counts"]["copies"], some["by_ground"]["investigation"]["provisions"]) == (3, 1)
    assert privmask("report", "--from", "2026-02-01", "--to", "2026-01-31").code == 2
