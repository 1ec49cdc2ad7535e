"""II-6(3), II-6(4), II-10: copies are erased when due, a hold blocks that and ends, and a retirement leaves nothing."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from types import FrameType

import pytest

from privmask.errors import PolicyError
from privmask.keeping import erase_all_due, erase_copy, hold_copy, release_copy, retire
from privmask.kept import kept_copies
from privmask.office import REGISTER, VAULT, Office, open_office
from privmask.owing import Owed, owed
from privmask.register import verify_register
from privmask.register.vault import open_vault
from tests.evidence.small import end_of, in_child
from tests.offices import make_site
from tests.staging import AT, DAY, NAME, PICTURES, approved, copy_body, entries, good_site, kept_copy

DUE = AT + 30 * DAY
BEFORE = DUE - timedelta(seconds=1)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return good_site(tmp_path / "site")


@pytest.fixture
def id(site: Path) -> str:
    (found,) = (str(body["copy_id"]) for body in entries(site, "copy"))
    return found


def held(site: Path) -> list[str]:
    return [each.id for each in open_vault(site.parent / VAULT).held()]


def owing(site: Path, at: datetime, kind: str) -> list[Owed]:
    with open_office(site, at) as office:
        return [each for each in owed(office.site, list(office.register.entries()), at) if each.kind == kind]


def refused(office: Office, task: object) -> PolicyError:
    with pytest.raises(PolicyError) as refusal:
        task()  # type: ignore[operator]
    assert refusal.value.text is not None
    *_, last = office.register.entries()
    assert (last.kind, last.body.get("clause")) == ("refusal", refusal.value.clause)
    return refusal.value


def test_ii_6_4_the_clock_moves_and_a_copy_is_listed_erased_and_recorded(site: Path, id: str) -> None:
    (before,) = owing(site, BEFORE, "copy")
    assert (before.overdue, before.about, before.days_over) == (False, id, 0)
    (now,) = owing(site, DUE + 3 * DAY, "copy")
    assert (now.overdue, now.days_over, now.clause) == (True, 3, "II-6(4)")
    assert "3日超過" in now.text.ja
    with open_office(site, DUE) as office:
        swept = erase_all_due(office, "suzuki")
    assert [each.copy_id for each in swept.erased] == [id]
    assert held(site) == []
    assert owing(site, DUE, "copy") == []
    (body,) = entries(site, "erasure", DUE)
    assert (body["copy_id"], body["camera"], body["found"]) == (id, "gate", True)
    assert body["steps"][-1] == "files-removed"
    assert any("バックアップ" in limit for limit in body["cannot_promise"])
    assert verify_register(site.parent / REGISTER) == []


def test_what_is_not_due_yet_stays(site: Path, id: str) -> None:
    with open_office(site, BEFORE) as office:
        assert erase_all_due(office, "suzuki").erased == ()
    assert held(site) == [id]


def test_a_copy_may_be_erased_before_its_time_and_once_more_without_harm(site: Path, id: str) -> None:
    with open_office(site, AT) as office:
        first, second = erase_copy(office, id, "suzuki"), erase_copy(office, id, "suzuki")
    assert (first.new, second.new) == (True, False)
    assert first.erasure == second.erasure
    assert len(entries(site, "erasure")) == 1


def test_a_copy_without_a_date_is_overdue_at_once(site: Path) -> None:
    with open_office(site, AT) as office:
        other = kept_copy(office, None, erase_due=None)
    assert [each.about for each in owing(site, AT, "copy") if each.overdue] == [other]


@pytest.mark.parametrize("where", ["before the vault", "in the vault", "before the register"])
def test_an_erasure_that_was_killed_is_completed_and_recorded_once(
    site: Path, id: str, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    class KilledError(Exception):
        pass

    def killed(*_words: object, **_more: object) -> object:
        raise KilledError

    place = {
        "before the vault": "privmask.register.vault.Vault.erase",
        "in the vault": "privmask.register.vault_erasure._write_down",
        "before the register": "privmask.office.Office.record",
    }[where]
    with monkeypatch.context() as patch, open_office(site, AT) as office:
        patch.setattr(place, killed)
        with pytest.raises(KilledError):
            erase_copy(office, id, "suzuki")
    assert entries(site, "erasure") == []
    with open_office(site, DUE) as office:
        (erased,) = erase_all_due(office, "suzuki").erased
        assert erase_all_due(office, "suzuki").erased == ()
    assert (erased.copy_id, erased.new) == (id, True)
    assert held(site) == []
    assert [body["copy_id"] for body in entries(site, "erasure", DUE)] == [id]


def test_ii_6_4_a_hold_blocks_and_an_expired_one_does_not(site: Path, id: str) -> None:
    last = date(2027, 1, 31)
    with open_office(site, AT) as office:
        hold_copy(office, id, last, f"{NAME}の訴訟", "sato")
    during, after = datetime.fromisoformat("2027-01-31T23:59+09:00"), datetime.fromisoformat("2027-02-01T00:00+09:00")
    with open_office(site, during) as office:
        swept = erase_all_due(office, "suzuki")
        assert (swept.erased, [each.copy_id for each in swept.spared]) == ((), [id])
        assert refused(office, lambda: erase_copy(office, id, "suzuki")).clause == "II-6(4)"
    assert owing(site, during, "copy") == []
    (hold,) = owing(site, during, "hold")
    assert (hold.due, hold.overdue) == (last, False)
    assert [each.overdue for each in owing(site, after, "copy")] == [True]
    with open_office(site, after) as office:
        assert [each.copy_id for each in erase_all_due(office, "suzuki").erased] == [id]


def test_the_reason_of_a_hold_is_personal(site: Path, id: str) -> None:
    with open_office(site, AT) as office:
        hold_copy(office, id, date(2027, 1, 31), f"{NAME}の訴訟", "sato")
        *_, entry = office.register.entries()
    assert entry.personal == {"hold.reason": f"{NAME}の訴訟"}
    assert NAME not in str(dict(entry.body))


def test_a_hold_is_released_by_the_manager(site: Path, id: str) -> None:
    with open_office(site, AT) as office:
        hold_copy(office, id, date(2027, 12, 31), "訴訟", "sato")
        release_copy(office, id, "和解", "sato")
    with open_office(site, DUE) as office:
        assert [each.copy_id for each in erase_all_due(office, "suzuki").erased] == [id]
        assert [each.kind for each in office.register.entries() if "copy_id" in each.body] == [
            "copy", "hold", "release", "erasure",
        ]  # fmt: skip


def test_holds_that_cannot_be_are_refused_and_the_refusal_recorded(site: Path, id: str) -> None:
    soon = date(2027, 1, 31)
    with open_office(site, AT) as office:
        assert refused(office, lambda: hold_copy(office, id, soon, "訴訟", "suzuki")).clause == "II-4"
        assert refused(office, lambda: hold_copy(office, id, date(2026, 11, 22), "訴訟", "sato")).clause == "II-6(4)"
        assert refused(office, lambda: hold_copy(office, id, soon, " ", "sato")).clause == "II-6(4)"
        assert refused(office, lambda: release_copy(office, id, "和解", "sato")).clause == "II-6(4)"
        assert refused(office, lambda: hold_copy(office, NAME, soon, "訴訟", "sato")).clause == "II-6(2)"
        erase_copy(office, id, "suzuki")
        assert refused(office, lambda: hold_copy(office, id, soon, "訴訟", "sato")).clause == "II-6(4)"
        assert all(NAME not in str(dict(each.body)) for each in office.register.entries())


def test_a_copy_that_vanished_is_given_up_by_the_manager_only(site: Path, id: str) -> None:
    open_vault(site.parent / VAULT).erase(id)
    (site.parent / VAULT / "erased" / id).unlink()
    with open_office(site, DUE) as office:
        assert erase_all_due(office, "suzuki").erased == ()
        assert "盗難" in refused(office, lambda: erase_copy(office, id, "suzuki")).text.ja  # type: ignore[union-attr]
        assert refused(office, lambda: erase_copy(office, id, "suzuki", missing=True)).clause == "II-4"
        assert erase_copy(office, id, "sato", missing=True).erasure is None
    (body,) = entries(site, "erasure", DUE)
    assert (body["found"], body["steps"]) == (False, [])


def test_an_expired_person_erases_nothing(site: Path, id: str) -> None:
    with open_office(site, AT + 300 * DAY) as office:
        refused(office, lambda: erase_all_due(office, "suzuki"))
    assert held(site) == [id]


def test_personal_values_of_the_register_are_erased_after_its_years(site: Path) -> None:
    site = make_site(site.parent.parent / "other", ("2027-03-31", "2039-03-31"), ("2027-03-31", "2039-03-31"))
    with open_office(site, AT) as office:
        approved(office)
    later = AT.replace(year=AT.year + 5)
    assert [each.overdue for each in owing(site, later - timedelta(seconds=1), "personal")] == [False, False]
    assert [each.overdue for each in owing(site, later, "personal")] == [True, True]
    assert NAME.encode() in b"".join(path.read_bytes() for path in (site.parent / "register").iterdir())
    with open_office(site, later) as office:
        assert erase_all_due(office, "suzuki").personal == 2
        assert erase_all_due(office, "suzuki").personal == 0
    assert NAME.encode() not in b"".join(path.read_bytes() for path in (site.parent / "register").iterdir())
    assert owing(site, later, "personal") == []
    assert verify_register(site.parent / REGISTER) == []


def test_ii_10_a_retired_camera_leaves_no_copy_of_its_own(site: Path, id: str) -> None:
    with open_office(site, AT) as office:
        other = kept_copy(office, None, "arcade")
        done = retire(office, "gate", ["hdd-1"], "sato")
    assert ([each.copy_id for each in done.erased], held(site)) == ([id], [other])
    (body,) = entries(site, "retirement")
    assert (body["camera"], body["copies"], body["media"]) == ("gate", [id], ["hdd-1"])
    assert [(each.about, each.overdue, each.clause) for each in owing(site, AT, "medium")] == [
        ("hdd-1", True, "II-6(5)")
    ]


def test_ii_10_after_a_site_is_retired_nothing_decrypts(site: Path, id: str) -> None:
    backup = (site.parent / VAULT / "copies" / id / "copy.age").read_bytes()
    with open_office(site, AT) as office:
        unrecorded = office.folder / "x.mp4"
        unrecorded.write_bytes(PICTURES)
        office.vault().put(unrecorded, "x.mp4", AT)
        retire(office, None, [], "sato")
        retire(office, None, [], "sato")
        with pytest.raises(PolicyError):
            office.vault().take(id, site.parent / "taken")
        with pytest.raises(PolicyError):
            office.vault().put(unrecorded, "x.mp4", AT)
        assert not office.vault().check()
    assert held(site) == []
    assert backup
    assert not (site.parent / VAULT / "site-key").exists()
    first, _ = entries(site, "retirement")
    assert first["site"] is True
    assert len(first["unrecorded"]) == 1
    assert first["key"]


def test_a_retirement_waits_for_holds_and_for_the_manager(site: Path, id: str) -> None:
    with open_office(site, AT) as office:
        assert refused(office, lambda: retire(office, "gate", [], "suzuki")).clause == "II-4"
        assert refused(office, lambda: retire(office, "no-such", [], "sato")).clause == "II-2"
        last = kept_copy(office, None)
        hold_copy(office, last, date(2027, 1, 31), "訴訟", "sato")
        assert last in str(refused(office, lambda: retire(office, None, [], "sato")))
    assert {*held(site)} == {id, last}


def test_a_copy_recorded_and_never_put_can_be_retired(site: Path) -> None:
    with open_office(site, AT) as office:
        office.record("copy", "suzuki", copy_body(office, "ab" * 16, None))
        assert [each.erasure is None for each in retire(office, "gate", [], "sato").erased] == [False, True]
        assert all(each.erased_at for each in kept_copies(office.register.entries()).values())


def test_killed_at_any_point_an_erasure_is_recorded_once_by_the_next_run(site: Path, id: str, tmp_path: Path) -> None:
    steps = count(1, 17)
    for step in steps:
        folder = tmp_path / f"killed-{step}"
        shutil.copytree(site.parent, folder)
        end = end_of(in_child(partial(_die_erasing, folder / "site.toml", id, step)))
        with open_office(folder / "site.toml", AT) as office:
            erase_copy(office, id, "suzuki")
            assert [each.body["copy_id"] for each in office.register.entries("erasure")] == [id]
            assert not office.vault().check()
        assert verify_register(folder / REGISTER) == []
        if end != -signal.SIGKILL:
            break
    assert (end, step > 1000) == (0, True)


def _die_erasing(site: Path, id: str, step: int) -> None:
    """Erase, and be killed before or after the `step`-th call out of Python, to the disk or to SQLite among them."""
    seen = 0

    def watch(_frame: FrameType, event: str, _function: object) -> None:
        nonlocal seen
        seen += event in ("c_call", "c_return")
        if seen == step:
            os.kill(os.getpid(), signal.SIGKILL)

    with open_office(site, AT) as office:
        sys.setprofile(watch)
        erase_copy(office, id, "suzuki")
        sys.setprofile(None)
