"""Still pictures out of clips that show no plates, as backgrounds: frames.py CLIPS OUT [--leave-out NAME …]."""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2

EACH = 12


def take(clip: Path, out: Path, each: int = EACH) -> int:
    """Write up to `each` frames of the clip, evenly spaced, as PNG; how many."""
    capture = cv2.VideoCapture(str(clip))
    frames = []
    while True:
        there, frame = capture.read()
        if not there or len(frames) >= 900:
            break
        frames.append(frame)
    chosen = frames[:: max(1, len(frames) // each)][:each]
    for n, frame in enumerate(chosen):
        cv2.imwrite(str(out / f"{clip.stem}-{n:02}.png"), frame)
    return len(chosen)


def main() -> None:
    """Read the words of the command line and take the frames."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--leave-out", nargs="*", default=[])
    words = parser.parse_args()
    words.out.mkdir(parents=True, exist_ok=True)
    for clip in sorted(words.clips.iterdir()):
        if not clip.stem.startswith(tuple(words.leave_out) or ("/",)):
            print(clip.name, take(clip, words.out))


if __name__ == "__main__":
    main()
