"""Where things lie in a vault::

    vault/                 0700, like every folder in it; files are 0600
      vault.json           the format, and the public half of the site's key
      site-key             an age identity file, perhaps locked by a passphrase
      lock                 shared by those who read and put, alone for those who erase
      copies/ID/           one copy at rest
        copy.age           the tar of the copy and what goes along with it, encrypted with a key of its own
        private.age        the tar of what stays with the owner, with the same key; not always there
        key.age            that key, wrapped to the site's key; ends the copy when it is destroyed
        held.json          size and SHA-256 of the copy and of the two tars
      drafts/ID/           a copy that is being put
      erasing/ID/          a copy that is being erased
      erased/ID            the steps of its erasure

A copy comes into being and ends by one renaming of its folder. Without privmask it is opened by
`age -d -i site-key copies/ID/key.age > key; age -d -i key copies/ID/copy.age | tar -x`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from privmask.errors import EvidenceError, PolicyError
from privmask.register import vault_words as words
from privmask.register.vault_files import write_private

FORMAT = "privmask.vault.v1"
HELD_FORMAT = "privmask.held.v1"
ABOUT, SITE_KEY, LOCK = "vault.json", "site-key", "lock"
COPIES, DRAFTS, ERASING, ERASED = FOLDERS = ("copies", "drafts", "erasing", "erased")
COPY, PRIVATE, KEY, HELD = "copy.age", "private.age", "key.age", "held.json"

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Held:
    """One copy at rest: its random id, SHA-256 and size of the copy itself, when it was put."""

    id: str
    sha256: str
    bytes: int
    at: datetime
    streams: Mapping[str, str] = field(repr=False)
    """SHA-256 of each tar before it was encrypted, by the name of its file."""


def is_id(text: str) -> bool:
    """Whether `text` is the id of a copy."""
    return bool(_ID.fullmatch(text))


def require_zone(at: datetime) -> None:
    """`PolicyError` for a time without a zone."""
    if at.utcoffset() is None:
        raise PolicyError(words.NO_ZONE)


def write_about(folder: str, recipient: str, at: datetime) -> None:
    """The vault's own record."""
    write_json(os.path.join(folder, ABOUT), {"format": FORMAT, "at": at.isoformat(), "recipient": recipient})


def read_recipient(folder: str) -> str:
    """The public half of the site's key; `PolicyError` if the folder is no vault, or one of a newer format."""
    match _read_json(os.path.join(folder, ABOUT)):
        case {"format": str(form), "recipient": str(recipient)} if form == FORMAT:
            return recipient
        case {"format": _}:
            raise PolicyError(words.OTHER_FORMAT.with_(path=words.shown(folder), format=FORMAT))
        case _:
            raise PolicyError(words.NO_VAULT.with_(path=words.shown(folder)))


def write_held(folder: str, held: Held) -> None:
    """The record of a copy, in its folder."""
    data = {"id": held.id, "at": held.at.isoformat(), "bytes": held.bytes, "sha256": held.sha256}
    write_json(os.path.join(folder, HELD), {"format": HELD_FORMAT, **data, "streams": dict(held.streams)})


def read_held(folder: str) -> Held:
    """The record in a copy's folder; `EvidenceError` if it is not one of that copy."""
    id = os.path.basename(folder)
    match _read_json(os.path.join(folder, HELD)):
        case {"format": str(form), "id": str(own), "at": str(at), "bytes": int(count), "sha256": str(sha256), **rest}:
            streams = rest.get("streams")
            if (
                form == HELD_FORMAT
                and own == id
                and isinstance(streams, dict)
                and {COPY} <= {*streams} <= {COPY, PRIVATE}
            ):
                return Held(id, sha256, count, _time(at, id), streams)
    raise EvidenceError(words.STRANGE_RECORD.with_(id=id))


def write_json(path: str, data: Mapping[str, object]) -> None:
    """A new private file."""
    write_private(path, (json.dumps(data, indent=1, sort_keys=True) + "\n").encode("ascii"))


def _read_json(path: str) -> Any:
    try:
        with open(path, encoding="ascii") as file:
            return json.load(file)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


def _time(text: str, id: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as cause:
        raise EvidenceError(words.STRANGE_RECORD.with_(id=id)) from cause
