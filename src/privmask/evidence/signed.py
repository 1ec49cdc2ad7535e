"""Who signed a statement, and whether the one who verifies it trusts them: checks 2 and 3 of `privmask.evidence.verify`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime

from privmask.errors import EvidenceError, FootageError
from privmask.evidence import keyring
from privmask.evidence.allowed import LARGEST_LIST, AllowedSigner, in_words, read_allowed, read_revoked
from privmask.evidence.files import read_small
from privmask.evidence.names import SIGNATURE
from privmask.evidence.provenance import Statement
from privmask.evidence.sshsig import LARGEST_SIGNATURE, NAMESPACE, Signature, read_signature
from privmask.evidence.verdict import Check, failed, judged, passed, unchecked
from privmask.evidence.words import Path, shown


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom the one who verifies trusts.

    `allowed_signers` and `revoked` are files as of OpenSSH; where they are None, those in this user's own folder of keys are
    taken, if there are any. `signer` is the name that must have signed, if only one may. `at` is the moment at which the key
    must have been valid (a naive one is local time), None for the statement's own clock. `accept_unsigned`: that nobody has
    signed breaks no promise.
    """

    allowed_signers: Path | None = None
    revoked: Path | None = None
    signer: str | None = None
    at: datetime | None = None
    accept_unsigned: bool = False


def check_signed(copy: Path, text: bytes, statement: Statement | None, trust: Trust) -> tuple[Check, Check]:
    """Checks 2 and 3 of the statement beside `copy`: `text` are its bytes, empty if it could not be read."""
    path = os.fspath(copy) + SIGNATURE
    try:
        found = read_small(path, LARGEST_SIGNATURE)
        signature = None if found is None else read_signature(found)
    except (EvidenceError, FootageError) as error:
        return failed(2, str(error)), _unknown_signer()
    if signature is None:
        return _missing(path, statement, trust)
    if not text:
        return unchecked(2, "there is no statement that it could be of"), _unknown_signer()
    wrong = _wrong(signature, text, statement)
    by = f"by the key {signature.key.key_id}, over these very bytes"
    return judged(2, not wrong, by, wrong), _signer(signature, statement, trust, holds=not wrong)


def _missing(path: Path, statement: Statement | None, trust: Trust) -> tuple[Check, Check]:
    if statement is None:
        return unchecked(2, "there is neither a statement nor a signature"), _unknown_signer()
    if statement.key_id is not None:
        why = f"the statement is to be signed by the key {statement.key_id}, and there is no {shown(path)}"
        return failed(2, f"{why}; ask whoever gave you the copy for it"), _unknown_signer()
    asked = not trust.accept_unsigned
    why = "nobody has signed the statement: who wrote it is not proved"
    return unchecked(2, why, asked=asked), unchecked(3, "nobody has signed the statement", asked=asked)


def _unknown_signer() -> Check:
    return unchecked(3, "there is no signature that holds")


def _wrong(signature: Signature, text: bytes, statement: Statement | None) -> str:
    """Why the signature is not that of these bytes; "" if it is."""
    if signature.namespace != NAMESPACE:
        found = shown(signature.namespace[:80])
        return f"the signature was made for something else: its namespace is {found}, expected {NAMESPACE}"
    if statement is not None and statement.key_id is None:
        return "the statement says that nobody signed it, and yet a signature lies beside it: one of them was exchanged"
    if statement is not None and statement.key_id != signature.key.key_id:
        return f"the signature is by the key {signature.key.key_id}, the statement names {statement.key_id}"
    if not signature.holds_for(text):
        return "statement edited: the signature is not for these bytes, or is that of another statement"
    return ""


def _signer(signature: Signature, statement: Statement | None, trust: Trust, *, holds: bool) -> Check:
    """Check 3. Whoever may not sign fails it even with a signature that does not hold; nobody passes it with such a one."""
    key_id = signature.key.key_id
    try:
        if key_id in _revoked(trust):
            return failed(3, f"the key was revoked: {key_id}; nothing that it signed is to be trusted, whenever it was")
        allowed = _allowed(trust)
    except (EvidenceError, FootageError) as error:
        return failed(3, str(error))
    if allowed is None:
        return unchecked(
            3,
            f"nothing tells whose key {key_id} is; ask the sender for their line for allowed_signers another way than with the"
            " copy (by telephone, on paper), and give the file with --allowed-signers",
        )
    moment = trust.at.astimezone() if trust.at else statement.clock if statement else None
    lines = [line for line in allowed if line.key == signature.key]
    if not lines:
        return failed(3, f"signed by a key that is not allowed: {key_id} is not in the list of allowed signers")
    if moment is None:
        return unchecked(3, "there is no statement that says when it was signed")
    good = [line for line in lines if not line.refusal(NAMESPACE, moment, trust.signer)]
    if not good:
        return failed(3, "; or ".join(dict.fromkeys(line.refusal(NAMESPACE, moment, trust.signer) for line in lines)))
    return passed(3, _known(good, moment, trust)) if holds else _unknown_signer()


def _known(lines: list[AllowedSigner], moment: datetime, trust: Trust) -> str:
    names = ", ".join(dict.fromkeys(shown(line.principals) for line in lines))
    clock = "the time that was asked for" if trust.at else "by the statement's own clock, which is the signer's word"
    return f"{names}, valid at {in_words(moment)} ({clock}), not revoked"


def _allowed(trust: Trust) -> tuple[AllowedSigner, ...] | None:
    text = _list(trust.allowed_signers, keyring.ALLOWED)
    return None if text is None else read_allowed(text)


def _revoked(trust: Trust) -> frozenset[str]:
    text = _list(trust.revoked, keyring.REVOKED)
    return frozenset() if text is None else read_revoked(text)


def _list(given: Path | None, name: str) -> bytes | None:
    """The bytes of a list that was given, which must be there, or of the own one, which need not."""
    if given is None:
        return read_small(os.path.join(keyring.default_folder(), name), LARGEST_LIST)
    text = read_small(given, LARGEST_LIST)
    if text is None:
        raise EvidenceError(f"there is no {shown(given)}")
    return text
