"""A stream that comes through a pipe: strictly decoded, nothing lost or concealed, and stopped at the first doubt."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import av.container

from privmask.errors import CopyError
from privmask.video.decoding import Decoder
from privmask.video.flowing import Came, Flow, Piece, check_size
from privmask.video.piping import OneWayReader, Piped, Read, open_piped
from privmask.video.streams import choose_stream
from privmask.workers import Producer

_MOST_SOUND = 32 << 20
"""Bytes of sound that wait for the pictures that they go with."""


class PipedSource:
    """An open pipe; `pieces` may be walked once. `sound` holds packets that were not taken yet, if it was asked for."""

    def __init__(
        self,
        reader: OneWayReader,
        container: av.container.InputContainer,
        stream: Any,
        *,
        look_ahead: bool,
        sound: bool,
    ) -> None:
        heard = [s for s in container.streams if sound and s.type == "audio" and s.codec_context is not None]
        self.sound = Sound(heard)
        self._pictures = _Pictures(reader, container, stream, self.sound)
        self._flow = Flow(stream, look_ahead=look_ahead, live=False)
        self._producer: Producer[Piece] | None = None

    def pieces(self) -> Iterator[Piece]:
        """The frames, decoded in a thread of its own; each is the receiver's to paint.

        Raises DamagedFootageError where a picture is damaged or lost, or where the stream was cut.
        """
        pictures: Iterator[Came] = ((picture, None) for picture, _ in self._pictures.decoded())
        self._producer = Producer(self._flow.pieces(pictures), "privmask-decode")
        yield from self._producer

    def close(self) -> None:
        """Let go of the decoder; whoever blocks in reading the pipe is left to the end of the process."""
        if self._producer is not None:
            self._producer.stop()


class Sound:
    """Packets of sound on their way past the pictures; `streams` are where they come from."""

    def __init__(self, streams: list[Any]) -> None:
        self.streams = streams
        self._packets: deque[Any] = deque()
        self._bytes, self._lock = 0, threading.Lock()

    def add(self, packet: Any) -> None:
        """A packet came; raises CopyError where they pile up because no pictures come any more."""
        with self._lock:
            self._packets.append(packet)
            self._bytes += packet.size
        if self._bytes > _MOST_SOUND:
            raise CopyError("the sound runs far ahead of the pictures; leave it out")

    def next(self) -> Any:
        """The oldest packet, or None; it stays."""
        return self._packets[0] if self._packets else None

    def take(self) -> Any:
        """The oldest packet, which goes."""
        with self._lock:
            packet = self._packets.popleft()
            self._bytes -= packet.size
        return packet


class _Beside:
    """The container of which the decoder sees one stream, while its sound is put aside."""

    def __init__(self, container: av.container.InputContainer, sound: Sound) -> None:
        self._container, self._sound = container, sound

    def demux(self, stream: Any) -> Iterator[Any]:
        for packet in self._container.demux([stream, *self._sound.streams]):
            if packet.stream.index == stream.index:
                yield packet
            elif packet.size:
                self._sound.add(packet)


class _Pictures(Decoder):
    """Decodes what comes through the pipe, and fails at the first damage."""

    may_hide = False

    def __init__(self, reader: OneWayReader, container: av.container.InputContainer, stream: Any, sound: Sound) -> None:
        beside: Any = _Beside(container, sound)
        super().__init__(beside, stream, "fail", 0)
        stream.codec_context.thread_type = "SLICE"  # frame threads hold pictures back, and tell of errors late
        self._reader = reader
        self._pictures_end: int | None = None

    def _demuxed(self) -> Iterator[Any]:
        for packet in super()._demuxed():
            if packet.size == 0:
                self._require_end()
            elif packet.pos is not None:
                self._pictures_end = packet.pos + packet.size
            yield packet

    def _require_end(self) -> None:
        missing = self._reader.missing(self._pictures_end)
        if missing:
            self.report(f"where the stream was cut: {missing}")


@contextmanager
def open_pipe(
    read: Read, format: Piped, *, look_ahead: bool, sound: bool = False, stream: int | None = None
) -> Iterator[PipedSource]:
    """Open the footage of `format` that `read` gives, with that video stream, or its only one (None).

    Raises DamagedFootageError for what is broken or of another format, UnsupportedFootageError where nothing can be hidden.
    """
    reader = OneWayReader(read, format)
    container = open_piped(reader, format)
    chosen = choose_stream(container, stream)
    check_size(chosen)
    source = PipedSource(reader, container, chosen, look_ahead=look_ahead, sound=sound)
    try:
        yield source
    finally:
        source.close()
