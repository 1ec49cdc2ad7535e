"""A worker process whose jobs do what the name of their clip says: `python -m tests.batch.scripted DESCRIPTOR MEMORY`."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from privmask.batch.child import main
from privmask.batch.jobs import Busy, Job, Outcome
from privmask.copying import Progress
from privmask.evidence import Signer


def do(job: Job, signer: Signer | None, told: Callable[[Progress], None]) -> Outcome | Busy:
    """`dies-2` dies the first two times, `hangs` for ever, `busy-1` is another run's the first time, `signs` asks.

    `exits` and `babbles` are out of order, and `eats` takes two gibibytes.
    """
    told(Progress("masking", 1, 10))
    word, _, count = Path(job.original).stem.partition("-")
    if word in ("dies", "busy", "hangs") and _times(job) <= int(count or 1000):
        if word == "busy":
            return Busy()
        if word == "dies":
            Path(f"{job.copy}.privmask-left").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        threading.Event().wait()
    if word == "signs" and signer is not None:
        Path(job.copy).write_bytes(signer.sign(Path(job.original).read_bytes()))
    if word == "exits":
        print("out of order")
        sys.stdout.flush()
        os._exit(3)
    if word == "eats":
        bytearray(2 << 30)
    if word == "babbles":
        os.write(int(sys.argv[1]), b"\x00\x00\x00\x05{}}}}")
        threading.Event().wait()
    return Outcome(job.number, "made", frames=10, sha256="0" * 64)


def _times(job: Job) -> int:
    """How often this job was begun."""
    tally = Path(f"{job.copy}.times")
    with tally.open("a") as file:
        file.write("x")
    return len(tally.read_text())


if __name__ == "__main__":
    main(sys.argv[1:], do)
