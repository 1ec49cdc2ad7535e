"""How long a verification takes: its bytes against `sha256sum` of the same file, its pictures against the making of the copy.

    python benchmarks/verify.py [--clip CLIP] [--gigabytes 2] [--rounds 5] [--json FILE] [--check]

The bytes are those of a copy that random ones were appended to, stated and signed anew, so that every check of bytes holds.
Both programs read them in turn from the page cache; the start of Python, the signature and all companions are part of
privmask's time. `--check` ends with 1 where a bar is missed: bytes at 0.8 of the speed of `sha256sum` or more, in CPU and in
wall time, and pictures, with the original and without it, in less time than the copy took to make, its own check included.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
from itertools import chain
from pathlib import Path
from typing import Any

import rfc8785

from measure import Usage, conclude, median, report, run
from privmask.evidence import FileRecord, KeyFileSigner, read_statement, signed_by
from privmask.evidence.sums import sums_bytes
from whole_job import HIDDEN, make_clip

LEAST_SPEED = 0.8
PRIVMASK = (sys.executable, "-m", "privmask")


def main() -> None:
    """Measure, print, and with --check judge."""
    words = _words()
    with tempfile.TemporaryDirectory(dir=words.folder) as folder:
        work = Path(folder)
        os.environ["PRIVMASK_KEYS"] = str(work / "keys")
        run([*PRIVMASK, "keys", "new", "--name", "benchmark", "--no-passphrase"], work / "log")
        clip = words.clip or make_clip(work / "clip.mp4", seconds=10)
        made = [_pictures(clip, work, number) for number in range(words.rounds + 1)][1:]  # the first one warms up
        read = [_bytes(work, words.gigabytes, number) for number in range(words.rounds + 1)][1:]
    figures = {name: median([each[name] for each in rounds]) for rounds in (made, read) for name in rounds[0]}
    speeds = {
        part: getattr(figures["sha256sum"], part) / getattr(figures["verify --bytes-only"], part) for part in _PARTS
    }
    results = {"medians": figures, "speed of sha256sum": speeds, "rounds": words.rounds, "gigabytes": words.gigabytes}
    if not words.json:
        report("verify", results, None)
    conclude("verify", results, _missed(figures, speeds), words)


_PARTS = ("cpu", "wall")


def _missed(figures: dict[str, Usage], speeds: dict[str, float]) -> list[str]:
    slow = [
        f"bytes at {speed:.2f} of sha256sum's speed ({part})" for part, speed in speeds.items() if speed < LEAST_SPEED
    ]
    for name in ("verify", "verify --original"):
        for part in _PARTS:
            took, mask = getattr(figures[name], part), getattr(figures["mask"], part)
            slow += [f"{name} takes {took:.1f} s of {part}, making the copy {mask:.1f} s"] if took >= mask else []
    return slow


def _pictures(clip: Path, work: Path, number: int) -> dict[str, Usage]:
    """One copy made and verified, without its original and with it."""
    copy, log = work / f"copy-{number}.mp4", work / "log"
    commands = {
        "mask": ["mask", str(clip), "-o", str(copy), "--zone", HIDDEN],
        "verify": ["verify", str(copy)],
        "verify --original": ["verify", str(copy), "--original", str(clip)],
    }
    return {name: run([*PRIVMASK, *words], log) for name, words in commands.items()}


def _bytes(work: Path, gigabytes: float, number: int) -> dict[str, Usage]:
    """The bytes of a large file read by both programs."""
    large = work / "large.mp4"
    if not number:
        make_large(work / "copy-0.mp4", large, round(gigabytes * 1e9))
    commands = {
        "sha256sum": ["sha256sum", str(large)],
        "verify --bytes-only": [*PRIVMASK, "verify", "--bytes-only", str(large)],
    }
    return {name: run(command, work / "log") for name, command in commands.items()}


def make_large(copy: Path, large: Path, size: int) -> None:
    """The copy with random bytes behind it, with a statement, a signature and a list of hashes that say so."""
    hasher, count = hashlib.sha256(), 0
    with large.open("wb") as out:
        for block in chain([copy.read_bytes()], (os.urandom(1 << 20) for _ in range(size >> 20))):
            hasher.update(block)
            count += out.write(block)
    record = FileRecord(large.name, count, hasher.hexdigest())
    said: dict[str, Any] = json.loads(Path(f"{copy}.provenance.json").read_bytes())
    said["predicate"]["copy"].update(name=record.name, bytes=record.bytes, sha256=record.sha256)
    said["subject"] = [{"name": record.name, "digest": {"sha256": record.sha256}}]
    statement = rfc8785.dumps(said)
    signature = signed_by(KeyFileSigner(Path(os.environ["PRIVMASK_KEYS"]) / "signing-key"), statement)
    read_statement(statement)
    records = [record]
    for end, content in ((".provenance.json", statement), (".provenance.json.sig", signature)):
        large.with_name(large.name + end).write_bytes(content)
        records.append(FileRecord(large.name + end, len(content), hashlib.sha256(content).hexdigest()))
    large.with_name(f"{large.name}.SHA256SUMS").write_bytes(sums_bytes(records))


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", type=Path, help="the footage; an H.264 clip of 1080p is made if not given")
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where the large file is put for the time being")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
