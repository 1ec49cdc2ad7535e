"""What is looked up in the register is what reading all of it would find, and it is quick in a long one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from privmask.filed import find_request, list_requests
from privmask.keeping import erase_copy, hold_copy, release_copy
from privmask.kept import kept_copies
from privmask.looking_up import all_kept, entries_of_duties, entries_of_request, kept_copy
from privmask.office import Office, open_office
from privmask.owing import owed
from privmask.policy import Ground
from privmask.recording import record
from privmask.requesting import file_request
from tests.staging import AT, DAY, approved, good_site, request_data
from tests.staging import kept_copy as kept_in_vault
from tests.test_recording import GOOD
from tests.violations import good


def _copies(office: Office) -> None:
    ids = [kept_in_vault(office, approved(office)) for _ in range(3)]
    hold_copy(office, ids[0], (AT + 50 * DAY).date(), "訴訟", "sato")
    hold_copy(office, ids[1], (AT + 50 * DAY).date(), "訴訟", "sato")
    release_copy(office, ids[1], "終了", "sato")
    erase_copy(office, ids[2], "suzuki")
    office.record("drift", "suzuki", {"camera": "gate", "copy_id": "f" * 32, "erase_due": office.erase_due.isoformat()})


def _emergencies(office: Office) -> None:
    for reviewed in (False, True):
        id = approved(office, Ground.EMERGENCY, "view")
        office.record("view", "suzuki", {"request_id": id})
        if reviewed:
            record(office, "review", {**GOOD["review"], "request_id": id}, "sato")


def _retired(office: Office) -> None:
    office.record("retirement", "sato", {"camera": "gate", "media": ["hdd-1", "hdd-2"]})


@pytest.mark.parametrize("more", [_copies, _emergencies, _retired])
@pytest.mark.parametrize("days", [0, 31, 2000])
def test_what_is_due_is_what_reading_every_entry_would_find(
    tmp_path: Path, more: Callable[[Office], None], days: int
) -> None:
    site = good(tmp_path / "site").site
    with open_office(site, AT) as office:
        more(office)
        at, entries = AT + days * DAY, list(office.register.entries())
        few = owed(office.site, entries_of_duties(office.register, at + 15 * DAY), at)
        every = owed(office.site, entries, at)
    soon = [each for each in every if each.days_over >= -14]
    assert [each for each in few if each.days_over >= -14] == soon
    assert soon or not days
    assert days == 2000 or len(few) < len(every)  # later days of personal values were not read


def test_a_request_and_a_copy_are_found_with_all_that_came_of_them(tmp_path: Path) -> None:
    with open_office(good_site(tmp_path / "site"), AT) as office:
        _copies(office)
        entries = list(office.register.entries())
        for filed in list_requests(office):
            assert find_request(office, filed.id) == filed
            of_it = [each for each in entries if each.body.get("request_id") == filed.id]
            assert entries_of_request(office.register, filed.id) == of_it
        every = kept_copies(entries)
        assert all_kept(office.register) == every
        assert {id: kept_copy(office.register, id) for id in every} == every
        assert kept_copy(office.register, "0" * 32) is None
        assert entries_of_request(office.register, "R-2026-9999") == []


def test_requests_are_numbered_within_their_year_also_after_a_clock_that_was_ahead(tmp_path: Path) -> None:
    site = good_site(tmp_path / "site", *[("valid_until = 2027-03-31", "valid_until = 2029-03-31")] * 2)
    with open_office(site, AT) as office:
        assert file_request(office, "suzuki", request_data())[0] == "R-2026-0002"
        office.at = AT + timedelta(days=60)
        assert file_request(office, "suzuki", request_data())[0] == "R-2027-0001"
        office.record("clock", "sato", {"clock_set_back": True})
    with open_office(site, AT, set_back=True) as office:
        record(office, "clock", {"noticed_at": AT.isoformat(), "happened": "ahead", "text": "x"}, "sato")
        assert file_request(office, "suzuki", request_data())[0] == "R-2026-0003"
