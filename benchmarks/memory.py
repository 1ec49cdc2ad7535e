"""Peak memory of a job for one minute and for ten minutes of 1080p: it must not grow with the clip's length.

    python benchmarks/memory.py [--json FILE] [--check]

The self-check is on in all of them. Besides a zone that always holds, one minute is masked with a zone that holds in its first
half, so that the rest may travel as it is; in two processes; and with faces looked for, in one pass and in two.
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
HALF = """
format = "privmask.plan.v1"
[[mask]]
token = "window"
reason = "a window"
polygon = [[0.1, 0.1], [0.7, 0.1], [0.7, 0.6], [0.1, 0.6]]
end = 30
"""
OTHERWISE = {
    "half of it travels": ["--jobs", "1"],
    "two processes": ["--jobs", "2", "--no-pass-through"],
    "faces": ["--faces"],
    "faces, two passes": ["--faces", "--two-pass"],
}
GROWTH_BAR, PEAK_BAR_MIB = 1.05, 500 * 1000**2 / 1024**2


def main() -> None:
    """Measure, print, and with --check judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    words = parser.parse_args()
    peaks = {minutes: _peak(minutes) for minutes in (1, 10)}
    others = {name: _peak(1, *more) for name, more in OTHERWISE.items()}
    growth = peaks[10] / peaks[1]
    figures = {"peak_mib": peaks, "ten_minutes / one_minute": round(growth, 3), "one minute otherwise, MiB": others}
    report("memory", figures, words.json)
    most = max(*peaks.values(), *others.values())
    if words.check and (growth > GROWTH_BAR or most > PEAK_BAR_MIB):
        sys.exit(
            f"missed: peaks of {peaks} and {others} MiB; at most {PEAK_BAR_MIB:.0f} MiB and {GROWTH_BAR} times are allowed"
        )


def _peak(minutes: int, *more: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        clip = make_clip(work / "clip.mp4", seconds=minutes * MINUTE, rate=RATE)
        (work / "half.toml").write_text(HALF)
        zones = ["--plan", str(work / "half.toml")] if more else ["--zone", HIDDEN]
        job = ["mask", str(clip), "-o", str(work / "copy.mp4"), *zones, "--unsigned", "--preset", "ultrafast", *more]
        return run([sys.executable, "-m", "privmask", *job], work / "log").peak_mib


if __name__ == "__main__":
    main()
