"""A long clip that two processes share, against one process, with one thread each, as pairs in one run.

    python benchmarks/parts.py [--seconds 240] [--pairs 5] [--json FILE] [--check]

The clip is generated, 720p; its copy is made in sections of half a minute whoever makes it. Decoders and the encoder have one
thread in each process; so that a process has no more of the machine than that, one process is held on one core, and two on two.
Starts, looking through the packets, joining, both hashes, the statement and the self-check are part of everybody's time. Copies
of all runs must have the same bytes. `--check` ends with 1 where the bar is missed: two processes 1.7 times as fast as one.

Beside it, without a bar: the same job as `privmask mask` does it, with threads as it has them, by one process and by two, which
may all use both cores.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from measure import Usage, conclude, ffmpeg, median, ratio, report, run

BAR = 1.7
ONE, TWO = "one process on one core", "two processes on two cores"
FREE_ONE, FREE_TWO = "one process, its threads on both cores", "two processes, their threads on both cores"

JOB = """
import sys
from privmask import MaskPlan, Reading, Writing, mask_clip
from privmask.masks import parse_zone
zone = parse_zone("0.1,0.1 0.7,0.1 0.7,0.6 0.1,0.6", "window")
clip, copy, jobs, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
done = mask_clip(clip, copy, MaskPlan((zone,)), reading=Reading(threads=threads), writing=Writing(threads=threads), jobs=jobs)
assert done.parts.jobs == jobs, done.parts
print(done.as_data()["seconds"])
"""


def main() -> None:
    """Measure, print, and with --check judge."""
    words = _words()
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("two processes need two cores")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        clip = _make_clip(work / "clip.mp4", words.seconds)
        ways = {ONE: (1, 1, 1), TWO: (2, 1, 2), FREE_ONE: (1, 0, 2), FREE_TWO: (2, 0, 2)}
        made: dict[int, set[str]] = {}
        rounds = [{name: _made(clip, work, made, *way) for name, way in ways.items()} for _ in range(words.pairs)]
    if any(len(copies) > 1 for copies in made.values()):
        sys.exit("the copies have not the same bytes")
    faster = {
        "held": round(statistics.median(each[ONE].wall / each[TWO].wall for each in rounds), 2),
        "free": round(statistics.median(each[FREE_ONE].wall / each[FREE_TWO].wall for each in rounds), 2),
    }
    results: dict[str, Any] = {name: median([each[name] for each in rounds]) for name in ways}
    results |= {"times as fast": faster["held"], "times as fast, threads and cores as they are": faster["free"]}
    results |= {"each round": [round(r[ONE].wall / r[TWO].wall, 2) for r in rounds]}
    results |= {"two / one": ratio(rounds, TWO, ONE), "seconds": words.seconds, "pairs": words.pairs}
    if not words.json:
        report("parts", results, None)
    short = f"two processes are {faster['held']} times as fast as one, the bar is {BAR}"
    conclude("parts", results, [short] if faster["held"] < BAR else [], words)


def _make_clip(path: Path, seconds: int) -> Path:
    """A 720p H.264 clip of moving detail with sensor noise, made by ffmpeg itself, in groups as cameras have them."""
    source = f"testsrc2=s=1280x720:r=25:d={seconds},noise=alls=3:allf=t,format=yuv420p"
    settings = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "22", "-g", "50"]
    run([ffmpeg(), "-v", "error", "-f", "lavfi", "-i", source, *settings, str(path)], path.with_suffix(".log"))
    return path


def _made(clip: Path, work: Path, made: dict[int, set[str]], jobs: int, threads: int, cores: int) -> Usage:
    """One copy, by so many processes with so many threads on so many cores."""
    out = work / "copies"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    here = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, here[:cores])
    try:
        words = [str(clip), str(out / "copy.mp4"), str(jobs), str(threads)]
        used = run([sys.executable, "-c", JOB, *words], work / "log")
    finally:
        os.sched_setaffinity(0, here)
    made.setdefault(threads, set()).add(hashlib.sha256((out / "copy.mp4").read_bytes()).hexdigest())
    return used


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=240, help="length of the clip")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
