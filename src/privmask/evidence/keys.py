"""Keys to sign with, as files of OpenSSH: made for their owner alone, and used only while nobody else can read them."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

from privmask.errors import EvidenceError
from privmask.evidence.sshsig import PublicKey
from privmask.evidence.words import Path, in_words, shown

LARGEST_KEY = 64 << 10

Ask = Callable[[], bytes]
"""Gives the passphrase; asked only for a key that has one."""


def new_key(passphrase: bytes | None) -> tuple[bytes, PublicKey]:
    """A new Ed25519 key: the bytes of its private file, locked by `passphrase` unless that is None, and its public half."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if passphrase == b"":
        raise EvidenceError("an empty passphrase locks nothing; say that the key has none")
    private = Ed25519PrivateKey.generate()
    locked = form.NoEncryption() if passphrase is None else form.BestAvailableEncryption(passphrase)
    text = private.private_bytes(form.Encoding.PEM, form.PrivateFormat.OpenSSH, locked)
    return text, PublicKey(private.public_key().public_bytes_raw())


def read_key(path: Path) -> bytes:
    """The bytes of the private key file `path`.

    Raises `EvidenceError` unless it is a regular file (no link) of this user that nobody else can read, in a folder of this
    user that nobody else can enter.
    """
    folder = os.path.dirname(os.fspath(path)) or "."
    try:
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _require_private(os.fstat(opened), folder, "folder", "700")
            return _read_private(opened, path, "key")
        finally:
            os.close(opened)
    except OSError as cause:
        raise EvidenceError(f"the key {shown(path)} cannot be opened: {in_words(cause)}") from cause


def read_passphrase(path: Path) -> bytes:
    """The first line of the file `path`; `EvidenceError` unless it is a file of this user that nobody else can read."""
    try:
        line, _, _ = _read_private(None, path, "file with the passphrase").partition(b"\n")
    except OSError as cause:
        raise EvidenceError(
            f"the file with the passphrase {shown(path)} cannot be opened: {in_words(cause)}"
        ) from cause
    if not (passphrase := line.removesuffix(b"\r")):
        raise EvidenceError(f"the first line of {shown(path)} is empty; the passphrase should be there")
    return passphrase


def _read_private(folder: int | None, path: Path, what: str) -> bytes:
    name = path if folder is None else os.path.basename(os.fspath(path))
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY, dir_fd=folder)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise EvidenceError(f"the {what} {shown(path)} is no regular file")
        _require_private(found, path, what, "600")
        text = os.read(descriptor, LARGEST_KEY + 1)
    finally:
        os.close(descriptor)
    if len(text) > LARGEST_KEY:
        raise EvidenceError(f"the {what} {shown(path)} is larger than {LARGEST_KEY} bytes: it is none")
    return text


def _require_private(found: os.stat_result, path: Path, what: str, mode: str) -> None:
    if found.st_uid != os.geteuid():
        raise EvidenceError(f"the {what} {shown(path)} belongs to another user; nothing was signed")
    if found.st_mode & 0o077:
        others = stat.filemode(found.st_mode)
        raise EvidenceError(
            f"the {what} {shown(path)} is open to others ({others}); nothing was signed. Run: chmod {mode} {shown(path)}"
        )
