"""What is wrong with a vault: modes, owners, what is missing or does not belong there, and what the key does not open."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from privmask.errors import CopyError, EvidenceError, PolicyError
from privmask.language import Text
from privmask.register import vault_words as words
from privmask.register.vault_age import Identity
from privmask.register.vault_copy import opened_copy
from privmask.register.vault_layout import (
    ABOUT,
    COPIES,
    COPY,
    DRAFTS,
    ERASED,
    ERASING,
    FOLDERS,
    HELD,
    KEY,
    LOCK,
    PRIVATE,
    SITE_KEY,
    is_id,
    read_held,
)
from privmask.register.vault_streams import drain


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a vault: the place in it, and what it is."""

    place: str
    what: Text


def find_faults(vault: str) -> list[Fault]:
    """Every fault that shows without a key, in the order of the places."""
    return sorted(_faults(vault), key=lambda fault: fault.place)


def find_unreadable(vault: str, identity: Identity) -> list[Fault]:
    """The streams of copies that do not open with the site's key, or not as what was put; reads every byte."""
    copies = os.path.join(vault, COPIES)
    return [fault for id in sorted(filter(is_id, os.listdir(copies))) for fault in _unreadable(copies, id, identity)]


def _unreadable(copies: str, id: str, identity: Identity) -> Iterator[Fault]:
    place, folder = f"{COPIES}/{id}", os.path.join(copies, id)
    try:
        held = read_held(folder)
        for stream in held.streams:
            place = f"{COPIES}/{id}/{stream}"
            with opened_copy(folder, held, stream, identity) as plain:
                drain(plain)
    except (CopyError, EvidenceError, PolicyError) as error:
        yield Fault(place, words.said(error))


def _faults(vault: str) -> Iterator[Fault]:
    yield from _open_to_others(vault)
    retired = os.path.lexists(os.path.join(vault, ERASED, SITE_KEY))
    expected = {ABOUT, LOCK, *FOLDERS} | (set() if retired else {SITE_KEY})
    yield from _differing("", {*os.listdir(vault)}, expected)
    erased = {*os.listdir(os.path.join(vault, ERASED))}
    for name in os.listdir(os.path.join(vault, COPIES)):
        yield from _copy_faults(vault, name, erased)
    for name in erased:
        if not is_id(name) and name != SITE_KEY:
            yield Fault(f"{ERASED}/{name}", words.UNKNOWN)
    yield from (Fault(f"{DRAFTS}/{name}", words.LEFT_OVER) for name in os.listdir(os.path.join(vault, DRAFTS)))
    yield from (Fault(f"{ERASING}/{name}", words.UNFINISHED) for name in os.listdir(os.path.join(vault, ERASING)))


def _copy_faults(vault: str, id: str, erased: set[str]) -> Iterator[Fault]:
    place, folder = f"{COPIES}/{id}", os.path.join(vault, COPIES, id)
    if not is_id(id) or not os.path.isdir(folder):
        yield Fault(place, words.UNKNOWN)
        return
    if id in erased:
        yield Fault(place, words.RETURNED)
    found = {*os.listdir(folder)}
    streams = {COPY, *({PRIVATE} & found)}
    try:
        streams = {*read_held(folder).streams}
    except EvidenceError as error:
        if HELD in found:
            yield Fault(f"{place}/{HELD}", words.said(error))
    yield from _differing(f"{place}/", found, {KEY, HELD, *streams})


def _differing(place: str, found: set[str], expected: set[str]) -> Iterator[Fault]:
    yield from (Fault(place + name, words.MISSING) for name in expected - found)
    yield from (Fault(place + name, words.UNKNOWN) for name in found - expected)


def _open_to_others(vault: str) -> Iterator[Fault]:
    yield from _open(vault, ".")
    for folder, folders, files in os.walk(vault):
        for name in folders + files:
            path = os.path.join(folder, name)
            yield from _open(path, os.path.relpath(path, vault))


def _open(path: str, place: str) -> Iterator[Fault]:
    found = os.lstat(path)
    if found.st_uid != os.geteuid():
        yield Fault(place, words.OTHER_OWNER)
    expected = 0o700 if stat.S_ISDIR(found.st_mode) else 0o600
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077 and not stat.S_ISLNK(found.st_mode):
        yield Fault(place, words.OPEN_TO_OTHERS.with_(found=f"{mode:03o}", expected=f"{expected:03o}"))
