"""A byte pipe: footage in at one end, masked footage out at the other, and never a byte past privmask.

Whatever is raised ends the stream after a whole masked frame, without the end that its format may have.
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from privmask.errors import CopyError, PlanError
from privmask.language import Text
from privmask.streaming import Hiding, Masking
from privmask.video import ByteSink, Moment, Piped, StreamOutput, StreamSink, Writing, open_pipe

_AT_ONCE = select.PIPE_BUF
"""Bytes that a pipe which can be written to takes without making anybody wait."""
_TICK = 100
"""Milliseconds between looks at whether it is over."""


@dataclass(frozen=True, slots=True)
class Passed:
    """How many frames went through a pipe, and whether whoever read them closed it before its end."""

    frames: int
    reader_left: bool


def mask_pipe(
    source: int, target: int, format: Piped, to: Piped, hiding: Hiding, writing: Writing, stream: int | None = None
) -> Passed:
    """Mask the stream of `format` that comes from the descriptor `source`, and write it as `to` into `target`.

    `stream` says which video stream, where there are several. Both descriptors stay the caller's. Raises a `PrivmaskError`
    at the first doubt; what was written until then are whole masked frames.
    """
    sound = writing.audio == "keep"
    if sound and to == "y4m":
        raise PlanError(_NO_SOUND)
    over, taken = threading.Event(), _Counter()
    try:
        with open_pipe(_Reader(source, over), format, look_ahead=hiding.timed, sound=sound, stream=stream) as piped:
            output = StreamOutput(ByteSink(_Writer(target, over)), to, writing, sound=piped.sound)
            with StreamSink(output, taken.count) as sink, _ended(over):
                Masking(hiding, sink, _nobody).mask(piped.pieces())
    except CopyError as error:
        if isinstance(error.__cause__, BrokenPipeError):
            return Passed(taken.frames, reader_left=True)
        raise
    return Passed(taken.frames, reader_left=False)


@contextmanager
def _ended(over: threading.Event) -> Iterator[None]:
    """Let nobody wait for the ends of the pipe any more once something was raised."""
    try:
        yield
    except BaseException:
        over.set()
        raise


class _Counter:
    def __init__(self) -> None:
        self.frames = 0

    def count(self, _moment: Moment | None) -> None:
        self.frames += 1


class _Reader:
    """Bytes of a descriptor as they come; none once it is over."""

    def __init__(self, descriptor: int, over: threading.Event) -> None:
        self._descriptor, self._over = descriptor, over
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)

    def __call__(self, size: int, /) -> bytes:
        while not self._over.is_set():
            if self._poll.poll(_TICK):
                return os.read(self._descriptor, size)
        return b""


class _Writer:
    """Writes to a descriptor, waiting for its reader, until it is over."""

    def __init__(self, descriptor: int, over: threading.Event) -> None:
        self._descriptor, self._over = descriptor, over
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLOUT)

    def __call__(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest and not self._over.is_set():
            if self._poll.poll(_TICK):
                rest = rest[os.write(self._descriptor, rest[:_AT_ONCE]) :]


def _nobody(_moment: Moment | None) -> None:
    """Nobody wants to know."""


_NO_SOUND = Text(
    "y4m には音声を入れられません。--audio keep を外すか、--to で別の形式を指定してください",
    "y4m holds no sound; leave out --audio keep, or name another format with --to",
)
