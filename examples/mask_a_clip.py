"""Mask one clip from Python: a copy with two zones hidden, beside its statement, which KEY signs.

python examples/mask_a_clip.py CLIP COPY [KEY]
"""

from __future__ import annotations

import sys
from pathlib import Path

import privmask

PLAN = """
format = "privmask.plan.v1"
camera = "gate"

[[mask]]
token = "neighbour-window"
reason = "2階の窓"
polygon = [[0.10, 0.20], [0.30, 0.20], [0.30, 0.50], [0.10, 0.50]]

[[mask]]
token = "garden"
polygon = [[1.0, 0.0], [1.0, 0.5], [0.6, 0.0]]
type = "Blurred"
"""


def main(clip: Path, copy: Path, key: Path | None = None) -> None:
    """Mask `clip` and say what was done; without a key the statement says that nobody signed it."""
    plan = privmask.parse_plan(PLAN, "the plan in this example")
    signer = privmask.KeyFileSigner(key) if key else None
    result = privmask.mask_clip(clip, copy, plan, signer=signer)
    print(f"{result.frames} frames in {result.copy}, signed by {result.key_id}")
    for notice in result.notices:
        print("note:", notice)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
