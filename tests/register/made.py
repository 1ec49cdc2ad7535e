"""Small registers, made for tests, and somebody who edits them behind privmask's back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

from privmask.register import Draft, Receipt, create_register, open_register
from privmask.register.schema import TRIGGERS

JST = timezone(timedelta(hours=9))
START = datetime(2026, 4, 1, 9, 0, tzinfo=JST)
DAY = timedelta(days=1)
POLICY = "5e" * 32
NAME = "山田 太郎"


def request(number: int = 1, name: str = NAME, *, years: int = 3) -> Draft:
    """A request of somebody, whose name is erased so many years later."""
    body = {"request_id": f"R-{number}", "necessity": "自転車の盗難"}
    personal = {"requester.name": name, "requester.contact": f"090-0000-{number:04d}"}
    return Draft("request", "operator-1", body, personal, POLICY, START + years * 365 * DAY)


def note(number: int = 1) -> Draft:
    """An entry about nobody."""
    return Draft(
        "view", "operator-1", {"request_id": f"R-{number}", "handed_over": {"to": "中央署"}}, policy_sha256=POLICY
    )


def make(path: Path, entries: int = 6, site: str = "honcho") -> list[Receipt]:
    """A register with that many entries, every second one a request; its receipts."""
    create_register(path, site, START)
    with open_register(path) as register:
        return [
            register.append(request(number) if number % 2 else note(number), START + number * DAY)
            for number in range(1, entries + 1)
        ]


@contextmanager
def edited(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection without guards, which are put back afterwards: what an editor of the file's bytes can do."""
    connection = sqlite3.connect(path, isolation_level=None)
    names = [statement.split()[2] for statement in TRIGGERS]
    for name in names:
        connection.execute(f"DROP TRIGGER {name}")
    try:
        yield connection
        for statement in TRIGGERS:
            connection.execute(statement)
    finally:
        connection.close()
