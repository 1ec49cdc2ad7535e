"""The only module that knows pyrage: streams encrypted and decrypted with age, and its keys."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, BinaryIO, TypeAlias

from privmask.errors import CopyError, EvidenceError, PolicyError
from privmask.register import vault_words as words
from privmask.register.vault_files import BLOCK
from privmask.register.vault_streams import Reader, Writer

LEAST_PASSPHRASE = 12
"""Characters. Whoever holds what it locks can try passphrases as long as he likes."""

Identity: TypeAlias = str
"""A private age key as text: the line AGE-SECRET-KEY-1…, perhaps with lines of comment (#)."""


def new_identity() -> tuple[Identity, str]:
    """A new private age key, and its public half (age1…)."""
    made = _pyrage().x25519.Identity.generate()
    return str(made), str(made.to_public())


def public_of(identity: Identity) -> str:
    """The public half of a private key."""
    return str(_private(identity).to_public())


def lock_identity(identity: Identity, passphrase: str) -> bytes:
    """The private key as text, locked by the passphrase: an identity file that the `age` program asks the passphrase for."""
    if len(passphrase) < LEAST_PASSPHRASE:
        raise PolicyError(words.SHORT_PASSPHRASE.with_(least=LEAST_PASSPHRASE), clause="II-6(1)")
    return bytes(_pyrage().passphrase.encrypt(identity.encode(), passphrase, armored=True))


def unlock_identity(locked: bytes, passphrase: str) -> Identity:
    """What `lock_identity` locked; `PolicyError` for another passphrase."""
    pyrage = _pyrage()
    try:
        return bytes(pyrage.passphrase.decrypt(locked, passphrase)).decode()
    except (pyrage.DecryptError, UnicodeDecodeError) as cause:
        raise PolicyError(words.WRONG_PASSPHRASE, clause="II-10") from cause


def is_locked(identity: bytes) -> bool:
    """Whether a private key's file asks for a passphrase."""
    return identity.startswith((b"-----BEGIN AGE ENCRYPTED FILE-----", b"age-encryption.org/v1"))


def encrypt(source: Reader, target: Writer, recipients: Sequence[str]) -> None:
    """One stream into the other, for those public keys. What reader and writer raise comes out as they raised it."""
    pyrage = _pyrage()
    publics = [require_public(each, number) for number, each in enumerate(recipients, start=1)]
    watched = _Watched(source, target)
    try:
        pyrage.encrypt_io(watched, watched, publics)
    except (pyrage.EncryptError, OSError) as cause:
        raise watched.raised or cause from None


def decrypt(source: Reader, target: Writer, identities: Sequence[Identity]) -> None:
    """The way back. `EvidenceError` if no key opens it, or at the first wrong byte; what was written before must be dropped."""
    pyrage = _pyrage()
    privates = [_private(each) for each in identities]
    watched = _Watched(source, target)
    try:
        pyrage.decrypt_io(watched, watched, privates)
    except (pyrage.DecryptError, OSError) as cause:
        if watched.raised:
            raise watched.raised from None
        raise EvidenceError(words.FOR_OTHERS if "No matching keys" in str(cause) else words.DAMAGED) from cause


@contextmanager
def decrypting(source: Reader, identities: Sequence[Identity]) -> Iterator[Reader]:
    """What `source` holds, to be read while a second thread decrypts it into a pipe: nothing of it touches the disk.

    Instead of ending, `read` raises what `decrypt` raised: who has seen the end has seen all of it, untampered.
    """
    out, into = os.pipe()
    task = _Decrypting(source, into, identities)
    with open(out, "rb", buffering=0) as pipe:
        task.start()
        try:
            yield _Decrypted(pipe, task)
        finally:
            pipe.close()  # the thread, if it is still writing, gets a BrokenPipeError and ends
            task.join()


# Not InterruptedError: after that one, pyrage would try again.
_STOP = OSError(errno.EIO, "stopped")


class _Decrypting(threading.Thread):
    def __init__(self, source: Reader, into: int, identities: Sequence[Identity]) -> None:
        super().__init__(name="privmask-decrypting", daemon=True)
        self._source, self._into, self._identities = source, into, identities
        self.kept = _Kept()

    def run(self) -> None:
        with self.kept, open(self._into, "wb", buffering=BLOCK) as pipe:
            decrypt(self._source, pipe, self._identities)


class _Decrypted:
    def __init__(self, pipe: BinaryIO, task: _Decrypting) -> None:
        self._pipe, self._task = pipe, task

    def read(self, count: int) -> bytes:
        data = self._pipe.read(count)
        if not data:
            self._task.join()
            if self._task.kept.raised:
                raise self._task.kept.raised
        return data


class _Kept:
    """A block whose exception is kept in `raised`; the block ends without it."""

    def __init__(self) -> None:
        self.raised: BaseException | None = None

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, at: TracebackType | None
    ) -> bool:
        self.raised = self.raised or raised
        return True


class _Watched:
    """Reader and writer for pyrage, which would swallow what these raise, an interrupt too, and say something of its own."""

    def __init__(self, source: Reader, target: Writer) -> None:
        self._source, self._target = source, target
        self._kept = _Kept()

    @property
    def raised(self) -> BaseException | None:
        return self._kept.raised

    def read(self, count: int) -> bytes:
        with self._kept:
            return self._source.read(count)
        raise _STOP

    def write(self, data: bytes) -> int:
        with self._kept:
            self._target.write(data)
            return len(data)
        raise _STOP

    def flush(self) -> None:
        """Whoever gave the writer flushes it."""


def require_public(text: str, number: int) -> Any:
    """Recipient `number` as pyrage's; `PolicyError` if `text` is no public key that can be encrypted to."""
    pyrage = _pyrage()
    text = text.strip()
    if text.upper().startswith("AGE-SECRET-KEY-"):
        raise PolicyError(words.PRIVATE_RECIPIENT.with_(number=number), clause="II-6(1)")
    try:
        if text.startswith("ssh-ed25519 "):
            return pyrage.ssh.Recipient.from_str(text)
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as cause:
        raise PolicyError(words.STRANGE_RECIPIENT.with_(number=number), clause="II-6(1)") from cause


def _private(text: Identity) -> Any:
    pyrage = _pyrage()
    lines = [line for line in text.split() if line.startswith("AGE-SECRET-KEY-")]
    try:
        return pyrage.x25519.Identity.from_str("".join(lines))
    except pyrage.IdentityError:
        raise PolicyError(words.STRANGE_IDENTITY, clause="II-10") from None  # its words could hold a part of the key


def _pyrage() -> Any:
    try:
        import pyrage
    except ImportError as cause:
        raise CopyError(words.NO_PYRAGE) from cause
    return pyrage
