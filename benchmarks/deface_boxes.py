"""Run deface on a clip with its own defaults, and note what it hid: to be run by a Python that has deface.

    PYTHON benchmarks/deface_boxes.py CLIP COPY BOXES.jsonl

Each line of BOXES.jsonl holds the boxes of one frame as deface draws them: left, top, right, bottom. It blurs the ellipse in
each.
"""

from __future__ import annotations

import json
import sys
from typing import Any, TextIO


def main() -> None:
    """Wrap the function that draws, and hand over to deface's own command line."""
    from deface import deface  # type: ignore[import-not-found]  # in another environment

    clip, copy, boxes = sys.argv[1:]
    draw = deface.anonymize_frame

    def noting(found: Any, frame: Any, mask_scale: float, **words: Any) -> None:
        rows = [deface.scale_bb(*box[:4].astype(int), mask_scale).tolist() for box in found]
        lines.write(json.dumps(rows) + "\n")
        draw(found, frame, mask_scale=mask_scale, **words)

    deface.anonymize_frame = noting
    sys.argv = ["deface", clip, "-o", copy]
    lines: TextIO
    with open(boxes, "w") as lines:
        deface.main()


if __name__ == "__main__":
    main()
