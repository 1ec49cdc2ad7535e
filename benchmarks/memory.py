"""Peak memory of a job for one minute and for ten minutes of 1080p: it must not grow with the clip's length.

python benchmarks/memory.py [--json FILE] [--check]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from measure import report, run
from whole_job import HIDDEN, make_clip

MINUTE = 60
RATE = 8  # frames a second, so that ten minutes of them do not take an hour
GROWTH_BAR, PEAK_BAR_MIB = 1.05, 500 * 1000**2 / 1024**2


def main() -> None:
    """Measure, print, and with --check judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    words = parser.parse_args()
    peaks = {minutes: _peak(minutes) for minutes in (1, 10)}
    growth = peaks[10] / peaks[1]
    report("memory", {"peak_mib": peaks, "ten_minutes / one_minute": round(growth, 3)}, words.json)
    if words.check and (growth > GROWTH_BAR or max(peaks.values()) > PEAK_BAR_MIB):
        sys.exit(f"missed: peaks of {peaks} MiB; at most {PEAK_BAR_MIB:.0f} MiB and {GROWTH_BAR} times are allowed")


def _peak(minutes: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        clip = make_clip(work / "clip.mp4", seconds=minutes * MINUTE, rate=RATE)
        job = ["mask", str(clip), "-o", str(work / "copy.mp4"), "--zone", HIDDEN, "--unsigned", "--preset", "ultrafast"]
        return run([sys.executable, "-m", "privmask", *job], work / "log").peak_mib


if __name__ == "__main__":
    main()
