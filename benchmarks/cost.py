"""What hiding costs by how much is hidden, and by how long the clip is: CPU time against a plain ffmpeg transcode.

    python benchmarks/cost.py [--shares S…] [--lengths S…] [--seconds 15] [--pairs 3] [--json FILE]

All programs write with the same x264 settings and threads, and every ratio is of a pair in one round. Against the length, 30 %
of the picture is hidden; against the share, the clip has `--seconds`, of which the start of Python has its part.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from measure import report
from peers import set_scene, slanted
from whole_job import HIDDEN, make_clip, measured, prepare

BY_SHARE = ["ffmpeg overlay", "ffmpeg pixelating", "privmask", "privmask pixelated"]
BY_LENGTH = ["ffmpeg pixelating", "privmask", "privmask with self-check"]


def main() -> None:
    """Measure and print."""
    words = _words()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        prepare(work)
        figures = {"by_share": _by_share(words, work), "by_length": _by_length(words, work)}
    report("cost", figures, words.json)


def _by_share(words: argparse.Namespace, work: Path) -> list[dict[str, Any]]:
    clip = make_clip(work / "drawn.mp4", seconds=words.seconds, size=words.size) if words.shares else work
    found = []
    for share in words.shares:
        scene = set_scene(clip, slanted(share), work / "scene")
        found.append({"share": share, **_of(measured(scene, BY_SHARE, words.pairs))})
    return found


def _by_length(words: argparse.Namespace, work: Path) -> list[dict[str, Any]]:
    found = []
    for seconds in words.lengths:
        clip = make_clip(work / f"{seconds}.mp4", seconds=seconds, size=words.size)
        scene = set_scene(clip, HIDDEN, work / "scene")
        found.append({"seconds": seconds, **_of(measured(scene, BY_LENGTH, words.pairs))})
    return found


def _of(figures: dict[str, Any]) -> dict[str, Any]:
    """What a plot needs of them."""
    return {name: figures[name] for name in ("clip", "pairs", "medians", "ratios")}


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--shares", type=float, nargs="*", default=[0.01, 0.1, 0.3, 0.6, 1.0], help="parts of the picture"
    )
    parser.add_argument("--lengths", type=int, nargs="*", default=[2, 5, 15, 45], help="seconds")
    parser.add_argument("--seconds", type=int, default=15, help="length of the clip whose hidden share varies")
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
