"""Your own OpenCV loop with privmask's masks in it, picture by picture as BGR arrays.

python examples/own_loop_opencv.py CLIP PLAN LAST_PICTURE.png
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

import privmask


def main(clip: Path, plan: Path, picture: Path) -> None:
    """Hide the zones of `plan` on every frame of `clip` and keep the last one as a picture."""
    film = cv2.VideoCapture(str(clip))
    width, height = (int(film.get(key)) for key in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
    masker = privmask.FrameMasker(privmask.load_plan(plan), (width, height), "gbrp")
    last = None
    while (read := film.read())[0]:
        last = read[1].astype(np.uint8, copy=False)
        masker.apply_bgr(last)
    if last is not None:
        cv2.imwrite(str(picture), last)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
