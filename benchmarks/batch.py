"""A batch of twenty clips with two workers against one worker, and against a loop of single commands, in turn in one run.

    python benchmarks/batch.py [--clips 20] [--seconds 6] [--pairs 5] [--json FILE] [--check]

The clips are generated, 720p, each another, and short: the longer they are, the less the start of a batch shows. A worker has
one thread for decoding and one for encoding; so that it has no more of the machine than that, one worker is held on one core,
and two workers on two. The loop calls `privmask mask` for one clip after the other and may use both cores; it is no bar, and
runs once. Starts, hashes, statements and self-checks are part of everybody's time. `--check` ends with 1 where the bar is
missed: two workers 1.8 times as fast as one. On two cores it takes about four minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from measure import Usage, conclude, ffmpeg, judged, median, ratio, report, run

BAR = 1.8
PRESET = "veryfast"
ONE, TWO, LOOP = "one worker on one core", "two workers on two cores", "a loop of single commands on two cores"

PLAN = """
format = "privmask.plan.v1"
[[mask]]
token = "window"
reason = "a window"
polygon = [[0.1, 0.1], [0.7, 0.1], [0.7, 0.6], [0.1, 0.6]]
"""


def main() -> None:
    """Measure, print, and with --check judge."""
    words = _words()
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("two workers need two cores")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "plan.toml").write_text(PLAN)
        for number in range(words.clips):
            _make_clip(work / "clips" / f"{number:02}.mp4", number, words.seconds)
        loop = _loop(work)  # it warms up the others
        rounds = [{ONE: _one(work), TWO: _two(work)} for _ in range(words.pairs)]
    faster = round(statistics.median(each[ONE].wall / each[TWO].wall for each in rounds), 2)
    results: dict[str, Any] = {name: median([each[name] for each in rounds]) for name in (ONE, TWO)} | {LOOP: loop}
    results |= {"times as fast": faster, "each round": [round(r[ONE].wall / r[TWO].wall, 2) for r in rounds]}
    results |= {"two workers / loop": ratio([{**each, LOOP: loop} for each in rounds], TWO, LOOP)}
    results |= {"clips": words.clips, "seconds of each": words.seconds, "pairs": words.pairs}
    if not words.json:
        report("batch", results, None)
    missed = [f"two workers are {faster} times as fast as one, the bar is {BAR}"] if faster < BAR else []
    conclude("batch", results, missed, words)


def _make_clip(path: Path, number: int, seconds: int) -> None:
    """A 720p H.264 clip of moving detail with sensor noise, made by ffmpeg itself; another number, another clip."""
    path.parent.mkdir(exist_ok=True)
    source = (
        f"testsrc2=s=1280x720:r=25:d={seconds},hue=h={number * 17},noise=alls=3:allf=t:all_seed={number},format=yuv420p"
    )
    settings = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "22", "-g", "50"]
    run([ffmpeg(), "-v", "error", "-f", "lavfi", "-i", source, *settings, str(path)], path.parent.parent / "log")


def _one(work: Path) -> Usage:
    return _batch(work, workers=1)


def _two(work: Path) -> Usage:
    return _batch(work, workers=2)


def _batch(work: Path, workers: int) -> Usage:
    """A batch that has one core for each worker; all its copies must be there at the end."""
    here = sorted(os.sched_getaffinity(0))
    words = ["batch", str(work / "clips"), "-o", str(_fresh(work)), *_how(work), "--jobs", str(workers), "--json"]
    os.sched_setaffinity(0, here[:workers])
    try:
        used = run([sys.executable, "-m", "privmask", *words], work / "log")
    finally:
        os.sched_setaffinity(0, here)
    last = json.loads((work / "log").read_text().splitlines()[-1])
    if last["counts"]["made"] != len(last["jobs"]):
        sys.exit(f"not every copy was made: {last['counts']}")
    return used


def _loop(work: Path) -> Usage:
    out = _fresh(work)
    out.mkdir()
    mask = [sys.executable, "-m", "privmask", "mask"]
    lines = [
        shlex.join([*mask, str(clip), "-o", str(out / clip.name), *_how(work)])
        for clip in sorted((work / "clips").iterdir())
    ]
    return run(["sh", "-e", "-c", "\n".join(lines)], work / "log")


def _how(work: Path) -> list[str]:
    return ["--plan", str(work / "plan.toml"), "--unsigned", "--preset", PRESET]


def _fresh(work: Path) -> Path:
    out = work / "copies"
    shutil.rmtree(out, ignore_errors=True)
    return out


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=6, help="length of each clip")
    return judged(parser)


if __name__ == "__main__":
    main()
