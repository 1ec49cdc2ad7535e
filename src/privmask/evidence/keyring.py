"""The folder that holds the keys of this user: where it is, what stands in it, and how files in it are written.

`signing-key`, `signing-key.pub`    the key that signs now, and its public half
`signing-key.until-TIME`, `.pub`    keys that signed before, kept by `rotate_key`
`signing-key.revoked-TIME`, `.pub`  keys that `revoke_key` took out of use
`allowed_signers`, `revoked`        who may sign, and which keys are void, as `ssh-keygen -Y verify` reads them
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from privmask.errors import CopyError, EvidenceError, FootageError
from privmask.evidence.allowed import LARGEST_LIST, AllowedSigner, read_allowed, read_revoked
from privmask.evidence.files import open_once
from privmask.evidence.hidden import HiddenFile, lock, naming_in, sync_folder
from privmask.evidence.keys import open_private_folder, public_half, read_public
from privmask.evidence.names import draft_name
from privmask.evidence.sshsig import PublicKey
from privmask.evidence.sweep import sweep_open
from privmask.evidence.words import Path, in_words, shown
from privmask.language import Text

KEY = "signing-key"
PUBLIC = "signing-key.pub"
ALLOWED = "allowed_signers"
REVOKED = "revoked"
FOLDER_VARIABLE = "PRIVMASK_KEYS"

_OWN_PUBLIC = re.compile(rf"{KEY}(\.[a-z]+-\d{{8}}T\d{{6}}Z)?\.pub")


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key of the folder: its `lines` in allowed_signers, whether it is the one that signs now, and whether it is revoked."""

    public: PublicKey
    lines: tuple[AllowedSigner, ...]
    current: bool
    revoked: bool


def default_folder() -> str:
    """Where keys are kept: PRIVMASK_KEYS, else `privmask/keys` in the user's folder of settings. It may not be there yet."""
    named, settings = os.environ.get(FOLDER_VARIABLE), os.environ.get("XDG_CONFIG_HOME")
    if named:
        return named
    if settings and os.path.isabs(settings):  # another one is to be ignored, says the XDG specification
        return os.path.join(settings, "privmask", "keys")
    home = os.path.expanduser("~")
    if not os.path.isabs(home):
        raise EvidenceError(f"there is no home folder to keep keys in; name a folder in {FOLDER_VARIABLE}")
    return os.path.join(home, ".config", "privmask", "keys")


def default_key() -> str | None:
    """The private key in that folder; None if nothing has its name there. Whether it may be used, `read_key` tells."""
    path = os.path.join(default_folder(), KEY)
    return path if os.path.lexists(path) else None


def own_keys(folder: Path) -> tuple[OwnKey, ...]:
    """The keys of the folder, the one that signs now first and then the latest first.

    Raises `EvidenceError` if the folder is open to others, a link or another user's, or a list in it is not understood.
    """
    with held_folder(folder) as held:
        current = key_in(held, KEY)
        with os.scandir(held) as entries:
            names = sorted((each.name for each in entries if _OWN_PUBLIC.fullmatch(each.name)), key=_age, reverse=True)
        found = [current, *(public_in(held, name) for name in names)]
        return tuple(_described(held, public, current) for public in dict.fromkeys(found) if public)


def described(folder: Path, public: PublicKey, lines: tuple[AllowedSigner, ...] = ()) -> OwnKey:
    """What the folder, if there is one, says about any key; `lines`, if there are any, take the place of those there."""
    if not os.path.lexists(folder):
        return OwnKey(public, lines, current=False, revoked=False)
    with held_folder(folder) as held:
        found = _described(held, public, key_in(held, KEY))
        return replace(found, lines=lines or found.lines)


def read_signers(path: Path) -> dict[PublicKey, tuple[AllowedSigner, ...]]:
    """The keys of a file, each with its lines: of allowed_signers, or the one of a `.pub` file, which has none.

    Raises `EvidenceError` for anything else.
    """
    try:
        with open_once(path) as file:
            text = file.read(LARGEST_LIST + 1) or b""
    except FootageError as cause:
        raise EvidenceError(Text("署名者一覧を読めません", f"the list of signers cannot be read: {cause}")) from cause
    if text.startswith((b"ssh-", b"sk-", b"ecdsa-")):
        return {read_public(path): ()}
    lines = read_allowed(text)
    return {public: tuple(line for line in lines if line.key == public) for public in (line.key for line in lines)}


def find_key(folder: Path, word: str) -> PublicKey:
    """The key that `word` means: "current", a fingerprint (SHA256:…) that a list here knows, or the path of a `.pub` file.

    Raises `EvidenceError` if there is none.
    """
    if word != "current" and not word.startswith("SHA256:"):
        return read_public(word)
    with held_folder(folder) as held:
        current = key_in(held, KEY)
        if current and word in ("current", current.key_id):
            return current
        for line in read_allowed(read_in(held, ALLOWED)):
            if line.key.key_id == word:
                return line.key
    raise EvidenceError(
        Text(
            f"{shown(folder)} に鍵 {word} はありません。指紋か .pub ファイルで指定してください",
            f"there is no key {word} in {shown(folder)}; name one by its fingerprint, or by its .pub file",
        )
    )


@contextmanager
def held_folder(path: Path, *, make: bool = False) -> Iterator[int]:
    """The open folder of keys, held against other commands that change keys; `make` makes it (0700) if it is not there.

    Raises `EvidenceError` unless it is a folder of this user, no link, that nobody else can enter, and `CopyError` if the disk
    refuses anything inside the block.
    """
    folder = _opened(path, make=make)
    try:
        lock(folder, fcntl.LOCK_EX)
        sweep_open(folder)
        yield folder
    except OSError as cause:
        raise CopyError(
            Text(
                f"鍵のフォルダー {shown(path)} は使えません（{in_words(cause).ja}）",
                f"the folder of keys {shown(path)} cannot be used: {in_words(cause)}",
            )
        ) from cause
    finally:
        os.close(folder)


def _opened(path: Path, *, make: bool) -> int:
    try:
        if make:
            os.makedirs(path, 0o700, exist_ok=True)
        return open_private_folder(path)
    except FileNotFoundError as cause:
        raise EvidenceError(
            Text(
                f"鍵のフォルダー {shown(path)} がありません。鍵を作るには：privmask keys new",
                f"there is no folder of keys {shown(path)}; make a key: privmask keys new",
            )
        ) from cause
    except OSError as cause:
        raise CopyError(
            Text(
                f"鍵のフォルダー {shown(path)} は使えません（{in_words(cause).ja}）",
                f"the folder of keys {shown(path)} cannot be used: {in_words(cause)}",
            )
        ) from cause


def read_in(folder: int, name: str) -> bytes:
    """The bytes of a file in the open folder, none if it is not there; `EvidenceError` if it is a link or no file."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return b""
    if not stat.S_ISREG(found.st_mode):
        raise EvidenceError(
            Text(
                f"鍵のフォルダーの {shown(name)} は、ファイルではないかリンクです。ファイルそのものを置いてください",
                f"{shown(name)} in the folder of keys is no file, or a link; put the file itself there",
            )
        )
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        return os.read(descriptor, LARGEST_LIST + 1)
    finally:
        os.close(descriptor)


def key_in(folder: int, name: str) -> PublicKey | None:
    """The public half of the private key of that name; None if there is none, or none that privmask can use."""
    try:
        return public_half(read_in(folder, name))
    except EvidenceError:
        return None


def public_in(folder: int, name: str) -> PublicKey | None:
    """The key of the `.pub` file of that name; None if there is none, or none that privmask can use."""
    words = read_in(folder, name).decode(errors="replace").split()
    try:
        return PublicKey.parse(*words[:2]) if len(words) > 1 else None
    except EvidenceError:
        return None


def place(folder: int, name: str, content: bytes) -> None:
    """Write a new file (0600), whole or not at all; `FileExistsError` if anything has its name."""
    file = HiddenFile(folder, name, naming_in(folder, name))
    try:
        file.write(content)
        file.take_name(name)
    finally:
        file.close()
    sync_folder(folder)


def put(folder: int, name: str, content: bytes) -> None:
    """Write a file in the place of the one that has its name, if there is one, in one step."""
    step = draft_name(name, secrets.token_hex(4))
    place(folder, step, content)
    os.rename(step, name, src_dir_fd=folder, dst_dir_fd=folder)
    sync_folder(folder)


def _described(folder: int, public: PublicKey, current: PublicKey | None) -> OwnKey:
    lines = tuple(line for line in read_allowed(read_in(folder, ALLOWED)) if line.key == public)
    return OwnKey(public, lines, public == current, public.key_id in read_revoked(read_in(folder, REVOKED)))


def _age(name: str) -> str:
    """The time in the name; that of the key that signs now has letters there, which come after all digits."""
    return name.rpartition("-")[2]
