"""The whole job at 1080p against a plain ffmpeg transcode with the same x264 settings, as pairs in one run.

    python benchmarks/whole_job.py [--clip CLIP] [--pairs 5] [--json FILE] [--check]

The start of Python and of the kernels, about a second, is part of privmask's time. Hashing is too; the self-check is stated
apart: a third command of each round runs with it on. `--check` ends with 1 where a bar of the project is missed: CPU and
wall at most 1.05 times the transcode's.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import Usage, ffmpeg, median, report, run

BAR = 1.05
HIDDEN = "0.1,0.1 0.7,0.1 0.7,0.6 0.1,0.6"  # 30 % of the picture
PRESET, QUALITY = "veryfast", "18"
SAME = ("-preset", PRESET, "-crf", QUALITY, "-qmax", "24", "-g", "100")  # what privmask gives x264 at this quality


def main() -> None:
    """Measure, print, and with --check judge."""
    words = _words()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        clip = words.clip or make_clip(work / "clip.mp4", seconds=words.seconds)
        rounds = [_round(clip, work) for _ in range(words.pairs + 1)][1:]  # the first one only warms up
    figures = {name: median([r[name] for r in rounds]) for name in rounds[0]}
    ratios = {f"{name} / ffmpeg": _ratios(rounds, name) for name in rounds[0] if name != "ffmpeg"}
    report("whole_job", {"medians": figures, "ratios": ratios, "pairs": words.pairs}, words.json)
    masked = ratios["privmask / ffmpeg"]
    if words.check and max(masked["cpu"], masked["wall"]) > BAR:
        sys.exit(f"missed: a masked copy takes {masked} of a plain transcode, the bar is {BAR}")


def make_clip(path: Path, *, seconds: int, rate: int = 25) -> Path:
    """A 1080p H.264 clip of moving detail with sensor noise, made by ffmpeg itself."""
    source = f"testsrc2=s=1920x1080:r={rate}:d={seconds},noise=alls=3:allf=t,format=yuv420p"
    settings = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-g", "50"]
    subprocess.run([ffmpeg(), "-v", "error", "-f", "lavfi", "-i", source, *settings, str(path)], check=True)
    return path


def _round(clip: Path, work: Path) -> dict[str, Usage]:
    out = work / "out"
    commands = {
        "ffmpeg": [
            *(ffmpeg(), "-v", "error", "-y", "-i", str(clip), "-an", "-c:v", "libx264"),
            *(*SAME, "-movflags", "+faststart", str(out / "copy.mp4")),
        ],
        "privmask": [*_mask(clip, out), "--no-self-check"],
        "privmask with self-check": _mask(clip, out),
    }
    used = {}
    for name, command in commands.items():
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        used[name] = run(command, work / "log")
    return used


def _mask(clip: Path, out: Path) -> list[str]:
    settings = ["--zone", HIDDEN, "--unsigned", "--preset", PRESET, "--quality", QUALITY]
    return [sys.executable, "-m", "privmask", "mask", str(clip), "-o", str(out / "copy.mp4"), *settings]


def _ratios(rounds: list[dict[str, Usage]], name: str) -> dict[str, float]:
    return {
        figure: round(statistics.median(getattr(r[name], figure) / getattr(r["ffmpeg"], figure) for r in rounds), 3)
        for figure in ("cpu", "wall")
    }


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", type=Path, help="a 1080p clip of your own instead of the generated one")
    parser.add_argument("--seconds", type=int, default=30, help="length of the generated clip")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
