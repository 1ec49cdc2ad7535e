"""II-7: a request stands with all its evidence, is decided by the manager, and is recorded either way."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privmask.errors import PlanError, PolicyError
from privmask.filed import approved_request, find_request, list_requests, written_in
from privmask.office import Office, open_office
from privmask.policy import Ground
from privmask.register.export import export_csv
from privmask.requesting import decide_request, file_request
from tests.offices import make_site
from tests.policy.sites import NOON
from tests.policy.test_requests import paths, request_on, without

AT = NOON + timedelta(hours=1)
GROUNDS = list(Ground)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_site(tmp_path_factory.mktemp("requests") / "site")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with open_office(make_site(tmp_path / "site"), AT) as opened:
        yield opened


def form(ground: Ground = Ground.INVESTIGATION, **changes: Any) -> dict[str, Any]:
    data = {**request_on(ground), **changes}
    del data["request_id"]
    return data


def filed(office: Office, **changes: Any) -> str:
    return file_request(office, "suzuki", form(**changes))[0]


def refused(office: Office, **changes: Any) -> PolicyError:
    with pytest.raises(PolicyError) as refusal:
        filed(office, **changes)
    assert not list(office.register.entries("request"))
    (_, entry) = office.register.entries()
    assert (entry.kind, entry.body["act"], entry.body["clause"]) == ("refusal", "request", refusal.value.clause)
    return refusal.value


@pytest.mark.parametrize("ground", GROUNDS)
def test_ii_7_2_a_request_is_recorded_with_its_evidence(office: Office, ground: Ground) -> None:
    id, receipt = file_request(office, "suzuki", form(ground))
    entry = office.register.entry(receipt.seq)
    assert (id, entry.kind, entry.actor) == ("R-2026-0001", "request", "suzuki")
    for path in paths(ground):
        assert entry.value(path) is not None, path
    assert entry.personal["requester.name"] == "高橋 三郎"
    assert "高橋" not in str(dict(entry.body))
    assert entry.erase_after == "2031-11-23T04:00:00Z"


def test_nothing_that_people_wrote_stands_in_a_body(office: Office) -> None:
    for ground in GROUNDS:
        file_request(office, "suzuki", form(ground))
    for entry in office.register.entries("request"):
        assert str(dict(entry.body)).isascii()


def test_requests_are_numbered_by_the_year_of_the_site(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site")
    assert [filed_at(site, "2026-12-31T23:00+09:00") for _ in range(2)] == ["R-2026-0001", "R-2026-0002"]
    assert filed_at(site, "2027-01-01T00:00+09:00") == "R-2027-0001"


def test_clerks_at_once_get_numbers_of_their_own(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site")
    with open_office(site, AT):
        pass
    clerks = [multiprocessing.get_context("fork").Process(target=_file_five, args=(site,)) for _ in range(4)]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    with open_office(site, AT) as office:
        assert sorted(each.id for each in list_requests(office)) == [f"R-2026-{n:04d}" for n in range(1, 21)]


def _file_five(site: Path) -> None:
    with open_office(site, AT) as office:
        for _ in range(5):
            filed(office)


def filed_at(site: Path, at: str) -> str:
    with open_office(site, NOON.fromisoformat(at)) as office:
        return filed(office)


@given(ground=st.sampled_from(GROUNDS), drawn=st.data())
def test_ii_7_1_no_request_stands_with_any_of_its_fields_missing(
    site: Path, ground: Ground, drawn: st.DataObject
) -> None:
    fields = [path for path in paths(ground) if path != "request_id"]
    missing = drawn.draw(st.sets(st.sampled_from([each for each in fields if each != "evidence.ground"]), min_size=1))
    with open_office(site, AT) as office:
        with pytest.raises(PolicyError) as refusal:
            file_request(office, "suzuki", without(form(ground), missing))
        assert not list(office.register.entries("request"))
        *_, entry = office.register.entries("refusal")
    assert set(entry.body["missing"]) == missing
    assert all(path in str(refusal.value) for path in missing)


@pytest.mark.parametrize(
    ("changes", "clause"),
    [
        ({"cameras": ["gate", "roof"]}, "II-2"),
        ({"received_at": "2026-11-23T14:00:00+09:00"}, "II-7(2)"),
        ({"identity": {**request_on(Ground.SUBJECT)["identity"], "checked_by": "nobody"}}, "II-4"),
        ({"identity": {**request_on(Ground.SUBJECT)["identity"], "document_kind": "名刺"}}, "II-7(2)"),
        ({"identity": {**request_on(Ground.SUBJECT)["identity"], "checked_at": "2026-11-23T14:00+09:00"}}, "II-7(2)"),
        ({"from": "2026-11-19T21:00:00"}, "II-7(2)"),
        ({"evidence": {"ground": "curiosity"}}, "II-7(1)"),
        ({"kind": "lend"}, "II-7(2)"),
        ({"colour": "blue"}, "II-7(2)"),
    ],
)
def test_what_cannot_be_so_is_refused_and_recorded(office: Office, changes: dict[str, Any], clause: str) -> None:
    assert refused(office, **changes).clause == clause


@pytest.mark.parametrize(
    ("ground", "field", "value"),
    [
        (Ground.LAW_BASED, "original_seen_by", "nobody"),
        (Ground.EMERGENCY, "decided_by", "nobody"),
        (Ground.EMERGENCY, "decided_at", "2026-11-24T10:00:00+09:00"),
        (Ground.SUBJECT, "third_persons_reviewed_by", "nobody"),
        (Ground.SUBJECT, "consent_on", "2026-11-24"),
        (Ground.INVESTIGATION, "callback_verified_at", "2026-11-24T10:00:00+09:00"),
    ],
)
def test_evidence_names_people_of_the_rules_and_times_that_have_been(
    office: Office, ground: Ground, field: str, value: str
) -> None:
    data = form(ground)
    data["evidence"][field] = value
    if field == "decided_at":
        data["evidence"]["review_due"] = "2026-12-01"
    refused(office, ground=ground, evidence=data["evidence"])


def test_a_refused_request_names_who_asked_as_a_personal_value(office: Office) -> None:
    refused(office, necessity="")
    entry = office.register.entry(2)
    assert entry.personal["requester.name"] == "高橋 三郎"
    assert "必要性" in (entry.personal["decision.reason"] or "")
    assert "高橋" not in str(dict(entry.body))


def test_the_register_alone_numbers_requests(office: Office) -> None:
    with pytest.raises(PlanError):
        file_request(office, "suzuki", request_on(Ground.SUBJECT))


def test_ii_7_2_the_manager_decides_and_only_once(office: Office) -> None:
    id = filed(office)
    with pytest.raises(PolicyError) as refusal:
        decide_request(office, "suzuki", id, "approved", "必要である")
    assert refusal.value.clause == "II-4"
    decide_request(office, "sato", id, "approved", "必要である")
    found = find_request(office, id)
    assert (found.state, found.decided_by, found.decided_at) == ("approved", "sato", AT)
    with pytest.raises(PolicyError, match="already"):
        decide_request(office, "sato", id, "refused", "考え直した")
    assert [entry.kind for entry in office.register.entries()] == [
        "adoption",
        "request",
        "refusal",
        "decision",
        "refusal",
    ]


def test_ii_7_2_a_refused_request_is_recorded_and_allows_nothing(office: Office) -> None:
    id = filed(office)
    decide_request(office, "sato", id, "refused", "必要性が認められない")
    with pytest.raises(PolicyError, match="not approved"):
        approved_request(office, id, ["provide"])
    table = export_csv(office.register).decode("utf-8-sig")
    assert "必要性が認められない" in table
    assert "拒否" in table


def test_a_decision_needs_its_reason(office: Office) -> None:
    id = filed(office)
    with pytest.raises(PolicyError, match="reason"):
        decide_request(office, "sato", id, "approved", " ")
    assert find_request(office, id).state == "open"


@pytest.mark.parametrize("id", ["R-2026-0002", "r-2026-0001", "", "高橋 三郎"])
def test_a_request_that_nobody_filed_is_not_decided(office: Office, id: str) -> None:
    filed(office)
    with pytest.raises(PolicyError) as refusal:
        decide_request(office, "sato", id, "approved", "必要である")
    assert "高橋" not in str(refusal.value)
    *_, entry = office.register.entries("refusal")
    assert "高橋" not in str(dict(entry.body))


def test_a_request_is_found_with_its_state_and_not_its_names(office: Office) -> None:
    first, second = filed(office), filed(office, kind="view")
    decide_request(office, "sato", first, "approved", "必要である")
    assert [(each.id, each.state, each.kind) for each in list_requests(office)] == [
        (first, "approved", "provide"),
        (second, "open", "view"),
    ]
    assert approved_request(office, first, ["provide"]).cameras == ("gate",)
    with pytest.raises(PolicyError, match="provision"):
        approved_request(office, first, ["view"])
    assert written_in(office, find_request(office, first), "requester.name", "evidence.agency", "evidence.issuer") == [
        "高橋 三郎",
        "○○県中央警察署",
    ]
    assert all("高橋" not in str(each) + str(each.as_data()) for each in list_requests(office))
