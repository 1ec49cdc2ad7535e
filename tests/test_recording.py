"""II-5, II-6(5), II-8, II-9, III: complaints, contractors, media, leaks and briefings stand in the same register."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from privmask.errors import PolicyError
from privmask.office import Office, open_office
from privmask.owing import owed
from privmask.policy import Ground
from privmask.policy.records import CLAUSES, RecordKind, record_fields
from privmask.recording import record
from tests.offices import make_site
from tests.staging import AT, DAY, NAME, approved

GOOD: Mapping[RecordKind, dict[str, Any]] = {
    "complaint": {
        "received_at": "2026-11-23T10:00:00+09:00",
        "channel": "phone",
        "subject": "view",
        "text": f"{NAME}の家の窓が写っている",
        "complainant": NAME,
        "contact": "000-000-0000",
        "camera": "gate",
    },
    "answer": {
        "complaint_id": "C-2026-0001",
        "answered_at": "2026-11-23T12:30:00+09:00",
        "answer": f"{NAME}の家の窓を隠した",
    },
    "contractor": {"contractor": "maintenance", "event": "checked", "on": "2026-11-20", "text": f"{NAME}に確認"},
    "disposal": {
        "medium": "hdd-1",
        "disposed_on": "2026-11-20",
        "method": "shredded",
        "carried_out_by": NAME,
        "witness": NAME,
    },
    "leak": {"noticed_at": "2026-11-23T10:00:00+09:00", "happened": "lost", "text": NAME, "measures": NAME},
    "briefing": {"on": "2026-11-23", "audience": NAME, "how": "総会での説明"},
    "review": {
        "request_id": "R-2026-0001",
        "reviewed_at": "2026-11-23T12:30:00+09:00",
        "outcome": "justified",
        "text": NAME,
    },
}
KINDS = [each for each in CLAUSES if each != "clock"]  # that wants a clock that is behind: test_refusing


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = make_site(tmp_path / "site")
    with open_office(site, AT) as office:
        record(office, "complaint", GOOD["complaint"], "suzuki")
        approved(office, Ground.EMERGENCY)
    return site


@pytest.mark.parametrize("kind", KINDS)
def test_what_people_wrote_is_personal_and_the_rest_lasts(site: Path, kind: RecordKind) -> None:
    with open_office(site, AT) as office:
        done = record(office, kind, GOOD[kind], "sato")
        entry = office.register.entry(done.receipt.seq)
    assert entry.kind == {"answer": "complaint"}.get(kind, kind)
    assert NAME not in str(dict(entry.body))
    assert NAME in "".join(str(value) for value in entry.personal.values())
    assert {*entry.body, *entry.personal} >= {*GOOD[kind]}


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_that_is_needed_is_named_when_it_is_missing(site: Path, kind: RecordKind) -> None:
    needed = [each for each in record_fields(kind) if each.needed]
    with open_office(site, AT) as office:
        for each in needed:
            for data in ({**GOOD[kind], each.name: " "}, {k: v for k, v in GOOD[kind].items() if k != each.name}):
                error = refused(office, kind, data)
                assert (error.clause, each.name in str(error)) == (CLAUSES[kind], True)
                assert error.text is not None
                assert each.word.ja in error.text.ja
        assert len(needed) >= 3
        assert all(each.name in str(refused(office, kind, {})) for each in needed)


def refused(office: Office, kind: RecordKind, data: Mapping[str, Any], by: str = "sato") -> PolicyError:
    before = office.register.head()
    with pytest.raises(PolicyError) as refusal:
        record(office, kind, data, by)
    if refusal.value.clause != "II-4":
        assert office.register.head() == before
    return refusal.value


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("complaint", "received_at", "2026-11-23T10:00:00"),
        ("complaint", "received_at", "2027-01-01T10:00:00+09:00"),
        ("complaint", "channel", "pigeon"),
        ("complaint", "camera", "no-such"),
        ("answer", "complaint_id", "C-2026-0002"),
        ("answer", "complaint_id", NAME),
        ("contractor", "contractor", "no-such"),
        ("contractor", "on", "2026-11-24"),
        ("disposal", "method", "thrown away"),
        ("disposal", "medium", "HDD 1"),
        ("briefing", "on", "soon"),
        ("review", "request_id", "R-2026-0002"),
        ("leak", "nobody_asked", "x"),
    ],
)
def test_what_cannot_be_is_refused(site: Path, kind: RecordKind, field: str, value: str) -> None:
    with open_office(site, AT) as office:
        assert refused(office, kind, {**GOOD[kind], field: value}).clause in (CLAUSES[kind], "II-2")


def test_ii_8_a_complaint_has_a_number_and_a_day_and_waits_for_its_answer(site: Path) -> None:
    with open_office(site, AT) as office:
        second = record(office, "complaint", GOOD["complaint"], "suzuki")
        assert (second.id, second.due) == ("C-2026-0002", date(2026, 12, 7))
        record(office, "answer", GOOD["answer"], "suzuki")
    for late, overdue in ((13, False), (14, False), (15, True)):
        at = AT + late * DAY
        with open_office(site, at) as office:
            listed = [
                each for each in owed(office.site, list(office.register.entries()), at) if each.kind == "complaint"
            ]
        assert [(each.about, each.overdue) for each in listed] == [("C-2026-0002", overdue)]
    with open_office(site, AT) as office:
        refused(office, "answer", GOOD["answer"])


def test_contractors_and_reviews_are_the_managers(site: Path) -> None:
    with open_office(site, AT) as office:
        for kind in ("contractor", "review"):
            assert refused(office, kind, GOOD[kind], "suzuki").clause == "II-4"
        assert [each.kind for each in office.register.entries("refusal")] == ["refusal", "refusal"]


def test_ii_6_5_a_medium_is_destroyed_once(site: Path) -> None:
    with open_office(site, AT) as office:
        record(office, "disposal", GOOD["disposal"], "suzuki")
        assert refused(office, "disposal", GOOD["disposal"]).clause == "II-6(5)"


def test_an_emergency_that_was_used_is_to_be_looked_at_again(site: Path) -> None:
    at = AT + 10 * DAY

    def reviews(office: Office) -> list[bool]:
        found = owed(office.site, list(office.register.entries()), at)
        return [each.overdue for each in found if each.kind == "review"]

    with open_office(site, at) as office:
        assert reviews(office) == []
        office.record("view", "suzuki", {"request_id": "R-2026-0001"})
        assert reviews(office) == [True]
        record(office, "review", GOOD["review"], "sato")
        assert reviews(office) == []


def test_iii_new_rules_are_to_be_made_known(site: Path) -> None:
    late = AT + 100 * DAY

    def briefings(office: Office) -> list[bool]:
        found = owed(office.site, list(office.register.entries()), late)
        return [each.overdue for each in found if each.kind == "briefing"]

    with open_office(site, late) as office:
        assert briefings(office) == [True]
        record(office, "briefing", GOOD["briefing"], "suzuki")
        assert briefings(office) == []
