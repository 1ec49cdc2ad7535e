"""Peak memory of a job in which 22 faces are found on every frame, for one minute and for ten: it must not grow with the clip.

    python benchmarks/crowd.py [--two-pass] [--json FILE] [--check]

A script finds the faces, because what finds them is not what is measured; the clip is small for the same reason.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from pathlib import Path
from typing import Any

import av
import numpy as np

from measure import conclude, run
from privmask import MaskPlan, mask_clip
from privmask.detect import Detection
from privmask.frame import Frame
from privmask.geometry import Box
from privmask.masks import DynamicMask
from privmask.sighting import Label
from privmask.watching import Looking

RATE, SIZE, FACES = 15, (160, 96), 22
GROWTH_BAR = 1.05


class Crowd:
    """Finds FACES faces that sway, surely."""

    labels: frozenset[Label] = frozenset({"face"})

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        """All of them, two rows of eleven."""
        seconds = frame.index / RATE
        places = [
            (10 + 13 * (n % 11) + 2 * math.sin(seconds + n), 20 + 40 * (n // 11) + 2 * math.cos(seconds))
            for n in range(FACES)
        ]
        return tuple(Detection("face", Box(x, y, x + 6, y + 8), 0.9) for x, y in places)

    def card(self) -> dict[str, Any]:
        """Nothing to say."""
        return {}


def main() -> None:
    """Measure, print, and with --check judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--two-pass", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--minutes", type=int, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.minutes:
        _mask(words.minutes, two_pass=words.two_pass)
        return
    peaks = {minutes: _peak(minutes, two_pass=words.two_pass) for minutes in (1, 10)}
    growth = peaks[10] / peaks[1]
    print(f"{peaks[1]:.0f} MiB for one minute, {peaks[10]:.0f} for ten, {growth:.3f} times as much")
    missed = [f"ten minutes take {growth:.3f} times the memory of one"] if growth > GROWTH_BAR else []
    conclude("crowd", {"peak_mib": peaks, "ten_minutes / one_minute": round(growth, 3)}, missed, words)


def _peak(minutes: int, *, two_pass: bool) -> float:
    with tempfile.TemporaryDirectory() as folder:
        passes = ["--two-pass"] if two_pass else []
        return run([sys.executable, __file__, "--minutes", str(minutes), *passes], Path(folder) / "log").peak_mib


def _mask(minutes: int, *, two_pass: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clip = _clip(Path(folder) / "clip.mp4", minutes)
        plan = MaskPlan((), dynamic=(DynamicMask("face"),))
        looking = Looking(two_pass=two_pass, finder=lambda _picture, _asks: Crowd())
        mask_clip(clip, Path(folder) / "copy.mp4", plan, looking=looking)


def _clip(path: Path, minutes: int) -> Path:
    still = np.random.default_rng(0).integers(0, 255, (SIZE[1], SIZE[0], 3), np.uint8)
    frame = av.VideoFrame.from_ndarray(still, format="rgb24").reformat(format="yuv420p")
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "crf": "35"})
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        for number in range(minutes * 60 * RATE):
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


if __name__ == "__main__":
    main()
