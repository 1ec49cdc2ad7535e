"""Footage out: a copy with the original's times, colours, shape and rotation, and nothing else of it but masked pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import av.error

from privmask.errors import CopyError
from privmask.frame import MaskedFrame
from privmask.language import Text
from privmask.video.clock import clock_for
from privmask.video.encoders import codec_for
from privmask.video.mixing import MixedOutput, Passing
from privmask.video.muxing import ClipOutput
from privmask.video.original import Source
from privmask.video.settings import AS_USUAL, Writing
from privmask.video.stills import StillOutput, plan_still
from privmask.video.streams import FoundStream
from privmask.workers import DEPTH, Consumer


@dataclass(frozen=True, slots=True)
class StreamDone:
    """What was found in the original, and what was `done` with it: "masked", "dropped" or "kept, ..."."""

    index: int
    kind: str
    codec: str
    what: str
    done: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What a sink did: frames taken, packets written, how, and what became of everything that the original held.

    `starts` are the numbers of the frames with which the encoder began anew, none where it never may.
    """

    frames: int
    packets: int
    audio_packets: int
    codec: str
    container: str
    encoder: str
    settings: dict[str, str]
    lossless: bool
    timestamps_exact: bool
    streams: tuple[StreamDone, ...]
    notices: tuple[Text, ...]
    starts: tuple[int, ...] = ()


class Sink:
    """A copy that is being written. Takes masked frames only; `tally` is whole after the `with` block."""

    def __init__(
        self,
        output: ClipOutput | StillOutput,
        like: Source,
        writing: Writing,
        passing: Passing | None = None,
        waiting: int = DEPTH,
    ) -> None:
        self._like, self._writing, self._passing = like, writing, passing
        self._output = output
        self._written = 0
        self._worker: Consumer[MaskedFrame] = Consumer(self._take, "privmask-encode", waiting)

    def write(self, frame: MaskedFrame) -> None:
        """Take the next frame, in the order of presentation; its memory now belongs to the sink.

        It is encoded later, in a thread of its own: an error of an earlier frame may be raised here.
        """
        self._worker.put(frame)

    @property
    def tally(self) -> Tally:
        """What was done so far."""
        return tally_of(self._output, self._like, self._writing, self._frames)

    def finish(self) -> None:
        """Encode what is left, write the index and close the file. Raises CopyError."""
        self._worker.finish()
        with written():
            self._output.finish()
        if self._output.packets != self._frames:
            raise CopyError(f"the encoder made {self._output.packets} packets of {self._frames} frames")

    def abandon(self) -> None:
        """Stop at once; what was written is no copy, and its file is to be thrown away."""
        self._output.given_up.set()
        self._worker.close()
        self._output.abandon()

    def _take(self, frame: MaskedFrame) -> None:
        with written():
            self._output.take(frame)
        self._written += 1

    @property
    def _frames(self) -> int:
        return self._written + (self._passing.route.copied if self._passing else 0)


def tally_of(output: ClipOutput | StillOutput, like: Source, writing: Writing, frames: int) -> Tally:
    """What an output did with so many frames of `like`."""
    plan = output.plan
    return Tally(
        frames=frames,
        packets=output.packets,
        audio_packets=output.audio.packets if output.audio else 0,
        codec=plan.codec if plan else "",
        container=writing.container,
        encoder=plan.encoder if plan else "",
        settings=dict(plan.options) if plan else {},
        lossless=writing.lossless or bool(plan and plan.codec in ("ffv1", "png")),
        timestamps_exact=output.exact,
        streams=tuple(_done(found, output, like) for found in like.found),
        notices=like.notices + output.notices,
        starts=tuple(output.starts),
    )


def _done(found: FoundStream, output: ClipOutput | StillOutput, like: Source) -> StreamDone:
    audio = output.audio.done if output.audio else {}
    done = "masked" if found.index == like.info.stream else audio.get(found.index, "dropped")
    return StreamDone(found.index, found.kind, found.codec, found.what, done)


def require_carried(like: Source, writing: Writing) -> None:
    """Raise UnsupportedFootageError where it is certain before any work that no copy can be written so."""
    if writing.container in ("jpeg", "png"):
        plan_still(like.info, writing)
        return
    codec_for(like.info, writing)
    clock_for(like.info.time_base, writing.container).require_room(like.end_by_header)


def _output(path: str, like: Source, writing: Writing, passing: Passing | None) -> ClipOutput | StillOutput:
    if passing is not None:
        return MixedOutput(path, like, writing, passing)
    return (StillOutput if writing.container in ("jpeg", "png") else ClipOutput)(path, like, writing)


@contextmanager
def write_video(
    path: str,
    like: Source,
    writing: Writing = AS_USUAL,
    passing: Passing | None = None,
    *,
    waiting: int = DEPTH,
) -> Iterator[Sink]:
    """Write a copy of `like` to `path`, an existing or new file that may be overwritten (a draft without a name).

    With `passing` the sink takes the painted frames of its route only, and the others travel as they are in the original; what
    is not known before is decided before the first frame of a group is written. Up to `waiting` frames wait for the encoder.
    On an exception the threads stop at once and the file is worthless. Raises CopyError when it cannot be written,
    UnsupportedFootageError when no codec that may be used can carry the picture as it is.
    """
    sink = Sink(_output(path, like, writing, passing), like, writing, passing, waiting)
    try:
        yield sink
        sink.finish()
    except BaseException:
        sink.abandon()
        raise


@contextmanager
def written() -> Iterator[None]:
    """Turn errors of FFmpeg and of the system while writing into CopyError."""
    try:
        yield
    except (av.error.FFmpegError, OSError) as cause:
        reason = getattr(cause, "strerror", None) or str(cause)
        raise CopyError(_CANNOT_WRITE.with_(reason=reason)) from cause


_CANNOT_WRITE = Text(
    "複写を書き込めません（{reason}）。ディスクがいっぱいか、フォルダーがなくなったのではありませんか",
    "the copy cannot be written: {reason}; is the disk full, or did its folder go away?",
)
