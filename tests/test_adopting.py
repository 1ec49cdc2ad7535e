"""The manager adopts the rules; one changed character later they hold no more."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from privmask.adopting import Adopted, adopt_site, adoption_path, require_adopted
from privmask.errors import CopyError, PlanError, PolicyError
from privmask.evidence import keyring
from privmask.evidence.keyring import KEY
from privmask.evidence.signers import KeyFileSigner
from privmask.evidence.sshsig import NAMESPACE
from privmask.policy import policy_hash
from tests.evidence import rings
from tests.policy.sites import NOON, keyed, site_text

LATER = NOON + timedelta(days=1)


@pytest.fixture
def ring(tmp_path: Path) -> Path:
    rings.make(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def signer(ring: Path) -> KeyFileSigner:
    return KeyFileSigner(ring / KEY)


@pytest.fixture
def site(tmp_path: Path, signer: KeyFileSigner) -> Path:
    """Good rules in a folder of their own, with the manager's key and the reference picture that they name."""
    folder = tmp_path / "site"
    (folder / "reference").mkdir(parents=True)
    (folder / "reference" / "gate.png").write_bytes(b"a picture")
    (folder / "site.toml").write_bytes(keyed(site_text(), signer.key_id))
    return folder / "site.toml"


def refused(site: Path, at: datetime = LATER) -> PolicyError:
    with pytest.raises(PolicyError) as refusal:
        require_adopted(site, at)
    assert refusal.value.exit_code == 5
    assert refusal.value.text is not None
    return refusal.value


def names(site: Path) -> set[str]:
    return {each.name for each in site.parent.iterdir() if each.is_file()}


def test_adopted_rules_hold(site: Path, signer: KeyFileSigner) -> None:
    done = adopt_site(site, "sato", signer, NOON)
    assert done == require_adopted(site, LATER)
    assert isinstance(done, Adopted)
    assert (done.by, done.at, done.key_id, done.sha256) == ("sato", NOON, signer.key_id, policy_hash(site.read_bytes()))
    assert names(site) == {"site.toml", "site.adopted.json", "site.adopted.json.sig"}


def test_the_record_names_no_person_by_name(site: Path, signer: KeyFileSigner) -> None:
    adopt_site(site, "sato", signer, NOON)
    text = adoption_path(site).read_text()
    assert "佐藤" not in text
    assert json.loads(text)["by"] == "sato"
    assert {each.stat().st_mode & 0o077 for each in (adoption_path(site), site.parent / "site.adopted.json.sig")} == {0}


def test_rules_that_nobody_adopted_do_not_hold(site: Path) -> None:
    assert "privmask policy adopt" in str(refused(site))


def test_every_single_changed_character_stops_what_the_rules_govern(site: Path, signer: KeyFileSigner) -> None:
    adopt_site(site, "sato", signer, NOON)
    good = site.read_bytes()
    for at in (0, 40, len(good) // 2, len(good) - 1):
        site.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        error = refused(site)
        assert error.clause == "III"
        assert "policy adopt" in str(error)
    for other in (good + b"\n", good[:-1], good.replace(b"\n", b"\r\n"), b""):
        site.write_bytes(other)
        refused(site)
    site.write_bytes(good)
    assert require_adopted(site, LATER).by == "sato"


def test_a_comment_counts_as_well(site: Path, signer: KeyFileSigner) -> None:
    adopt_site(site, "sato", signer, NOON)
    site.write_bytes(site.read_bytes() + "# 追記\n".encode())
    assert "採択" in refused(site).text.ja  # type: ignore[union-attr]


@pytest.mark.parametrize("harm", ["changed", "gone", "a link"])
def test_a_file_that_the_rules_name_is_adopted_with_them(site: Path, signer: KeyFileSigner, harm: str) -> None:
    adopt_site(site, "sato", signer, NOON)
    picture = site.parent / "reference" / "gate.png"
    if harm == "changed":
        picture.write_bytes(b"a pictura")
    else:
        picture.unlink()
    if harm == "a link":
        picture.symlink_to(site)
    assert "gate.png" in str(refused(site))


def test_rules_that_name_a_file_that_is_not_there_cannot_be_adopted(site: Path, signer: KeyFileSigner) -> None:
    (site.parent / "reference" / "gate.png").unlink()
    with pytest.raises(PlanError, match=r"gate\.png"):
        adopt_site(site, "sato", signer, NOON)
    assert names(site) == {"site.toml"}


@pytest.mark.parametrize(
    ("who", "at", "clause"),
    [
        ("suzuki", NOON, "II-4"),
        ("nobody", NOON, "II-4"),
        ("sato", datetime(2026, 3, 31, 14, tzinfo=UTC), None),
        ("sato", datetime(2027, 3, 31, 15, tzinfo=UTC), None),
    ],
)
def test_only_a_manager_of_the_day_adopts(
    site: Path, signer: KeyFileSigner, who: str, at: datetime, clause: str | None
) -> None:
    with pytest.raises((PolicyError, PlanError)) as refusal:
        adopt_site(site, who, signer, at)
    assert getattr(refusal.value, "clause", None) == clause
    assert names(site) == {"site.toml"}


def test_rules_with_a_mistake_cannot_be_adopted(site: Path, signer: KeyFileSigner) -> None:
    site.write_bytes(keyed(site_text(("copies_days = 30\n", "")), signer.key_id))
    with pytest.raises(PlanError, match="copies_days"):
        adopt_site(site, "sato", signer, NOON)
    assert names(site) == {"site.toml"}


def test_the_key_that_the_rules_name_is_the_only_one(site: Path, signer: KeyFileSigner, tmp_path: Path) -> None:
    rings.make(tmp_path / "other")
    other = KeyFileSigner(tmp_path / "other" / KEY)
    with pytest.raises(PolicyError, match=re.escape(signer.key_id)) as refusal:
        adopt_site(site, "sato", other, NOON)
    assert str(refusal.value).endswith(f'\nkey = "{other.key_id}"')
    assert names(site) == {"site.toml"}
    assert adopt_site(site, "sato", signer, NOON).key_id == signer.key_id


def test_iii_without_the_managers_key_nobody_adopts_and_the_line_to_add_is_told(
    site: Path, signer: KeyFileSigner
) -> None:
    line = f'key = "{signer.key_id}"'
    site.write_bytes(site_text())
    with pytest.raises(PolicyError) as refusal:
        adopt_site(site, "sato", signer, NOON)
    assert refusal.value.clause == "III"
    assert refusal.value.text
    assert refusal.value.text.ja.endswith(f"\n{line}")
    assert names(site) == {"site.toml"}
    site.write_text(site.read_text().replace('id = "sato"\n', f'id = "sato"\n{line}\n'))
    assert adopt_site(site, "sato", signer, NOON).key_id == signer.key_id


def test_an_operators_key_adopts_nothing(site: Path, signer: KeyFileSigner) -> None:
    moved = keyed(site_text(), signer.key_id).replace(b'id = "sato"', b'id = "swap"').replace(b'"suzuki"', b'"sato"')
    site.write_bytes(moved)
    with pytest.raises(PolicyError) as refusal:
        adopt_site(site, "sato", signer, NOON)
    assert refusal.value.clause == "II-4"


def test_an_adoption_under_rules_without_a_key_holds_no_more(site: Path, signer: KeyFileSigner) -> None:
    site.write_bytes(site_text())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("privmask.adopting._require_manager", lambda *_: None)
        adopt_site(site, "sato", signer, NOON)
    assert f'key = "{signer.key_id}"' in str(refused(site))


def test_a_revoked_key_adopts_nothing(
    site: Path, signer: KeyFileSigner, ring: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRIVMASK_KEYS", str(ring))
    (ring / "revoked").write_text(f"{signer.key_id}\n")
    with pytest.raises(PolicyError, match="revoked"):
        adopt_site(site, "sato", signer, NOON)
    assert names(site) == {"site.toml"}


def test_a_new_adoption_keeps_the_old_one_under_a_number(site: Path, signer: KeyFileSigner) -> None:
    for count in range(3):
        site.write_bytes(site.read_bytes() + b"#\n")
        before = adoption_path(site).read_bytes() if count else None
        adopt_site(site, "sato", signer, NOON + timedelta(hours=count))
        previous = json.loads(adoption_path(site).read_text())["previous"]
        assert previous == (policy_hash(before) if before else None)
        if before:
            assert (site.parent / f"site.adopted.{count}.json").read_bytes() == before
    numbered = {f"site.adopted.{count}.json{end}" for count in (1, 2) for end in ("", ".sig")}
    assert names(site) == {"site.toml", "site.adopted.json", "site.adopted.json.sig", *numbered}
    assert require_adopted(site, LATER).at == NOON + timedelta(hours=2)


def test_an_old_adoption_put_back_does_not_fit_new_rules(site: Path, signer: KeyFileSigner) -> None:
    adopt_site(site, "sato", signer, NOON)
    site.write_bytes(site.read_bytes() + b"#\n")
    adopt_site(site, "sato", signer, NOON)
    for end in ("", ".sig"):
        old = site.parent / f"site.adopted.1.json{end}"
        (site.parent / f"site.adopted.json{end}").write_bytes(old.read_bytes())
    refused(site)


def _no_signature(site: Path) -> None:
    (site.parent / "site.adopted.json.sig").unlink()


def _no_record(site: Path) -> None:
    adoption_path(site).unlink()


def _edited(site: Path) -> None:
    path = adoption_path(site)
    path.write_bytes(path.read_bytes().replace(b'"by":"sato"', b'"by":"suzu"'))


def _rewritten(site: Path) -> None:
    path = adoption_path(site)
    path.write_text(json.dumps(json.loads(path.read_text()), indent=2))


def _other_json(site: Path) -> None:
    adoption_path(site).write_text('{"format":"privmask.adoption.v2"}')


def _no_json(site: Path) -> None:
    adoption_path(site).write_bytes(b"\x00\xff")


def _a_folder(site: Path) -> None:
    adoption_path(site).unlink()
    adoption_path(site).mkdir()


def _broken_signature(site: Path) -> None:
    (site.parent / "site.adopted.json.sig").write_text("-----BEGIN SSH SIGNATURE-----")


HARMS = [_no_signature, _no_record, _edited, _rewritten, _other_json, _no_json, _a_folder, _broken_signature]


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__.strip("_"))
def test_a_record_that_somebody_touched_does_not_hold(
    site: Path, signer: KeyFileSigner, harm: Callable[[Path], None]
) -> None:
    adopt_site(site, "sato", signer, NOON)
    harm(site)
    assert "policy adopt" in str(refused(site))


def test_an_adoption_of_later_is_a_clock_set_back(site: Path, signer: KeyFileSigner) -> None:
    adopt_site(site, "sato", signer, NOON)
    assert "clock" in str(refused(site, NOON - timedelta(seconds=1)))


def test_an_adoption_by_a_revoked_key_does_not_hold(
    site: Path, signer: KeyFileSigner, ring: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adopt_site(site, "sato", signer, NOON)
    monkeypatch.setenv("PRIVMASK_KEYS", str(ring))
    assert require_adopted(site, LATER).by == "sato"
    (ring / "revoked").write_text(f"{signer.key_id}\n")
    assert "revoked" in str(refused(site))


def test_the_signature_is_one_that_ssh_keygen_verifies(site: Path, signer: KeyFileSigner, ring: Path) -> None:
    adopt_site(site, "sato", signer, NOON)
    words = ["ssh-keygen", "-Y", "verify", "-f", str(ring / "allowed_signers"), "-I", rings.WHO, "-n", NAMESPACE]
    words += ["-s", str(site.parent / "site.adopted.json.sig"), "-Overify-time=20261123130000Z"]
    done = subprocess.run(words, input=adoption_path(site).read_bytes(), capture_output=True)
    assert done.returncode == 0, done.stderr


def test_torn_between_its_two_files_an_adoption_does_not_hold_and_can_be_made_again(
    site: Path, signer: KeyFileSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    adopt_site(site, "sato", signer, NOON)
    site.write_bytes(site.read_bytes() + b"#\n")
    put = keyring.put

    def breaks(folder: int, name: str, content: bytes) -> None:
        if name.endswith(".json"):
            raise OSError(28, "No space left on device")
        put(folder, name, content)

    monkeypatch.setattr("privmask.adopting.put", breaks)
    with pytest.raises(CopyError, match="No space"):
        adopt_site(site, "sato", signer, NOON)
    refused(site)
    monkeypatch.setattr("privmask.adopting.put", put)
    adopt_site(site, "sato", signer, NOON)
    assert require_adopted(site, LATER).sha256 == policy_hash(site.read_bytes())
