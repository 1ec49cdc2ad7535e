"""A recorder of one's own: an NVR that notes each finished file in `index.txt`, a line with its camera and its name.

A package makes it known to `privmask watch --recorder nvr` in its pyproject.toml:

    [project.entry-points."privmask.recorders"]
    nvr = "own_recorder:IndexRecorder"
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from privmask.recorders.recorder import Segment


class IndexRecorder:
    """Reads the index of `folder` on from where it was; what is named twice is masked once."""

    def __init__(self, folder: str) -> None:
        self._folder, self._read = Path(folder), 0

    def finished(self, seconds: float) -> Sequence[Segment]:
        """The segments of the lines that are new; waits a little where there are none."""
        index = self._folder / "index.txt"
        new = index.read_bytes()[self._read :] if index.exists() else b""
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        if not whole:
            time.sleep(min(seconds, 0.2))
        lines = [line.split(maxsplit=1) for line in whole.decode().splitlines()]
        return [Segment(str(self._folder / name), camera=camera) for camera, name in lines]

    def close(self) -> None:
        """Nothing is held."""
