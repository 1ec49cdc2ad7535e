"""The whole job against a plain ffmpeg transcode with the same x264 settings and threads, and against ffmpeg's ways to hide.

    python benchmarks/whole_job.py [--clip CLIP…] [--who NAME…] [--pairs 5] [--seconds 30] [--json FILE] [--check]

Each round runs every program once, and all ratios are of pairs in one round. The start of Python and of the kernels is part of
privmask's time, and so are hashing and signing; the self-check is only where it is named. Without a clip a 1080p one is made.
`--check` ends with 1 where a bar of the project is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median as middle
from typing import Any

from measure import Usage, clip_facts, conclude, ffmpeg, judged, median, ratio, report, run
from peers import COMMANDS, Scene, set_scene, slanted
from privmask.video import hash_packets

SHARE = 0.3
HIDDEN = slanted(SHARE)
CHECKED = "privmask with self-check"

# What is measured, what it is measured against, and how many times as long it may take (wall).
BARS = (
    ("privmask", "ffmpeg", 1.00),
    ("privmask pixelated", "ffmpeg pixelating", 0.85),
    (CHECKED, "privmask", 1.35),
)
MOST_EVIDENCE = 0.03  # of the whole job


def main() -> None:
    """Measure, print, and with --check judge."""
    words = _words()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        prepare(work)
        clips = words.clip or [make_clip(work / "drawn.mp4", seconds=words.seconds)]
        found = [measured(set_scene(clip, HIDDEN, work / "scene"), words.who, words.pairs) for clip in clips]
    if not words.json:
        report("whole_job", {"clips": found}, None)
    conclude("whole_job", {"clips": found}, [line for each in found[:1] for line in missed(each)], words)


def make_clip(path: Path, *, seconds: int, rate: int = 25, size: str = "1920x1080") -> Path:
    """An H.264 clip of moving detail with sensor noise, made by ffmpeg itself."""
    source = f"testsrc2=s={size}:r={rate}:d={seconds},noise=alls=3:allf=t,format=yuv420p"
    settings = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-g", "50"]
    subprocess.run([ffmpeg(), "-v", "error", "-f", "lavfi", "-i", source, *settings, str(path)], check=True)
    return path


def prepare(work: Path) -> None:
    """A signing key of the benchmark's own, which every privmask that it starts finds; and each program warmed up."""
    os.environ["PRIVMASK_KEYS"] = str(work / "keys")
    run([sys.executable, "-m", "privmask", "keys", "new", "--name", "benchmark", "--no-passphrase"], work / "log")
    _round(set_scene(make_clip(work / "short.mp4", seconds=1), HIDDEN, work / "short"), list(COMMANDS))


def measured(scene: Scene, who: list[str], pairs: int) -> dict[str, Any]:
    """What each of `who` takes for this clip, beside plain ffmpeg: medians, ratios, and what the proof has of the job."""
    names = ["ffmpeg", *(name for name in who if name != "ffmpeg")]
    rounds, proofs = zip(*(_round(scene, names) for _ in range(pairs)), strict=True)
    facts = clip_facts(scene.clip)
    medians = {name: median([each[name] for each in rounds]) for name in names}
    return {
        "clip": facts,
        "zone": scene.zone,
        "pairs": pairs,
        "medians": medians,
        "frames_a_second": {name: round(facts["frames"] / used.wall, 1) for name, used in medians.items()},
        "ratios": {f"{ours} / {theirs}": ratio(rounds, ours, theirs) for ours, theirs in _compared(names)},
        "parts_of_the_job": {part: round(middle(each[part] for each in proofs), 4) for part in proofs[0]},
    }


def missed(found: dict[str, Any]) -> list[str]:
    """The bars that these figures miss."""
    parts, ratios = found["parts_of_the_job"], found["ratios"]
    slow = [(f"{ours} / {theirs}", bar) for ours, theirs, bar in BARS if f"{ours} / {theirs}" in ratios]
    lines = [f"{name}: {ratios[name]['wall']} of the wall time, the bar is {bar}" for name, bar in slow
             if ratios[name]["wall"] > bar]  # fmt: skip
    if parts.get("evidence", 0) > MOST_EVIDENCE:
        lines.append(
            f"hashes, statement and custody: {parts['evidence']:.1%} of the job, the bar is {MOST_EVIDENCE:.0%}"
        )
    return lines


def _compared(names: list[str]) -> Iterator[tuple[str, str]]:
    yield from ((name, "ffmpeg") for name in names[1:])
    yield from ((ours, theirs) for ours, theirs, _ in BARS if theirs != "ffmpeg" and {ours, theirs} <= set(names))
    others = ("ffmpeg pixelize", "ffmpeg pixelating overlay")
    yield from (("privmask pixelated", each) for each in others if {"privmask pixelated", each} <= set(names))


def _round(scene: Scene, names: list[str]) -> tuple[dict[str, Usage], dict[str, float]]:
    used, parts, out = {}, {}, scene.copy.parent
    for name in names:
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        used[name] = run(COMMANDS[name](scene), scene.work / "log")
        if name == CHECKED:
            parts = _parts(scene, used[name].wall)
    return used, parts


def _parts(scene: Scene, wall: float) -> dict[str, float]:
    """What share of a job with everything on is the proof's, and the self-check's, by the job's own clock.

    That clock counts the hashing of packets with the check, so it is done again here and moved to the proof.
    """
    log = (scene.work / "log").read_text()
    told = json.JSONDecoder().raw_decode(log, log.index("{"))[0]["seconds"]
    began = time.perf_counter()
    with scene.copy.open("rb", buffering=0) as copy:
        hash_packets(copy)
    packets = time.perf_counter() - began
    return {"evidence": (told["evidence"] + packets) / wall, "self-check": (told["checking"] - packets) / wall}


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", type=Path, nargs="+", help="clips of your own instead of the generated one")
    parser.add_argument("--who", nargs="+", choices=list(COMMANDS), default=list(COMMANDS), metavar="NAME")
    parser.add_argument("--seconds", type=int, default=30, help="length of the generated clip")
    return judged(parser)


if __name__ == "__main__":
    main()
