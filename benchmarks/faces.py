"""What hiding faces costs: the whole of `privmask mask --faces` on a made 1080p street of 14 faces, beside deface.

    python benchmarks/faces.py [FOLDER] [--seconds N] [--deface PYTHON] [--json FILE] [--check]

The street of benchmarks/variants.py, four seconds long, is repeated up to N seconds. Each program runs as a process of its own,
from its start to its end; deface, which takes as long for every frame, gets the four seconds once. `--check` ends with 1 where
fewer than 25 frames a second are masked, or deface takes less than 15 times as much CPU.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from leak import DRIVER
from measure import Usage, conclude, ffmpeg, run
from variants import find_cases

FRAMES, RATE = 100, 25
LEAST_RATE, LEAST_RATIO = 25, 15


def main() -> None:
    """Make the street, run, print, check."""
    words = _words()
    with tempfile.TemporaryDirectory() as made:
        drafts = Path(made)
        street = next(case.clip for case in find_cases(words.folder, drafts, []) if case.variant == "street 1080p")
        rounds = max(1, words.seconds * RATE // FRAMES)
        clip = _repeated(street, rounds, drafts / "long.mp4")
        figures = {
            preset or "as it is": _facts(_masked(clip, drafts, preset), rounds * FRAMES) for preset in ("", "veryfast")
        }
        if words.deface:
            copy, boxes = drafts / "deface.mp4", drafts / "boxes.jsonl"
            used = run([words.deface, str(DRIVER), str(street), str(copy), str(boxes)], drafts / "log")
            figures["deface"] = _facts(used, FRAMES)
    for name, facts in figures.items():
        print(name, facts)
    conclude("faces", figures, _missed(figures), words)


def _repeated(clip: Path, times: int, target: Path) -> Path:
    words = [ffmpeg(), "-v", "error", "-stream_loop", str(times - 1), "-i", str(clip), "-c", "copy", str(target)]
    subprocess.run(words, check=True)
    return target


def _masked(clip: Path, drafts: Path, preset: str) -> Usage:
    words = [sys.executable, "-m", "privmask", "mask", str(clip), "-o", str(drafts / f"copy{preset}.mp4"), "--faces"]
    return run([*words, "--unsigned", "--no-self-check", *(["--preset", preset] if preset else [])], drafts / "log")


def _facts(used: Usage, frames: int) -> dict[str, float]:
    return {
        "frames": frames,
        "cpu_ms": round(used.cpu / frames * 1000, 1),
        "frames_a_second": round(frames / used.wall, 1),
        "peak_mib": round(used.peak_mib),
    }


def _missed(figures: dict[str, dict[str, float]]) -> list[str]:
    ours, missed = figures["as it is"], []
    if ours["frames_a_second"] < LEAST_RATE:
        missed.append(f"{ours['frames_a_second']} frames a second, promised are {LEAST_RATE}")
    if "deface" in figures and figures["deface"]["cpu_ms"] < LEAST_RATIO * ours["cpu_ms"]:
        missed.append(f"deface takes {figures['deface']['cpu_ms'] / ours['cpu_ms']:.1f} times as much CPU")
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
