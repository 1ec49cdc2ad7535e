"""Copies and other pictures go into the vault together with their entry: neither is there without the other.

They are written and encrypted first, recorded then, and named last. A run that is killed before the entry leaves a draft that
the next command clears away, and one that is killed after it a draft that the next command puts in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from privmask.office import Office
from privmask.policy import Person
from privmask.register import Receipt


@dataclass(frozen=True, slots=True)
class Bundle:
    """A copy or picture, what goes along with it, and what stays with the owner."""

    copy: Path
    companions: tuple[Path, ...] = ()
    private: tuple[Path, ...] = field(default=())


def shelve(office: Office, actor: Person, kind: str, copy_id: str, bundle: Bundle, body: Mapping[str, Any]) -> Receipt:
    """Put the bundle into the vault as `copy_id`, and record it as an entry of that kind, in the name of `actor`.

    Raises `CopyError` and whatever recording raises: it is not in the vault then, and if it was recorded, its end is too.
    """
    receipt, done = None, False
    try:
        with office.vault().putting(
            bundle.copy, bundle.copy.name, office.at, id=copy_id,
            companions={path.name: path for path in bundle.companions},
            private={path.name: path for path in bundle.private},
        ):  # fmt: skip
            receipt = office.record(
                kind, actor, {"copy_id": copy_id, **body, "erase_due": office.erase_due.isoformat()}
            )
        done = True
        return receipt
    finally:
        if receipt is not None and not done:
            request = {"request_id": body["request_id"]} if "request_id" in body else {}
            office.record("erasure", actor, {"copy_id": copy_id, **request, "steps": ["never_kept"]})
