"""`privmask provide`: what is handed over, what is on paper, and what a clerk is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from privmask.cli import clock
from privmask.errors import CopyError
from privmask.office import open_office
from tests.cli.conftest import Privmask
from tests.cli.governed import enter
from tests.register.vaults import RECIPIENT
from tests.test_provision import DISC, WHO, approved, kept


@pytest.fixture
def copy_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A copy in the vault of the site in the working folder."""
    with open_office(enter(tmp_path, monkeypatch), clock.now()) as office:
        return kept(office, approved(office))


def words(copy_id: str, *more: str) -> tuple[str, ...]:
    return ("provide", copy_id, "--to", WHO, "--medium", DISC, "--as", "suzuki", "-o", "copy.age", *more)


def test_a_copy_is_handed_over_with_its_slip_and_receipt(privmask: Privmask, copy_id: str) -> None:
    done = privmask("--lang", "ja", *words(copy_id, "--recipient", RECIPIENT))
    assert (done.code, done.err) == (0, "")
    assert "privmask.receipt.v1" in done.out
    assert WHO not in done.out
    assert Path("copy.age").stat().st_mode & 0o077 == 0
    slip = Path("copy.age.record.html")
    assert "提供記録票" in slip.read_text()
    assert slip.stat().st_mode & 0o077 == 0


def test_as_json_it_names_file_hash_and_receipt(privmask: Privmask, copy_id: str) -> None:
    done = privmask(*words(copy_id, "--recipient", RECIPIENT, "--slip", "slip.html", "--json"))
    assert (done.code, done.data["copy_id"], done.data["request_id"]) == (0, copy_id, "R-2026-0001")
    assert (done.data["slip"], done.data["key"]) == ("slip.html", None)
    with open_office("site.toml", clock.now()) as office:
        assert office.register.head().as_data() == done.data["receipt"]


def test_a_recipient_without_a_key_gets_a_passphrase(
    privmask: Privmask, copy_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "words").write_text("seven words that nobody guesses today\n")
    (tmp_path / "words").chmod(0o600)
    monkeypatch.setenv("PRIVMASK_PASSPHRASE_FILE", str(tmp_path / "words"))
    done = privmask("--lang", "ja", *words(copy_id, "--passphrase"))
    assert done.code == 0, done.err
    assert "電話など別の方法" in done.out
    assert "seven words" not in done.out
    assert Path("copy.age.key").exists()


@pytest.mark.parametrize("more", [(), ("--recipient", "age1x"), ("--recipient", RECIPIENT, "--to", "週刊誌")])
def test_what_is_refused_leaves_no_file(privmask: Privmask, copy_id: str, more: tuple[str, ...]) -> None:
    assert privmask(*words(copy_id, *more)).code in (2, 5)
    assert not Path("copy.age").exists()
    assert not Path("copy.age.record.html").exists()


@pytest.mark.parametrize("name", ["copy.age", "copy.age.record.html"])
def test_nothing_is_replaced(privmask: Privmask, copy_id: str, name: str) -> None:
    Path(name).write_bytes(b"mine")
    assert privmask(*words(copy_id, "--recipient", RECIPIENT)).code == 7
    assert Path(name).read_bytes() == b"mine"
    with open_office("site.toml", clock.now()) as office:
        assert list(office.register.entries("provision")) == []


def test_a_slip_that_could_not_be_written_is_made_again_from_the_register_without_another_hand_over(
    privmask: Privmask, copy_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise CopyError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("privmask.evidence.Aside.publish", full)
        done = privmask(*words(copy_id, "--recipient", RECIPIENT))
    assert done.code == 7
    with open_office("site.toml", clock.now()) as office:
        receipt = office.register.head()
    assert f"privmask register slip {receipt.seq}" in done.err
    assert Path("copy.age").exists()
    for which in (str(receipt.seq), copy_id):
        done = privmask("register", "slip", which, "-o", f"{which}.html", "--as", "suzuki")
        assert done.code == 0, done.err
        assert receipt.as_text().rstrip() in done.out
        page = Path(f"{which}.html").read_text()
        assert WHO in page
        assert "台帳から再び作成" in page
        assert WHO not in done.out
    with open_office("site.toml", clock.now()) as office:
        assert office.register.head() == receipt


@pytest.mark.parametrize("which", ["1", "0", "999", "nothing", "f" * 32, "-1"])
def test_there_is_no_slip_of_what_was_no_hand_over(privmask: Privmask, copy_id: str, which: str) -> None:
    assert copy_id
    done = privmask("register", "slip", "-o", "slip.html", "--as", "suzuki", "--", which)
    assert (done.code, Path("slip.html").exists()) == (2, False)


def test_ii_4_a_slip_for_nobody_is_refused_and_that_is_recorded(privmask: Privmask, copy_id: str) -> None:
    assert privmask("register", "slip", copy_id, "-o", "slip.html", "--as", "nobody").code == 5
    with open_office("site.toml", clock.now()) as office:
        *_, refusal = office.register.entries("refusal")
    assert refusal.body["act"] == "slip"
    assert not Path("slip.html").exists()
