"""How late `privmask live` is: a camera of 720p25 on loopback, zones only, from a packet's arrival to the masked frame.

    python benchmarks/live.py [--seconds 60] [--check]

With --check it fails where 99 % of the frames take longer than one frame and 20 ms, or where one frame of the output shows
anything of the private zone. `written` has the encoder and the writing in it as well, which nothing is promised of. Needs the
RTSP server that the tests need (`tests/needed.py`).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.camera import Camera  # noqa: E402  # the tests are no package that is installed
from tests.marked import ZONE, shown  # noqa: E402

RATE, SIZE = 25, (1280, 720)
PROMISED = 1000 / RATE + 20


def measured(seconds: float, folder: Path) -> dict[str, Any]:
    """What `privmask live` says at its end, its CPU time, and how many frames of its output are open."""
    with Camera(folder, size=SIZE, rate=RATE, frames=100, gop=50) as camera:
        words = ["live", camera.url, "-o", f"{folder}/out-%H%M%S.mp4", "--zone", ZONE, "--json"]
        before = os.times()
        done = subprocess.run(
            [sys.executable, "-m", "privmask", *words, "--segment", "20", "--stop-after", str(seconds)],
            stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, check=True,
        )  # fmt: skip
        after = os.times()
    found: dict[str, Any] = json.loads(done.stdout)
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    outputs = [shown(path) for path in sorted(folder.glob("*.mp4"))]
    return {
        "seconds": seconds,
        "frames": found["frames"],
        "dropped": found["dropped"],
        "latency": found["latency"],
        "cpu_ms_a_frame": round(1000 * spent / max(1, found["frames"]), 2),
        "frames_out": sum(len(each.numbers) for each in outputs),
        "open": sum(len(each.open) for each in outputs),
        "promised_ms": PROMISED,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--check", action="store_true")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measured(wanted.seconds, Path(folder))
    print(json.dumps(found, indent=2))
    whole = found["frames_out"] == found["frames"] > 0
    if wanted.check and not (found["latency"]["masked"]["p99_ms"] <= PROMISED and found["open"] == 0 and whole):
        sys.exit("too late, or not hidden")


if __name__ == "__main__":
    main()
