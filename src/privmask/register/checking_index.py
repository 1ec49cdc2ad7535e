"""Whether the index of kinds says what the entries say: whoever asks for a kind would not find what it hides."""

from __future__ import annotations

import secrets
import sqlite3

from privmask.register import schema

_SALT = secrets.token_bytes(16)  # so that nobody can make another set with the same sum
INDEXED = frozenset(kind.encode() for kind in schema.INDEXED)


def mark(kind: bytes, seq: int) -> int:
    """A number of that entry of the index, another one in every process; the sum of all tells one set of them from another."""
    return hash((_SALT, kind, seq))


def read_index(connection: sqlite3.Connection) -> tuple[int, list[int]] | None:
    """The sum of the marks in the index and the entries it calls erasures; None if it cannot be read in its order."""
    total, erasures, last = 0, list[int](), (b"", 0)
    try:
        for row in connection.execute(_ALL):
            if row <= last:
                return None
            last = row
            total += mark(*row)
            if row[0] == b"erasure":
                erasures.append(row[1])
    except (sqlite3.DatabaseError, TypeError):  # TypeError: a key that is no text
        return None
    return total, erasures


_ALL = f"SELECT {schema.KIND}, seq FROM entry INDEXED BY entry_by_kind WHERE {schema.IS_INDEXED} ORDER BY 1, 2"
