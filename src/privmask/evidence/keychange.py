"""How keys come, change and go, so that a kill at any point leaves a folder that can be used, and the next command tidies it.

A new private key stands under `PENDING` while its public half and its line in allowed_signers are written; it signs nothing
yet. From the step on that gives it its own name the change is finished; before that it is taken back. `recover` does either.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from privmask.errors import CopyExistsError, EvidenceError, PlanError
from privmask.evidence.allowed import AllowedSigner, changed, in_words, read_allowed, read_revoked, with_line
from privmask.evidence.hidden import sync_folder
from privmask.evidence.keyring import ALLOWED, KEY, PUBLIC, REVOKED, held_folder, key_in, place, public_in, put, read_in
from privmask.evidence.keys import new_key
from privmask.evidence.sshsig import PublicKey
from privmask.evidence.words import Path, shown
from privmask.language import Text

PENDING = ".signing-key.unfinished"
LONGEST_NAME = 100
LONGEST_REASON = 200

Passphrase = Callable[[], bytes | None]
"""Gives the passphrase of a new key, None for a key without one; called when nothing else stands in the way any more."""

_PRINCIPAL = re.compile(r"(?!_)\w[\w@.+-]*")
_UNTIL = f"{KEY}.until-"
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Rotation:
    """The key that signs from now on and the one that did before; `resumed` if that was begun by a run that was killed."""

    new: PublicKey
    old: PublicKey
    resumed: bool


@dataclass(frozen=True, slots=True)
class Revocation:
    """Whether the list had to be changed for it, and whether the key signed until now."""

    new: bool
    was_current: bool


def require_principal(name: str) -> None:
    """Raise `PlanError` unless `name` can stand in allowed_signers, and after `-I`, as nothing but a name."""
    if not _PRINCIPAL.fullmatch(name) or len(name) > LONGEST_NAME:
        raise PlanError(
            Text(
                f"{name[:LONGEST_NAME]!r} は署名者の名前にできません。半角の英数字と @ . _ + - だけで、空白なしの"
                f"{LONGEST_NAME}字以内で書いてください（例：gate@office.example）",
                f"{name[:LONGEST_NAME]!r} cannot be the name of a signer: write letters, digits and @ . _ + - only, without a"
                f" space, at most {LONGEST_NAME}, such as gate@office.example",
            )
        )


def make_key(folder: Path, who: str, passphrase: Passphrase, now: datetime) -> AllowedSigner:
    """Make the key that signs from `now` on as `who`, in a folder that is made if need be; its line in allowed_signers.

    Raises `PlanError` for a name that is none, `CopyExistsError` if there is a key already, `EvidenceError` if the folder is
    open to others, a link, or another user's, and `CopyError` if the disk refuses: there is no new key then.
    """
    require_principal(who)
    with _changing(folder, make=True) as (held, _):
        for name in (KEY, PUBLIC):
            _require_free(held, name, folder)
        allowed = read_in(held, ALLOWED)
        read_allowed(allowed)
        text, public = new_key(passphrase())
        signer = AllowedSigner(who, public, after=_second(now))
        place(held, PENDING, text)
        put(held, ALLOWED, with_line(allowed, signer))
        place(held, PUBLIC, _public_line(public, who))
        place(held, KEY, text)
    return signer


def rotate_key(folder: Path, passphrase: Passphrase, now: datetime) -> Rotation:
    """Close the validity of the key that signs now, and open that of a new one; or finish what a killed run began of that.

    Raises `EvidenceError` if there is no key, no line in allowed_signers says whose it is, or the clock says that it is not
    valid yet, and `CopyError` if the disk refuses.
    """
    with _changing(folder) as (held, resumed):
        if resumed:
            return resumed
        old = _current(held, folder)
        lines = _lines_of(old, held, folder, now)
        text, public = new_key(passphrase())
        _begin_rotation(held, text, [replace(line, key=public, after=_second(now), before=None) for line in lines], now)
        os.rename(PENDING, KEY, src_dir_fd=held, dst_dir_fd=held)
        sync_folder(held)
    return Rotation(public, old, resumed=False)


def revoke_key(folder: Path, public: PublicKey, reason: str, now: datetime) -> Revocation:
    """Add the key to the list of revoked ones; if it is the one that signs now, take it out of use.

    Raises `PlanError` for a reason that is not one line of text, and `CopyError` if the disk refuses.
    """
    if not reason.strip() or not reason.isprintable() or len(reason) > LONGEST_REASON:
        raise PlanError(
            Text(
                f"理由は{LONGEST_REASON}字以内の1行で書いてください",
                f"the reason must be one line of text, of {LONGEST_REASON} letters at most",
            )
        )
    with _changing(folder, make=True) as (held, _):
        text = read_in(held, REVOKED)
        new = public.key_id not in read_revoked(text)
        if new:
            text += b"" if text.endswith(b"\n") or not text else b"\n"
            put(held, REVOKED, text + f"# {in_words(now)}: {reason}\n{public.text}\n".encode())
        current = key_in(held, KEY) == public
        if current:
            _set_aside(held, public, folder, now)
    return Revocation(new, current)


@contextmanager
def _changing(folder: Path, *, make: bool = False) -> Iterator[tuple[int, Rotation | None]]:
    """The folder held, tidy, and tidied again at the end, whatever comes: with the rotation that had to be finished first."""
    with held_folder(folder, make=make) as held:
        resumed = recover(held)
        try:
            yield held, resumed
        finally:
            recover(held)


def recover(folder: int) -> Rotation | None:
    """Take back a change whose new key does not stand yet, finish one whose key does; the rotation that was finished."""
    pending, current = key_in(folder, PENDING), key_in(folder, KEY)
    if pending:
        if pending != current:
            _take_back(folder, pending, current)
        os.unlink(PENDING, dir_fd=folder)
        sync_folder(folder)
    return _finished(folder, current) if current else None


def _take_back(folder: int, pending: PublicKey, current: PublicKey | None) -> None:
    text = read_in(folder, ALLOWED)
    without = changed(text, lambda line: None if line.key == pending else line)
    if without != text:
        put(folder, ALLOWED, without)
    if public_in(folder, PUBLIC) == pending:
        os.unlink(PUBLIC, dir_fd=folder)
    for name in _kept(folder):
        kept = public_in(folder, name) if name.endswith(".pub") else key_in(folder, name)
        if current and kept == current:
            os.unlink(name, dir_fd=folder)


def _finished(folder: int, current: PublicKey) -> Rotation | None:
    """Close the old key's validity and give the new one's public half its name, if a rotation still has that to do."""
    old = public_in(folder, PUBLIC)
    if old is None or old == current or old not in [key_in(folder, name) for name in _kept(folder)]:
        return None
    text = read_in(folder, ALLOWED)
    new = [line for line in read_allowed(text) if line.key == current and line.after]
    if not new:
        return None
    end = new[0].after

    def closed(line: AllowedSigner) -> AllowedSigner:
        return replace(line, before=end) if line.key == old and end and _is_open(line, end) else line

    put(folder, ALLOWED, changed(text, closed))
    put(folder, PUBLIC, _public_line(current, new[0].principals))
    return Rotation(current, old, resumed=True)


def _begin_rotation(folder: int, text: bytes, lines: list[AllowedSigner], now: datetime) -> None:
    """Everything that is needed beside the new key, while the old one still signs and is valid."""
    until = _UNTIL + now.astimezone(UTC).strftime(_STAMP)
    place(folder, PENDING, text)
    place(folder, until, read_in(folder, KEY))
    place(folder, until + ".pub", read_in(folder, PUBLIC))
    allowed = read_in(folder, ALLOWED)
    for line in lines:
        allowed = with_line(allowed, line)
    put(folder, ALLOWED, allowed)


def _current(folder: int, path: Path) -> PublicKey:
    """The key that signs now, its public half beside it."""
    current = key_in(folder, KEY)
    if not current:
        raise EvidenceError(
            Text(
                f"{shown(path)} に、替える鍵 {KEY} がありません。作るには：privmask keys new",
                f"there is no Ed25519 key {KEY} in {shown(path)} to rotate; make one: privmask keys new",
            )
        )
    if not read_in(folder, PUBLIC):
        put(folder, PUBLIC, _public_line(current))
    if public_in(folder, PUBLIC) != current:
        raise EvidenceError(
            Text(
                f"{shown(path)} の {PUBLIC} は {KEY} の公開鍵ではありません。正しいものを置いてください",
                f"{PUBLIC} in {shown(path)} is not the public half of {KEY}; put the right one there",
            )
        )
    return current


def _lines_of(key: PublicKey, folder: int, path: Path, now: datetime) -> list[AllowedSigner]:
    """Its lines in allowed_signers that hold at `now`."""
    lines = [line for line in read_allowed(read_in(folder, ALLOWED)) if line.key == key]
    if not lines:
        raise EvidenceError(
            f"no line in the {ALLOWED} of {shown(path)} says whose key {key.key_id} is; add it: NAME {key.text}"
        )
    for line in lines:
        if line.after and line.after >= _second(now):
            raise EvidenceError(
                f"the clock of this machine says {in_words(now)}, and the key is valid from {in_words(line.after)} on;"
                " set the clock, or rotate later"
            )
    return [line for line in lines if _is_open(line, _second(now))] or lines


def _is_open(line: AllowedSigner, moment: datetime) -> bool:
    return line.before is None or line.before > moment


def _set_aside(folder: int, public: PublicKey, path: Path, now: datetime) -> None:
    """Give the key that signs now a name under which it does not; its private half, which says that this is to do, last."""
    revoked = f"{KEY}.revoked-{now.astimezone(UTC).strftime(_STAMP)}"
    names = {PUBLIC: revoked + ".pub", KEY: revoked}
    if public_in(folder, PUBLIC) != public:
        del names[PUBLIC]
    for old, new in names.items():
        _require_free(folder, new, path)
        os.rename(old, new, src_dir_fd=folder, dst_dir_fd=folder)
    sync_folder(folder)


def _require_free(folder: int, name: str, path: Path) -> None:
    if name in os.listdir(folder):
        raise CopyExistsError(
            Text(
                f"{shown(os.path.join(os.fspath(path), name))} は既にあります。鍵を置き換えることはありません。"
                "新しい鍵に替えるには：privmask keys rotate",
                f"there is {shown(os.path.join(os.fspath(path), name))} already, and no key is ever replaced;"
                " for a new one in its place: privmask keys rotate",
            )
        )


def _kept(folder: int) -> list[str]:
    return sorted(name for name in os.listdir(folder) if name.startswith(_UNTIL))


def _public_line(public: PublicKey, who: str = "") -> bytes:
    return f"{public.text} {who}".strip().encode() + b"\n"


def _second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
