"""`privmask due`, `erase`, `hold`, `retire`: from the list on the wall to the last key."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from privmask.cli import clock
from privmask.office import VAULT, open_office
from privmask.register.vault import open_vault
from tests.cli.conftest import Privmask
from tests.cli.governed import AT, enter
from tests.staging import DAY, approved, kept_copy

LATE = AT + 33 * DAY


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return enter(tmp_path, monkeypatch)


@pytest.fixture
def id(site: Path) -> str:
    with open_office(site, AT) as office:
        return kept_copy(office, approved(office))


@pytest.fixture
def late(id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert id
    monkeypatch.setattr(clock, "now", lambda: LATE)


def held(site: Path) -> list[str]:
    return [each.id for each in open_vault(site.parent / VAULT).held()]


@pytest.mark.usefixtures("late")
def test_a_late_copy_is_listed_erased_and_listed_no_more(privmask: Privmask, site: Path, id: str) -> None:
    listed = privmask("--lang", "ja", "due")
    assert (listed.code, listed.err) == (0, "")
    assert f"期限超過 複写 {id} の消去（期限 2026-12-23、3日超過） [II-6(4)]" in listed.out
    (found,) = (each for each in privmask("due", "--json").data["due"] if each["kind"] == "copy")
    assert (found["about"], found["days_over"], found["overdue"]) == (id, 3, True)
    done = privmask("--lang", "ja", "erase", "--due", "--as", "suzuki")
    assert (done.code, done.err) == (0, "")
    assert f"複写 {id} を消去しました" in done.out
    assert "消去で保証できないこと" in done.out
    assert held(site) == []
    assert id not in privmask("due").out
    again = privmask("erase", "--due", "--as", "suzuki")
    assert (again.code, "nothing to erase" in again.out) == (0, True)


def test_what_comes_soon_is_listed_as_far_as_asked(privmask: Privmask, id: str) -> None:
    assert id not in privmask("due").out
    assert "in 30 days" in privmask("due", "--within", "30").out
    assert privmask("--lang", "ja", "due", "--within", "30").out.startswith(f"予定 複写 {id}")


def test_one_copy_is_erased_by_its_id(privmask: Privmask, site: Path, id: str) -> None:
    done = privmask("erase", id, "--as", "suzuki", "--json")
    (erased,) = done.data["erased"]
    assert (done.code, erased["copy_id"], erased["recorded_now"]) == (0, id, True)
    assert erased["steps"][-1] == "files-removed"
    assert erased["cannot_promise"]
    assert held(site) == []
    assert "before" in privmask("erase", id, "--as", "suzuki").out


@pytest.mark.parametrize("words", [(), ("--due", "ab" * 16), ("--due", "--missing")])
def test_erase_wants_to_know_what(privmask: Privmask, site: Path, words: tuple[str, ...]) -> None:
    assert site.exists()
    assert privmask("erase", *words, "--as", "suzuki").code == 2


@pytest.mark.usefixtures("late")
def test_a_hold_stops_the_erasure_until_it_is_released(privmask: Privmask, site: Path, id: str) -> None:
    done = privmask("--lang", "ja", "hold", id, "--until", "2027-01-31", "--reason", "訴訟", "--as", "sato")
    assert (done.code, "2027-01-31 まで停止" in done.out) == (0, True)
    spared = privmask("--lang", "ja", "erase", "--due", "--as", "suzuki")
    assert (spared.code, f"複写 {id} は消去停止中" in spared.out) == (0, True)
    refused = privmask("erase", id, "--as", "suzuki", "--json")
    assert (refused.code, refused.data["error"]["clause"]) == (5, "II-6(4)")
    assert privmask("hold", id, "--release", "--reason", "settled", "--as", "sato").code == 0
    assert privmask("erase", "--due", "--as", "suzuki").code == 0
    assert held(site) == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--until", "2027-01-31", "--as", "suzuki"), 5),
        (("--until", "2026-01-31", "--as", "sato"), 5),
        (("--until", "soon", "--as", "sato"), 2),
        (("--as", "sato"), 2),
        (("--release", "--until", "2027-01-31", "--as", "sato"), 2),
    ],
)
def test_a_hold_that_cannot_be_is_refused(privmask: Privmask, id: str, words: tuple[str, ...], code: int) -> None:
    done = privmask("--lang", "ja", "hold", id, "--reason", "訴訟", *words)
    assert done.code == code
    assert done.err.startswith("privmask: ")


def test_a_camera_is_retired_with_its_copies_and_media(privmask: Privmask, site: Path, id: str) -> None:
    unsure = privmask("retire", "gate", "--as", "sato")
    assert (unsure.code, held(site)) == (2, [id])
    done = privmask("--lang", "ja", "retire", "gate", "--medium", "hdd-1", "--as", "sato", "--yes")
    assert (done.code, done.err) == (0, "")
    assert "retired_on" in done.out
    assert "  hdd-1" in done.out
    assert held(site) == []
    assert "hdd-1" in privmask("due").out
    disposal = {
        "medium": "hdd-1",
        "disposed_on": "2026-11-23",
        "method": "shredded",
        "carried_out_by": "x",
        "witness": "y",
    }
    sets = [word for name, value in disposal.items() for word in ("--set", f"{name}={value}")]
    assert privmask("record", "disposal", *sets, "--as", "sato").code == 0
    assert "hdd-1" not in privmask("due").out


def test_a_whole_site_is_retired_with_its_key(privmask: Privmask, site: Path, id: str) -> None:
    assert id in held(site)
    done = privmask("retire", "--whole-site", "--as", "sato", "--yes", "--json")
    assert (done.code, [each["copy_id"] for each in done.data["erased"]]) == (0, [id])
    assert not (site.parent / VAULT / "site-key").exists()


@pytest.mark.parametrize("words", [(), ("gate", "--whole-site")])
def test_retire_wants_to_know_what(privmask: Privmask, id: str, site: Path, words: tuple[str, ...]) -> None:
    assert privmask("retire", *words, "--as", "sato", "--yes").code == 2
    assert held(site) == [id]


def test_names_are_gone_after_the_years_of_the_rules(
    privmask: Privmask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "years").mkdir()
    site = enter(tmp_path / "years", monkeypatch, ("2027-03-31", "2039-03-31"), ("2027-03-31", "2039-03-31"))
    with open_office(site, AT) as office:
        approved(office)
    monkeypatch.setattr(clock, "now", lambda: AT.replace(year=AT.year + 5) + timedelta(days=1))
    done = privmask("--lang", "ja", "erase", "--due", "--as", "suzuki", "--json")
    assert (done.code, done.data["personal"]) == (0, 2)
    assert "高橋".encode() not in b"".join(path.read_bytes() for path in (site.parent / "register").iterdir())


@pytest.mark.parametrize(("typed", "code"), [("gate", 0), ("no", 2)])
def test_on_a_terminal_a_retirement_is_confirmed_by_name(
    privmask: Privmask, site: Path, id: str, monkeypatch: pytest.MonkeyPatch, typed: str, code: int
) -> None:
    monkeypatch.setattr("privmask.cli.retire.is_terminal", lambda: True)
    monkeypatch.setattr("typer.prompt", lambda *_, **__: typed)
    assert privmask("retire", "gate", "--as", "sato").code == code
    assert held(site) == ([] if code == 0 else [id])
