"""One contract for every signer: a key in a file, a key in the agent of this machine, and a fake."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from privmask.errors import EvidenceError
from privmask.evidence.keys import new_key, read_key
from privmask.evidence.signers import AgentSigner, KeyFileSigner, Signer, signed_by
from privmask.evidence.sshsig import NAMESPACE, PublicKey, read_signature, write_signature

MESSAGE = b"a statement"
PASSPHRASE = "浅間山 07".encode()


def _key_file(folder: Path, passphrase: bytes | None = None) -> Path:
    folder.chmod(0o700)
    text, public = new_key(passphrase)
    path = folder / "key"
    path.touch(0o600)
    path.write_bytes(text)
    path.with_suffix(".pub").write_text(public.text + "\n")
    return path


class FakeSigner:
    """A key that everybody knows."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._private = Ed25519PrivateKey.from_private_bytes(bytes(32))
        self._public = PublicKey(self._private.public_key().public_bytes_raw())
        self.key_id = self._public.key_id

    def sign(self, message: bytes) -> bytes:
        return write_signature(message, self._public, self._private.sign)


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An agent of this test's own."""
    place = tmp_path_factory.mktemp("a") / "s"
    with subprocess.Popen(["ssh-agent", "-D", "-a", place], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        monkeypatch.setenv("SSH_AUTH_SOCK", str(place))
        yield
        process.terminate()


@pytest.fixture(params=["file", "passphrase", "agent", "fake"])
def signer(request: pytest.FixtureRequest, tmp_path: Path) -> Signer:
    match request.param:
        case "file":
            return KeyFileSigner(_key_file(tmp_path))
        case "passphrase":
            return KeyFileSigner(_key_file(tmp_path, PASSPHRASE), lambda: PASSPHRASE)
        case "agent":
            request.getfixturevalue("agent")
            path = _key_file(tmp_path)
            subprocess.run(["ssh-add", "-q", path], check=True)
            path.unlink()
            return AgentSigner(tmp_path / "key.pub")
        case _:
            return FakeSigner()


def test_a_signer_signs_what_it_is_given_with_the_key_that_it_names(signer: Signer) -> None:
    assert re.fullmatch(r"SHA256:[A-Za-z0-9+/]{43}", signer.key_id)
    signature = read_signature(signed_by(signer, MESSAGE))
    assert (signature.key.key_id, signature.namespace) == (signer.key_id, NAMESPACE)
    assert signature.holds_for(MESSAGE)
    assert signer.sign(MESSAGE) == signer.sign(MESSAGE)


def test_a_key_that_we_make_is_one_for_ssh_keygen(tmp_path: Path) -> None:
    path = _key_file(tmp_path, PASSPHRASE)
    words = ["ssh-keygen", "-y", "-P", PASSPHRASE.decode(), "-f", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.split()[:2] == path.with_suffix(".pub").read_text().split()


def test_a_locked_key_opens_for_its_passphrase_alone(tmp_path: Path) -> None:
    path = _key_file(tmp_path, PASSPHRASE)
    with pytest.raises(EvidenceError, match="nobody was there"):
        KeyFileSigner(path)
    with pytest.raises(EvidenceError, match="wrong passphrase"):
        KeyFileSigner(path, lambda: b"another")
    with pytest.raises(EvidenceError, match="locks nothing"):
        new_key(b"")


@pytest.mark.parametrize(("which", "mode"), [("key", 0o640), ("key", 0o604), (".", 0o750), (".", 0o701)])
def test_a_key_that_others_can_reach_signs_nothing(which: str, mode: int, tmp_path: Path) -> None:
    path = _key_file(tmp_path)
    (tmp_path / which).chmod(mode)
    with pytest.raises(EvidenceError, match="open to others"):
        KeyFileSigner(path)


def test_a_key_of_another_user_signs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _key_file(tmp_path)
    monkeypatch.setattr("os.geteuid", lambda: os.getuid() + 1)
    with pytest.raises(EvidenceError, match="another user"):
        read_key(path)


def test_what_is_no_key_file_signs_nothing(tmp_path: Path) -> None:
    path = _key_file(tmp_path)
    (tmp_path / "link").symlink_to(path)
    os.mkfifo(tmp_path / "fifo", 0o600)
    for name, content in {"text": b"no key", "huge": bytes(1 << 20), "empty": b""}.items():
        (tmp_path / name).touch(0o600)
        (tmp_path / name).write_bytes(content)
    for name in ("link", "fifo", "text", "huge", "empty", "missing"):
        with pytest.raises(EvidenceError):
            KeyFileSigner(tmp_path / name)
        with pytest.raises(EvidenceError):
            AgentSigner(tmp_path / name)


def test_a_key_of_another_kind_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    words = ["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", str(tmp_path / "other")]
    subprocess.run(words, check=True)
    with pytest.raises(EvidenceError, match="not an Ed25519 key"):
        KeyFileSigner(tmp_path / "other")
    with pytest.raises(EvidenceError, match="only ssh-ed25519"):
        AgentSigner(tmp_path / "other.pub")


@pytest.mark.usefixtures("agent")
def test_an_agent_that_does_not_hold_the_key_is_told(tmp_path: Path) -> None:
    path = _key_file(tmp_path)
    path.unlink()
    with pytest.raises(EvidenceError, match="did not sign"):
        AgentSigner(tmp_path / "key.pub").sign(MESSAGE)


def test_a_signature_that_does_not_hold_is_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    signer = FakeSigner()
    monkeypatch.setattr(signer, "sign", lambda message: FakeSigner().sign(message + b"!"))
    with pytest.raises(EvidenceError, match="does not hold"):
        signed_by(signer, MESSAGE)
