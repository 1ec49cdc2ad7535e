"""A clip in a tenth of whose groups of pictures there is a face: masking it, against decoding and searching it.

    python benchmarks/searching.py [FOLDER] [--clip CLIP…] [--pairs 5] [--json FILE] [--check]

The clip is made of two of FOLDER's: a car park without anybody to be seen, and six seconds of people who walk up to the camera,
in groups of two seconds; clips of your own may be given instead. `privmask mask --faces` makes a whole copy of it, hashes,
index and statement included, without the self-check. *Decoding* is how long it takes to decode every frame and do nothing with
it, the start of Python included; *searching* how long it takes to load the detector and to search all of them, with as many
threads as it has anywhere. Both are measured in a process that does nothing else. `--check` ends with 1 where masking takes
longer than the two.

Beside it, without a bar, `privmask detect`, which does both at the same time on the cores that there are.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from measure import clip_facts, conclude, ffmpeg, judged, report, run

BAR = 1.00
QUIET, WALKING = "parking_cars_432p.mp4", "one_by_one_432p.mp4"
RATE, GROUP = "25/2", 25  # frames a second, and frames of a group

ALONE = """
import json, sys, time
from privmask.detect import Ask, make_detector
from privmask.video import open_video
with open(sys.argv[1], "rb", buffering=0) as file, open_video(file) as source:
    since = time.perf_counter()
    detector = make_detector(source.info.picture, [Ask("face")]) if sys.argv[2] == "search" else None
    source.to_paint, searching = False, time.perf_counter() - since
    for frame in source.frames():
        if detector:
            since = time.perf_counter()
            detector.detect(frame)
            searching += time.perf_counter() - since
print(json.dumps(searching))
"""


def main() -> None:
    """Measure, print, and with --check judge."""
    words = _words()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        clips = words.clip or [make_clip(words.folder / "video", work)]
        found = [_measured(clip, work, words.pairs) for clip in clips]
    figures = {"clips": found, "pairs": words.pairs}
    if not words.json:
        report("searching", figures, None)
    missed = [
        f"{each['clip']['name']}: masking takes {each['masking / both']} of decoding and searching, the bar is {BAR}"
        for each in found
        if each["masking / both"] > BAR
    ]
    conclude("searching", figures, missed, words)


def make_clip(folder: Path, work: Path) -> Path:
    """54 s of the one and 6 s of the other, at one rate, in groups of two seconds."""
    graph = f"[0:v]trim=0:54,fps={RATE},setsar=1[quiet];[1:v]trim=66:72,setpts=PTS-STARTPTS,fps={RATE},setsar=1[walking];"
    inputs = ["-stream_loop", "1", "-i", str(folder / QUIET), "-i", str(folder / WALKING)]
    settings = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-g", str(GROUP), "-sc_threshold", "0"]
    path = work / "clip.mp4"
    both = ["-filter_complex", f"{graph}[quiet][walking]concat[all]", "-map", "[all]"]
    run([ffmpeg(), "-v", "error", *inputs, *both, *settings, str(path)], work / "log")
    return path


def _measured(clip: Path, work: Path, pairs: int) -> dict[str, Any]:
    rounds = [_round(clip, work) for _ in range(pairs + 1)][1:]  # the first one only warms up
    medians = {name: round(statistics.median(each[name] for each in rounds), 2) for name in rounds[0]}
    both = statistics.median(each["masking"] / (each["decoding"] + each["searching"]) for each in rounds)
    beside = statistics.median(each["masking"] / each["privmask detect"] for each in rounds)
    ratios = {"masking / both": round(both, 3), "masking / privmask detect": round(beside, 3)}
    return {"clip": clip_facts(clip), "seconds": medians, **ratios, "travelled": medians.pop("travelled")}


def _round(clip: Path, work: Path) -> dict[str, float]:
    out, python = work / "out", sys.executable
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    mask = ["mask", str(clip), "-o", str(out / "copy.mp4"), "--faces", "--unsigned", "--no-self-check", "--json"]
    detect = ["detect", str(clip), "-o", str(out / "tracks.jsonl"), "--faces", "--jobs", "1"]
    masking = run([python, "-m", "privmask", *mask], work / "masking").wall
    return {
        "masking": masking,
        "decoding": run([python, "-c", ALONE, str(clip), "decode"], work / "log").wall,
        "searching": _searching(clip, work),
        "privmask detect": run([python, "-m", "privmask", *detect], work / "log").wall,
        "travelled": _answer(work / "masking")["passed_through"]["frames"],
    }


def _searching(clip: Path, work: Path) -> float:
    run([sys.executable, "-c", ALONE, str(clip), "search"], work / "log")
    return float((work / "log").read_text())


def _answer(log: Path) -> dict[str, Any]:
    text = log.read_text()
    found: dict[str, Any] = json.loads(text[text.index("{") :])
    return found


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parents[2] / "shared" / "clips")
    parser.add_argument("--clip", type=Path, nargs="+", help="clips of your own instead of the made one")
    return judged(parser)


if __name__ == "__main__":
    main()
