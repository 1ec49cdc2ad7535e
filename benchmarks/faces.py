"""What hiding faces costs: the whole of `privmask mask --faces` on a made street of 14 faces, 1080p and 540p, beside deface.

    python benchmarks/faces.py [FOLDER] [--seconds N] [--deface PYTHON] [--json FILE] [--check]

The street of benchmarks/variants.py, four seconds long, is repeated up to N seconds. Each program runs as a process of its own,
from its start to its end; deface, which takes as long for every frame, gets the four seconds once. `--check` ends with 1 where
fewer than 25 frames a second of 1080p are masked, or deface takes less than 15 times as much CPU, at 540p less than 8 times.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, TypeAlias

from leak import DRIVER
from measure import Usage, conclude, ffmpeg, run
from variants import find_cases

FRAMES, RATE = 100, 25
LEAST_RATE = 25
LEAST_RATIO = {1080: 15, 540: 8}
"""How many times as much CPU deface takes, by the lines of the picture."""

Figures: TypeAlias = dict[str, Any]
"""Each program's facts at 1080p by its name, and under `540p` those at 540p."""


def main() -> None:
    """Make the street, run, print, check."""
    words = _words()
    with tempfile.TemporaryDirectory() as made:
        drafts = Path(made)
        street = next(case.clip for case in find_cases(words.folder, drafts, []) if case.variant == "street 1080p")
        figures: Figures = {**_measured(street, drafts / "1080", words)}
        figures["540p"] = _measured(_smaller(street, 540, drafts / "540.mp4"), drafts / "540", words)
    for name, facts in figures.items():
        print(name, facts)
    conclude("faces", figures, _missed(figures), words)


def _measured(street: Path, drafts: Path, words: argparse.Namespace) -> dict[str, dict[str, float]]:
    drafts.mkdir()
    rounds = max(1, words.seconds * RATE // FRAMES)
    clip = repeated(street, rounds, drafts / "long.mp4")
    figures = {
        preset or "as it is": _facts(masked(clip, drafts, preset), rounds * FRAMES) for preset in ("", "veryfast")
    }
    if words.deface:
        copy, boxes = drafts / "deface.mp4", drafts / "boxes.jsonl"
        used = run([words.deface, str(DRIVER), str(street), str(copy), str(boxes)], drafts / "log")
        figures["deface"] = _facts(used, FRAMES)
    return figures


def _smaller(clip: Path, lines: int, target: Path) -> Path:
    words = [ffmpeg(), "-v", "error", "-i", str(clip), "-vf", f"scale=-2:{lines}", "-c:v", "libx264", "-crf", "18"]
    subprocess.run([*words, str(target)], check=True)
    return target


def repeated(clip: Path, times: int, target: Path) -> Path:
    """The clip so many times, one after the other, without coding it anew."""
    words = [ffmpeg(), "-v", "error", "-stream_loop", str(times - 1), "-i", str(clip), "-c", "copy", str(target)]
    subprocess.run(words, check=True)
    return target


def masked(clip: Path, drafts: Path, preset: str = "") -> Usage:
    """What a job with faces takes, as a process of its own."""
    words = [sys.executable, "-m", "privmask", "mask", str(clip), "-o", str(drafts / f"copy{preset}.mp4"), "--faces"]
    return run([*words, "--unsigned", "--no-self-check", *(["--preset", preset] if preset else [])], drafts / "log")


def _facts(used: Usage, frames: int) -> dict[str, float]:
    return {
        "frames": frames,
        "cpu_ms": round(used.cpu / frames * 1000, 1),
        "frames_a_second": round(frames / used.wall, 1),
        "peak_mib": round(used.peak_mib),
    }


def _missed(figures: Figures) -> list[str]:
    rate, missed = figures["as it is"]["frames_a_second"], []
    if rate < LEAST_RATE:
        missed.append(f"1080p: {rate} frames a second, promised are {LEAST_RATE}")
    for lines, facts in ((1080, figures), (540, figures["540p"])):
        ours, theirs = facts["as it is"]["cpu_ms"], facts.get("deface", {}).get("cpu_ms")
        if theirs and theirs < LEAST_RATIO[lines] * ours:
            missed.append(
                f"{lines}p: deface takes {theirs / ours:.1f} times as much CPU, promised are {LEAST_RATIO[lines]}"
            )
    return missed


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parents[2] / "shared" / "clips")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--deface", help="a Python that has deface")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
