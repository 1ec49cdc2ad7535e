"""Copies of which some groups travel: made by the parts of `privmask.video` alone, and looked at frame by frame."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from privmask.frame import MaskedFrame
from privmask.video import Passing, Route, Tally, Writing, container_of, open_video, write_video

STRICT = {"err_detect": "crccheck+bitstream+buffer+explode"}

X264 = "keyint=5:min-keyint=5:scenecut=0"
"""Groups of five frames each, of which no clip is too short to have several."""
X265 = f"log-level=none:frame-threads=1:pools=1:{X264}:ctu=16:sao=0:signhide=0:amp=0:weightp=0"
"""With other tools than copies have, so that their parameter sets cannot do for these pictures."""
CLOSED = {"options": {"x264-params": X264, "crf": "20"}}
HEVC = {"codec": "hevc", "options": {"x265-params": f"{X265}:open-gop=0"}}


@dataclass(frozen=True, slots=True)
class Seen:
    """One decoded picture: its time in seconds, and its samples."""

    time: float
    samples: NDArray[np.uint8]

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.samples.tobytes()).hexdigest()


def seen_in(clip: Path, **options: Any) -> list[Seen]:
    """All pictures of a clip, decoded strictly; any complaint of the decoder is an error."""
    with av.open(str(clip), **options) as container:
        stream = container.streams.video[0]
        stream.codec_context.options = dict(STRICT)
        return [Seen(float(frame.time), frame.to_ndarray()) for frame in container.decode(stream)]


def let_travel(original: Path, copy: Path, drawn: str, **writing: Any) -> tuple[Tally, Route]:
    """A copy of which those groups are painted that are drawn as #, and those travel that are drawn as a dot."""
    settings = Writing(container=container_of(copy), **writing)
    with original.open("rb", buffering=0) as file, open_video(file) as source:
        survey = source.survey()
        assert survey.refused == ""
        assert len(drawn) == len(survey.groups), [(group.start, group.stop, group.clean) for group in survey.groups]
        route = survey.route([each == "." for each in drawn])
        with write_video(str(copy), source, settings, Passing(survey, route)) as sink:
            for frame in source.frames(route):
                if not frame.passed:
                    frame.planes[0].samples[:8, :16] = 16
                    sink.write(MaskedFrame(frame))
        return sink.tally, route


def drawn_way(route: Route) -> str:
    """Each frame of a route as a dot if it travels, else as #."""
    return "".join("." if run.copied else "#" for run in route.runs for _ in range(len(run)))


def psnr(one: Seen, other: Seen) -> float:
    """dB between two pictures but for the rows that are painted."""
    apart = one.samples[8:].astype(int) - other.samples[8:]
    return float(10 * np.log10(255**2 / max(1e-9, float((apart**2).mean()))))
