"""The site's key, to which the key of every copy is wrapped."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeAlias

from privmask.errors import EvidenceError, PolicyError
from privmask.register import vault_words as words
from privmask.register.vault_age import Identity, is_locked, lock_identity, public_of, unlock_identity
from privmask.register.vault_files import drop, sync_folder, write_private

NEW_KEY, OLD_KEY = "site-key.new", "site-key.old"
"""Among the drafts, while the key gets another passphrase."""

Unlock: TypeAlias = Callable[[], str]
"""Gives the passphrase of the site's key; asked only when a locked key is needed, and then once."""


class SiteKey:
    """The private key in the file `path` whose public half is `recipient`; read when it is first needed."""

    def __init__(self, path: str, recipient: str, unlock: Unlock | None) -> None:
        self._path, self.recipient, self._unlock = path, recipient, unlock
        self._identity: Identity | None = None

    @property
    def identity(self) -> Identity:
        """The private key. `PolicyError` if it is gone, readable for others, another one, or stays locked."""
        if self._identity is None:
            identity = self._opened(self.read())
            if public_of(identity) != self.recipient:
                raise PolicyError(words.OTHER_KEY, clause="II-10")
            self._identity = identity
        return self._identity

    def read(self) -> bytes:
        """The file as it is, perhaps locked; `PolicyError` if it is gone, or readable for others."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError as cause:
            raise PolicyError(words.NO_KEY, clause="II-10") from cause
        with open(descriptor, "rb") as file:
            if os.fstat(descriptor).st_mode & 0o077:
                raise PolicyError(words.OPEN_KEY, clause="II-10")
            return file.read()

    def lock(self, drafts: str, passphrase: str | None) -> None:
        """Have the file locked by the passphrase, or by none, from now on; a kill leaves the one or the other.

        Raises as `identity` does, and `PolicyError` for a short passphrase: then nothing has changed.
        """
        text = self.identity
        new = text.encode() if passphrase is None else lock_identity(text, passphrase)
        if passphrase is not None and unlock_identity(new, passphrase) != text:
            raise EvidenceError(words.NOT_LOCKED)
        draft, old = os.path.join(drafts, NEW_KEY), os.path.join(drafts, OLD_KEY)
        write_private(draft, new)
        os.link(self._path, old, follow_symlinks=False)  # so that it can be overwritten when it has lost its name
        os.replace(draft, self._path)
        sync_folder(os.path.dirname(self._path))
        drop(old)
        sync_folder(drafts)

    def _opened(self, text: bytes) -> Identity:
        if not is_locked(text):
            return text.decode(errors="replace")
        if self._unlock is None:
            raise PolicyError(words.LOCKED, clause="II-10")
        return unlock_identity(text, self._unlock())


def is_open(path: str) -> bool:
    """Whether that file is a site key which no passphrase locks."""
    with open(path, "rb") as file:
        return not is_locked(file.read())
