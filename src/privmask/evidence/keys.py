"""Keys to sign with, as files of OpenSSH: made for their owner alone, and used only while nobody else can read them."""

from __future__ import annotations

import base64
import binascii
import os
import stat
from collections.abc import Callable

from privmask.errors import EvidenceError, FootageError, OpenKeyError
from privmask.evidence.files import open_once
from privmask.evidence.sshsig import Fields, PublicKey
from privmask.evidence.words import Path, in_words, noun, shown
from privmask.language import Text

LARGEST_KEY = 64 << 10

_BEGIN, _END = b"-----BEGIN OPENSSH PRIVATE KEY-----", b"-----END OPENSSH PRIVATE KEY-----"
_MAGIC = b"openssh-key-v1\0"

Ask = Callable[[], bytes]
"""Gives the passphrase; asked only for a key that has one."""


def new_key(passphrase: bytes | None) -> tuple[bytes, PublicKey]:
    """A new Ed25519 key: the bytes of its private file, locked by `passphrase` unless that is None, and its public half."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if passphrase == b"":
        raise EvidenceError(
            Text("空のパスフレーズでは鍵を守れません", "an empty passphrase locks nothing; say that the key has none")
        )
    private = Ed25519PrivateKey.generate()
    locked = form.NoEncryption() if passphrase is None else form.BestAvailableEncryption(passphrase)
    try:
        text = private.private_bytes(form.Encoding.PEM, form.PrivateFormat.OpenSSH, locked)
    except (UnsupportedAlgorithm, ValueError) as cause:
        raise EvidenceError(
            Text("このパスフレーズでは鍵を作れません", f"no key can be made with this passphrase: {cause}")
        ) from cause
    return text, PublicKey(private.public_key().public_bytes_raw())


def read_key(path: Path) -> bytes:
    """The bytes of the private key file `path`.

    Raises `EvidenceError` unless it is a regular file (no link) of this user that nobody else can read, in a folder of this
    user that nobody else can enter.
    """
    try:
        folder = open_private_folder(os.path.dirname(os.fspath(path)) or ".")
        try:
            return _read_private(folder, path, "key")
        finally:
            os.close(folder)
    except OSError as cause:
        raise EvidenceError(
            Text(
                f"鍵 {shown(path)} を開けません（{in_words(cause).ja}）",
                f"the key {shown(path)} cannot be opened: {in_words(cause)}",
            )
        ) from cause


def open_private_folder(path: Path) -> int:
    """A descriptor of the folder `path`; `EvidenceError` unless it is one of this user, no link, that nobody else can enter."""
    name = os.fspath(path).rstrip("/") or "/"
    if os.path.islink(name):
        raise EvidenceError(
            Text(
                f"フォルダー {shown(path)} はシンボリックリンクです。リンク先のフォルダーを指定してください",
                f"the folder {shown(path)} is a symbolic link; name the folder that it leads to",
            )
        )
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _require_private(os.fstat(folder), path, "folder", "700")
    except EvidenceError:
        os.close(folder)
        raise
    return folder


def public_half(text: bytes) -> PublicKey:
    """The public key that stands, never locked, in the private key file `text`; `EvidenceError` if it is none of Ed25519."""
    armour = text.strip()
    if not (armour.startswith(_BEGIN) and armour.endswith(_END)):
        raise EvidenceError(Text("OpenSSH の秘密鍵ではありません", "this is no private key of OpenSSH"))
    try:
        fields = Fields(base64.b64decode(armour[len(_BEGIN) : -len(_END)]), "the private key")
    except binascii.Error as cause:
        raise EvidenceError(Text("秘密鍵の形式が正しくありません", "the private key is no base64")) from cause
    if fields.take(len(_MAGIC)) != _MAGIC:
        raise EvidenceError(Text("OpenSSH の秘密鍵ではありません", "this is no private key of OpenSSH"))
    for _ in ("cipher", "way of making its key", "options of that"):
        fields.string()
    fields.take(4)  # how many keys: always one
    return PublicKey.from_blob(fields.string())


def read_public(path: Path) -> PublicKey:
    """The key of a `.pub` file; `EvidenceError` for anything else."""
    try:
        with open_once(path) as file:
            words = (file.read(LARGEST_KEY) or b"").decode().split()
    except (FootageError, UnicodeDecodeError) as cause:
        raise EvidenceError(
            Text(f"公開鍵 {shown(path)} を読めません", f"the public key {shown(path)} cannot be read: {cause}")
        ) from cause
    if len(words) < 2:
        raise EvidenceError(
            Text(
                f"{shown(path)} は公開鍵ではありません（ssh-ed25519 AAAA… のような行が要ります）",
                f"{shown(path)} is no public key; expected a line such as ssh-ed25519 AAAA…",
            )
        )
    return PublicKey.parse(words[0], words[1])


def read_passphrase(path: Path) -> bytes:
    """The first line of the file `path`; `EvidenceError` unless it is a file of this user that nobody else can read."""
    try:
        line, _, _ = _read_private(None, path, "file with the passphrase").partition(b"\n")
    except OSError as cause:
        raise EvidenceError(
            Text(
                f"パスフレーズのファイル {shown(path)} を開けません（{in_words(cause).ja}）",
                f"the file with the passphrase {shown(path)} cannot be opened: {in_words(cause)}",
            )
        ) from cause
    if not (passphrase := line.removesuffix(b"\r")):
        raise EvidenceError(
            Text(
                f"{shown(path)} の1行目が空です。そこにパスフレーズを書いてください",
                f"the first line of {shown(path)} is empty; the passphrase should be there",
            )
        )
    return passphrase


def _read_private(folder: int | None, path: Path, what: str) -> bytes:
    name = path if folder is None else os.path.basename(os.fspath(path))
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY, dir_fd=folder)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise EvidenceError(
                Text(
                    f"{noun(what)} {shown(path)} は通常のファイルではありません",
                    f"the {what} {shown(path)} is no regular file",
                )
            )
        _require_private(found, path, what, "600")
        text = os.read(descriptor, LARGEST_KEY + 1)
    finally:
        os.close(descriptor)
    if len(text) > LARGEST_KEY:
        raise EvidenceError(
            Text(
                f"{noun(what)} {shown(path)} が{LARGEST_KEY}バイトより大きいため、使えません",
                f"the {what} {shown(path)} is larger than {LARGEST_KEY} bytes: it is none",
            )
        )
    return text


def _require_private(found: os.stat_result, path: Path, what: str, mode: str) -> None:
    if found.st_uid != os.geteuid():
        raise OpenKeyError(
            Text(
                f"{noun(what)} {shown(path)} は別の利用者のものなので、使いません",
                f"the {what} {shown(path)} belongs to another user; it is not used",
            )
        )
    if found.st_mode & 0o077:
        others = stat.filemode(found.st_mode)
        raise OpenKeyError(
            Text(
                f"{noun(what)} {shown(path)} を他の利用者が使える状態です（{others}）。使いません。"
                f"直すには：chmod {mode} {shown(path)}",
                f"the {what} {shown(path)} is open to others ({others}); it is not used. Run: chmod {mode} {shown(path)}",
            )
        )
