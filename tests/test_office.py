"""The office: nothing is done without adopted rules and a valid person, and what is refused is recorded."""

from __future__ import annotations

import multiprocessing
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from privmask.errors import PolicyError
from privmask.language import Text
from privmask.office import REGISTER, open_office
from privmask.policy import Ground
from privmask.provision import HandOver, provide_copy
from privmask.register import Entry, verify_register
from privmask.requesting import file_request
from tests.offices import adopt, make_site
from tests.policy.sites import NOON, site_text
from tests.policy.test_requests import request_on
from tests.register.vaults import RECIPIENT
from tests.test_provision import DISC, approved, kept

AT = NOON + timedelta(hours=1)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_site(tmp_path / "site")


def entries(site: Path, at: datetime = AT) -> list[Entry]:
    with open_office(site, at) as office:
        return list(office.register.entries())


def test_iii_nothing_is_done_under_rules_that_are_not_adopted(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", adopted=False)
    with pytest.raises(PolicyError) as refusal, open_office(site, AT):
        pass
    assert refusal.value.clause == "III"
    assert not (site.parent / "register").exists()


def test_iii_one_changed_character_stops_everything_until_the_rules_are_adopted_again(site: Path) -> None:
    entries(site)
    site.write_bytes(site_text() + b"#")
    with pytest.raises(PolicyError, match="adopt"), open_office(site, AT):
        pass
    adopt(site)
    first, refusal, second = entries(site)
    assert (first.kind, refusal.kind, second.kind) == ("adoption", "refusal", "adoption")
    assert first.policy_sha256 != second.policy_sha256


def test_an_adoption_is_recorded_once(site: Path) -> None:
    entries(site)
    (entry,) = entries(site)
    assert (entry.kind, entry.actor) == ("adoption", "sato")
    assert verify_register(site.parent / REGISTER) == []


def test_register_and_vault_are_this_users_alone(site: Path) -> None:
    with open_office(site, AT) as office:
        office.vault()
    for each in [site.parent / "register", site.parent / "vault", *(site.parent / "vault").rglob("*")]:
        assert each.stat().st_mode & 0o077 == 0, each
    assert (site.parent / REGISTER).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("who", "role", "at", "actor"),
    [
        ("sato", "operator", AT, "sato"),
        ("suzuki", "manager", AT, "suzuki"),
        ("tanaka", "operator", datetime.fromisoformat("2027-01-01T00:00+09:00"), "tanaka"),
        ("nobody", None, AT, "unknown"),
    ],
)
def test_ii_4_an_unknown_or_expired_actor_is_refused_and_the_refusal_recorded(
    site: Path, who: str, role: str | None, at: datetime, actor: str
) -> None:
    with open_office(site, at) as office, pytest.raises(PolicyError) as refusal:
        office.actor(who, role, {"act": "provide"})  # type: ignore[arg-type]
    assert refusal.value.clause == "II-4"
    (_, entry) = entries(site, at)
    assert (entry.kind, entry.actor, dict(entry.body)) == ("refusal", actor, {"act": "provide", "clause": "II-4"})
    assert entry.personal["decision.reason"]


def test_ii_9_somebody_of_a_contractor_whose_access_ended_is_refused(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", ("access_ends = 2027-03-31", "access_ends = 2026-12-31"))
    at = datetime.fromisoformat("2026-12-31T12:00+09:00")
    with open_office(site, at) as office:
        assert office.actor("tanaka").id == "tanaka"
    with open_office(site, at + timedelta(days=1)) as office, pytest.raises(PolicyError):
        office.actor("tanaka")


def test_what_somebody_typed_as_an_actor_is_kept_as_a_personal_value(site: Path) -> None:
    with open_office(site, AT) as office:
        with pytest.raises(PolicyError):
            office.actor("高橋 三郎")
        entry = office.register.entry(2)
        assert entry.personal["actor.given"] == "高橋 三郎"
        office.register.erase_personal(
            entry.at.replace(year=2040), AT.replace(year=2040), actor="sato", policy_sha256=office.policy_sha256
        )
    files = (site.parent / REGISTER).parent.iterdir()
    assert not any("高橋 三郎".encode() in each.read_bytes() for each in files)


def test_a_refusal_is_recorded_once_however_many_blocks_it_passes(site: Path) -> None:
    with open_office(site, AT) as office:
        with pytest.raises(PolicyError), office.refusals("sato"), office.refusals("sato", {"act": "mask"}):
            office.refuse("sato", Text("いけません", "no"), "II-2", {"act": "mask", "camera": "gate"})
        (refusal,) = office.register.entries("refusal")
    assert dict(refusal.body) == {"act": "mask", "camera": "gate", "clause": "II-2"}
    assert refusal.personal == {"decision.reason": "いけません"}


def test_what_is_personal_is_kept_for_the_years_of_the_rules(site: Path) -> None:
    with open_office(site, datetime.fromisoformat("2027-02-28T12:00+09:00")) as office:
        office.record("complaint", "sato", {}, {"from": "somebody"})
        assert office.register.entry(2).erase_after == "2032-02-28T03:00:00Z"


def test_a_leap_day_has_an_end_too(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", *[("valid_until = 2027-03-31", "valid_until = 2029-03-31")] * 2)
    with open_office(site, datetime.fromisoformat("2028-02-29T12:00+09:00")) as office:
        assert office.keep_until.isoformat() == "2033-03-01T12:00:00+09:00"


def test_a_register_that_is_gone_is_not_begun_anew(site: Path) -> None:
    with open_office(site, AT) as office:
        office.vault()
    shutil.rmtree(site.parent / "register")
    with pytest.raises(PolicyError, match="bring the register back"), open_office(site, AT):
        pass
    assert not (site.parent / "register").exists()


def test_a_vault_that_is_gone_is_not_begun_anew(site: Path) -> None:
    with open_office(site, AT) as office:
        office.vault()
        office.record("copy", "suzuki", {"copy_id": "0" * 32})
    shutil.rmtree(site.parent / "vault")
    with open_office(site, AT) as office, pytest.raises(PolicyError, match="bring it back"):
        office.vault()
    assert not (site.parent / "vault").exists()


def test_a_register_of_another_site_is_refused(site: Path, tmp_path: Path) -> None:
    other = make_site(tmp_path / "other", ('id = "chuo"', 'id = "minami"'))
    entries(other)
    shutil.copytree(other.parent / "register", site.parent / "register")
    with pytest.raises(PolicyError, match="minami"), open_office(site, AT):
        pass


def test_clerks_wait_for_each_other(site: Path) -> None:
    entries(site)
    turns = site.parent / "turns"
    turns.write_text("")
    clerks = [multiprocessing.get_context("fork").Process(target=_count, args=(site, turns)) for _ in range(4)]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    assert turns.read_text() == "0123456789" * 4


def _count(site: Path, turns: Path) -> None:
    with open_office(site, AT) as office:
        for _ in range(10):
            with office.alone():
                turns.write_text(turns.read_text() + str(len(turns.read_text()) % 10))


def test_ii_5_no_name_of_a_requester_stands_in_an_error_a_file_name_or_a_byte_after_it_was_erased(
    tmp_path: Path,
) -> None:
    planted = "岩ノ城 ぽぽ三郎"
    site = make_site(tmp_path / "site")
    with open_office(site, AT) as office:
        evidence = request_on(Ground.INVESTIGATION)["evidence"] | {"officer": {"rank": "巡査", "name": planted}}
        requester = {"name": planted, "affiliation": f"{planted}事務所", "contact": f"{planted}方"}
        id = approved(office, requester=requester, evidence=evidence, necessity=f"{planted}の依頼")
        copy_id = kept(office, id)
        target = tmp_path / "copy.age"
        provide_copy(office, "suzuki", copy_id, HandOver(planted, DISC, [RECIPIENT]), target)
        with pytest.raises(PolicyError) as refusal:
            file_request(office, "suzuki", {"requester": requester, "kind": planted})
        assert planted not in str(refusal.value)
        with pytest.raises(PolicyError) as refusal:
            provide_copy(office, "suzuki", copy_id, HandOver("別人", DISC, [RECIPIENT]), tmp_path / "other.age")
        assert planted not in str(refusal.value)
        later = AT.replace(year=2032)
        office.register.erase_personal(later, later, actor="sato", policy_sha256=office.policy_sha256)
    paths = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(planted in str(path) for path in paths)
    assert [path for path in paths if planted.encode() in path.read_bytes()] == []
    assert verify_register(site.parent / REGISTER) == []


def test_what_is_done_on_a_machine_of_another_zone_is_recorded_in_the_sites_own_time(site: Path) -> None:
    (entry,) = entries(site, AT.astimezone(UTC))
    assert entry.at == AT
    assert entry.at.isoformat().endswith("+09:00")
