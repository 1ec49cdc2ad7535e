"""Round trips: a clip through the source and the sink with nothing hidden, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from privmask.frame import Frame, MaskedFrame
from privmask.video import Reading, Tally, VideoInfo, Writing, open_video, write_video


@dataclass(frozen=True)
class Trip:
    """The frames and facts of an original and of its copy."""

    original: list[Frame]
    copy: list[Frame]
    info: VideoInfo
    copy_info: VideoInfo
    tally: Tally

    @property
    def worst_psnr(self) -> float:
        """Of the worst frame, in dB, over all planes."""
        return min(psnr(a, b) for a, b in zip(self.original, self.copy, strict=True))


def frames_of(path: Path, reading: Reading | None = None) -> tuple[list[Frame], VideoInfo]:
    with path.open("rb", buffering=0) as file, open_video(file, reading or Reading()) as source:
        return list(source.frames()), source.info


def write_copy(
    original: Path,
    copy: Path,
    writing: Writing | None = None,
    reading: Reading | None = None,
    hide: Callable[[Frame], None] = lambda _frame: None,
) -> Tally:
    with original.open("rb", buffering=0) as file, open_video(file, reading or Reading()) as source:
        with write_video(str(copy), like=source, writing=writing or Writing()) as sink:
            for frame in source.frames():
                hide(frame)
                sink.write(MaskedFrame(frame))
        return sink.tally


def round_trip(original: Path, folder: Path, writing: Writing | None = None, reading: Reading | None = None) -> Trip:
    copy = folder / "copy"
    tally = write_copy(original, copy, writing, reading)
    frames, info = frames_of(original, reading)
    copied, copy_info = frames_of(copy)
    return Trip(frames, copied, info, copy_info, tally)


def times(frames: list[Frame]) -> list[Any]:
    return [frame.start_time for frame in frames]


def psnr(a: Frame, b: Frame) -> float:
    assert (a.size, a.format) == (b.size, b.format)
    pairs = [(p.visible.astype(np.int64), q.visible.astype(np.int64)) for p, q in zip(a.planes, b.planes, strict=True)]
    error = sum(int(((p - q) ** 2).sum()) for p, q in pairs) / sum(p.size for p, _ in pairs)
    return 99.0 if error == 0 else float(10 * np.log10(((1 << a.format.depth) - 1) ** 2 / error))
