"""The vault of a site: copies at rest, each encrypted with a key of its own, which is wrapped to the site's key.

Erasing a copy destroys its wrapped key; then nothing opens what is left of it, wherever the disk keeps it. File names in a
vault are random and tell nothing. How it lies on the disk is told in `vault_layout`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType

from privmask.errors import PolicyError
from privmask.register import vault_words as words
from privmask.register.sealing import Recipient, Sealed, Sealing, sealing_stream
from privmask.register.vault_age import lock_identity, new_identity
from privmask.register.vault_check import Fault, find_faults, find_unreadable
from privmask.register.vault_copy import opened_copy, write_copy
from privmask.register.vault_erasure import Erasure, complete
from privmask.register.vault_files import (
    Path,
    draft_folder,
    drop,
    in_words,
    locked,
    name_draft,
    rename_no_replace,
    sync_folder,
    write_private,
)
from privmask.register.vault_key import NEW_KEY, OLD_KEY, SiteKey, Unlock, is_open
from privmask.register.vault_layout import (
    COPIES,
    COPY,
    DRAFTS,
    ERASED,
    ERASING,
    FOLDERS,
    LOCK,
    SITE_KEY,
    Held,
    is_id,
    read_held,
    read_recipient,
    require_zone,
    write_about,
)
from privmask.register.vault_unit import unpack

__all__ = ["Erasure", "Fault", "Held", "Unlock", "Vault", "create_vault", "new_id", "open_vault"]

_NO_FILES: Mapping[str, Path] = MappingProxyType({})


def _not_recorded(_: str) -> bool:
    return False


def create_vault(folder: Path, at: datetime, passphrase: str | None = None) -> Vault:
    """Make the new folder `folder` a vault with a new site key, which `passphrase` locks unless it is None.

    Raises `CopyExistsError` if the name is taken, `CopyError` if the disk refuses, `PolicyError` for a short passphrase.
    """
    require_zone(at)
    identity, recipient = new_identity()
    text = f"# created: {at.isoformat()}\n# public key: {recipient}\n{identity}\n"
    key = text.encode() if passphrase is None else lock_identity(text, passphrase)
    with draft_folder(folder) as hidden:
        for name in FOLDERS:
            os.mkdir(os.path.join(hidden, name), 0o700)
        write_private(os.path.join(hidden, SITE_KEY), key)
        write_private(os.path.join(hidden, LOCK), b"")
        write_about(hidden, recipient, at)
        sync_folder(hidden)
        name_draft(hidden, folder)
    return open_vault(folder, None if passphrase is None else lambda: passphrase)


def open_vault(folder: Path, unlock: Unlock | None = None, recorded: Callable[[str], bool] = _not_recorded) -> Vault:
    """The vault in that folder, after putting right what killed runs left there; see `Vault.finish`.

    `unlock` gives the passphrase of a locked site key when a copy is to be opened; putting and erasing need none. `recorded`
    tells of an id whether the register says that the copy is held. Raises `PolicyError` if there is no vault, or one of a newer
    format.
    """
    place = os.path.abspath(folder)
    vault = Vault(place, SiteKey(os.path.join(place, SITE_KEY), read_recipient(place), unlock))
    vault.finish(recorded)
    return vault


def new_id() -> str:
    """A random id for a copy."""
    return secrets.token_hex(16)


class Vault:
    """Made by `create_vault` and `open_vault`; several processes may use one vault at once."""

    def __init__(self, folder: str, key: SiteKey) -> None:
        self._folder = folder
        self._key = key
        self.finished: tuple[Erasure, ...] = ()
        """Erasures that an earlier run began and that were completed when the vault was opened: they may need recording."""

    def put(
        self,
        path: Path,
        name: str,
        at: datetime,
        *,
        companions: Mapping[str, Path] = _NO_FILES,
        private: Mapping[str, Path] = _NO_FILES,
        id: str | None = None,
    ) -> Held:
        """Keep the copy at `path` under `name`, with its companions and with what stays with the owner, by their names.

        They are encrypted as they are read; the files themselves stay. When this returns, all of it is on the disk. `id` is
        from `new_id`, for whoever must note it before. Raises `PolicyError` for names that cannot be kept, `CopyError` for
        what cannot be read or written or changes meanwhile.
        """
        with self.putting(path, name, at, companions=companions, private=private, id=id or new_id()) as held:
            return held

    @contextmanager
    def putting(
        self,
        path: Path,
        name: str,
        at: datetime,
        *,
        id: str,
        companions: Mapping[str, Path] = _NO_FILES,
        private: Mapping[str, Path] = _NO_FILES,
    ) -> Iterator[Held]:
        """As `put`, in two steps: in the block all of it is on the disk as a draft, and at its end it is held.

        In the block it can be recorded. A draft that a killed run left is put in its place if `open_vault` hears that it was
        recorded, and cleared away if not; what is raised in the block clears it away as well.
        """
        require_zone(at)
        self._require_id(id)
        draft = self._path(DRAFTS, id)
        with self._locked(fcntl.LOCK_SH):
            self._key.read()  # a key that is gone or open to others stops this as well
            try:
                held = write_copy(draft, self._key.recipient, {name: path, **companions}, private, at)
                self._sync(DRAFTS)
                yield held
                rename_no_replace(draft, self._path(COPIES, id))
            finally:
                shutil.rmtree(draft, ignore_errors=True)
            self._sync(COPIES, DRAFTS)

    def take(self, id: str, target: Path) -> Held:
        """Decrypt the copy and all that was put with it into the new folder `target`, under the names they had.

        Raises `EvidenceError` if anything was damaged or tampered with, `PolicyError` if there is no such copy or the site's
        key does not open, `CopyExistsError` and `CopyError` if the folder cannot be written: then there is no folder.
        """
        with self._locked(fcntl.LOCK_SH), draft_folder(target) as hidden:
            held = self._held(id)
            for stream in held.streams:
                with opened_copy(self._path(COPIES, id), held, stream, self._key.identity) as plain:
                    unpack(plain, hidden)
            sync_folder(hidden)
            name_draft(hidden, target)
        return held

    def hand_over(self, id: str, target: Path, recipients: Sequence[Recipient]) -> Sealed:
        """Encrypt the copy and its companions, a tar, to the recipients into the new file `target`; nothing of it lies open.

        What stays with the owner is not in it. Raises as `take` and `seal` do.
        """
        with self.handing_over(id, target, recipients) as sealing:
            return sealing.sealed

    @contextmanager
    def handing_over(self, id: str, target: Path, recipients: Sequence[Recipient]) -> Iterator[Sealing]:
        """As `hand_over`, in two steps: in the block the file is on the disk under a hidden name, at its end it is `target`."""
        with self._locked(fcntl.LOCK_SH):
            held = self._held(id)
            with (
                opened_copy(self._path(COPIES, id), held, COPY, self._key.identity) as plain,
                sealing_stream(plain, target, recipients) as sealing,
            ):
                yield sealing

    def erase(self, id: str) -> Erasure:
        """Destroy the copy's key, overwrite what lies there where that can mean anything, and remove it.

        Needs no passphrase. Goes on with an erasure that was interrupted; for one that was done, says again what was done.
        Raises `PolicyError` if there never was such a copy.
        """
        self._require_id(id)
        with self._locked(fcntl.LOCK_EX):
            if os.path.isdir(self._path(COPIES, id)):
                os.rename(self._path(COPIES, id), self._path(ERASING, id))
                self._sync(ERASING, COPIES)
            elif not os.path.lexists(self._path(ERASED, id)) and not os.path.isdir(self._path(ERASING, id)):
                raise PolicyError(words.NOT_HELD.with_(id=id))
            return complete(self._folder, id)

    def retire(self) -> Erasure:
        """Destroy the site's key, when no copy is held any more: nothing can be put or opened afterwards."""
        with self._locked(fcntl.LOCK_EX):
            if held := os.listdir(self._path(COPIES)):
                raise PolicyError(words.STILL_HELD.with_(count=len(held)), clause="II-10")
            os.makedirs(self._path(ERASING, SITE_KEY), 0o700, exist_ok=True)
            return complete(self._folder, SITE_KEY)

    def unlock(self) -> None:
        """Ask for the passphrase of the site's key now, if it has one. `PolicyError` as `take`."""
        _ = self._key.identity

    def lock(self, passphrase: str | None) -> None:
        """Have the site's key locked by that passphrase from now on, or by none where it is None.

        Needs the passphrase that it has now. Raises `PolicyError` for a wrong or a short one: then nothing has changed.
        """
        self.unlock()  # whoever types it keeps nobody waiting
        with self._locked(fcntl.LOCK_EX):
            self._key.lock(self._path(DRAFTS), passphrase)

    @property
    def is_open(self) -> bool:
        """Whether the site's key opens without a passphrase."""
        self._key.read()
        return is_open(self._path(SITE_KEY))

    def held(self) -> Iterator[Held]:
        """The copies at rest, oldest first; needs no passphrase. `EvidenceError` if a record is damaged: see `check`."""
        with self._locked(fcntl.LOCK_SH):
            found = [read_held(self._path(COPIES, id)) for id in os.listdir(self._path(COPIES))]
        return iter(sorted(found, key=lambda held: (held.at, held.id)))

    def check(self, *, every_byte: bool = False) -> list[Fault]:
        """What is wrong: modes, owners, what is missing or does not belong there, and with `every_byte` what does not open.

        Only `every_byte` needs the site's key.
        """
        with self._locked(fcntl.LOCK_SH):
            identity = self._key.identity if every_byte else None
            return find_faults(self._folder) + (find_unreadable(self._folder, identity) if identity else [])

    def finish(self, recorded: Callable[[str], bool] = _not_recorded) -> None:
        """Put right what killed runs left: drafts that were recorded are held, others go, erasures are completed.

        Does nothing while others use the vault.
        """
        with contextlib.suppress(BlockingIOError), locked(self._path(LOCK), fcntl.LOCK_EX | fcntl.LOCK_NB):
            for name in os.listdir(self._path(DRAFTS)):
                if is_id(name) and recorded(name):  # whole, because it was before it was recorded
                    rename_no_replace(self._path(DRAFTS, name), self._path(COPIES, name))
                    self._sync(COPIES, DRAFTS)
                if name in (NEW_KEY, OLD_KEY):
                    drop(self._path(DRAFTS, name))
                shutil.rmtree(self._path(DRAFTS, name), ignore_errors=True)
            for id in os.listdir(self._path(ERASING)):
                with contextlib.suppress(OSError):  # `check` tells of those that do not work
                    self.finished += (complete(self._folder, id),)

    def _held(self, id: str) -> Held:
        self._require_id(id)
        if not os.path.isdir(self._path(COPIES, id)):
            raise PolicyError(words.NOT_HELD.with_(id=id))
        return read_held(self._path(COPIES, id))

    def _path(self, *names: str) -> str:
        return os.path.join(self._folder, *names)

    def _sync(self, *names: str) -> None:
        for name in names:
            sync_folder(self._path(name))

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        with in_words(self._folder), locked(self._path(LOCK), how):
            yield

    @staticmethod
    def _require_id(id: str) -> None:
        if not is_id(id):
            raise PolicyError(words.NO_ID)
