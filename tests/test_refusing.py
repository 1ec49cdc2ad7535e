"""II-4, III: what is refused before the office is open is recorded too, wherever there is a register."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from privmask.errors import CopyError, PlanError, PolicyError
from privmask.office import REGISTER, open_office
from privmask.policy import load_site, policy_hash
from privmask.recording import record
from privmask.register import Entry, create_register, open_register, verify_register
from tests.offices import adopt, make_site, signer_of
from tests.policy.sites import NOON
from tests.staging import AT, DAY

CLOCK = {"noticed_at": AT.isoformat(), "happened": "ahead", "text": "電池の交換"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with a register, which tells of the adoption."""
    site = make_site(tmp_path / "site")
    with open_office(site, AT):
        pass
    return site


def told(site: Path) -> list[Entry]:
    """What the register says beyond the adoption; it is whole."""
    assert verify_register(site.parent / REGISTER) == []
    with open_register(site.parent / REGISTER) as register:
        return [each for each in register.entries() if each.kind != "adoption"]


def refused(site: Path, at: object = AT) -> PolicyError:
    with pytest.raises(PolicyError) as refusal, open_office(site, at, act="provide"):  # type: ignore[arg-type]
        pass
    return refusal.value


def _changed(site: Path) -> None:
    site.write_bytes(site.read_bytes() + b"#")


def _not_adopted(site: Path) -> None:
    (site.parent / "site.adopted.json").unlink()


def _picture_changed(site: Path) -> None:
    (site.parent / "reference" / "gate.png").write_bytes(b"another picture")


def _forged(site: Path) -> None:
    path = site.parent / "site.adopted.json"
    path.write_bytes(path.read_bytes().replace(b'"by":"sato"', b'"by":"suzu"'))


def _no_rules_at_all(site: Path) -> None:
    site.write_bytes(b"\x00 no TOML")


HARMS = [_changed, _not_adopted, _picture_changed, _forged, _no_rules_at_all]


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__.strip("_"))
def test_iii_what_is_refused_under_rules_that_do_not_hold_is_recorded(site: Path, harm: Callable[[Path], None]) -> None:
    adopted = policy_hash(site.read_bytes())
    harm(site)
    assert refused(site).clause == "III"
    (entry,) = told(site)
    expected = None if harm is _not_adopted else adopted
    assert (entry.kind, entry.actor, entry.policy_sha256) == ("refusal", "unknown", adopted)
    assert dict(entry.body) == {
        "act": "provide",
        "policy": {"found": policy_hash(site.read_bytes()), "expected": expected},
        "clause": "III",
    }
    assert bool(entry.personal) == (harm is not _no_rules_at_all)  # how long it may be kept stands in the rules


def test_rules_adopted_by_a_newer_privmask_are_refused_and_that_is_recorded(site: Path) -> None:
    known = load_site(site)
    site.write_bytes(site.read_bytes().replace(b"privmask.site.v1", b"privmask.site.v2"))
    with pytest.MonkeyPatch.context() as newer:
        newer.setattr("privmask.adopting.site_from", lambda *_: known)
        adopt(site)
    with pytest.raises(PlanError, match="newer"), open_office(site, AT, act="view"):
        pass
    (entry,) = told(site)
    assert (entry.body["act"], entry.body["clause"]) == ("view", "III")


def test_without_a_register_nothing_is_made_to_record_a_refusal_in(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", adopted=False)
    refused(site)
    assert not (site.parent / REGISTER).exists()


def test_a_refusal_that_cannot_be_recorded_is_an_error_of_its_own(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _changed(site)
    with monkeypatch.context() as patch:
        patch.setattr("privmask.register.Register.append", _disk_full)
        with pytest.raises(CopyError, match="disk full"), open_office(site, AT):
            pass
    assert told(site) == []


def _disk_full(*_: object) -> object:
    raise CopyError("disk full")


def test_a_register_of_another_site_is_not_written_to(site: Path) -> None:
    for file in (site.parent / REGISTER.parent).iterdir():
        file.unlink()
    create_register(site.parent / REGISTER, "minami", NOON)
    _changed(site)
    assert "minami" in str(refused(site))
    assert told(site) == []


def test_ii_7_2_by_a_clock_that_was_set_back_everything_is_refused_and_each_time_recorded(site: Path) -> None:
    early = AT - DAY / 24 / 2
    for count in (1, 2, 3):
        assert refused(site, early).clause == "II-7(2)"
        entries = told(site)
        assert len(entries) == count
        assert entries[-1].at == AT
        clock = early.astimezone(ZoneInfo("Asia/Tokyo")).isoformat()
        assert entries[-1].body == {"act": "provide", "clause": "II-7(2)", "clock": clock}
    with open_office(site, AT - timedelta(seconds=60)):  # a writer that waited
        pass


def test_ii_7_2_the_manager_records_that_the_clock_was_ahead_and_work_goes_on(site: Path) -> None:
    early = AT - timedelta(minutes=20)
    data = {**CLOCK, "noticed_at": early.isoformat()}
    with open_office(site, early, set_back=True) as office:
        with pytest.raises(PolicyError):
            record(office, "clock", data, "suzuki")
        record(office, "clock", data, "sato")
    with open_office(site, early) as office:
        assert office.register.head().at == early
    assert [each.kind for each in told(site)] == ["refusal", "clock"]
    assert told(site)[1].body["clock_set_back"] is True


def test_a_clock_that_is_not_behind_has_nothing_to_be_recorded(site: Path) -> None:
    with open_office(site, AT, set_back=True) as office, pytest.raises(PolicyError, match="not behind"):
        record(office, "clock", CLOCK, "sato")
    assert told(site) == []


def test_an_adoption_after_refusals_goes_on_in_the_same_register(site: Path) -> None:
    _changed(site)
    refused(site)
    adopt(site)
    with open_office(site, AT) as office:
        assert [each.kind for each in office.register.entries()] == ["adoption", "refusal", "adoption"]
    assert signer_of(site).key_id in site.read_text()
