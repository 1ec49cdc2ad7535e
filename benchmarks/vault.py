"""Sealing, putting, taking and handing over against `cp`: CPU, wall, and a peak of memory that does not grow with the file.

python benchmarks/vault.py [--mib N] [--folder DIR] [--json FILE] [--check]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from measure import Usage, conclude, median, run
from privmask.register.sealing import open_sealed, seal
from privmask.register.vault import create_vault, open_vault
from privmask.register.vault_age import new_identity

JOBS = ("seal", "open_sealed", "put", "take", "hand_over")
ROUNDS = 5
SMALL_MIB = 16
PEAK_BAR_MIB, GROWTH_BAR_MIB = 64, 4
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


def main() -> None:
    """Measure, print, and with --check judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mib", type=int, default=512)
    parser.add_argument("--folder", type=Path, help="where to write; memory (/dev/shm) leaves the disk out of it")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--job", nargs=2, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.job:
        do(words.job[0], Path(words.job[1]))
        return
    small, large = _measured(SMALL_MIB, words.folder), _measured(words.mib, words.folder)
    figures = {name: _figures(name, small, large, words.mib) for name in large}
    for name, figure in figures.items():
        print(name, figure)
    conclude("vault", {"mib": words.mib, **figures}, list(_missed(figures)), words)


def do(job: str, work: Path) -> None:
    """One job of a process of its own, in a folder that `_prepare` made."""
    identity, public = (work / "key").read_text().split()
    vault = open_vault(work / "vault")
    if job == "seal":
        seal(work / "clip", work / "out", [public])
    elif job == "open_sealed":
        open_sealed(work / "clip.age", work / "out", [identity])
    elif job == "put":
        vault.erase(vault.put(work / "clip", "clip.mp4", NOON).id)
    elif job == "take":
        vault.take(next(vault.held()).id, work / "folder")
    else:
        vault.hand_over(next(vault.held()).id, work / "out", [public])


def _measured(mib: int, folder: Path | None) -> dict[str, Usage]:
    with tempfile.TemporaryDirectory(dir=folder) as name:
        work = Path(name)
        _prepare(work, mib)
        used: dict[str, list[Usage]] = {name: [] for name in ("cp", "start", *JOBS)}
        for _ in range(ROUNDS):
            used["cp"].append(_run(["sh", "-c", 'cp "$0/clip" "$0/out" && sync "$0/out"', name], work))
            used["start"].append(_run([sys.executable, "-c", "import privmask.register.vault, pyrage"], work))
            for job in JOBS:
                used[job].append(_run([sys.executable, __file__, "--job", job, name], work))
    return {name: median(each) for name, each in used.items()}


def _prepare(work: Path, mib: int) -> None:
    with open("/dev/urandom", "rb") as noise, (work / "clip").open("wb") as clip:
        for _ in range(mib):
            clip.write(noise.read(1 << 20))
    identity, public = new_identity()
    (work / "key").write_text(f"{identity}\n{public}\n")
    seal(work / "clip", work / "clip.age", [public])
    create_vault(work / "vault", NOON).put(work / "clip", "clip.mp4", NOON)


def _run(command: Sequence[str], work: Path) -> Usage:
    usage = run(command, work / "log")
    (work / "out").unlink(missing_ok=True)
    if (work / "folder").exists():
        (work / "folder" / "clip.mp4").unlink()
        (work / "folder").rmdir()
    return usage


def _figures(name: str, small: dict[str, Usage], large: dict[str, Usage], mib: int) -> dict[str, Any]:
    used, cp = large[name], large["cp"]
    return {
        "wall / cp": round(used.wall / cp.wall, 2),
        "MiB / s": round(mib / used.wall),
        "cpu s": round(used.cpu, 2),
        "MiB / cpu s": round(mib / used.cpu),
        "peak MiB": round(used.peak_mib, 1),
        "peak over start": round(used.peak_mib - large["start"].peak_mib, 1),
        "growth MiB": round(used.peak_mib - small[name].peak_mib, 1),
    }


def _missed(figures: dict[str, dict[str, Any]]) -> list[str]:
    return [
        f"{name}: {figures[name][what]} {what}, {bar} at most"
        for name in JOBS
        for what, bar in (("peak MiB", PEAK_BAR_MIB), ("growth MiB", GROWTH_BAR_MIB))
        if figures[name][what] > bar
    ]


if __name__ == "__main__":
    main()
