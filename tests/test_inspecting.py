"""II-10: what can be checked without a person is checked, a good site is left in peace, and every breach has its clause."""

from __future__ import annotations

from pathlib import Path

import pytest

from privmask.inspecting import inspect
from tests.staging import AT, DAY
from tests.violations import VIOLATIONS, Stage, good


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setenv("PRIVMASK_KEYS", str(tmp_path / "keys"))
    return good(tmp_path / "site")


def clauses(stage: Stage) -> set[str]:
    found = inspect(stage.site, stage.at, stage.anchors)
    assert found.good == (not any(each.weight == "wrong" for each in found.findings))
    return {each.clause for each in found.findings if each.weight == "wrong"}


def test_a_good_site_is_found_good_and_nothing_is_changed_by_looking(stage: Stage) -> None:
    before = {path: path.stat().st_mtime_ns for path in stage.folder.rglob("*") if path.name != "register.sqlite-shm"}
    found = inspect(stage.site, stage.at)
    assert [each.text.en for each in found.findings if each.weight == "wrong"] == []
    assert found.good
    assert found.head is not None
    after = {path: path.stat().st_mtime_ns for path in stage.folder.rglob("*") if path.name != "register.sqlite-shm"}
    assert {path.name for path in before.keys() ^ after.keys()} <= {"register.sqlite-wal", "register.sqlite-shm"}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_a_staged_violation_is_found_under_its_clause(stage: Stage, name: str) -> None:
    expected, spoil = VIOLATIONS[name]
    spoil(stage)
    assert clauses(stage) == expected


def test_one_skipped_inspection_is_a_note_and_two_are_not(stage: Stage) -> None:
    for days, weights in ((90, []), (91, ["note"]), (180, ["note"]), (181, ["wrong"])):
        found = inspect(stage.site, AT + days * DAY).findings
        assert [each.weight for each in found if each.clause == "II-10" and "inspection of" in each.text.en] == weights
