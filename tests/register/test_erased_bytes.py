"""What was erased is in no byte of the register's files: neither in use, nor in freed pages, nor in the log."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from privmask.register import Draft, create_register, open_register, verify_register
from tests.register.made import DAY, POLICY, START, note


def _name(number: int, randomness: random.Random) -> str:
    """A name that is found again wherever a piece of it is left; some are longer than a page."""
    length = randomness.choice([3, 12, 60, 400, 9000])
    return f"N{number:05d}" + f"·{number:05d}" * (length // 6)


def _found(path: Path, marks: list[str]) -> list[str]:
    content = b"".join(each.read_bytes() for each in sorted(path.parent.iterdir()))
    return [mark for mark in marks if mark.encode() in content]


@pytest.mark.parametrize("seed", range(12))
def test_erased_names_are_in_no_byte(seed: int, tmp_path: Path) -> None:
    randomness = random.Random(seed)
    path = tmp_path / "r" / "register.sqlite"
    create_register(path, "honcho", START)
    gone: list[str] = []
    kept: list[str] = []
    with open_register(path) as register:
        for number in range(300):
            due = randomness.random() < 0.7
            mark = f"{number:05d}"
            (gone if due else kept).append(mark)
            personal = {"requester.name": _name(number, randomness), "requester.contact": f"tel{mark}"}
            end = START + (1 if due else 3) * 365 * DAY
            register.append(Draft("request", "a", {"n": "x" * randomness.randrange(900)}, personal, POLICY, end), START)
            if randomness.random() < 0.1:
                register.append(note(), START)
    assert not set(gone + kept) - set(_found(path, gone + kept))
    now = START + 2 * 365 * DAY
    with open_register(path) as register:
        assert register.erase_personal(now, now, actor="manager", policy_sha256=POLICY) == len(gone)
        assert {f"register.sqlite{end}" for end in ("", "-wal", "-shm", ".head")} == set(os.listdir(path.parent))
        assert _found(path, [piece for mark in gone for piece in (f"{mark}·", f"N{mark}", f"tel{mark}")]) == []
    assert _found(path, [f"tel{mark}" for mark in kept]) == [f"tel{mark}" for mark in kept]
    assert verify_register(path) == []
