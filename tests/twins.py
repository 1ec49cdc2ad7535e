"""Pairs of clips that differ only inside the masks: in pictures, and in all that a private stream may tell about them."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from privmask.frame import PIXEL_FORMATS, Frame, Picture, PixelFormat, Plane, Samples
from privmask.geometry import Size
from privmask.masks import MaskPlan, fit_masks

RATE = 25


@dataclass(frozen=True, slots=True)
class Kind:
    """How a pair is stored. `times` maps a frame's number to its time in 1/RATE seconds (None: one each)."""

    format: str = "yuv420p"
    size: Size = Size(98, 66)
    interlaced: bool = False
    times: str | None = None
    frames: int = 12


def twins(folder: Path, plan: MaskPlan, kind: Kind) -> tuple[Path, Path]:
    """Two clips of `kind` in `folder`, stored without loss, whose samples differ only where `plan` hides."""
    layout = PIXEL_FORMATS[kind.format]
    masks = fit_masks(plan, Picture(kind.size, layout))
    quiet, busy = [], []
    for index in range(kind.frames):
        planes = _pictures(kind, layout, index)
        frame = _frame(kind, layout, planes, index)
        quiet.append(b"".join(plane.tobytes() for plane in planes))
        for plane, hidden in zip(planes, masks.at(frame).hidden, strict=True):
            _scribble(plane, hidden, layout, np.random.default_rng(1000 + index))
        busy.append(b"".join(plane.tobytes() for plane in planes))
    assert quiet != busy
    plain = _store(folder / "quiet.mkv", quiet, kind, ["-g", "12", "-bf", "0"], [])
    told = _store(folder / "busy.mkv", busy, kind, ["-g", "3", "-bf", "2"], _chatter(folder, kind))
    return plain, told


def _pictures(kind: Kind, layout: PixelFormat, index: int) -> list[Samples]:
    """A slope that moves, with some noise: what an encoder has to work on."""
    rng = np.random.default_rng(index)
    planes: list[Samples] = []
    for number in range(len(layout.kinds)):
        size = layout.plane_size(number, kind.size)
        rows, columns = np.mgrid[: size.height, : size.width]
        slope = (rows * 2 + columns + 5 * index) % 160 + 40 + rng.integers(0, 12, rows.shape)
        planes.append((slope << (layout.depth - 8)).astype(layout.dtype))
    return planes


def _frame(kind: Kind, layout: PixelFormat, planes: Sequence[Samples], index: int) -> Frame:
    held = tuple(Plane(plane, plane.shape[1]) for plane in planes)
    start, end = _time(kind, index), _time(kind, index + 1)
    last = index == kind.frames - 1
    return Frame(
        index, start, None if last else end, Fraction(1, RATE), kind.size, layout, held, interlaced=kind.interlaced
    )


def _time(kind: Kind, index: int) -> int:
    return int(eval(kind.times, {"N": index})) if kind.times else index  # our own literal, in ffmpeg's words


def _scribble(plane: Samples, spans: NDArray[np.int32], layout: PixelFormat, rng: np.random.Generator) -> None:
    for row, start, stop in spans:
        plane[row, start:stop] = rng.integers(0, 1 << layout.depth, stop - start)


def _chatter(folder: Path, kind: Kind) -> list[str]:
    """What the busy clip says besides its pictures: sound, a subtitle, tags, and user data in an H.264 stream."""
    subtitle = folder / "words.srt"
    subtitle.write_text("1\n00:00:00,000 --> 00:00:01,000\na private word\n")
    inputs = ["-f", "lavfi", "-i", "sine=d=0.4", "-i", str(subtitle), "-map", "0", "-map", "1", "-map", "2"]
    tags = ["-metadata", "title=private", "-metadata", "comment=private", "-metadata:s:v", "title=private"]
    words = "sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+private"
    filters = ["-bsf:v", f"h264_metadata={words}"] if _codec(kind) == "libx264" else []
    return [*inputs, *tags, *filters]


def _codec(kind: Kind) -> str:
    return "libx264" if kind.format.startswith("yuv4") and kind.size.width % 2 == kind.size.height % 2 == 0 else "ffv1"


def _store(path: Path, frames: list[bytes], kind: Kind, gop: list[str], chatter: list[str]) -> Path:
    codec = _codec(kind)
    settings = ["-c:v", codec, *(["-qp", "0", *gop] if codec == "libx264" else [])]
    fields = ["setfield=tff"] if kind.interlaced else []
    if kind.interlaced and codec == "libx264":
        settings += ["-flags", "+ildct+ilme"]
    times = [f"setpts='({kind.times})/{RATE}/TB'"] if kind.times else []
    filters = ["-vf", ",".join([*fields, *times, "null"])]
    inputs = chatter[: chatter.index("-map")] if chatter else []
    command = [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", kind.format),
        *("-s", str(kind.size), "-r", str(RATE), "-i", "-", *inputs, *chatter[len(inputs) :]),
        *(*filters, "-fps_mode", "passthrough", "-pix_fmt", kind.format, *settings, str(path)),
    ]
    subprocess.run(command, input=b"".join(frames), check=True)
    return path
