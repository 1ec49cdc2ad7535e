"""A long clip that two processes share, against one process, with one thread each, as pairs in one run.

    python benchmarks/parts.py [FOLDER] [--seconds 240] [--faces 120] [--pairs 5] [--json FILE] [--check]

The clip is generated, 720p; its copy is made in sections of half a minute whoever makes it. Decoders and the encoder have one
thread in each process; so that a process has no more of the machine than that, one process is held on one core, and two on two.
Starts, looking through the packets, joining, both hashes, the statement and the self-check are part of everybody's time. Copies
of all runs must have the same bytes. `--check` ends with 1 where the bar is missed: two processes 1.7 times as fast as one.

The same with the same bar where faces are looked for first (`--two-pass`): `--faces` seconds of the 1080p street of
`benchmarks/leak.py`, over and over, made of a photograph of FOLDER. Without FOLDER it is left out, and said.

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

from measure import Usage, conclude, ffmpeg, judged, median, ratio, report, run
from variants import find_cases

BAR = 1.7
ONE, TWO = "one process on one core", "two processes on two cores"
FREE_ONE, FREE_TWO = "one process, its threads on both cores", "two processes, their threads on both cores"

JOB = """
import sys
from privmask import Looking, MaskPlan, Reading, Writing, mask_clip
from privmask.masks import DynamicMask, parse_zone
clip, copy, jobs, threads, faces = *sys.argv[1:3], *map(int, sys.argv[3:])
zone = MaskPlan((parse_zone("0.1,0.1 0.7,0.1 0.7,0.6 0.1,0.6", "window"),))
plan = MaskPlan((), dynamic=(DynamicMask("face"),)) if faces else zone
reading, writing, looking = Reading(threads=threads), Writing(threads=threads), Looking(two_pass=bool(faces))
done = mask_clip(clip, copy, plan, reading=reading, writing=writing, looking=looking, jobs=jobs)
assert all(each is None or each.jobs == jobs for each in (done.parts, done.search_parts)), (done.parts, done.search_parts)
print(done.as_data()["seconds"], done.sightings)
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
        made: dict[str, set[str]] = {}
        rounds = [{name: _made(clip, work, made, *way) for name, way in ways.items()} for _ in range(words.pairs)]
        street = _make_street(words.folder, work, words.faces)
        rounds_of_faces = [
            {name: _made(street, work, made, *ways[name], faces=True) for name in (ONE, TWO)}
            for _ in range(words.pairs)
            if street
        ]
    if any(len(copies) > 1 for copies in made.values()):
        sys.exit("the copies have not the same bytes")
    faster = {
        "held": round(statistics.median(each[ONE].wall / each[TWO].wall for each in rounds), 2),
        "free": round(statistics.median(each[FREE_ONE].wall / each[FREE_TWO].wall for each in rounds), 2),
    }
    if rounds_of_faces:
        faster["faces"] = round(statistics.median(each[ONE].wall / each[TWO].wall for each in rounds_of_faces), 2)
    results: dict[str, Any] = {name: median([each[name] for each in rounds]) for name in ways}
    results |= {"times as fast": faster["held"], "times as fast, threads and cores as they are": faster["free"]}
    results |= {"each round": [round(r[ONE].wall / r[TWO].wall, 2) for r in rounds]}
    results |= {"two / one": ratio(rounds, TWO, ONE), "seconds": words.seconds, "pairs": words.pairs}
    results |= {
        f"faces, {name}": median([each[name] for each in rounds_of_faces]) for name in (ONE, TWO) if rounds_of_faces
    }
    results |= {
        "faces, times as fast": faster.get("faces", "left out: no FOLDER with a street"),
        "faces, seconds": words.faces,
    }
    if not words.json:
        report("parts", results, None)
    short = f"two processes are {faster['held']} times as fast as one, the bar is {BAR}"
    faces_short = f"where faces are looked for first, two processes are {faster.get('faces')} times as fast as one"
    missed = [short] if faster["held"] < BAR else []
    missed += [faces_short] if faster.get("faces", BAR) < BAR else []
    conclude("parts", results, missed, words)


def _make_clip(path: Path, seconds: int) -> Path:
    """A 720p H.264 clip of moving detail with sensor noise, made by ffmpeg itself, in groups as cameras have them."""
    source = f"testsrc2=s=1280x720:r=25:d={seconds},noise=alls=3:allf=t,format=yuv420p"
    settings = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "22", "-g", "50"]
    run([ffmpeg(), "-v", "error", "-f", "lavfi", "-i", source, *settings, str(path)], path.with_suffix(".log"))
    return path


def _make_street(folder: Path, work: Path, seconds: int) -> Path | None:
    """The 1080p street with faces, again and again; None where there is no photograph to make it of."""
    if not (folder / "INDEX.json").is_file():
        return None
    streets = (case.clip for case in find_cases(folder, work, []) if case.variant.startswith("street"))
    street = next(streets, None)
    if street is None:
        return None
    path = work / "faces.mp4"
    settings = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "22", "-g", "50", "-t", str(seconds)]
    run(
        [ffmpeg(), "-v", "error", "-stream_loop", "-1", "-i", str(street), *settings, str(path)],
        path.with_suffix(".log"),
    )
    return path


def _made(
    clip: Path, work: Path, made: dict[str, set[str]], jobs: int, threads: int, cores: int, *, faces: bool = False
) -> Usage:
    """One copy, by so many processes with so many threads on so many cores."""
    out = work / "copies"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    here = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, here[:cores])
    try:
        words = [str(clip), str(out / "copy.mp4"), str(jobs), str(threads), str(int(faces))]
        used = run([sys.executable, "-c", JOB, *words], work / "log")
    finally:
        os.sched_setaffinity(0, here)
    made.setdefault(f"{clip} {threads}", set()).add(hashlib.sha256((out / "copy.mp4").read_bytes()).hexdigest())
    return used


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parents[2] / "shared" / "clips")
    parser.add_argument("--faces", type=int, default=120, help="length of the clip with faces")
    parser.add_argument("--seconds", type=int, default=240, help="length of the clip")
    return judged(parser)


if __name__ == "__main__":
    main()
