"""Key files: ours for `ssh-keygen` and those of `ssh-keygen` for us, locked and open; and files with passphrases."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from privmask.errors import EvidenceError
from privmask.evidence.keys import new_key, open_private_folder, public_half, read_key, read_passphrase, read_public
from privmask.evidence.signers import KeyFileSigner, signed_by
from privmask.evidence.sshsig import read_signature
from tests.evidence.rings import NOON, WHO, make

SECRETS = [None, "secret", "浅間山 07", "x" * 500]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path


def _written(path: Path, text: bytes) -> Path:
    path.touch(0o600)
    path.write_bytes(text)
    return path


@pytest.mark.parametrize("secret", SECRETS)
def test_ssh_keygen_opens_a_key_of_ours_and_signs_the_same(secret: str | None, folder: Path) -> None:
    text, public = new_key(secret.encode() if secret else None)
    path = _written(folder / "key", text)
    ours = signed_by(KeyFileSigner(path, lambda: (secret or "").encode()), b"a statement")
    done = subprocess.run(
        ["ssh-keygen", "-y", "-P", secret or "", "-f", path], capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[:2] == public.text.split()
    # ssh-keygen asks for a passphrase on a terminal alone, so that it opens the key for good before it signs.
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", secret or "", "-N", "", "-f", path], check=True)
    words = ["ssh-keygen", "-Y", "sign", "-q", "-f", str(path), "-n", "privmask.provenance.v1"]
    assert subprocess.run(words, input=b"a statement", capture_output=True, check=True).stdout == ours


@pytest.mark.parametrize("secret", SECRETS)
def test_a_key_of_ssh_keygen_signs_for_us(secret: str | None, folder: Path) -> None:
    path = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", secret or "", "-f", path], check=True)
    signer = KeyFileSigner(path, lambda: (secret or "").encode())
    assert read_signature(signed_by(signer, b"a statement")).key == read_public(path.with_suffix(".pub"))


@pytest.mark.parametrize("secret", [None, b"secret"])
def test_the_public_half_is_read_without_the_passphrase(secret: bytes | None) -> None:
    text, public = new_key(secret)
    assert public_half(text) == public
    assert public_half(text + b"\n") == public


def test_what_is_no_private_key_has_no_public_half(folder: Path) -> None:
    text, _ = new_key(None)
    lines = text.splitlines(keepends=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", folder / "other"], check=True)
    other = (folder / "other").read_bytes()
    for wrong in (b"", text[:-5], lines[0] + lines[-1], b"".join([lines[0], lines[1][:20], b"\n", lines[-1]]), other):
        with pytest.raises(EvidenceError):
            public_half(wrong)


def test_a_passphrase_that_no_key_can_have_is_told() -> None:
    with pytest.raises(EvidenceError, match="no key can be made"):
        new_key(b"x" * 2000)


def test_a_key_behind_a_link_to_its_folder_is_not_used(folder: Path) -> None:
    ring = folder / "keys"
    make(ring, NOON)
    (folder / "link").symlink_to(ring)
    assert b"OPENSSH" in read_key(ring / "signing-key")
    with pytest.raises(EvidenceError, match="symbolic link"):
        read_key(folder / "link" / "signing-key")


def test_a_folder_that_is_refused_is_closed_again(folder: Path) -> None:
    folder.chmod(0o755)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(EvidenceError):
            open_private_folder(folder)
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("text", [b"secret", b"secret\n", b"secret\r\n", b"secret\nsecond line\n"])
def test_a_passphrase_is_the_first_line_of_its_file(text: bytes, tmp_path: Path) -> None:
    assert read_passphrase(_written(tmp_path / "file", text)) == b"secret"


def test_a_passphrase_that_others_can_read_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _written(tmp_path / "file", b"secret\n")
    path.chmod(0o640)
    with pytest.raises(EvidenceError, match="open to others"):
        read_passphrase(path)
    path.chmod(0o600)
    (tmp_path / "link").symlink_to(path)
    os.mkfifo(tmp_path / "fifo", 0o600)
    _written(tmp_path / "empty", b"\nsecret\n")
    for name in ("link", "fifo", "empty", "missing"):
        with pytest.raises(EvidenceError):
            read_passphrase(tmp_path / name)
    monkeypatch.setattr("os.geteuid", lambda: os.getuid() + 1)
    with pytest.raises(EvidenceError, match="another user"):
        read_passphrase(path)


def test_the_comment_of_a_public_key_is_the_name_of_its_signer(folder: Path) -> None:
    public = make(folder / "keys")
    assert (folder / "keys" / "signing-key.pub").read_text() == f"{public.text} {WHO}\n"
    assert read_public(folder / "keys" / "signing-key.pub") == public
