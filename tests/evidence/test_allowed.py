"""Who may sign, when and for what: our answers against those of the real `ssh-keygen -Y verify` on the same files."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from privmask.errors import EvidenceError
from privmask.evidence.allowed import AllowedSigner, allowed_line, changed, read_allowed, read_revoked, with_line
from privmask.evidence.sshsig import NAMESPACE, PublicKey, write_signature

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = PublicKey(PRIVATE.public_key().public_bytes_raw())
OTHER = PublicKey(bytes(32))
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MESSAGE = b"statement"


def _allows(text: str, name: str, moment: datetime) -> bool:
    try:
        lines = read_allowed(text.encode())
    except EvidenceError:
        return False
    return any(line.key == KEY and not line.refusal(NAMESPACE, moment, name) for line in lines)


def _ssh_keygen_allows(folder: Path, text: str, name: str, moment: datetime, revoked: str = "") -> bool:
    files = {"allowed": text.encode(), "revoked": revoked.encode(), "sig": write_signature(MESSAGE, KEY, PRIVATE.sign)}
    for each, content in files.items():
        (folder / each).write_bytes(content)
    words = ["-Y", "verify", "-f", "allowed", "-I", name, "-n", NAMESPACE, "-s", "sig", "-r", "revoked"]
    when = f"-Overify-time={moment:%Y%m%d%H%M%S}Z"
    done = subprocess.run(["ssh-keygen", *words, when], input=MESSAGE, cwd=folder, capture_output=True)
    return done.returncode == 0


SAME = [
    f"gate {KEY.text}",
    f"gate {KEY.text} with a comment",
    f"# a comment\n\n  gate {KEY.text}\n",
    f'gate namespaces="{NAMESPACE}" {KEY.text}',
    f'gate namespaces="git" {KEY.text}',
    f'gate namespaces="git,privmask.*" {KEY.text}',
    f'gate namespaces="privmask.*,!{NAMESPACE}" {KEY.text}',
    f'gate valid-after="20261123120000Z" {KEY.text}',
    f'gate valid-after="20261123120001Z" {KEY.text}',
    f'gate valid-before="20261123120000Z" {KEY.text}',
    f'gate valid-before="20261123115959Z" {KEY.text}',
    f'gate valid-after="20260101",valid-before="20270101Z" {KEY.text}',
    f'gate valid-after="202611231300" {KEY.text}',
    f'gate VALID-AFTER="20270101" {KEY.text}',
    f"gate,door {KEY.text}",
    f"door {KEY.text}",
    f"g?te {KEY.text}",
    f"*,!gate {KEY.text}",
    f'"gate" {KEY.text}',
    f"gate {OTHER.text}",
    f"gate {OTHER.text}\ngate {KEY.text}",
    f'gate namespaces="git" {KEY.text}\ngate {KEY.text}',
]


@pytest.mark.parametrize("text", SAME)
def test_the_answer_is_that_of_ssh_keygen(text: str, tmp_path: Path) -> None:
    assert _allows(text, "gate", NOON) == _ssh_keygen_allows(tmp_path, text, "gate", NOON)


def test_times_without_a_zone_are_those_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setitem(os.environ, "TZ", "Asia/Tokyo")
    time.tzset()
    try:
        for text in (
            f'gate valid-before="20261123210000" {KEY.text}',
            f'gate valid-before="20261123205959" {KEY.text}',
        ):
            assert _allows(text, "gate", NOON) == _ssh_keygen_allows(tmp_path, text, "gate", NOON)
    finally:
        monkeypatch.undo()
        time.tzset()


REFUSED = {
    f"gate cert-authority {KEY.text}": "cert-authority",
    f"gate expires=never {KEY.text}": "not understood",
    f'gate color="red" {KEY.text}': "not known",
    f'gate valid-after="20260101",valid-after="20260102" {KEY.text}': "twice",
    f'gate valid-after="20270101Z",valid-before="20260101Z" {KEY.text}': "not after",
    f'gate valid-after="20261341Z" {KEY.text}': "no such time",
    f'gate valid-after="tomorrow" {KEY.text}': "no time",
    "gate ssh-rsa AAAA": "ssh-rsa",
    "gate ssh-ed25519 !!!!": "base64",
    "gate ssh-ed25519 AAAA": "cut",
    "gate": "expected a name",
}


@pytest.mark.parametrize(("text", "said"), REFUSED.items())
def test_a_line_that_is_not_understood_is_told_with_its_number(text: str, said: str) -> None:
    with pytest.raises(EvidenceError, match=rf"line 2: .*{said}"):
        read_allowed(f"# signers\n{text}\n".encode())


def test_windows_line_ends_are_read() -> None:
    assert [line.key for line in read_allowed(f"gate {KEY.text}\r\n# end\r\n".encode())] == [KEY]


@pytest.mark.parametrize("text", [b"\xff\xfe", b"#" * (2 << 20)])
def test_what_is_no_list_is_refused(text: bytes) -> None:
    with pytest.raises(EvidenceError):
        read_allowed(text)


def test_a_line_that_we_write_is_read_alike_by_both(tmp_path: Path) -> None:
    signer = AllowedSigner("gate keeper", KEY, NAMESPACE, NOON, NOON.replace(hour=13))
    line = allowed_line(signer)
    assert read_allowed(line.encode()) == (signer,)
    for hour in (11, 12, 13, 14):
        moment = NOON.replace(hour=hour)
        assert _allows(line, "gate keeper", moment) == _ssh_keygen_allows(tmp_path, line, "gate keeper", moment)


def test_revoked_keys_are_listed_as_keys_or_fingerprints(tmp_path: Path) -> None:
    assert read_revoked(f"# lost\n{KEY.text} laptop\n{OTHER.key_id}\n".encode()) == {KEY.key_id, OTHER.key_id}
    assert not _ssh_keygen_allows(tmp_path, f"gate {KEY.text}", "gate", NOON, revoked=KEY.text + "\n")
    for text in (b"SSHKRL\n\0...", b"laptop", b"ssh-rsa AAAA"):
        with pytest.raises(EvidenceError):
            read_revoked(text)


def test_a_line_without_namespaces_stays_one_for_all(tmp_path: Path) -> None:
    (signer,) = read_allowed(f"gate {KEY.text} comment".encode())
    assert allowed_line(signer) == f"gate {KEY.text}"
    assert _ssh_keygen_allows(tmp_path, allowed_line(signer), "gate", NOON)
    assert allowed_line(AllowedSigner("gate", KEY)) == f'gate namespaces="{NAMESPACE}" {KEY.text}'


def test_only_the_lines_that_change_are_written_anew() -> None:
    text = f'# signers\r\n\n  "gate"   {KEY.text}  comment\ndoor {OTHER.text}'.encode()
    assert changed(text, lambda line: line) == text
    assert changed(text, lambda line: None if line.key == OTHER else line) == text.rsplit(b"\n", 1)[0]
    closed = changed(text, lambda line: replace(line, before=NOON) if line.key == OTHER else line)
    assert closed.splitlines()[:3] == text.splitlines()[:3]
    assert read_allowed(closed)[1] == AllowedSigner("door", OTHER, None, None, NOON)
    assert read_allowed(with_line(text, AllowedSigner("gate", KEY))) == (
        *read_allowed(text),
        AllowedSigner("gate", KEY),
    )
    with pytest.raises(EvidenceError, match="line 2"):
        changed(f"# signers\ngate\ndoor {KEY.text}".encode(), lambda line: line)
