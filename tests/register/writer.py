"""A process that writes entries and says which were acknowledged: python -m tests.register.writer REGISTER COUNT [LARGEST]"""

from __future__ import annotations

import resource
import signal
import sys
from datetime import timedelta

from privmask.errors import CopyError
from privmask.register import open_register
from tests.register.made import START, note, request


def main(path: str, count: int, largest: int) -> None:
    if largest:  # a write beyond it fails, as on a full disk
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    try:
        write(path, count)
    except CopyError as error:
        print(f"refused {error}", flush=True)


def write(path: str, count: int) -> None:
    with open_register(path) as register:
        for number in range(count):
            draft = request(number, f"山田 {number}") if number % 3 else note(number)
            receipt = register.append(draft, START + timedelta(seconds=number))
            print(f"{receipt.seq} {receipt.entry_hash}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
