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
from privmask.evidence.verdict import Check, failed, passed, unchecked
from privmask.evidence.words import Path, shown
from privmask.language import Text


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
        return failed(2, error), _unknown_signer()
    if signature is None:
        return _missing(path, statement, trust)
    if not text:
        return unchecked(2, _OF_NOTHING), _unknown_signer()
    wrong = _wrong(signature, text, statement)
    good = passed(2, _GOOD.with_(key=signature.key.key_id))
    return failed(2, wrong) if wrong else good, _signer(signature, statement, trust, holds=not wrong)


def _missing(path: Path, statement: Statement | None, trust: Trust) -> tuple[Check, Check]:
    if statement is None:
        return unchecked(2, _NEITHER), _unknown_signer()
    if statement.key_id is not None:
        return failed(2, _MISSING.with_(key=statement.key_id, path=shown(path))), _unknown_signer()
    asked = not trust.accept_unsigned
    return unchecked(2, _UNSIGNED, asked=asked), unchecked(3, _NOBODY, asked=asked)


def _unknown_signer() -> Check:
    return unchecked(3, _UNKNOWN)


def _wrong(signature: Signature, text: bytes, statement: Statement | None) -> Text | None:
    """Why the signature is not that of these bytes; None if it is."""
    if signature.namespace != NAMESPACE:
        return _ELSE.with_(found=shown(signature.namespace[:80]), expected=NAMESPACE)
    if statement is not None and statement.key_id is None:
        return _EXCHANGED
    if statement is not None and statement.key_id != signature.key.key_id:
        return _OTHER_KEY.with_(key=signature.key.key_id, stated=statement.key_id)
    if not signature.holds_for(text):
        return _EDITED
    return None


def _signer(signature: Signature, statement: Statement | None, trust: Trust, *, holds: bool) -> Check:
    """Check 3. Whoever may not sign fails it even with a signature that does not hold; nobody passes it with such a one."""
    key_id = signature.key.key_id
    try:
        if key_id in _revoked(trust):
            return failed(3, _REVOKED.with_(key=key_id))
        allowed = _allowed(trust)
    except (EvidenceError, FootageError) as error:
        return failed(3, error)
    if allowed is None:
        return unchecked(3, _WHOSE.with_(key=key_id))
    moment = trust.at.astimezone() if trust.at else statement.clock if statement else None
    lines = [line for line in allowed if line.key == signature.key]
    if not lines:
        return failed(3, _NOT_ALLOWED.with_(key=key_id))
    if moment is None:
        return unchecked(3, _WHEN)
    refused = [(line, line.refusal(NAMESPACE, moment, trust.signer)) for line in lines]
    good = [line for line, why in refused if why is None]
    if not good:
        why = dict.fromkeys(why for _, why in refused if why)
        return failed(3, Text("、又は".join(each.ja for each in why), "; or ".join(each.en for each in why)))
    return passed(3, _known(good, moment, trust)) if holds else _unknown_signer()


def _known(lines: list[AllowedSigner], moment: datetime, trust: Trust) -> Text:
    names = ", ".join(dict.fromkeys(shown(line.principals) for line in lines))
    return _KNOWN.with_(names=names, moment=in_words(moment), clock=_ASKED if trust.at else _CLOCK)


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
        raise EvidenceError(_NO_LIST.with_(path=shown(given)))
    return text


_OF_NOTHING = Text("署名の対象となる来歴がありません", "there is no statement that it could be of")
_GOOD = Text("鍵 {key} による、この来歴そのものへの署名です", "by the key {key}, over these very bytes")
_NEITHER = Text("来歴も署名もありません", "there is neither a statement nor a signature")
_MISSING = Text(
    "来歴は鍵 {key} で署名されているはずですが、{path} がありません。複写を渡した人に求めてください",
    "the statement is to be signed by the key {key}, and there is no {path}; ask whoever gave you the copy for it",
)
_UNSIGNED = Text(
    "来歴に署名がなく、誰が書いたか証明されません", "nobody has signed the statement: who wrote it is not proved"
)
_NOBODY = Text("来歴に署名がありません", "nobody has signed the statement")
_UNKNOWN = Text("有効な署名がありません", "there is no signature that holds")
_ELSE = Text(
    "別の用途の署名です（名前空間が {found}。正しくは {expected}）",
    "the signature was made for something else: its namespace is {found}, expected {expected}",
)
_EXCHANGED = Text(
    "来歴は署名がないと述べていますが、隣に署名があります。どちらかが差し替えられています",
    "the statement says that nobody signed it, and yet a signature lies beside it: one of them was exchanged",
)
_OTHER_KEY = Text(
    "署名は鍵 {key} によるもので、来歴にある鍵は {stated} です",
    "the signature is by the key {key}, the statement names {stated}",
)
_EDITED = Text(
    "来歴が書き換えられています。署名はこの来歴へのものでないか、別の来歴のものです",
    "statement edited: the signature is not for these bytes, or is that of another statement",
)
_REVOKED = Text(
    "鍵は失効しています：{key}。いつ署名したものでも信用できません",
    "the key was revoked: {key}; nothing that it signed is to be trusted, whenever it was",
)
_WHOSE = Text(
    "鍵 {key} が誰のものか分かりません。署名者一覧の行を、複写とは別の方法（電話や紙）で送り主から受け取り、"
    "--allowed-signers で指定してください",
    "nothing tells whose key {key} is; ask the sender for their line for allowed_signers another way than with the"
    " copy (by telephone, on paper), and give the file with --allowed-signers",
)
_NOT_ALLOWED = Text(
    "認められていない鍵の署名です：{key} は署名者一覧にありません",
    "signed by a key that is not allowed: {key} is not in the list of allowed signers",
)
_WHEN = Text("いつ署名されたかを述べる来歴がありません", "there is no statement that says when it was signed")
_KNOWN = Text(
    "{names}。{moment} に有効（{clock}）、失効していません", "{names}, valid at {moment} ({clock}), not revoked"
)
_ASKED = Text("指定された日時", "the time that was asked for")
_CLOCK = Text("来歴にある時計、すなわち署名者の申告", "by the statement's own clock, which is the signer's word")
_NO_LIST = Text("{path} がありません", "there is no {path}")
