"""A clip with something to hide in a tenth of its groups of pictures, against a plain ffmpeg transcode, as pairs in one run.

    python benchmarks/passing.py [--groups 20] [--pairs 5] [--json FILE] [--check]

The clip is generated: 1080p, groups of two seconds, of which every tenth holds a zone by its time. ffmpeg encodes all of it
with the x264 settings that privmask has for what it encodes. The start of Python and of the kernels, both hashes of the
original and the self-check are part of privmask's time; how long the self-check takes is read from what it answers, here and
where nothing passes. `--check` ends with 1 where a bar is missed: three times as fast as the transcode, by the wall and by CPU;
and of a frame that travels, the self-check may take a twentieth of what it takes to make one that is encoded.
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

from measure import Usage, conclude, ffmpeg, judged, median, report, run

PRESET, QUALITY = "veryfast", "18"
SAME = ("-preset", PRESET, "-crf", QUALITY, "-qmax", "24", "-g", "100")  # what privmask gives x264 at this quality
FASTER = 3.0
MOST_CHECK = 0.05
RATE, SECONDS = 25, 2  # frames a second, and how long a group lasts
EVERY = 10

MASK = """
[[mask]]
token = "window-{number}"
reason = "a window"
polygon = [[0.1, 0.1], [0.7, 0.1], [0.7, 0.6], [0.1, 0.6]]
start = {start}
end = {end}
"""


def main() -> None:
    """Measure, print, and with --check judge."""
    words = _words()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        clip = _clip(work / "clip.mp4", words.groups)
        plan = _plan(work / "plan.toml", words.groups)
        rounds = [_round(clip, plan, work) for _ in range(words.pairs + 1)][1:]  # the first one only warms up
        answers = {way: _answer(work, way) for way in ("passing", "encoding")}
    figures: dict[str, Any] = {name: median([each[name] for each in rounds]) for name in rounds[0]}
    faster = {
        part: round(statistics.median(getattr(r["ffmpeg"], part) / getattr(r["passing"], part) for r in rounds), 2)
        for part in ("wall", "cpu")
    }
    travelled = answers["passing"]["passed_through"]["frames"]
    checks = {way: round(each["seconds"]["checking"], 2) for way, each in answers.items()}
    results = {"medians": figures, "times as fast as ffmpeg": faster, "self-check, s": checks, "travelled": travelled}
    share = _share(answers)
    results |= {"frames": answers["passing"]["frames"], "self-check of what travels / job": share, "pairs": words.pairs}
    if not words.json:
        report("passing", results, None)
    missed = [
        f"{times} times as fast ({part}), the bar is {FASTER}" for part, times in faster.items() if times < FASTER
    ]
    if share > MOST_CHECK:
        missed.append(f"the self-check of what travels takes {share:.1%} of a job, the bar is {MOST_CHECK:.0%}")
    conclude("passing", results, missed, words)


def _share(answers: dict[str, dict[str, Any]]) -> float:
    """What the self-check of a frame that travels takes, of what making a frame takes where none does."""
    encoded, passing = answers["encoding"], answers["passing"]
    frames, travelled = encoded["frames"], passing["passed_through"]["frames"]
    checked = encoded["seconds"]["checking"] / frames  # a frame that is decoded
    made = sum(seconds for stage, seconds in encoded["seconds"].items() if stage != "checking") / frames
    own = (passing["seconds"]["checking"] - checked * (frames - travelled)) / travelled
    return round(float(own / made), 4)


def _clip(path: Path, groups: int) -> Path:
    """A 1080p H.264 clip of moving detail with sensor noise, made by ffmpeg itself, in groups as cameras have them."""
    source = f"testsrc2=s=1920x1080:r={RATE}:d={SECONDS * groups},noise=alls=3:allf=t,format=yuv420p"
    settings = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-g", str(RATE * SECONDS), "-sc_threshold", "0"]
    run([ffmpeg(), "-v", "error", "-f", "lavfi", "-i", source, *settings, str(path)], path.with_suffix(".log"))
    return path


def _plan(path: Path, groups: int) -> Path:
    """A zone in the middle of every tenth group."""
    hidden = range(EVERY // 2 - 1, groups, EVERY)
    times = [(number, SECONDS * number + 0.2, SECONDS * number + SECONDS - 0.2) for number in hidden]
    masks = [MASK.format(number=number, start=start, end=end) for number, start, end in times]
    path.write_text('format = "privmask.plan.v1"\n' + "".join(masks))
    return path


def _round(clip: Path, plan: Path, work: Path) -> dict[str, Usage]:
    transcode = [ffmpeg(), "-v", "error", "-y", "-i", str(clip), "-an", "-c:v", "libx264", *SAME]
    mask = [sys.executable, "-m", "privmask", "mask", str(clip), "--plan", str(plan), "--unsigned", "--json"]
    mask += ["--preset", PRESET, "--quality", QUALITY, "-o"]
    commands = {
        "ffmpeg": [*transcode, "-movflags", "+faststart"],
        "passing": mask,
        "encoding": [*mask[:-1], "--no-pass-through", "-o"],
    }
    used = {}
    for name, command in commands.items():
        out = work / f"out-{name}"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        used[name] = run([*command, str(out / "copy.mp4")], work / f"log-{name}")
    return used


def _answer(work: Path, way: str) -> dict[str, Any]:
    text = (work / f"log-{way}").read_text()
    found: dict[str, Any] = json.loads(text[text.index("{") :])
    return found


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=int, default=20, help="length of the generated clip, in groups of two seconds")
    return judged(parser)


if __name__ == "__main__":
    main()
