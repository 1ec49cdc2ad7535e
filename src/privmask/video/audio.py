"""Audio beside the pictures, for those who asked for it by name: copied where the container takes it, else encoded as AAC."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, ClassVar

import av
import av.container

from privmask.errors import DamagedFootageError
from privmask.language import Text
from privmask.video.opening import STRICT, open_container, require_allowed, translated
from privmask.video.original import Source
from privmask.video.streams import codec_name

COPIED = {
    "mp4": {"aac", "mp3", "ac3", "eac3", "alac", "flac", "opus"},
    "matroska": {"aac", "mp3", "mp2", "ac3", "eac3", "alac", "flac", "opus", "vorbis", "pcm_s16le"},
    "mpegts": {"aac", "mp2", "mp3", "ac3", "eac3"},
    "nut": {"mp3", "mp2", "ac3", "eac3", "flac", "opus", "vorbis", "pcm_s16le", "pcm_alaw", "pcm_mulaw"},
}
_BITS_PER_CHANNEL = 96_000
_AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


class AudioKeeper:
    """Carries the audio streams of an original into a copy, a little ahead of its pictures, through a reader of its own."""

    _copied: ClassVar[dict[str, set[str]]] = COPIED

    def __init__(self, like: Source) -> None:
        self._input = open_container(like.file)
        self._streams = [s for s in self._input.streams if s.type == "audio" and s.codec_context is not None]
        self._packets: Iterator[Any] = iter(())
        self._held: Any = None
        self._out: Any = None
        self._ways: dict[int, _Copied | _Encoded] = {}
        self.packets = 0

    @property
    def done(self) -> dict[int, str]:
        """For each audio stream, by its index in the original, what was done with it."""
        return {index: way.done for index, way in self._ways.items()}

    def open(self, out: av.container.OutputContainer) -> None:
        """Add the streams to the copy; call it before the first packet is written."""
        self._out = out
        self.add_streams()
        self._packets = self._input.demux(self._streams) if self._streams else iter(())

    def add_streams(self) -> None:
        """Add a stream to the copy for each of the original's."""
        for stream in self._streams:
            way = _Copied if codec_name(stream) in self._copied[self._out.format.name] else _Encoded
            self._ways[stream.index] = way(self._out, stream)

    def write_until(self, time: Fraction) -> None:
        """Write the packets that begin not later than `time` seconds."""
        while (packet := self._next()) is not None and _start(packet) <= time:
            self._held = None
            self._write(packet)

    def finish(self) -> None:
        """Write all that is left."""
        while (packet := self._next()) is not None:
            self._held = None
            self._write(packet)
        for way in self._ways.values():
            self._mux(way.rest())
        self.close()

    def close(self) -> None:
        """Let go of the original."""
        self._input.close()

    def _next(self) -> Any:
        if self._held is None:
            with translated(Text("音声を読むとき", "reading the audio")):
                self._held = next(self._packets, None)
        return self._held

    def _write(self, packet: Any) -> None:
        if packet.is_corrupt:
            raise DamagedFootageError(_DAMAGED)
        if packet.size:
            with translated(Text("音声", "the audio")):
                ready = self._ways[packet.stream.index].ready(packet)
            self._mux(ready)

    def _mux(self, packets: list[Any]) -> None:
        self._out.mux(packets)
        self.packets += len(packets)


class _Copied:
    """Packets as they are."""

    done = "kept, copied"

    def __init__(self, out: Any, stream: Any) -> None:
        self._stream = out.add_stream_from_template(stream)

    def ready(self, packet: Any) -> list[Any]:
        packet.stream = self._stream
        return [packet]

    def rest(self) -> list[Any]:
        return []


class _Encoded:
    """Audio decoded and encoded again as AAC, with its channels and, where AAC has it, its rate."""

    done = "kept, encoded as aac"

    def __init__(self, out: Any, stream: Any) -> None:
        self._decoder = stream.codec_context
        require_allowed(self._decoder.name)
        self._decoder.options = dict(STRICT)
        layout = "mono" if self._decoder.channels == 1 else "stereo"
        rate = self._decoder.sample_rate if self._decoder.sample_rate in _AAC_RATES else 48_000
        self._stream = out.add_stream("aac", rate=rate)
        context = self._stream.codec_context
        context.layout, context.bit_rate = layout, _BITS_PER_CHANNEL * (1 if layout == "mono" else 2)
        context.open()
        self._resampler = av.AudioResampler(format="fltp", layout=layout, rate=rate, frame_size=1024)

    def ready(self, packet: Any) -> list[Any]:
        return [
            done
            for heard in packet.decode()
            for frame in self._resampler.resample(heard)
            for done in self._encode(frame)
        ]

    def rest(self) -> list[Any]:
        last = [done for frame in self._resampler.resample(None) for done in self._encode(frame)]
        return [*last, *self._stream.encode(None)]

    def _encode(self, frame: Any) -> list[Any]:
        return list(self._stream.encode(frame))


def _start(packet: Any) -> Fraction:
    at = packet.dts if packet.dts is not None else packet.pts
    return Fraction(0) if at is None else Fraction(at) * packet.time_base


_DAMAGED = Text(
    "音声が壊れています（途中で切れた、又は壊れたと記されたパケット）。音声なしで作ってください",
    "the audio is damaged: a packet is cut or marked as corrupt. Leave the audio out",
)
