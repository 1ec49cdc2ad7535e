"""One entry (記載): what is handed in as a draft, how it is written, and how it is read again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from privmask.errors import EvidenceError, PlanError
from privmask.language import Text
from privmask.register.chain import SALT_BYTES, commitment, in_utc, written
from privmask.register.kinds import KINDS

PERSONAL_BEFORE = "personal_before"  # in the body of an erasure: personal values due until then are erased
CLOCK_SET_BACK = "clock_set_back"  # in a body: this entry is earlier than the one before it, and why is known

_FIELD = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be recorded. `personal` maps names such as "requester.name" to values that will be erased after `erase_after`.

    `body` is for everything else, and stays for ever. One with "clock_set_back": true may be earlier than the entry before it.
    """

    kind: str
    actor: str
    body: Mapping[str, Any]
    personal: Mapping[str, str] = field(default_factory=dict, repr=False)  # no name in a log or a traceback
    policy_sha256: str = ""
    erase_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Personal:
    """A personal value with the salt of its commitment."""

    name: str
    salt: bytes = field(repr=False)
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it stands. In `personal`, None is a value that was erased."""

    seq: int
    kind: str
    actor: str
    at: datetime
    body: Mapping[str, Any]
    personal: Mapping[str, str | None] = field(repr=False)
    policy_sha256: str
    erase_after: str | None
    entry_hash: str

    def value(self, name: str) -> object:
        """The value of that dotted name among the personal ones or else in the body; None where there is none.

        A personal one that was erased is `ERASED`.
        """
        if name in self.personal:
            found = self.personal[name]
            return ERASED if found is None else found
        inner: object = self.body
        for part in name.split("."):
            inner = inner.get(part) if isinstance(inner, Mapping) else None
        return inner


class _Erased:
    def __repr__(self) -> str:
        return "ERASED"


ERASED = _Erased()


def require_sound(draft: Draft) -> None:
    """Raise PlanError unless the draft can be recorded."""
    if draft.kind not in KINDS:
        raise PlanError(_UNKNOWN_KIND.with_(kind=draft.kind, kinds=", ".join(KINDS)))
    if not draft.actor.strip():
        raise PlanError(_NO_ACTOR)
    if not _SHA256.fullmatch(draft.policy_sha256):
        raise PlanError(_NO_POLICY)
    wrong = [name for name in draft.personal if not _FIELD.fullmatch(name)]
    if wrong:
        raise PlanError(_BAD_FIELD.with_(names=", ".join(map(repr, wrong))))
    if bool(draft.personal) != (draft.erase_after is not None):
        raise PlanError(_NO_END)


def sealed(draft: Draft, site: str, at: datetime, salts: Callable[[int], bytes]) -> tuple[bytes, list[Personal]]:
    """The body to be hashed, and the personal values that stand beside it. `checking` knows the order of the body's names."""
    personal = [Personal(name, salts(SALT_BYTES), value) for name, value in sorted(draft.personal.items())]
    data: dict[str, object] = {"at": at.isoformat(), "site": site, "kind": draft.kind}
    if draft.erase_after is not None:
        data["erase_after"] = in_utc(draft.erase_after)
        try:
            data["personal"] = {each.name: commitment(each.salt, each.name, each.value) for each in personal}
        except UnicodeEncodeError:
            raise PlanError(_BAD_VALUE) from None  # its words would say the value
    data |= {"actor": draft.actor, "policy_sha256": draft.policy_sha256, "body": dict(draft.body)}
    return written(data), personal


def read_entry(seq: int, body: str, entry_hash: str, personal: Mapping[str, str]) -> Entry:
    """The entry in a row. EvidenceError for a body that privmask did not write."""
    try:
        data = json.loads(body)
        committed = data.get("personal", {})
        return Entry(
            seq=seq,
            kind=data["kind"],
            actor=data["actor"],
            at=datetime.fromisoformat(data["at"]),
            body=MappingProxyType(data["body"]),
            personal=MappingProxyType({name: personal.get(name) for name in committed}),
            policy_sha256=data["policy_sha256"],
            erase_after=data.get("erase_after"),
            entry_hash=entry_hash,
        )
    except (ValueError, TypeError, KeyError, AttributeError) as cause:
        raise EvidenceError(_ALTERED.with_(seq=seq)) from cause


_UNKNOWN_KIND = Text(
    "「{kind}」という種類の記載はありません。次のどれかにしてください：{kinds}",
    "there is no kind of entry {kind!r}; the kinds are {kinds}",
)
_NO_ACTOR = Text("誰の行為か（actor）がありません", "the entry does not say whose act it is (actor)")
_NO_POLICY = Text(
    "設置・運用規程のハッシュ（policy_sha256, 16進64桁）がありません",
    "the entry does not name the rules it was made under (policy_sha256, 64 hexadecimal digits)",
)
_BAD_FIELD = Text(
    "個人情報の項目名 {names} は使えません。requester.name のような小文字の名前にしてください",
    "{names}: not a name for a personal field; use small letters, such as requester.name",
)
_NO_END = Text(
    "個人情報のある記載には消去の期日（erase_after）が要り、ない記載には付けられません",
    "an entry with personal values needs the day after which they are erased (erase_after), and one without has none",
)
_BAD_VALUE = Text("個人情報の値に、書けない文字があります", "a personal value holds a letter that UTF-8 cannot write")
_ALTERED = Text(
    "記載 {seq} は privmask が書いた形ではありません。privmask register verify で確かめてください",
    "entry {seq} is not as privmask writes it; look at the register with: privmask register verify",
)
