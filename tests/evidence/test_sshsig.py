"""Our signatures and those of the real `ssh-keygen` are the same bytes, and what is no such signature is refused in words."""

from __future__ import annotations

import base64
import hashlib
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from privmask.errors import EvidenceError
from privmask.evidence.sshsig import PublicKey, read_signature, write_signature

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = PublicKey(PRIVATE.public_key().public_bytes_raw())
MESSAGE = b'{"a":1}'
GOOD = write_signature(MESSAGE, KEY, PRIVATE.sign)


def _real(folder: Path, namespace: str = "privmask.provenance.v1", *words: str) -> bytes:
    """What `ssh-keygen -Y sign` makes of the same message with the same key."""
    key, message = folder / "key", folder / "message"
    key.write_bytes(PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    key.chmod(0o600)
    message.write_bytes(MESSAGE)
    run = ["ssh-keygen", "-Y", "sign", *words, "-q", "-f", str(key), "-n", namespace, str(message)]
    subprocess.run(run, check=True, capture_output=True)
    return message.with_name("message.sig").read_bytes()


def test_a_signature_is_byte_for_byte_that_of_ssh_keygen(tmp_path: Path) -> None:
    assert _real(tmp_path) == GOOD


def test_a_fingerprint_is_the_one_that_ssh_keygen_shows(tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_text(KEY.text + "\n")
    done = subprocess.run(["ssh-keygen", "-lf", tmp_path / "key.pub"], capture_output=True, text=True, check=True)
    assert KEY.key_id in done.stdout.split()


def test_a_signature_holds_for_its_message_alone() -> None:
    signature = read_signature(GOOD)
    assert signature.holds_for(MESSAGE)
    assert not signature.holds_for(MESSAGE + b"\n")
    assert (signature.key, signature.namespace) == (KEY, "privmask.provenance.v1")


def test_a_signature_for_another_purpose_says_for_which(tmp_path: Path) -> None:
    assert read_signature(_real(tmp_path, "git")).namespace == "git"


def test_every_bit_of_a_signature_counts() -> None:
    _require_every_bit(GOOD, KEY)


def _require_every_bit(signature: bytes, key: PublicKey) -> None:
    blob = _blob(signature)
    for place in range(len(blob)):
        changed = bytearray(blob)
        changed[place] ^= 1
        try:
            found = read_signature(_armoured(bytes(changed)))
        except EvidenceError:
            continue
        holds = found.holds_for(MESSAGE) and found.key == key and found.namespace == "privmask.provenance.v1"
        assert not holds, f"byte {place} was changed"


def _blob(text: bytes) -> bytes:
    return base64.b64decode(b"".join(text.splitlines()[1:-1]))


def _armoured(blob: bytes) -> bytes:
    return b"-----BEGIN SSH SIGNATURE-----\n" + base64.b64encode(blob) + b"\n-----END SSH SIGNATURE-----\n"


BROKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "not between the lines"),
    "a PGP signature": (lambda: GOOD.replace(b"SSH SIGNATURE", b"PGP SIGNATURE"), "not between the lines"),
    "cut in its armour": (lambda: GOOD[:-20], "is cut"),
    "cut inside": (lambda: _armoured(_blob(GOOD)[:-1]), "is cut"),
    "a length beyond the end": (lambda: _armoured(_blob(GOOD)[:10] + b"\xff" * 80), "is cut"),
    "bytes too many": (lambda: _armoured(_blob(GOOD) + b"\0"), "too many"),
    "huge": (lambda: GOOD + b"\n" * (1 << 20), "not between the lines"),
    "no base64": (lambda: _armoured(b"").replace(b"\n\n", b"\nA\n"), "base64"),
    "no SSHSIG": (lambda: _armoured(b"SSHSIX" + _blob(GOOD)[6:]), "SSHSIG"),
    "a newer version": (lambda: _armoured(_blob(GOOD).replace(b"SSHSIG\0\0\0\1", b"SSHSIG\0\0\0\2")), "version 2"),
    "another hash": (lambda: _armoured(_blob(GOOD).replace(b"sha512", b"sha256")), "sha256"),
    "another type of key": (lambda: _armoured(_blob(GOOD).replace(b"ssh-ed25519", b"ssh-ed25520")), "ssh-ed25520"),
}


@pytest.mark.parametrize(("make", "said"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_such_signature_is_told(make: Callable[[], bytes], said: str) -> None:
    with pytest.raises(EvidenceError, match=said):
        read_signature(make())


HARDWARE_KEY = PublicKey(KEY.raw, b"ssh:")


def _of_hardware(flags: int = 1, counter: int = 7, application: bytes = b"ssh:", value_kind: bytes = b"") -> bytes:
    """What a FIDO key would make of the same message, put together here field by field (OpenSSH's PROTOCOL.u2f)."""

    def string(value: bytes) -> bytes:
        return struct.pack(">I", len(value)) + value

    kind = b"sk-ssh-ed25519@openssh.com"
    public = string(kind) + string(KEY.raw) + string(application)
    head = string(b"privmask.provenance.v1") + string(b"") + string(b"sha512")
    signed = b"SSHSIG" + head + string(hashlib.sha512(MESSAGE).digest())
    touch = struct.pack(">BI", flags, counter)
    made = PRIVATE.sign(hashlib.sha256(application).digest() + touch + hashlib.sha256(signed).digest())
    value = string(value_kind or kind) + string(made) + touch
    return _armoured(b"SSHSIG" + struct.pack(">I", 1) + string(public) + head + string(value))


def _ssh_keygen_verifies(folder: Path, signature: bytes, key: PublicKey) -> bool:
    (folder / "sig").write_bytes(signature)
    (folder / "allowed").write_text(f"gate {key.text}\n")
    words = ["-Y", "verify", "-f", "allowed", "-I", "gate", "-n", "privmask.provenance.v1", "-s", "sig"]
    return not subprocess.run(["ssh-keygen", *words], input=MESSAGE, cwd=folder, capture_output=True).returncode


def test_a_signature_of_hardware_holds_here_and_for_ssh_keygen(tmp_path: Path) -> None:
    found = read_signature(_of_hardware())
    assert (found.key, found.holds_for(MESSAGE), found.holds_for(MESSAGE + b"\n")) == (HARDWARE_KEY, True, False)
    assert _ssh_keygen_verifies(tmp_path, _of_hardware(), HARDWARE_KEY)
    (tmp_path / "key.pub").write_text(HARDWARE_KEY.text + "\n")
    done = subprocess.run(["ssh-keygen", "-lf", tmp_path / "key.pub"], capture_output=True, text=True, check=True)
    assert HARDWARE_KEY.key_id in done.stdout.split()


def test_every_bit_of_a_signature_of_hardware_counts() -> None:
    _require_every_bit(_of_hardware(), HARDWARE_KEY)


def test_hardware_that_nobody_touched_has_signed_nothing(tmp_path: Path) -> None:
    assert _ssh_keygen_verifies(tmp_path, _of_hardware(flags=4), HARDWARE_KEY)  # which asks for no touch; we do
    with pytest.raises(EvidenceError, match="without a touch"):
        read_signature(_of_hardware(flags=4))


def test_a_key_in_hardware_and_one_in_a_file_are_not_taken_for_each_other(tmp_path: Path) -> None:
    assert HARDWARE_KEY.key_id != KEY.key_id
    mixed = _of_hardware(value_kind=b"ssh-ed25519")
    with pytest.raises(EvidenceError, match="expected 64 of sk-ssh-ed25519"):
        read_signature(mixed)
    assert not _ssh_keygen_verifies(tmp_path, mixed, HARDWARE_KEY)
    with pytest.raises(EvidenceError, match="it is called ssh-ed25519"):
        PublicKey.parse("ssh-ed25519", HARDWARE_KEY.text.split()[1])
    with pytest.raises(EvidenceError, match="bytes too many"):
        PublicKey.from_blob(KEY.blob + b"\0\0\0\4ssh:")
