"""The vault: copies at rest that come back whole, are handed over without lying open, and end with their keys."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privmask.errors import CopyError, CopyExistsError, EvidenceError, PolicyError
from privmask.register.sealing import open_sealed
from privmask.register.vault import Vault, create_vault, new_id, open_vault
from privmask.register.vault_age import decrypt, encrypt, new_identity
from privmask.register.vault_erasure import Step
from privmask.register.vault_streams import ChunkReader, Counted
from privmask.register.vault_unit import pack, require_plain, unpack
from tests.conftest import ROOT
from tests.register.vaults import (
    COPY,
    FILES,
    ID,
    IDENTITY,
    NOON,
    OWNERS,
    PLANTED,
    RECIPIENT,
    content,
    hidden,
    put,
    write_files,
)

WORDS = "correct horse battery"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    return write_files(tmp_path / "files")


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return create_vault(tmp_path / "vault", NOON)


@pytest.fixture
def full(vault: Vault, files: dict[str, Path]) -> Vault:
    put(vault, files, ID)
    return vault


def test_what_was_put_comes_back_with_its_names_and_readable_by_its_owner_only(full: Vault, tmp_path: Path) -> None:
    held = full.take(ID, tmp_path / "taken")
    assert content(tmp_path / "taken") == FILES
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "taken").iterdir()} == {0o600}
    assert (tmp_path / "taken").stat().st_mode & 0o777 == 0o700
    assert (held.id, held.sha256, held.bytes) == (ID, hashlib.sha256(COPY).hexdigest(), len(COPY))
    assert not hidden(tmp_path)


def test_the_copies_are_listed_oldest_first_without_a_passphrase(files: dict[str, Path], tmp_path: Path) -> None:
    with mock.patch("privmask.register.vault.lock_identity", return_value=b"age-encryption.org/v1 locked"):
        vault = create_vault(tmp_path / "vault", NOON, WORDS)
    path = next(iter(files.values()))
    late, early = (vault.put(path, "clip.mp4", NOON + timedelta(hours=each)) for each in (2, 1))
    assert list(open_vault(tmp_path / "vault").held()) == [early, late]


def test_ids_are_random_and_no_name_in_the_vault_tells_what_is_in_it(
    full: Vault, files: dict[str, Path], tmp_path: Path
) -> None:
    again = put(full, files)
    assert again.id != ID
    assert re.fullmatch("[0-9a-f]{32}", again.id)
    names = {part for path in (tmp_path / "vault").rglob("*") for part in path.name.split(".")}
    expected = {
        "vault",
        "json",
        "site-key",
        "lock",
        "copies",
        "drafts",
        "erasing",
        "erased",
        "copy",
        "private",
        "key",
        "held",
        "age",
    }
    assert names == expected | {ID, again.id}


@pytest.mark.usefixtures("full")
def test_no_plaintext_stands_in_the_vault(tmp_path: Path) -> None:
    raw = b"".join(content(tmp_path / "vault").values())
    assert len(raw) > len(COPY)
    assert PLANTED not in raw
    assert "門.mp4".encode() not in raw
    assert COPY[100:400] not in raw


def test_everything_in_a_vault_is_its_owners_only_whatever_the_umask(files: dict[str, Path], tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        put(create_vault(tmp_path / "vault", NOON), files)
    finally:
        os.umask(before)
    modes = {
        stat.S_IMODE(path.stat().st_mode) & 0o077 for path in [tmp_path / "vault", *(tmp_path / "vault").rglob("*")]
    }
    assert modes == {0}


def test_each_copy_has_a_key_of_its_own(full: Vault, files: dict[str, Path], tmp_path: Path) -> None:
    other = put(full, files).id
    copies = tmp_path / "vault" / "copies"
    shutil.copy(copies / other / "copy.age", copies / ID / "copy.age")
    with pytest.raises(EvidenceError, match="sealed for others"):
        full.take(ID, tmp_path / "taken")


def test_a_key_that_is_laid_beside_another_copy_is_noticed(full: Vault, files: dict[str, Path], tmp_path: Path) -> None:
    other = put(full, files).id
    copies = tmp_path / "vault" / "copies"
    for name in ("copy.age", "private.age", "key.age"):
        shutil.copy(copies / other / name, copies / ID / name)
    with pytest.raises(EvidenceError, match="that of another copy"):
        full.take(ID, tmp_path / "taken")


def test_a_copy_that_was_handed_over_opens_for_its_recipient_and_what_is_the_owners_is_not_in_it(
    full: Vault, tmp_path: Path
) -> None:
    made = full.hand_over(ID, tmp_path / "handed.age", [RECIPIENT])
    assert made.sha256 == hashlib.sha256((tmp_path / "handed.age").read_bytes()).hexdigest()
    open_sealed(tmp_path / "handed.age", tmp_path / "opened.tar", [IDENTITY])
    with tarfile.open(tmp_path / "opened.tar") as archive:
        got = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
    assert got == {name: text for name, text in FILES.items() if name != OWNERS}


def test_handing_over_puts_no_plaintext_on_the_disk(full: Vault, tmp_path: Path) -> None:
    written: list[bytes] = []
    really = os.fsync

    def look(descriptor: int) -> None:
        written.extend(text for name, text in content(tmp_path).items() if not name.startswith("files/"))
        really(descriptor)

    with mock.patch("os.fsync", look):
        full.hand_over(ID, tmp_path / "handed.age", [RECIPIENT])
    assert written
    assert PLANTED not in b"".join(written)


@pytest.mark.skipif(
    not (shutil.which("age") and shutil.which("tar")), reason="the programs age and tar are not installed"
)
@pytest.mark.usefixtures("full")
def test_a_copy_opens_with_age_and_tar_alone(tmp_path: Path) -> None:
    script = "age -d -i site-key copies/*/key.age > ../key && age -d -i ../key copies/*/copy.age | tar -x -C ../out"
    (tmp_path / "out").mkdir()
    subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path / "vault", check=True)
    assert content(tmp_path / "out") == {name: text for name, text in FILES.items() if name != OWNERS}


@pytest.mark.slow
def test_a_locked_vault_takes_copies_without_its_passphrase_and_gives_them_only_with_it(
    files: dict[str, Path], tmp_path: Path
) -> None:
    create_vault(tmp_path / "vault", NOON, WORDS)
    put(open_vault(tmp_path / "vault"), files, ID)
    asked = []
    for unlock, words in ((None, "no passphrase was given"), (lambda: "wrong horse battery", "passphrase is wrong")):
        with pytest.raises(PolicyError, match=words):
            open_vault(tmp_path / "vault", unlock).take(ID, tmp_path / "taken")

    def right() -> str:
        asked.append(1)
        return WORDS

    vault = open_vault(tmp_path / "vault", right)
    vault.take(ID, tmp_path / "taken")
    vault.hand_over(ID, tmp_path / "handed.age", [RECIPIENT])
    assert len(asked) == 1
    assert content(tmp_path / "taken") == FILES
    assert b"AGE-SECRET-KEY" not in b"".join(content(tmp_path / "vault").values())


# What is refused


@pytest.mark.parametrize("place", [50, 5000, -1])
@pytest.mark.parametrize("name", ["copy.age", "private.age", "key.age"])
def test_a_copy_that_was_tampered_with_is_neither_taken_nor_handed_over(
    name: str, place: int, full: Vault, tmp_path: Path
) -> None:
    path = tmp_path / "vault" / "copies" / ID / name
    text = bytearray(path.read_bytes())
    text[place % len(text)] ^= 1
    path.write_bytes(text)
    with pytest.raises(EvidenceError):
        full.take(ID, tmp_path / "taken")
    if name != "private.age":
        with pytest.raises(EvidenceError):
            full.hand_over(ID, tmp_path / "handed.age", [RECIPIENT])
    assert {*os.listdir(tmp_path)} == {"files", "vault"}
    assert full.check() == []
    assert next(fault.place for fault in full.check(every_byte=True)).startswith(f"copies/{ID}/")


def test_bytes_that_decrypt_well_but_were_not_put_are_noticed(full: Vault, tmp_path: Path) -> None:
    """Whoever has the public half can encrypt; what was put is told by its hash."""
    copy = tmp_path / "vault" / "copies" / ID
    held = json.loads((copy / "held.json").read_text())
    held["streams"]["copy.age"] = "0" * 64
    (copy / "held.json").write_text(json.dumps(held))
    for attempt in (
        lambda: full.take(ID, tmp_path / "taken"),
        lambda: full.hand_over(ID, tmp_path / "handed.age", [RECIPIENT]),
    ):
        with pytest.raises(EvidenceError, match="not what was put"):
            attempt()
    assert {*os.listdir(tmp_path)} == {"files", "vault"}


def test_nothing_is_replaced(full: Vault, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for attempt in (
        lambda: full.take(ID, tmp_path / "there"),
        lambda: full.hand_over(ID, tmp_path / "there", [RECIPIENT]),
        lambda: create_vault(tmp_path / "there", NOON),
        lambda: create_vault(tmp_path / "vault", NOON),
    ):
        with pytest.raises(CopyExistsError):
            attempt()
    assert os.listdir(tmp_path / "there") == []


def test_an_id_is_put_once(full: Vault, files: dict[str, Path]) -> None:
    with pytest.raises(CopyError):
        put(full, files, ID)
    assert full.check(every_byte=True) == []


@pytest.mark.parametrize("id", ["", "../vault", "x" * 32, ID.upper(), ID + "0", ID + "\n"])
def test_what_is_no_id_leads_nowhere(id: str, full: Vault, tmp_path: Path) -> None:
    for attempt in (full.erase, lambda id: full.take(id, tmp_path / "taken")):
        with pytest.raises(PolicyError, match="no id"):
            attempt(id)


def test_a_copy_that_never_was_is_neither_taken_nor_erased(full: Vault, tmp_path: Path) -> None:
    for attempt in (full.erase, lambda id: full.take(id, tmp_path / "taken")):
        with pytest.raises(PolicyError, match="holds no copy") as refused:
            attempt(new_id())
        assert "保管されていません" in refused.value.text.ja  # type: ignore[union-attr]


@pytest.mark.usefixtures("vault")
def test_a_folder_that_is_no_vault_or_one_of_the_future_is_not_opened(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(PolicyError, match="is no vault"):
            open_vault(path)
    about = tmp_path / "vault" / "vault.json"
    about.write_text(about.read_text().replace("vault.v1", "vault.v2"))
    with pytest.raises(PolicyError, match="update privmask"):
        open_vault(tmp_path / "vault")


def test_a_time_without_a_zone_is_refused(vault: Vault, files: dict[str, Path], tmp_path: Path) -> None:
    bare = datetime(2026, 4, 1)
    with pytest.raises(PolicyError, match="time zone"):
        vault.put(next(iter(files.values())), "clip.mp4", bare)
    with pytest.raises(PolicyError, match="time zone"):
        create_vault(tmp_path / "another", bare)


@pytest.mark.usefixtures("full")
def test_a_site_key_that_others_can_read_is_not_used(files: dict[str, Path], tmp_path: Path) -> None:
    os.chmod(tmp_path / "vault" / "site-key", 0o644)
    again = open_vault(tmp_path / "vault")
    attempts: list[Callable[[], object]] = [lambda: again.take(ID, tmp_path / "taken"), lambda: put(again, files)]
    for attempt in attempts:
        with pytest.raises(PolicyError, match="chmod 600") as refused:
            attempt()
        assert refused.value.clause == "II-10"


@pytest.mark.usefixtures("full")
def test_the_site_key_of_another_vault_is_refused(tmp_path: Path) -> None:
    create_vault(tmp_path / "another", NOON)
    shutil.copy(tmp_path / "another" / "site-key", tmp_path / "vault" / "site-key")
    with pytest.raises(PolicyError, match="not the one"):
        open_vault(tmp_path / "vault").take(ID, tmp_path / "taken")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "../a", "/etc/passwd", "a\\b", "a\0b", "a\nb", "あ" * 86, "\udcff"]
)
def test_names_that_lead_elsewhere_are_not_put(name: str, vault: Vault, files: dict[str, Path]) -> None:
    path = next(iter(files.values()))
    strange = {name: path}
    with pytest.raises(PolicyError, match="one plain name"):
        vault.put(path, name, NOON)
    with pytest.raises(PolicyError, match="one plain name"):
        vault.put(path, "clip.mp4", NOON, companions=strange)
    with pytest.raises(PolicyError, match="one plain name"):
        vault.put(path, "clip.mp4", NOON, private=strange)
    assert not list(vault.held())


def test_two_files_of_one_name_are_not_put(vault: Vault, files: dict[str, Path]) -> None:
    path = next(iter(files.values()))
    with pytest.raises(PolicyError, match="same name"):
        vault.put(path, "clip.mp4", NOON, private={"CLIP.mp4": path})


def test_a_missing_companion_leaves_nothing_of_the_copy(vault: Vault, files: dict[str, Path], tmp_path: Path) -> None:
    path = next(iter(files.values()))
    with pytest.raises(CopyError, match="no such file"):
        vault.put(path, "clip.mp4", NOON, companions={"note": tmp_path / "missing"})
    assert vault.check() == []
    assert not list(vault.held())


# Erasing


def test_after_an_erase_nothing_in_the_vault_opens_what_somebody_kept_of_its_ciphertext(
    full: Vault, files: dict[str, Path], tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    shutil.copytree(tmp_path / "vault" / "copies" / ID, kept)
    (kept / "key.age").unlink()
    other = put(full, files).id
    full.erase(ID)
    identities = [text.decode() for text in content(tmp_path / "vault").values() if b"AGE-SECRET-KEY-" in text]
    wrapped = Counted()
    for path in (tmp_path / "vault").rglob("key.age"):
        decrypt(ChunkReader([path.read_bytes()]), wrapped, identities)
    assert wrapped.bytes  # the other copy still opens
    for name in ("copy.age", "private.age"):
        with pytest.raises(EvidenceError, match="sealed for others"):
            decrypt(ChunkReader([(kept / name).read_bytes()]), Counted(), identities)
    # Laid back, with the key of the other copy: still nothing.
    shutil.copytree(kept, tmp_path / "vault" / "copies" / ID)
    shutil.copy(tmp_path / "vault" / "copies" / other / "key.age", tmp_path / "vault" / "copies" / ID / "key.age")
    with pytest.raises(EvidenceError):
        full.take(ID, tmp_path / "taken")


def test_an_erasure_tells_its_steps_and_what_it_cannot_promise_in_both_languages(full: Vault) -> None:
    with mock.patch("privmask.register.vault_files.writes_in_place", return_value=True):
        erasure = full.erase(ID)
    assert [step.value for step in erasure.steps] == [
        "key-overwritten",
        "key-removed",
        "files-overwritten",
        "files-removed",
    ]
    said = [text.said(language) for text in (erasure.text, *erasure.cannot_promise) for language in ("ja", "en")]
    assert all(said)
    assert any("backup" in each for each in said)
    assert not any("irrecoverable" in each for each in said)
    assert all(step.text.ja and step.text.en for step in Step)
    assert list(full.held()) == []
    assert full.check() == []


def test_erasing_twice_tells_the_same_again(full: Vault, tmp_path: Path) -> None:
    erasure = full.erase(ID)
    before = content(tmp_path / "vault")
    assert full.erase(ID) == erasure == open_vault(tmp_path / "vault").erase(ID)
    assert content(tmp_path / "vault") == before


def test_where_overwriting_means_nothing_it_is_not_claimed(full: Vault) -> None:
    with mock.patch("privmask.register.vault_files.writes_in_place", return_value=False):
        erasure = full.erase(ID)
    assert erasure.steps == (Step.KEY_REMOVED, Step.FILES_REMOVED)
    assert any("elsewhere instead of in place" in text.en for text in erasure.cannot_promise)


def test_every_byte_of_key_and_copy_is_overwritten_in_its_place_before_it_is_removed(
    full: Vault, tmp_path: Path
) -> None:
    folder = tmp_path / "vault" / "copies" / ID
    names = ["copy.age", "private.age", "held.json", "key.age"]
    links = [Path(shutil.copy(folder / name, tmp_path / f"was-{name}")) for name in names]
    for name in names:
        os.link(folder / name, tmp_path / f"link-{name}")
    with mock.patch("privmask.register.vault_files.writes_in_place", return_value=True):
        full.erase(ID)
    for was, name in zip(links, names, strict=True):
        assert (tmp_path / f"link-{name}").read_bytes() == bytes(was.stat().st_size)


def test_the_key_goes_first(full: Vault) -> None:
    with mock.patch("os.unlink", wraps=os.unlink) as unlink:
        full.erase(ID)
    gone = [os.path.basename(call.args[0]) for call in unlink.call_args_list]
    assert gone[0] == "key.age"
    assert set(gone) == {"key.age", "copy.age", "private.age", "held.json"}


def test_a_damaged_copy_can_still_be_erased(full: Vault, tmp_path: Path) -> None:
    folder = tmp_path / "vault" / "copies" / ID
    for name in ("key.age", "held.json"):
        (folder / name).unlink()
    os.chmod(folder / "copy.age", 0o400)
    assert full.erase(ID).steps[-1] is Step.FILES_REMOVED
    assert full.check() == []


def test_an_erase_that_the_disk_stopped_does_not_keep_the_vault_from_opening(full: Vault, tmp_path: Path) -> None:
    broken = mock.patch("privmask.register.vault_erasure.overwrite", side_effect=OSError(5, "Input/output error"))
    with broken, pytest.raises(CopyError, match="read or write error"):
        full.erase(ID)
    with broken:
        again = open_vault(tmp_path / "vault")
    assert again.finished == ()
    assert [fault.what.en for fault in again.check()] == [
        "is an erasure that was interrupted; this completes and records it: privmask erase --due"
    ]
    assert [erasure.id for erasure in open_vault(tmp_path / "vault").finished] == [ID]


def test_a_copy_that_comes_back_from_a_backup_is_named_and_can_be_erased_again(full: Vault, tmp_path: Path) -> None:
    shutil.copytree(tmp_path / "vault" / "copies" / ID, tmp_path / "backup")
    full.erase(ID)
    shutil.copytree(tmp_path / "backup", tmp_path / "vault" / "copies" / ID)
    assert [(fault.place, fault.what.en[:10]) for fault in full.check()] == [(f"copies/{ID}", "was erased")]
    full.erase(ID)
    assert list(full.held()) == []
    assert full.check() == []


def test_a_site_retires_its_key_when_nothing_is_held_any_more(
    full: Vault, files: dict[str, Path], tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    shutil.copytree(tmp_path / "vault" / "copies" / ID, kept)
    with pytest.raises(PolicyError, match="1 copies are still held"):
        full.retire()
    full.erase(ID)
    with mock.patch("privmask.register.vault_files.writes_in_place", return_value=True):
        retired = full.retire()
    assert retired.steps == (Step.KEY_OVERWRITTEN, Step.KEY_REMOVED, Step.FILES_REMOVED)
    assert open_vault(tmp_path / "vault").retire() == retired
    assert full.check() == []
    shutil.copytree(kept, tmp_path / "vault" / "copies" / ID)  # the wrapped key too: what wrapped it is gone
    with pytest.raises(PolicyError, match="key is gone"):
        open_vault(tmp_path / "vault").take(ID, tmp_path / "taken")
    with pytest.raises(PolicyError, match="key is gone"):
        put(open_vault(tmp_path / "vault"), files)


# Checks


def _remove(name: str) -> Callable[[Path], None]:
    return lambda vault: (vault / "copies" / ID / name).unlink()


@pytest.mark.parametrize(
    ("damage", "place", "words"),
    [
        (_remove("key.age"), f"copies/{ID}/key.age", "is missing"),
        (_remove("copy.age"), f"copies/{ID}/copy.age", "is missing"),
        (_remove("private.age"), f"copies/{ID}/private.age", "is missing"),
        (_remove("held.json"), f"copies/{ID}/held.json", "is missing"),
        (lambda vault: (vault / "site-key").unlink(), "site-key", "is missing"),
        (lambda vault: os.chmod(vault, 0o755), ".", "mode 755, expected 700"),
        (lambda vault: os.chmod(vault / "copies", 0o750), "copies", "mode 750, expected 700"),
        (lambda vault: os.chmod(vault / "site-key", 0o640), "site-key", "mode 640, expected 600"),
        (lambda vault: os.chmod(vault / "copies" / ID / "key.age", 0o604), f"copies/{ID}/key.age", "mode 604"),
        (lambda vault: os.mkdir(vault / "copies" / "clip", 0o700), "copies/clip", "does not belong"),
        (lambda vault: os.mkdir(vault / "drafts" / ID, 0o700), f"drafts/{ID}", "killed"),
        (lambda vault: os.mkdir(vault / "erasing" / ID, 0o700), f"erasing/{ID}", "interrupted"),
        (lambda vault: os.symlink("/", vault / "copies" / ID / "more"), f"copies/{ID}/more", "does not belong"),
        (lambda vault: os.symlink("/", vault / "notes.txt"), "notes.txt", "does not belong"),
        (lambda vault: os.symlink("/", vault / "erased" / "x"), "erased/x", "does not belong"),
        (lambda vault: os.truncate(vault / "copies" / ID / "held.json", 5), f"copies/{ID}/held.json", "cannot be read"),
    ],
)
def test_each_fault_is_named_with_its_place(
    damage: Callable[[Path], None], place: str, words: str, full: Vault, tmp_path: Path
) -> None:
    assert full.check() == []
    damage(tmp_path / "vault")
    (fault,) = full.check()
    assert fault.place == place
    assert words in fault.what.en
    assert fault.what.ja


def test_another_users_file_is_a_fault(full: Vault) -> None:
    with mock.patch("os.geteuid", return_value=os.geteuid() + 1):
        assert {fault.what.en for fault in full.check()} == {"belongs to another user"}


# At once


WORKER = """
import sys
from pathlib import Path
from privmask.register.vault import open_vault
from tests.register.vaults import FILES, put
place = Path(sys.argv[1])
for _ in range(8):
    held = put(open_vault(place / "vault"), {name: place / "files" / name for name in FILES})
    print(held.id, flush=True)
    if int(held.id, 16) % 2:
        open_vault(place / "vault").erase(held.id)
"""


@pytest.mark.usefixtures("files")
def test_four_processes_put_and_erase_at_once_and_nothing_is_lost(vault: Vault, tmp_path: Path) -> None:
    words = [sys.executable, "-c", WORKER, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    running = [subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0] * 4
    ids = " ".join(said).split()
    assert len(ids) == 32
    assert {held.id for held in vault.held()} == {id for id in ids if not int(id, 16) % 2}
    assert vault.check(every_byte=True) == []


@pytest.mark.usefixtures("full")
def test_a_start_does_not_clear_the_draft_of_a_living_put(tmp_path: Path) -> None:
    draft = tmp_path / "vault" / "drafts" / new_id()
    draft.mkdir(mode=0o700)
    with open(tmp_path / "vault" / "lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)  # as a put holds it
        open_vault(tmp_path / "vault")
        assert draft.exists()
    open_vault(tmp_path / "vault")
    assert not draft.exists()


def test_an_erase_waits_for_who_reads_and_readers_do_not_wait_for_each_other(full: Vault, tmp_path: Path) -> None:
    really = fcntl.flock
    impatient = mock.patch("fcntl.flock", lambda descriptor, how: really(descriptor, how | fcntl.LOCK_NB))
    with open(tmp_path / "vault" / "lock") as lock, impatient:
        fcntl.flock(lock, fcntl.LOCK_SH)
        full.take(ID, tmp_path / "taken")
        with pytest.raises(CopyError, match="unavailable"):
            full.erase(ID)
        with pytest.raises(CopyError, match="unavailable"):
            full.retire()
    full.erase(ID)


# The tar


@given(
    st.dictionaries(
        st.text(
            st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="/\\"), min_size=1, max_size=60
        ).filter(lambda name: name not in (".", "..")),
        st.binary(max_size=2000),
        min_size=1,
        max_size=4,
    )
)
def test_files_of_any_plain_name_and_content_come_back(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("unit")
    (folder / "in").mkdir()
    (folder / "out").mkdir()
    paths = {name: folder / "in" / str(number) for number, name in enumerate(files)}
    for name, path in paths.items():
        path.write_bytes(files[name])
    first = Counted()
    unpack(ChunkReader(pack(paths, NOON, first)), str(folder / "out"))
    assert content(folder / "out") == files
    assert first.bytes == len(next(iter(files.values())))


def _tar(member: tarfile.TarInfo) -> bytes:
    return member.tobuf(tarfile.PAX_FORMAT) + bytes(1024)


@pytest.mark.parametrize("name", ["../outside", "/outside", "a/../../outside", "sub/file", ".."])
def test_a_tar_that_leads_out_of_its_folder_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(EvidenceError, match="no unit of files"):
        unpack(ChunkReader([_tar(tarfile.TarInfo(name))]), str(tmp_path / "in"))
    assert content(tmp_path) == {}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_a_tar_with_anything_but_files_is_refused(kind: bytes, tmp_path: Path) -> None:
    member = tarfile.TarInfo("thing")
    member.type, member.linkname = kind, "/etc/passwd"
    with pytest.raises(EvidenceError, match="no unit of files"):
        unpack(ChunkReader([_tar(member)]), str(tmp_path))
    assert os.listdir(tmp_path) == []


def test_a_tar_with_one_name_twice_is_refused(tmp_path: Path) -> None:
    twice = tarfile.TarInfo("clip.mp4").tobuf()
    with pytest.raises(EvidenceError, match="no unit of files"):
        unpack(ChunkReader([twice, twice, bytes(1024)]), str(tmp_path))


def test_an_ordinary_name_with_a_colon_or_a_wide_space_is_kept() -> None:
    for name in ("2026-04-01T12:00:00.mp4", "正門　北.mp4", "-rf", ".hidden"):
        require_plain(name)


def test_a_forged_tar_that_was_encrypted_to_the_copys_key_is_refused(full: Vault, tmp_path: Path) -> None:
    """An intruder who wraps a key of his own to the site's public half, and lies in the record as well."""
    folder = tmp_path / "vault" / "copies" / ID
    recipient = json.loads((tmp_path / "vault" / "vault.json").read_text())["recipient"]
    identity, public = new_identity()
    evil = _tar(tarfile.TarInfo("../../evil"))
    for name, text, to in (
        ("key.age", f"# privmask copy {ID}\n{identity}\n".encode(), recipient),
        ("copy.age", evil, public),
    ):
        with (folder / name).open("wb") as file:
            encrypt(ChunkReader([text]), file, [to])
    held = json.loads((folder / "held.json").read_text())
    held["streams"] = {"copy.age": hashlib.sha256(evil).hexdigest()}
    (folder / "held.json").write_text(json.dumps(held))
    with pytest.raises(EvidenceError, match="no unit of files"):
        full.take(ID, tmp_path / "taken")
    assert {*os.listdir(tmp_path)} == {"files", "vault"}
