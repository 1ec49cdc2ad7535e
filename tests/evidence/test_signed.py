"""Checks 2 and 3: whose signature stands beside a statement, and whether it counts.

A verdict on a copy's signature is two letters: P for PASS, F for FAIL, - for NOT CHECKED.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_ecdsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from privmask.evidence import Check, Trust, Verdict, verify_bytes
from privmask.evidence.allowed import AllowedSigner, allowed_line
from privmask.evidence.canonical import canonical_bytes
from privmask.evidence.sshsig import PublicKey, write_signature
from tests.evidence.small import FOOTAGE, KEY, NOON, KnownKey, job

OTHER = KnownKey(1)
SECOND = timedelta(seconds=1)
PROVENANCE, SIGNATURE = ".provenance.json", ".provenance.json.sig"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy that KEY signed at noon."""
    (tmp_path / "clip.mp4").write_bytes(FOOTAGE)
    return Path(job(tmp_path / "clip.mp4", tmp_path / "copy.mp4").copy)


@pytest.fixture
def unsigned(tmp_path: Path) -> Path:
    (tmp_path / "clip.mp4").write_bytes(FOOTAGE)
    return Path(job(tmp_path / "clip.mp4", tmp_path / "copy.mp4", signer=None).copy)


def trusting(copy: Path, *keys: PublicKey, name: str = "office", **limits: Any) -> Trust:
    """Trust in those keys, as far as `limits` go."""
    path = copy.with_name("allowed")
    path.write_text("".join(f"{allowed_line(AllowedSigner(name, key, **limits))}\n" for key in keys))
    return Trust(path)


def look(copy: Path, trust: Trust | None = None) -> tuple[str, Check, Check]:
    """The two letters, and the checks."""
    checks = verify_bytes(copy, trust=trust or trusting(copy, KEY.public))
    letters = {"PASS": "P", "FAIL": "F", "NOT CHECKED": "-"}
    return letters[checks[1].outcome] + letters[checks[2].outcome], checks[1], checks[2]


def beside(copy: Path, end: str) -> Path:
    return copy.with_name(copy.name + end)


def restate(copy: Path, **said: Any) -> bytes:
    """Rewrite the statement, and leave its signature as it is; the new statement."""
    path = beside(copy, PROVENANCE)
    data = json.loads(path.read_bytes())
    data["predicate"].update(said)
    path.write_bytes(canonical_bytes(data))
    return path.read_bytes()


def test_a_known_signer_passes_and_the_time_is_said_to_be_the_signers_word(copy: Path) -> None:
    drawn, signature, signer = look(copy)
    assert drawn == "PP"
    assert KEY.key_id in signature.reason
    assert "'office', valid at 2026-11-23 12:00:00 UTC" in signer.reason
    assert "the signer's word" in signer.reason


def test_an_edited_statement_is_called_that(copy: Path) -> None:
    restate(copy, clock="2026-11-23T12:00:01Z")
    drawn, signature, signer = look(copy)
    assert drawn == "F-"
    assert signature.reason.startswith("statement edited")
    assert "no signature that holds" in signer.reason


def test_the_key_of_a_foreign_signature_is_told_from_the_one_that_is_stated(copy: Path) -> None:
    beside(copy, SIGNATURE).write_bytes(OTHER.sign(beside(copy, PROVENANCE).read_bytes()))
    drawn, signature, signer = look(copy)
    assert drawn == "FF"
    assert f"by the key {OTHER.key_id}, the statement names {KEY.key_id}" in signature.reason
    assert "signed by a key that is not allowed" in signer.reason


def test_a_forger_who_states_and_signs_with_a_key_of_his_own_is_not_allowed(copy: Path) -> None:
    statement = restate(copy, signer={"key_id": OTHER.key_id})
    beside(copy, SIGNATURE).write_bytes(OTHER.sign(statement))
    drawn, _, signer = look(copy)
    assert drawn == "PF"
    assert "signed by a key that is not allowed" in signer.reason
    assert look(copy, trusting(copy, KEY.public, OTHER.public))[0] == "PP"


def test_a_signature_that_was_taken_away_is_missed(copy: Path) -> None:
    beside(copy, SIGNATURE).unlink()
    drawn, signature, _ = look(copy)
    assert drawn == "F-"
    assert "there is no" in signature.reason


def test_a_signature_beside_a_statement_that_says_it_is_unsigned_fails(unsigned: Path) -> None:
    beside(unsigned, SIGNATURE).write_bytes(KEY.sign(beside(unsigned, PROVENANCE).read_bytes()))
    drawn, signature, _ = look(unsigned)
    assert drawn == "F-"
    assert "says that nobody signed it" in signature.reason


def test_an_unsigned_copy_holds_only_for_those_who_accept_that(unsigned: Path) -> None:
    assert look(unsigned)[0] == "--"
    assert not Verdict(tuple(verify_bytes(unsigned))).holds
    assert Verdict(tuple(verify_bytes(unsigned, trust=Trust(accept_unsigned=True)))).holds


def test_who_accepts_unsigned_copies_does_not_accept_unknown_signers(copy: Path) -> None:
    assert not Verdict(tuple(verify_bytes(copy, trust=Trust(accept_unsigned=True)))).holds


def test_without_a_list_nobody_is_known_and_it_is_said_what_to_do(copy: Path) -> None:
    drawn, _, signer = look(copy, Trust())
    assert drawn == "P-"
    assert signer.asked
    assert "another way than with the copy" in signer.reason


def test_the_own_folder_of_keys_is_the_default(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trusting(copy, KEY.public)
    own = copy.with_name("own")
    own.mkdir()
    copy.with_name("allowed").rename(own / "allowed_signers")
    monkeypatch.setenv("PRIVMASK_KEYS", str(own))
    assert look(copy, Trust())[0] == "PP"
    (own / "revoked").write_text(KEY.key_id)
    assert look(copy, Trust())[0] == "PF"
    assert look(copy, trusting(copy, KEY.public))[0] == "PF", "what was revoked here is revoked, whoever is trusted"


def test_a_key_is_good_for_its_time_to_the_second(copy: Path) -> None:
    assert look(copy, trusting(copy, KEY.public, after=NOON))[0] == "PP"
    assert look(copy, trusting(copy, KEY.public, before=NOON))[0] == "PP"
    for after, before in ((NOON + SECOND, None), (None, NOON - SECOND)):
        drawn, _, signer = look(copy, trusting(copy, KEY.public, after=after, before=before))
        assert drawn == "PF"
        assert "the key was not valid at 2026-11-23 12:00:00 UTC" in signer.reason


def test_another_time_may_be_asked_for(copy: Path) -> None:
    trust = trusting(copy, KEY.public, before=NOON)
    later = Trust(trust.allowed_signers, at=NOON + SECOND)
    assert look(copy, later)[0] == "PF"
    drawn, _, signer = look(copy, Trust(trust.allowed_signers, at=NOON.replace(tzinfo=UTC)))
    assert (drawn, "the time that was asked for" in signer.reason) == ("PP", True)
    assert look(copy, Trust(trust.allowed_signers, at=datetime(2030, 1, 1)))[0] == "PF", "a naive time is a local one"


def test_a_revoked_key_signs_nothing_any_more_and_nothing_did_it_ever(copy: Path) -> None:
    revoked = copy.with_name("revoked")
    revoked.write_text(f"# lost\n{KEY.public.text} office\n")
    drawn, _, signer = look(copy, Trust(trusting(copy, KEY.public).allowed_signers, revoked))
    assert drawn == "PF"
    assert "the key was revoked" in signer.reason
    revoked.write_text("")
    assert look(copy, Trust(copy.with_name("allowed"), revoked))[0] == "PP"


def test_a_certain_signer_may_be_asked_for(copy: Path) -> None:
    trust = trusting(copy, KEY.public, name="office")
    assert look(copy, Trust(trust.allowed_signers, signer="office"))[0] == "PP"
    drawn, _, signer = look(copy, Trust(trust.allowed_signers, signer="mayor"))
    assert (drawn, "not of 'mayor'" in signer.reason) == ("PF", True)


def _altered(text: bytes, at: int) -> bytes:
    """The armoured signature with one byte inside it changed."""
    head, *lines, last, _ = text.split(b"\n")
    blob = bytearray(base64.b64decode(b"".join(lines)))
    blob[at] ^= 1
    return b"\n".join([head, base64.b64encode(blob), last, b""])


def _ecdsa(_: bytes) -> bytes:
    """A signature in the same envelope by a key of another type."""
    key = new_ecdsa(SECP256R1()).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).split()[1]
    blob = base64.b64decode(key)
    fields = (blob, b"privmask.provenance.v1", b"", b"sha512", b"\0\0\0\x0bssh-ed25519\0\0\0\x40" + bytes(64))
    joined = b"".join(len(each).to_bytes(4, "big") + each for each in fields)
    encoded = base64.b64encode(b"SSHSIG\0\0\0\x01" + joined)
    return b"-----BEGIN SSH SIGNATURE-----\n" + encoded + b"\n-----END SSH SIGNATURE-----\n"


BROKEN: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut": (lambda text: text[:150], "is cut"),
    "empty": (lambda _: b"", "is cut"),
    "not base64": (lambda text: text.replace(b"U1NI", b"U1N=", 1), "base64"),
    "no SSH signature": (lambda text: _altered(text, 0), "SSHSIG"),
    "another version": (lambda text: _altered(text, 9), "version 0"),
    "another hash": (
        lambda text: _altered(text, 6 + 4 + 4 + 51 + 4 + 22 + 4 + 4),
        "expected sha512",
    ),
    "another type of key": (_ecdsa, "ecdsa"),
    "binary": (lambda _: os.urandom(300), "is cut"),
    "PEM of something else": (lambda text: text.replace(b"SSH SIGNATURE", b"PGP SIGNATURE"), "SSH SIGNATURE"),
}


@pytest.mark.parametrize(("change", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_a_signature_that_is_none_fails_with_a_sentence(
    change: Callable[[bytes], bytes], words: str, copy: Path
) -> None:
    path = beside(copy, SIGNATURE)
    path.write_bytes(change(path.read_bytes()))
    drawn, signature, _ = look(copy)
    assert drawn == "F-"
    assert words in signature.reason


def test_a_signature_for_another_purpose_fails(copy: Path) -> None:
    text = write_signature(beside(copy, PROVENANCE).read_bytes(), KEY.public, KEY.bare, "file")
    beside(copy, SIGNATURE).write_bytes(text)
    drawn, signature, _ = look(copy)
    assert (drawn, "its namespace is 'file'" in signature.reason) == ("F-", True)


def _sparse(path: Path) -> None:
    path.unlink(missing_ok=True)
    with path.open("wb") as file:
        file.truncate(1 << 30)


@pytest.mark.parametrize("put", [_sparse, Path.mkdir, os.mkfifo], ids=["a gigabyte", "folder", "FIFO"])
@pytest.mark.parametrize("which", ["signature", "allowed", "revoked"])
def test_what_is_no_file_or_too_large_fails_at_once(which: str, put: Callable[[Path], object], copy: Path) -> None:
    trust = Trust(trusting(copy, KEY.public).allowed_signers, copy.with_name("revoked"))
    copy.with_name("revoked").touch()
    path = beside(copy, SIGNATURE) if which == "signature" else copy.with_name(which)
    path.unlink()
    put(path)
    drawn, signature, signer = look(copy, trust)
    assert drawn == ("F-" if which == "signature" else "PF")
    assert path.name in (signature if which == "signature" else signer).reason


@pytest.mark.parametrize(
    "text", [b"\xff\xfe", b"office", b"office ssh-rsa AAAA", b"office cert-authority ssh-ed25519 AAAA"]
)
def test_a_list_of_signers_that_is_not_understood_allows_nobody(text: bytes, copy: Path) -> None:
    trust = trusting(copy, KEY.public)
    path = copy.with_name("allowed")
    path.write_bytes(path.read_bytes() + text)
    drawn, _, signer = look(copy, trust)
    assert drawn == "PF"
    assert "allowed_signers" in signer.reason


def test_a_list_that_was_asked_for_and_is_missing_is_no_empty_one(copy: Path) -> None:
    assert look(copy, Trust(copy.with_name("nowhere")))[0] == "PF"
    assert look(copy, Trust(trusting(copy, KEY.public).allowed_signers, copy.with_name("nowhere")))[0] == "PF"


def test_the_signature_of_an_unreadable_statement_is_still_that_of_its_bytes(copy: Path) -> None:
    text = b'{"a statement": "of a later version"}'
    beside(copy, PROVENANCE).write_bytes(text)
    beside(copy, SIGNATURE).write_bytes(KEY.sign(text))
    drawn, _, signer = look(copy)
    assert (drawn, "when it was signed" in signer.reason) == ("P-", True)
