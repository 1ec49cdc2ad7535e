"""II-10: what can be checked without a person is checked, a good site is left in peace, and every breach has its clause."""

from __future__ import annotations

from pathlib import Path

import pytest

from privmask.errors import PolicyError
from privmask.inspecting import inspect, record_inspection
from privmask.keeping import erase_all_due, retire
from privmask.office import open_office
from privmask.recording import record
from privmask.register import open_register
from privmask.workroom import work_folder
from tests.offices import make_site
from tests.staging import AT, DAY
from tests.test_recording import GOOD
from tests.violations import RETIRED, VIOLATIONS, Stage, good


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


def test_ii_10_one_skipped_inspection_is_a_note_and_two_are_not(stage: Stage) -> None:
    for days, weights in ((90, []), (91, ["note"]), (180, ["note"]), (181, ["wrong"])):
        found = inspect(stage.site, AT + days * DAY).findings
        assert [each.weight for each in found if each.clause == "II-10" and "inspection of" in each.text.en] == weights


def test_i_2_cameras_outside_the_guideline_are_said_to_be(stage: Stage) -> None:
    stage.change(("recording = true", "recording = false"))
    found = inspect(stage.site, stage.at)
    assert found.good
    assert [each.text.en for each in found.findings if each.clause == "I-2"] == [
        "these cameras are outside the guideline"
    ]


def test_ii_6_2_copies_on_disk_are_those_made_less_those_erased(stage: Stage) -> None:
    with open_office(stage.site, stage.at) as office:
        made = {str(each.body["copy_id"]) for each in office.register.entries("copy")}
        erased = {str(each.body["copy_id"]) for each in office.register.entries("erasure")}
    assert {path.name for path in (stage.vault / "copies").iterdir()} == made - erased
    assert len(erased) == 2


def test_ii_9_an_ended_contractor_is_refused_as_actor_and_that_is_recorded(stage: Stage) -> None:
    stage.change(("access_ends = 2027-03-31", "access_ends = 2026-11-22"), ("12-31\npledged", "11-22\npledged"))
    with open_office(stage.site, stage.at) as office:
        with pytest.raises(PolicyError):
            erase_all_due(office, "tanaka")
        *_, last = office.register.entries()
    assert (last.kind, last.actor, last.body["act"]) == ("refusal", "tanaka", "erase")


def test_what_was_approved_and_is_erased_in_the_register_by_now_is_no_lack(stage: Stage) -> None:
    stage.change(*(("2027-03-31", "2039-03-31"),) * 3, ("2026-12-31", "2039-03-31"))
    stage.at = AT.replace(year=AT.year + 5) + DAY
    with open_office(stage.site, stage.at) as office:
        assert erase_all_due(office, "suzuki").personal > 0
        record(office, "briefing", {**GOOD["briefing"], "on": "2031-11-24"}, "sato")
        record_inspection(office, inspect(stage.site, stage.at), {1: True, 2: True}, "suzuki")
    assert clauses(stage) == set()


def test_every_line_of_the_checklist_wants_an_answer(stage: Stage) -> None:
    with open_office(stage.site, stage.at) as office:
        for answers in ({}, {1: True}, {1: True, 2: True, 3: True}):
            with pytest.raises(PolicyError) as refusal:
                record_inspection(office, inspect(stage.site, stage.at), answers, "suzuki")
            assert refusal.value.clause == "II-10"


def test_a_copy_that_a_command_works_on_right_now_is_a_note(stage: Stage) -> None:
    with work_folder(stage.folder) as folder:
        (folder / "gate.mp4.provenance.json").touch(0o600)
        found = inspect(stage.site, stage.at)
        assert found.good
        assert "II-6(1)" in {each.clause for each in found.findings}
    assert "II-6(1)" not in {each.clause for each in inspect(stage.site, stage.at).findings}


def test_before_its_first_act_a_site_has_no_register_unless_somebody_holds_a_head_of_it(
    stage: Stage, tmp_path: Path
) -> None:
    new = make_site(tmp_path / "new")
    assert inspect(new, stage.at).good
    with open_register(stage.register) as register:
        head = register.head()
    assert [each.clause for each in inspect(new, stage.at, [head]).findings if each.weight == "wrong"] == ["II-7(2)"]


def test_ii_10_a_site_that_was_retired_whole_owes_nothing_for_its_cameras(stage: Stage) -> None:
    stage.change(RETIRED)
    assert clauses(stage) == {"II-10"}
    stage.act(lambda office: retire(office, None, [], "sato"))
    assert clauses(stage) == set()


def test_ii_5_who_begins_later_may_pledge_later(stage: Stage) -> None:
    begin = "valid_from = 2026-12-01\nvalid_until = 2026-12-31\npledged_on = 2026-12-01"
    stage.change(("valid_from = 2026-04-01\nvalid_until = 2026-12-31\npledged_on = 2026-04-01", begin))
    assert clauses(stage) == set()
