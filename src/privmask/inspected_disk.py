"""What an inspection finds on the disk: who could read what, copies in the open, the vault, the signing key."""

from __future__ import annotations

import fcntl
import os
import stat
from base64 import b64decode
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from privmask.errors import EvidenceError, PolicyError
from privmask.evidence.keyring import default_key
from privmask.evidence.keys import read_key
from privmask.finding import Finding, note, wrong
from privmask.handing import HANDING, unfinished
from privmask.language import Text
from privmask.office import REGISTER, VAULT
from privmask.register import vault_words
from privmask.register.vault_check import find_faults, find_unreadable
from privmask.register.vault_key import SiteKey, is_open
from privmask.register.vault_layout import COPIES, DRAFTS, ERASED, SITE_KEY, is_id, read_held, read_recipient
from privmask.workroom import ROOM

_STATEMENT = ".provenance.json"
_MOVED_BEFORE = "moved-cameras"  # where pictures of moved cameras lay before they were kept in the vault
_HELD_BACK = {vault_words.UNFINISHED: "II-6(4)", vault_words.RETURNED: "II-6(4)", vault_words.LEFT_OVER: "II-6(2)"}


@dataclass(frozen=True, slots=True)
class VaultState:
    """What is in the vault: SHA-256 of each copy at rest by its id (None if its record is damaged), and ids of erased ones.

    `drafts` are ids of those that a killed run did not put in their place; `retired` says that the site's key is destroyed.
    """

    held: Mapping[str, str | None] = field(default_factory=dict)
    erased: frozenset[str] = frozenset()
    drafts: frozenset[str] = frozenset()
    retired: bool = False
    there: bool = False


def vault_state(folder: Path) -> VaultState:
    """What is in the vault in `folder`; nothing if there is none. It is only read."""
    try:
        held = {id: _sha256(folder / COPIES / id) for id in os.listdir(folder / COPIES) if is_id(id)}
        erased, drafts = (frozenset(filter(is_id, os.listdir(folder / name))) for name in (ERASED, DRAFTS))
        return VaultState(held, erased, drafts, retired=os.path.lexists(folder / ERASED / SITE_KEY), there=True)
    except OSError:
        return VaultState()


def disk_findings(folder: Path) -> Iterator[Finding]:
    """What is wrong in the site's folder, and with the folder of keys."""
    yield from _modes(folder)
    yield from _in_the_open(folder)
    if os.path.lexists(folder / VAULT):
        yield from _vault(folder / VAULT)
    yield from _keys()


def _modes(folder: Path) -> Iterator[Finding]:
    """`find -perm /077` in register, vault and work room; the rules may be read by anybody, and written by their owner."""
    for path in sorted((folder, *folder.glob("*.toml"), *folder.glob("*.adopted*.json*"))):
        if _mode(path) & 0o022:
            yield wrong("II-5", _WRITABLE, name=path.name, mode=f"{_mode(path):03o}")
    for top in (folder / REGISTER.parent, folder / VAULT, folder / ROOM, folder / HANDING):
        for path in sorted((top, *top.rglob("*"))):
            if os.path.lexists(path) and not path.is_symlink() and _mode(path) & 0o077:
                yield wrong("II-5", _OPEN, name=path.relative_to(folder), mode=f"{_mode(path):03o}")


def _in_the_open(folder: Path) -> Iterator[Finding]:
    """Copies that lie beside the vault instead of in it, and what a command that was killed left open."""
    room = folder / ROOM
    for work in sorted(room.iterdir()) if room.is_dir() else ():
        yield (
            note("II-6(1)", _AT_WORK) if _in_use(work) else wrong("II-6(1)", _LEFT_OPEN, name=work.relative_to(folder))
        )
    for picture in sorted((folder / _MOVED_BEFORE).glob("*.png")):
        yield wrong("II-6(1)", _PICTURE, name=picture.relative_to(folder))
    for each in unfinished(folder):
        yield wrong("II-7(2)", _HALF_HANDED, id=each.copy_id or "?")
    for path in sorted(folder.rglob(f"*{_STATEMENT}")):
        if not {folder / VAULT, room} & {*path.parents}:
            yield wrong("II-6(1)", _PLAIN, name=path.relative_to(folder))


def _in_use(work: Path) -> bool:
    """Whether a command that still runs holds this folder of the work room."""
    try:
        descriptor = os.open(work, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _vault(vault: Path) -> Iterator[Finding]:
    try:
        faults = find_faults(os.fspath(vault))
    except OSError as error:
        yield wrong("II-6(1)", _NO_VAULT, why=error.strerror)
        return
    for fault in faults:
        if not _told_by_mode(vault / fault.place):
            clause = "II-10" if fault.place == SITE_KEY else _HELD_BACK.get(fault.what, "II-6(1)")
            yield wrong(clause, _IN_VAULT, place=fault.place, what=fault.what)
    if (vault / SITE_KEY).is_file():
        yield from _every_copy(vault, {os.path.dirname(fault.place) for fault in faults})


def _every_copy(vault: Path, told: Set[str]) -> Iterator[Finding]:
    """What of the copies does not open, or not as what was put, where the site's key is not locked; reads every byte."""
    if not is_open(os.fspath(vault / SITE_KEY)):
        if any(os.scandir(vault / COPIES)):
            yield note("II-6(1)", _NOT_READ)
        return
    yield note("II-10", _OPEN_SITE_KEY)
    try:
        identity = SiteKey(os.fspath(vault / SITE_KEY), read_recipient(os.fspath(vault)), None).identity
        found = find_unreadable(os.fspath(vault), identity)
    except (PolicyError, EvidenceError) as error:
        if not _told_by_mode(vault / SITE_KEY):
            yield wrong("II-10", vault_words.said(error))
        return
    for fault in found:
        if os.path.dirname(fault.place) not in told:
            yield wrong("II-6(1)", _IN_VAULT, place=fault.place, what=fault.what)


def _keys() -> Iterator[Finding]:
    """The key that statements and adoptions are signed with, if this user has one."""
    path = default_key()
    if path is None:
        return
    try:
        text = read_key(path)
    except EvidenceError as error:
        yield wrong("II-10", Text(str(error), str(error)))
        return
    if b"bcrypt" not in b64decode(b"".join(text.split(b"\n")[1:-2])):  # how a passphrase becomes a key
        yield note("II-10", _NAKED_KEY)


def _told_by_mode(path: Path) -> bool:
    return os.path.lexists(path) and not path.is_symlink() and bool(_mode(path) & 0o077)


def _mode(path: Path) -> int:
    return stat.S_IMODE(os.lstat(path).st_mode)


def _sha256(copy: Path) -> str | None:
    try:
        return read_held(os.fspath(copy)).sha256
    except EvidenceError:
        return None


_WRITABLE = Text(
    "{name} を他の利用者が書き換えられます（モード {mode}）", "{name} can be changed by others (mode {mode})"
)
_OPEN = Text("{name} が他の利用者に開かれています（モード {mode}）", "{name} is open to others (mode {mode})")
_PLAIN = Text(
    "暗号化されていない複写又はその書類があります（{name}）。保管庫の外に置かないでください",
    "a copy, or what belongs to one, lies unencrypted outside the vault: {name}",
)
_LEFT_OPEN = Text(
    "{name} に、止められた処理が開いたままにした複写があります。次の命令が片付けます：privmask due",
    "a command that was killed left a copy open in {name}; the next command clears it away: privmask due",
)
_PICTURE = Text(
    "{name} に、カメラのずれを示す暗号化されていない画像があります。見終わったら消去してください",
    "{name} shows unencrypted what a camera that moved saw; delete it when it has been looked at",
)
_HALF_HANDED = Text(
    "複写 {id} の提供が途中で止められました。記載済みならファイルに名前を付け、なければ消します：privmask due"
    "（提供先の媒体を接続して実行してください。媒体がなければ、もう一度提供してください：privmask provide {id}）",
    "a hand-over of the copy {id} was killed; this names its file if it was recorded, and removes it if not: privmask due (with"
    " the medium in place; if that is gone, hand over again: privmask provide {id})",
)
_AT_WORK = Text("いま複写を開いて作業している処理があります", "a command is at work on an open copy right now")
_NO_VAULT = Text("保管庫を読めません（{why}）", "the vault cannot be read: {why}")
_IN_VAULT = Text("保管庫の {place}：{what}", "in the vault, {place}: {what}")
_OPEN_SITE_KEY = Text(
    "保管庫の鍵にパスフレーズがありません（付けるには：privmask vault lock）",
    "the vault's key has no passphrase; to set one: privmask vault lock",
)
_NOT_READ = Text(
    "保管庫の鍵にパスフレーズがあるため、複写が壊れていないかは確かめていません",
    "the vault's key is locked, so whether the copies are whole was not looked at",
)
_NAKED_KEY = Text("署名鍵にパスフレーズがありません", "the signing key has no passphrase")
