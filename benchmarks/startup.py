"""How long privmask takes to start: its import, its help, and the first masked frame of a process with kernels cached.

python benchmarks/startup.py [--runs 7] [--json FILE] [--check]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from measure import report, run
from whole_job import HIDDEN, make_clip

BARS = {"import privmask": 0.1, "privmask --help": 0.4, "first frame": 1.5}
FIRST = """
import sys, time
began = time.perf_counter()
from privmask import MaskPlan, mask_clip
from privmask.masks import parse_zone

class Seen(Exception):
    pass

def stop(progress):
    raise Seen

try:
    mask_clip(sys.argv[1], sys.argv[2], MaskPlan((parse_zone(sys.argv[3], "zone"),)), progress=stop)
except Seen:
    print(time.perf_counter() - began)
"""
IMPORT = "import time; began = time.perf_counter(); import privmask; print(time.perf_counter() - began)"


def main() -> None:
    """Measure, print, and with --check judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seconds = _seconds(Path(folder), words.runs)
    report("startup", {"median_seconds": seconds, "runs": words.runs}, words.json)
    missed = {name: took for name, took in seconds.items() if took > BARS[name]}
    if words.check and missed:
        sys.exit(f"missed: {missed}; allowed are {BARS}")


def _seconds(work: Path, runs: int) -> dict[str, float]:
    clip = make_clip(work / "clip.mp4", seconds=1)
    first = [FIRST, str(clip), str(work / "copy.mp4"), HIDDEN]
    help_log = work / "log"
    return {
        "import privmask": _median(runs, lambda: _told([IMPORT])),
        "privmask --help": _median(runs, lambda: run([sys.executable, "-m", "privmask", "--help"], help_log).wall),
        "first frame": _median(runs, lambda: _told(first)),
    }


def _told(words: list[str]) -> float:
    """What a Python program prints: its own measure, without the interpreter's start."""
    return float(subprocess.run([sys.executable, "-c", *words], check=True, capture_output=True, text=True).stdout)


def _median(runs: int, measure: Callable[[], float]) -> float:
    return round(statistics.median([measure() for _ in range(runs + 1)][1:]), 3)


if __name__ == "__main__":
    main()
