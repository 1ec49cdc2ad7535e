from __future__ import annotations

from pathlib import Path

import pytest

from privmask.cli import doctor
from privmask.language import Text
from tests.cli.conftest import Privmask
from tests.evidence.rings import make


def test_this_machine_is_well_and_nothing_stays_behind(privmask: Privmask, tmp_path: Path) -> None:
    done = privmask("doctor", "--folder", tmp_path)
    assert done.code == 0, done.out
    assert not list(tmp_path.iterdir())
    found = {
        finding["name"]: finding for finding in privmask("doctor", "--folder", tmp_path, "--json").data["findings"]
    }
    assert found["encoder for h264"]["found"] == "libx264"
    assert {"Python", "av", "compiled kernels", "drafts without a name"} <= set(found)


def test_a_clerk_reads_it_in_japanese_and_a_program_reads_the_same_json(privmask: Privmask, tmp_path: Path) -> None:
    done = privmask("--lang", "ja", "doctor", "--folder", tmp_path)
    for name in ("h264 の符号器", "複写のフォルダー", "署名する鍵", "ハードリンク"):
        assert f"可   {name} " in done.out
    as_json = [privmask("--lang", each, "doctor", "--folder", tmp_path, "--json").out for each in ("ja", "en")]
    assert as_json[0] == as_json[1]


def test_a_folder_that_takes_no_file_is_bad(privmask: Privmask, tmp_path: Path) -> None:
    done = privmask("doctor", "--folder", tmp_path / "missing")
    assert done.code == 1
    assert "BAD  folder for copies" in done.out


def test_a_lacking_service_is_said_and_is_not_bad(tmp_path: Path) -> None:
    def lacks(_folder: Path) -> None:
        raise OSError(95, "Operation not supported")

    found = doctor._tried(doctor._LINKS, tmp_path, lacks, Text("ありません", "not here"), needed=False)
    assert (found.well, str(found.found)) == (True, "not here (Operation not supported)")


def test_without_what_faces_need_the_machine_is_well_and_is_told_how_to_get_it(
    privmask: Privmask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRIVMASK_MODELS", str(tmp_path))
    monkeypatch.setattr(doctor, "DETECTION_LIBRARIES", ("no-such-package",))
    done = privmask("doctor", "--folder", tmp_path)
    assert done.code == 0, done.out
    assert "ok   model yunet            not installed; run: privmask models install" in done.out
    assert "pip install 'privmask[detect]'" in done.out


def test_a_model_that_is_not_the_one_it_should_be_is_bad(
    privmask: Privmask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRIVMASK_MODELS", str(tmp_path))
    (tmp_path / "centerface.onnx").write_bytes(b"something else")
    done = privmask("doctor", "--folder", tmp_path)
    assert done.code == 1
    assert "BAD  model centerface       not the file it should be" in done.out


def test_a_missing_package_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LIBRARIES", ("no-such-package",))
    assert [finding.well for finding in doctor._versions()] == [True, True, False]


@pytest.fixture
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The usual folder of keys, which is not there yet."""
    monkeypatch.setenv("PRIVMASK_KEYS", str(tmp_path / "keys"))
    return tmp_path / "keys"


def test_a_machine_without_a_key_is_well_and_is_told_how_to_make_one(ring: Path) -> None:
    found = doctor._key()
    assert (found.well, str(found.found)) == (True, "none; run: privmask keys new")
    assert not ring.exists()


def test_a_key_that_signs_is_shown_by_its_fingerprint(ring: Path) -> None:
    found_key = make(ring)
    found = doctor._key()
    assert (found.well, str(found.found)) == (True, f"{found_key.key_id} in '{ring / 'signing-key'}'")


@pytest.mark.parametrize(("name", "mode"), [(".", 0o755), ("signing-key", 0o644)])
def test_a_key_that_others_can_reach_is_bad(name: str, mode: int, ring: Path) -> None:
    make(ring)
    (ring / name).chmod(mode)
    found = doctor._key()
    assert not found.well
    assert "Run: chmod" in str(found.found)


def test_a_key_that_cannot_sign_or_is_revoked_is_bad(ring: Path) -> None:
    key = make(ring)
    (ring / "revoked").write_text(key.text + "\n")
    assert not doctor._key().well
    assert "is revoked" in str(doctor._key().found)
    (ring / "signing-key").write_text("no key")
    assert not doctor._key().well
    (ring / "signing-key").unlink()
    (ring / "signing-key").symlink_to("nothing")
    assert not doctor._key().well
