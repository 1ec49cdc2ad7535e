"""`X.SHA256SUMS`: the list that `sha256sum -c` checks, for a recipient who has nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from privmask.evidence.files import FileRecord

_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r"})


def sums_bytes(records: Iterable[FileRecord]) -> bytes:
    """One line for each record, in the form of GNU coreutils: a backslash opens the line of a name with a line break in it."""
    return "".join(map(_line, records)).encode()


def _line(record: FileRecord) -> str:
    name = record.name.translate(_ESCAPES)
    mark = "\\" if name != record.name else ""
    return f"{mark}{record.sha256}  {name}\n"
