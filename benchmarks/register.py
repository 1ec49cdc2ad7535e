"""How the register grows old: appends at a thousand and at a million entries, and how fast all of them are verified.

python benchmarks/register.py [--entries 1000000] [--appends 60] [--folder DIR] [--json FILE] [--check]

Appends are real ones, each on the disk before the next, to the young and to the old register in turn, so that both have the
same disk: one append is one wait for the disk, which takes as long as everybody else's writes make it, and 4 kB written and
synced beside them show how long that was. The ratio is the median of five pairs. Pages of the log that an append writes do not
depend on the machine. Only the filling between is done in large transactions, with the same formulas and through the same
triggers; one entry in five carries three personal values, as a request does. The processor's time is what counts for
verifying: one core, whatever else the machine does; the median of five.
"""

from __future__ import annotations

import argparse
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from measure import conclude
from privmask.register import Draft, create_register, open_register, verify_register
from privmask.register.chain import body_hash, entry_hash, in_utc
from privmask.register.entry import sealed
from privmask.register.schema import connect, writing

START = datetime(2026, 4, 1, tzinfo=UTC)
END = in_utc(START + timedelta(days=1826))
POLICY = "0" * 64
PAIRS = 5
FRAME = 4096 + 24  # a page in the log, with its header
BARS = {"append, times slower": 2.0, "verified a second": 100_000.0}


def main() -> None:
    """Fill, append, verify, and with --check judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--appends", type=int, default=60, help="to each register, in each of the five pairs")
    parser.add_argument("--folder", type=Path, help="where the register is made; its disk is what is measured")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=words.folder) as folder:
        figures = _figures(Path(folder), words.entries, words.appends)
    print(figures)
    missed = []
    if figures["append, times slower"] > BARS["append, times slower"]:
        missed.append(f"an append takes {figures['append, times slower']} times as long")
    if figures["verified a second"] < BARS["verified a second"]:
        missed.append(f"{figures['verified a second']} entries a second are verified")
    conclude("register", figures, missed, words)


def _figures(folder: Path, entries: int, appends: int) -> dict[str, float]:
    young, path = folder / "young.sqlite", folder / "register.sqlite"
    for each in (young, path):
        create_register(each, "benchmark", START)
    _fill(young, 1_000)
    began = time.perf_counter()
    _fill(path, entries)
    filled = time.perf_counter() - began
    os.sync()  # what the filling left to be written is no append's
    pairs = [_median_appends(young, path, folder / "sync", appends) for _ in range(PAIRS)]
    at_first, at_last, bare = (statistics.median(each) for each in zip(*pairs, strict=True))
    seconds = statistics.median(_verified(path) for _ in range(PAIRS))
    with open_register(path) as register:
        count = register.head().seq
    return {
        "entries": count,
        "append at 1,000, ms": round(at_first * 1000, 3),
        "append at the end, ms": round(at_last * 1000, 3),
        "append, times slower": round(statistics.median(last / first for first, last, _ in pairs), 2),
        "4 kB written and synced, ms": round(bare * 1000, 3),
        "pages of the log an append at 1,000": _pages_an_append(young),
        "pages of the log an append at the end": _pages_an_append(path),
        "verified a second": round(count / seconds),
        "bytes an entry": round(path.stat().st_size / count),
        "filling, s": round(filled, 1),
    }


def _verified(path: Path) -> float:
    """Seconds of the processor that it takes."""
    began = time.process_time()
    faults = verify_register(path)
    seconds = time.process_time() - began
    assert not faults, faults
    return seconds


def _pages_an_append(path: Path) -> float:
    """On the average of twenty that begin with an empty log."""
    log = Path(f"{path}-wal")
    with open_register(path) as register:
        number = register.head().seq
        for each in range(number, number + 20):
            register.append(draft(each), START + timedelta(seconds=each))
        return round(log.stat().st_size / FRAME / 20, 1)


def draft(number: int) -> Draft:
    body = {
        "request_id": f"R-2026-{number:07d}",
        "cameras": ["gate"],
        "necessity": "自転車の盗難について，犯人の特定に必要なため",
    }
    if number % 5:
        return Draft("view", "operator-1", body, policy_sha256=POLICY)
    personal = {
        "requester.name": f"山田 {number}",
        "requester.affiliation": "中央署",
        "requester.contact": f"03-{number}",
    }
    return Draft("request", "operator-1", body, personal, POLICY, erase_after=START + timedelta(days=1826))


def moments(first: int, until: int) -> Iterator[tuple[int, datetime]]:
    return ((number, START + timedelta(seconds=number)) for number in range(first, until))


def _fill(path: Path, entries: int) -> None:
    """Entries up to that number, a thousand in each transaction."""
    with open_register(path) as register:
        head = register.head()
    connection = connect(path)
    seq, last = head.seq, head.entry_hash
    while seq < entries:
        rows, values = [], []
        for number, at in moments(seq, min(seq + 1000, entries)):
            made = draft(number)
            body, personal = sealed(made, head.site, at, secrets.token_bytes)
            hashed = body_hash(body)
            seq, before, last = number + 1, last, entry_hash(number + 1, last, hashed)
            rows.append((seq, body.decode(), hashed, before, last))
            values.append([(seq, each.name, each.salt, each.value, END) for each in personal])
        with writing(connection):
            for row, beside in zip(rows, values, strict=True):
                connection.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", row)
                connection.executemany("INSERT INTO personal VALUES (?, ?, ?, ?, ?)", beside)
    connection.close()


def _median_appends(young: Path, old: Path, bare: Path, times: int) -> list[float]:
    """Seconds of one append to each register, and of 4 kB written and synced; in turn, so that the disk is the same for all."""
    seconds: list[list[float]] = [[], [], []]
    with open_register(young) as first, open_register(old) as last, bare.open("wb", buffering=0) as file:
        heads = (first.head().seq, last.head().seq)
        for turn in range(times):
            both = [(0, first), (1, last)]
            for place, register in both if turn % 2 else reversed(both):  # neither is always the one after the pause
                number = heads[place] + turn
                began = time.perf_counter()
                register.append(draft(number), START + timedelta(seconds=number))
                seconds[place].append(time.perf_counter() - began)
            began = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            seconds[2].append(time.perf_counter() - began)
    return [statistics.median(each) for each in seconds]


if __name__ == "__main__":
    main()
