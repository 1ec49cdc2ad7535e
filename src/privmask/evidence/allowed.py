"""Who may sign: OpenSSH's `allowed_signers` file, and the list of keys that were revoked.

The answers are those of `ssh-keygen -Y verify` on the same files, but stricter: where it skips a line that it does not
understand, the whole file is refused here. Nobody is allowed by a line that was misread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from privmask.errors import EvidenceError
from privmask.evidence.sshsig import NAMESPACE, PublicKey
from privmask.language import Text

LARGEST_LIST = 1 << 20

_LINE = re.compile(
    r'(?P<principals>"[^"]+"|[^\s"]+)[ \t]+'
    r'(?:(?P<options>(?!(?:ssh|sk|ecdsa)-)(?:[^\s"]|"[^"]*")+)[ \t]+)?'
    r"(?P<kind>(?:ssh|sk|ecdsa)-[^\s]+)[ \t]+(?P<key>[^\s]+)(?:[ \t].*)?"
)
_OPTION = re.compile(r'(?P<name>[A-Za-z-]+)(?:="(?P<value>[^"]*)")?(?:,|$)')
_MOMENT = re.compile(r"(\d{8})(?:(\d{4})(\d{2})?)?(Z?)")
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_KRL = b"SSHKRL\n\0"
_KNOWN = ("namespaces", "valid-after", "valid-before")

_ANOTHERS = Text("鍵は {found} のもので、{name} のものではありません", "the key is that of {found}, not of {name}")
_NAMESPACE = Text("鍵は名前空間 {namespace} では署名できません", "the key may not sign in the namespace {namespace}")
_EARLY = Text(
    "鍵は {moment} には有効でありません（{after} から有効）",
    "the key was not valid at {moment}: it is valid from {after} on",
)
_LATE = Text(
    "鍵は {moment} には有効でありません（{before} まで有効）",
    "the key was not valid at {moment}: it was valid until {before}",
)


@dataclass(frozen=True, slots=True)
class AllowedSigner:
    """One line: `principals` may sign with `key`, in these namespaces, from `after` to `before`, both included."""

    principals: str
    key: PublicKey
    namespaces: str | None = NAMESPACE
    after: datetime | None = None
    before: datetime | None = None

    def refusal(self, namespace: str, moment: datetime, name: str | None) -> Text | None:
        """Why this line does not allow its key to sign at that moment (for `name`, where one is asked for); None if it does."""
        second = moment.replace(microsecond=0)
        if name is not None and not matches(name, self.principals):
            return _ANOTHERS.with_(found=repr(self.principals), name=repr(name))
        if self.namespaces is not None and not matches(namespace, self.namespaces):
            return _NAMESPACE.with_(namespace=namespace)
        if self.after is not None and second < self.after:
            return _EARLY.with_(moment=in_words(moment), after=in_words(self.after))
        if self.before is not None and second > self.before:
            return _LATE.with_(moment=in_words(moment), before=in_words(self.before))
        return None


def read_allowed(text: bytes) -> tuple[AllowedSigner, ...]:
    """The lines of an `allowed_signers` file; `EvidenceError` that names the line which is not understood."""
    return tuple(_signer(line, place) for line, place in _lines(text, "allowed_signers"))


def read_revoked(text: bytes) -> frozenset[str]:
    """The fingerprints of a plain list of revoked keys: public keys, or their SHA256 fingerprints, one a line."""
    if text.startswith(_KRL):
        raise EvidenceError(
            "the list of revoked keys is a binary one (KRL), which privmask cannot read; give the keys as lines of text"
        )
    return frozenset(_revoked(line, place) for line, place in _lines(text, "the list of revoked keys"))


def matches(name: str, patterns: str) -> bool:
    """Whether `name` is meant by the comma-separated patterns: * and ? as in a shell, and one with ! before it shuts out."""
    meant = False
    for pattern in patterns.split(","):
        wanted = pattern.removeprefix("!")
        letters = (".*" if each == "*" else "." if each == "?" else re.escape(each) for each in wanted)
        if wanted and re.fullmatch("".join(letters), name, re.DOTALL):
            if pattern.startswith("!"):
                return False
            meant = True
    return meant


def allowed_line(signer: AllowedSigner) -> str:
    """The line for the file."""
    options = [f'namespaces="{signer.namespaces}"'] if signer.namespaces is not None else []
    options += [f'valid-after="{_stamp(signer.after)}"'] if signer.after else []
    options += [f'valid-before="{_stamp(signer.before)}"'] if signer.before else []
    principals = f'"{signer.principals}"' if " " in signer.principals else signer.principals
    return " ".join(filter(None, (principals, ",".join(options), signer.key.text)))


def with_line(text: bytes, signer: AllowedSigner) -> bytes:
    """The file with a line more."""
    return text + (b"" if text.endswith(b"\n") or not text else b"\n") + allowed_line(signer).encode() + b"\n"


def changed(text: bytes, change: Callable[[AllowedSigner], AllowedSigner | None]) -> bytes:
    """The file with each line as `change` has it, None leaving it out; lines that stay as they are stay so to the byte."""
    read_allowed(text)
    lines = []
    for line in text.split(b"\n"):
        old = read_allowed(line)
        new = tuple(map(change, old))
        lines += [line] if new == old else [allowed_line(each).encode() for each in new if each]
    return b"\n".join(lines)


def in_words(moment: datetime) -> str:
    """A moment in UTC for a person."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")


def _lines(text: bytes, what: str) -> Iterator[tuple[str, str]]:
    """Each line that says something, with its place."""
    if len(text) > LARGEST_LIST:
        raise EvidenceError(f"{what} is larger than {LARGEST_LIST} bytes")
    try:
        lines = text.decode().split("\n")
    except UnicodeDecodeError as cause:
        raise EvidenceError(f"{what} is no UTF-8 text") from cause
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.strip(), f"{what}, line {number}"


def _signer(line: str, place: str) -> AllowedSigner:
    found = _LINE.fullmatch(line)
    if not found:
        raise EvidenceError(f"{place}: expected a name, options if any, the type of the key, and the key")
    options = _options(found["options"] or "", place)
    after, before = (_moment(options.get(name), place) for name in ("valid-after", "valid-before"))
    if after and before and after >= before:
        raise EvidenceError(f"{place}: valid-before is not after valid-after")
    key = _key(found["kind"], found["key"], place)
    return AllowedSigner(found["principals"].strip('"'), key, options.get("namespaces"), after, before)


def _options(text: str, place: str) -> dict[str, str]:
    found = list(_OPTION.finditer(text))
    if "".join(each[0] for each in found) != text or text.endswith(","):
        raise EvidenceError(f"{place}: the options {text[:80]!r} are not understood")
    options: dict[str, str] = {}
    for each in found:
        name = each["name"].lower()
        if name == "cert-authority":
            raise EvidenceError(f"{place}: certificates (cert-authority) are not used; list the key itself")
        if name not in _KNOWN or each["value"] is None or name in options:
            raise EvidenceError(f"{place}: the option {each[0][:80]!r} is not known, incomplete, or there twice")
        options[name] = each["value"]
    return options


def _moment(text: str | None, place: str) -> datetime | None:
    """YYYYMMDD[HHMM[SS]], with Z in UTC and without it in this machine's zone, as OpenSSH reads it."""
    if text is None:
        return None
    found = _MOMENT.fullmatch(text)
    if not found:
        raise EvidenceError(f"{place}: {text[:40]!r} is no time; expected YYYYMMDDHHMMSSZ")
    day, clock, seconds, zone = found.groups()
    try:
        moment = datetime.strptime(day + (clock or "0000") + (seconds or "00"), "%Y%m%d%H%M%S")
    except ValueError as cause:
        raise EvidenceError(f"{place}: there is no such time as {text!r}") from cause
    return moment.replace(tzinfo=UTC) if zone else moment.astimezone()


def _key(kind: str, encoded: str, place: str) -> PublicKey:
    try:
        return PublicKey.parse(kind, encoded)
    except EvidenceError as cause:
        raise EvidenceError(f"{place}: {cause}") from cause


def _revoked(line: str, place: str) -> str:
    words = line.split()
    if _FINGERPRINT.fullmatch(words[0]):
        return words[0]
    if len(words) < 2:
        raise EvidenceError(f"{place}: expected a public key or its SHA256 fingerprint")
    return _key(words[0], words[1], place).key_id
