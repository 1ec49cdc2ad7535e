"""The adoption of a site's rules: the manager signs them, and one changed character later nothing governed runs any more.

Beside `site.toml` stand `site.adopted.json`, which names the rules by their hash, every file that they name (plans, reference
pictures) by its hash, who adopted them and when, and `site.adopted.json.sig`, the manager's SSH signature of just these bytes.
An adoption that is replaced is kept as `site.adopted.1.json`, `.2.json` and so on, and the new one names its hash.

The signature is in the namespace of statements, which is the one that agents and lists of signers know; nothing confuses the
two, because each names its own format in what is signed.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from privmask.adoption import Adoption, parsed
from privmask.errors import CopyError, EvidenceError, FootageError, PlanError, PolicyError
from privmask.evidence import FileRecord, Signer, record_of, signed_by
from privmask.evidence.allowed import LARGEST_LIST, read_revoked
from privmask.evidence.canonical import read_canonical
from privmask.evidence.files import read_small
from privmask.evidence.hidden import lock
from privmask.evidence.keyring import REVOKED, default_folder, put
from privmask.evidence.sshsig import LARGEST_SIGNATURE, NAMESPACE, Signature, read_signature
from privmask.language import Text
from privmask.policy import Person, Site, read_site, site_from

SIGNATURE = ".sig"
LARGEST_ADOPTION = 1 << 20
LARGEST_NAMED_FILE = 64 << 20

AnyPath: TypeAlias = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Adopted:
    """Rules that hold: `sha256` of their file stands in every record, `by` is the person who adopted them `at` that time."""

    site: Site
    sha256: str
    by: str
    at: datetime
    key_id: str


def adoption_path(path: AnyPath) -> Path:
    """`site.adopted.json` for `site.toml`."""
    found = Path(path)
    return found.with_name(f"{found.stem}.adopted.json")


def adopt_site(path: AnyPath, by: str, signer: Signer, at: datetime) -> Adopted:
    """Adopt the rules in `path` in the name of the person `by`: a valid manager on that day, by the key that the rules name.

    Raises `PlanError` with all that is wrong with the rules or with a file that they name, `PolicyError` for anybody else, for
    any other key and for one that is revoked here, and `CopyError` if the disk refuses. An adoption that stands already is kept
    under a number.
    """
    text = read_site(path)
    site = site_from(text, os.fspath(path), at)
    _require_manager(site, by, at, signer.key_id)
    if signer.key_id in _revoked_keys():
        raise _refused(_REVOKED_NOW, key=signer.key_id)
    target = adoption_path(path)
    with _held(target.parent) as folder:
        before = read_small(target, LARGEST_ADOPTION)
        adoption = Adoption(
            site.site.id,
            record_of(Path(path).name, text),
            tuple(_record(target.parent, name) for name in site.files),
            by,
            at,
            signer.key_id,
            record_of("", before).sha256 if before is not None else None,
        )
        content = adoption.to_bytes()
        signature = signed_by(signer, content)
        if before is not None:
            _keep(folder, target.name)
        put(
            folder, target.name + SIGNATURE, signature
        )  # torn between the two: they do not fit, and nothing governed runs
        put(folder, target.name, content)
    return Adopted(site, adoption.policy.sha256, by, at, signer.key_id)


def require_adopted(path: AnyPath, at: datetime) -> Adopted:
    """The rules in `path`, if a manager adopted them as they are, to the last character; `PolicyError` if not.

    It holds by the key that the rules name for that manager, and by no other; nor by that one when it is revoked in this user's
    folder of keys.
    """
    text = read_site(path)
    adoption = _read_adoption(adoption_path(path))
    if record_of("", text).sha256 != adoption.policy.sha256:
        raise _refused(_CHANGED, name=Path(path).name, at=_day(adoption.at), by=adoption.by)
    for record in adoption.files:
        if _record_or_none(Path(path).parent, record.name) != record:
            raise _refused(_FILE_CHANGED, name=record.name)
    if at < adoption.at:
        raise _refused(_LATER, at=adoption.at.isoformat(), now=at.isoformat())
    site = site_from(text, os.fspath(path))
    _require_manager(site, adoption.by, adoption.at, adoption.key_id)
    return Adopted(site, adoption.policy.sha256, adoption.by, adoption.at, adoption.key_id)


def adopted_hash(path: AnyPath) -> str | None:
    """The hash of the rules that stands in the adoption beside `path`, whether that holds or not; None if there is none."""
    try:
        text = read_small(adoption_path(path), LARGEST_ADOPTION)
        return None if text is None else parsed(read_canonical(text, "")).policy.sha256
    except (EvidenceError, FootageError, ValueError):
        return None


def _require_manager(site: Site, by: str, at: datetime, key_id: str) -> Person:
    person = site.actor(by, at, "manager")
    if person.key is None:
        raise _refused(_NO_KEY, by=by, found=key_id)
    if person.key != key_id:
        raise _refused(_OTHER_KEY, by=by, key=person.key, found=key_id)
    return person


def _read_adoption(path: Path) -> Adoption:
    """The adoption, signed, and by a key that is not revoked here; `PolicyError` else."""
    try:
        text = read_small(path, LARGEST_ADOPTION)
        armour = read_small(os.fspath(path) + SIGNATURE, LARGEST_SIGNATURE)
        if text is None or armour is None:
            raise _refused(_NOT_ADOPTED, name=path.name)
        signature = read_signature(armour)
        adoption = parsed(read_canonical(text, path.name))
        revoked = _revoked_keys()
    except (EvidenceError, FootageError, ValueError) as cause:
        raise _refused(_BROKEN, name=path.name, why=cause) from cause
    if not _is_signed(signature, text, adoption):
        raise _refused(_BROKEN, name=path.name, why=_NO_SIGNATURE)
    if adoption.key_id in revoked:
        raise _refused(_REVOKED, key=adoption.key_id)
    return adoption


def _revoked_keys() -> Container[str]:
    """The fingerprints of the keys that are void in this user's folder."""
    return read_revoked(read_small(os.path.join(default_folder(), REVOKED), LARGEST_LIST) or b"")


def _is_signed(signature: Signature, text: bytes, adoption: Adoption) -> bool:
    by_key = signature.namespace == NAMESPACE and signature.key.key_id == adoption.key_id
    return by_key and signature.holds_for(text)


def _record(folder: Path, name: str) -> FileRecord:
    record = _record_or_none(folder, name)
    if record is None:
        raise PlanError(_NO_FILE.with_(name=name))
    return record


def _record_or_none(folder: Path, name: str) -> FileRecord | None:
    try:
        content = read_small(folder / name, LARGEST_NAMED_FILE)
    except FootageError as cause:
        raise PolicyError(_UNREADABLE.with_(name=name, why=cause), clause="III") from cause
    return None if content is None else record_of(name, content)


@contextmanager
def _held(path: Path) -> Iterator[int]:
    """The open folder, locked against another adoption."""
    try:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            lock(folder, fcntl.LOCK_EX)
            yield folder
        finally:
            os.close(folder)
    except OSError as cause:
        raise CopyError(f"the adoption cannot be written beside {os.fspath(path)!r}: {cause.strerror}") from cause


def _keep(folder: int, name: str) -> None:
    """Give the adoption that stands a number of its own as well, from 1."""
    stem = name.removesuffix(".json")
    names = set(os.listdir(folder))
    number = next(n for n in range(1, len(names) + 2) if not {f"{stem}.{n}.json", f"{stem}.{n}.json.sig"} & names)
    for end in ("", SIGNATURE):
        if name + end in names:
            os.link(name + end, f"{stem}.{number}.json{end}", src_dir_fd=folder, dst_dir_fd=folder)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _refused(words: Text, **values: object) -> PolicyError:
    return PolicyError(words.with_(**values), clause="III")


_NOT_ADOPTED = Text(
    "設置・運用規程が採択されていません（{name} がありません）。管理責任者が採択してください：privmask policy adopt",
    "the site's rules are not adopted ({name} is not there); the manager adopts them: privmask policy adopt",
)
_CHANGED = Text(
    "設置・運用規程（{name}）が、{at}に「{by}」が採択した後に変わっています。内容を確かめ、管理責任者がもう一度採択してください："
    "privmask policy adopt",
    "the site's rules ({name}) have changed since {by!r} adopted them on {at}; look at them, and let the manager adopt them"
    " again: privmask policy adopt",
)
_FILE_CHANGED = Text(
    "規程が指すファイル「{name}」が、採択の後に変わったか、なくなっています。確かめて、もう一度採択してください："
    "privmask policy adopt",
    "{name!r}, which the rules name, has changed or gone since they were adopted; look at it, and adopt again:"
    " privmask policy adopt",
)
_LATER = Text(
    "採択の日時（{at}）が今（{now}）より後です。時計を確かめてください",
    "the rules were adopted at {at}, after now ({now}); look at the clock",
)
_NO_KEY = Text(
    '規程に「{by}」の署名鍵がないので、本人による採択か分かりません。{found} が本人の鍵なら、id = "{by}" の [[person]] に'
    '次の1行を書き、もう一度採択してください（privmask policy adopt）：\nkey = "{found}"',
    "the rules name no key for {by!r}, so that nobody can tell whether it was {by!r} who adopted them. If {found} is that"
    ' person\'s own key, write this line below id = "{by}" and adopt again (privmask policy adopt):\nkey = "{found}"',
)
_OTHER_KEY = Text(
    "規程に書かれた「{by}」の署名鍵は {key} で、使われた鍵は {found} です。{found} が本人の新しい鍵なら、その行を次のとおりに"
    '書き換え、もう一度採択してください（privmask policy adopt）：\nkey = "{found}"',
    "the key of {by!r} in the rules is {key}, and this one is {found}. If it is that person's own new key, change the line and"
    ' adopt again (privmask policy adopt):\nkey = "{found}"',
)
_BROKEN = Text(
    "採択の記録（{name}）が正しくありません（{why}）。もう一度採択してください：privmask policy adopt",
    "the adoption ({name}) does not hold: {why}; adopt again: privmask policy adopt",
)
_NO_SIGNATURE = Text("署名が合いません", "the signature is not that of these bytes")
_REVOKED_NOW = Text(
    "署名鍵 {key} は失効しています。新しい鍵（privmask keys new）を規程に書き、それで採択してください",
    "the key {key} is revoked; write a new one (privmask keys new) into the rules, and adopt with that",
)
_REVOKED = Text(
    "採択に使われた署名鍵 {key} は失効しています。別の鍵で採択してください：privmask policy adopt",
    "the rules were adopted with the key {key}, which is revoked; adopt again with another: privmask policy adopt",
)
_NO_FILE = Text("規程が指すファイル「{name}」がありません", "{name!r}, which the rules name, is not there")
_UNREADABLE = Text(
    "規程が指すファイル「{name}」が読めません（{why}）", "{name!r}, which the rules name, cannot be read: {why}"
)
