"""Files sealed with age to the keys of their recipients, as streams: a clip of any length in the same few MiB.

What is written has a hidden name until it is whole; what turns out to be damaged or tampered with leaves nothing.

A passphrase seals in two files, because pyrage's own passphrase encryption holds the whole file in memory, four times: the
file is sealed to a key made for it, and that key stands beside it, locked by the passphrase: `X.age` and `X.age.key`. The
`age` program opens them with `age -d -i X.age.key X.age` and asks for the passphrase. The two can go by different ways.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from privmask.errors import CopyExistsError, PolicyError
from privmask.register import vault_words as words
from privmask.register.vault_age import Identity, decrypt, encrypt, lock_identity, new_identity, require_public
from privmask.register.vault_files import Path, draft_file, name_draft, open_regular, require_free, sync
from privmask.register.vault_streams import ChunkReader, Counted, Reader, file_chunks

KEY = ".key"
"""End of the name of the key that a passphrase locks."""


@dataclass(frozen=True, slots=True)
class Passphrase:
    """A recipient who has no key, only these words; `repr` does not show them."""

    words: str = field(repr=False)


Recipient: TypeAlias = str | Passphrase
"""A public key (age1…, ssh-ed25519 AAAA…) or a passphrase."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed file: its path, size and SHA-256, and the path of its locked key if it was sealed with a passphrase."""

    path: str
    bytes: int
    sha256: str
    key: str | None


@dataclass(frozen=True, slots=True)
class Sealing:
    """What will be sealed when its files have their names, by the hidden names that they have until then."""

    sealed: Sealed
    names: Mapping[str, str]


def seal(source: Path | int, target: Path, recipients: Sequence[Recipient]) -> Sealed:
    """Encrypt the file at the path or behind the descriptor `source` into the new file `target`, readable by its owner only.

    Each of the recipients can open it alone. Raises `PolicyError` for recipients that are no keys, `CopyExistsError` if
    `target` (or its key's name) is taken, `CopyError` if it cannot be read or written, or changes meanwhile.
    """
    with _opened(source) as reader:
        return seal_stream(reader, target, recipients)


def seal_stream(source: Reader, target: Path, recipients: Sequence[Recipient]) -> Sealed:
    """As `seal`, from a reader. What the reader raises is raised, and there is no file then."""
    with sealing_stream(source, target, recipients) as sealing:
        return sealing.sealed


@contextmanager
def sealing_stream(source: Reader, target: Path, recipients: Sequence[Recipient]) -> Iterator[Sealing]:
    """As `seal_stream`, in two steps: in the block all is on the disk under hidden names, and at its end it has its names."""
    publics, locked = _publics(recipients)
    key = f"{os.fspath(target)}{KEY}" if locked else None
    if key:
        require_free(key)  # before the work, not after it
    with draft_file(target) as (hidden, file), _drafted_key(key, locked) as hidden_key:
        counted = Counted(target=file)
        encrypt(source, counted, publics)
        sync(file)
        names = {hidden: os.fspath(target), **({hidden_key: key} if hidden_key and key else {})}
        yield Sealing(Sealed(os.fspath(target), counted.bytes, counted.sha256, key), names)
        if hidden_key and key:
            name_draft(hidden_key, key)
        try:
            name_draft(hidden, target)
        except CopyExistsError:
            if key:
                os.unlink(key)
            raise


def open_sealed(source: Path | int, target: Path, identities: Sequence[Identity]) -> None:
    """Decrypt `source` into the new file `target`, with whichever of the private keys opens it.

    Raises `EvidenceError` if none does, or if it is damaged or was tampered with at any byte: then there is no `target`.
    """
    with _opened(source) as reader, draft_file(target) as (hidden, file):
        decrypt(reader, file, identities)
        sync(file)
        name_draft(hidden, target)


@contextmanager
def _opened(source: Path | int) -> Iterator[Reader]:
    descriptor = os.dup(source) if isinstance(source, int) else open_regular(source)
    try:
        yield ChunkReader(file_chunks(descriptor, str(source) if isinstance(source, int) else source))
    finally:
        os.close(descriptor)


@contextmanager
def _drafted_key(key: str | None, locked: bytes | None) -> Iterator[str | None]:
    """The hidden path of what is to be the locked key `key`; None where there is to be none."""
    if key is None or locked is None:
        yield None
        return
    with draft_file(key) as (hidden, file):
        file.write(locked)
        sync(file)
        yield hidden


def _publics(recipients: Sequence[Recipient]) -> tuple[list[str], bytes | None]:
    """The public keys to encrypt to; for a passphrase that of a new key, and that key locked."""
    passphrases = [each.words for each in recipients if isinstance(each, Passphrase)]
    publics = [each for each in recipients if isinstance(each, str)]
    for number, each in enumerate(recipients, start=1):
        if isinstance(each, str):
            require_public(each, number)
    if not recipients:
        raise PolicyError(words.NO_RECIPIENTS, clause="II-6(1)")
    if len(passphrases) > 1:
        raise PolicyError(words.TWO_PASSPHRASES, clause="II-6(1)")
    if not passphrases:
        return publics, None
    identity, public = new_identity()
    return [*publics, public], lock_identity(identity, passphrases[0])
