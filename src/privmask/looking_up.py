"""What the register says of one request, of one copy, and of what is owed, without reading all of it.

A request and a copy are found by their kind; whatever else is said of them comes after that entry. What is found is what
reading every entry would find.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import merge

from privmask.kept import KEPT, Kept, kept_copies
from privmask.register import Entry, Register

_OF_COPIES = ("erasure", "hold", "release")
_OF_DUTIES = ("adoption", "briefing", "complaint", "disposal", "inspection", "retirement", "review")


def entries_of_request(register: Register, id: str) -> list[Entry]:
    """The request of that id, and all that was recorded with its id after it; nothing if there is none."""
    about = ("request_id", id)
    first = register.latest("request", about)
    return [] if first is None else [first, *register.entries(after=first.seq, about=about)]


def kept_copy(register: Register, copy_id: str) -> Kept | None:
    """That copy, or picture of a moved camera; None if the register does not know it."""
    about = ("copy_id", copy_id)
    made = next(filter(None, (register.latest(kind, about) for kind in KEPT)), None)
    if made is None:
        return None
    after = (register.entries(kind, after=made.seq, about=about) for kind in _OF_COPIES)
    return kept_copies([made, *_in_turn(*after)]).get(copy_id)


def all_kept(register: Register) -> dict[str, Kept]:
    """Every copy that was ever recorded, and every picture of a moved camera, by its id."""
    return kept_copies(_in_turn(*(register.entries(kind) for kind in (*KEPT, *_OF_COPIES))))


def entries_of_duties(register: Register, until: datetime) -> list[Entry]:
    """The entries that `owed` has to see to know what is due by then: personal values of later days are left out."""
    kinds = (register.entries(kind) for kind in (*KEPT, *_OF_COPIES, *_OF_DUTIES))
    first = [register.entry(1)] if register.head().seq else []
    found = _in_turn(first, register.personal_until(until), _emergencies(register), *kinds)
    return list({each.seq: each for each in found}.values())


def _emergencies(register: Register) -> Iterator[Entry]:
    """Requests that wait for a review, and what came of them."""
    reviewed = {each.value("request_id") for each in register.entries("review")}
    waiting = [
        each
        for each in register.entries("request", about=("evidence.ground", "emergency"))
        if each.value("request_id") not in reviewed
    ]
    of_each = (
        register.entries(after=each.seq, about=("request_id", str(each.value("request_id")))) for each in waiting
    )
    return _in_turn(waiting, *of_each)


def _in_turn(*many: Iterable[Entry]) -> Iterator[Entry]:
    return merge(*many, key=lambda entry: entry.seq)
