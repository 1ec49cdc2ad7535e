"""A process that writes entries and says which were acknowledged.

python -m tests.register.writer REGISTER COUNT [LARGEST [PAGES]]

LARGEST: bytes of a file; PAGES: of the log, which is folded in then
"""

from __future__ import annotations

import resource
import signal
import sys
from datetime import timedelta

from privmask.errors import CopyError
from privmask.register import open_register
from tests.register.made import START, note, request


def main(path: str, count: int, largest: int, pages: int) -> None:
    if largest:  # a write beyond it fails, as on a full disk
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    try:
        write(path, count, pages)
    except CopyError as error:
        print(f"refused {error}", flush=True)


def write(path: str, count: int, pages: int) -> None:
    with open_register(path) as register:
        register._connection.execute(f"PRAGMA wal_autocheckpoint={pages}")
        for number in range(count):
            draft = request(number, f"山田 {number}") if number % 3 else note(number)
            receipt = register.append(draft, START + timedelta(seconds=number))
            print(f"{receipt.seq} {receipt.entry_hash}", flush=True)


if __name__ == "__main__":
    largest, pages = (*map(int, sys.argv[3:]), *(0, 1000)[len(sys.argv) - 3 :])
    main(sys.argv[1], int(sys.argv[2]), largest, pages)
