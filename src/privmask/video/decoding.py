"""From packets to decoded pictures, with nothing lost or concealed in silence.

FFmpeg conceals errors when left to itself: it moves blocks of a private zone to places outside of it, without a flag. So
decoders run with strict error detection, corrupt packets and pictures count as damage, and where each packet must give a
picture, the two are counted against each other. Where a picture was lost, what refers to it counts as damage as well
(see `privmask.video.losses`).
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import av
import av.container
import av.error

from privmask.errors import DamagedFootageError, UnsupportedFootageError
from privmask.geometry import Rotation
from privmask.language import Text
from privmask.video.exif import without_exif
from privmask.video.losses import LossWatch
from privmask.video.opening import STRICT, require_allowed, translated
from privmask.video.stretch import Stretch, stretch_of
from privmask.video.timetable import Timetable
from privmask.video.wording import damaged_at, timed

Damaged: TypeAlias = Literal["fail", "hide"]
Seen: TypeAlias = tuple[av.VideoFrame, bool]
"""A picture, and whether it must be hidden whole."""

_UNALIGNED = 1
"""Codec flag: crop exactly. Without it FFmpeg rounds the left crop down, for aligned pointers, and shows coded-only samples."""
_OUTPUT_CORRUPT = 8
"""Codec flag: give out pictures that it would otherwise drop in silence, flagged as corrupt."""

_ONE_PICTURE_A_PACKET = {"hevc", "av1", "mjpeg", "mpeg1video", "png", "ffv1", "rawvideo", "h264"}
"""Codecs in which a packet without a picture is a loss (h264 and mpeg2video code fields apart, see `_expected`)."""


class Decoder:
    """Decodes one stream of a container, and keeps the account of what was damaged."""

    may_hide = True
    """Whether who is told of damage may ask for it to be hidden instead."""

    def __init__(self, container: av.container.InputContainer, stream: Any, damaged: Damaged, threads: int) -> None:
        self._container = container
        self._stream = stream
        self._damaged = damaged
        self._hiding = False
        self._unsound = False
        self._stretch: Stretch | None = None
        self._model: av.VideoFrame | None = None
        self._lead: int | None = None
        self._interlaced = False
        self._packets = 0
        self._number = -1
        self._codec = stream.codec_context.codec.canonical_name
        self._left_out = False
        self._table: Timetable | None = None
        self._sought = False
        self.needs: Callable[[int], bool] = lambda _number: True
        """Whether the packet of that number has to be decoded; those that have not are left out."""
        self.pictures = 0
        self.exif_rotation: Rotation | None = None
        self.damage: list[Text] = []
        context = stream.codec_context
        self._losses = LossWatch(self._codec, context.extradata)
        context.flags |= _UNALIGNED | _OUTPUT_CORRUPT
        context.options = dict(STRICT)
        # Frame threads report an error some pictures late; when damage is to be hidden it must be met where it is.
        context.thread_type = "AUTO" if damaged == "fail" else "SLICE"
        # Each thread holds pictures of its own, and an encoder or a second decoder works beside it.
        context.thread_count = threads or max(1, (os.cpu_count() or 1) // 2)

    def decoded(self) -> Iterator[Seen]:
        """The pictures in the order of presentation, each with whether it must be hidden whole.

        Raises DamagedFootageError at the first damage, unless damage is to be hidden.
        """
        for packet in self._opened(self._demuxed()):
            for picture, hidden in self._needed(packet):
                self.pictures += 1
                self._interlaced |= picture.interlaced_frame
                yield picture, hidden
        for picture, hidden in self._stretched():
            self.pictures += 1
            yield picture, hidden
        self._account()

    def begin_with(self, number: int, table: Timetable) -> None:
        """Go on with packet `number` of the table, with which a decoder can start, and leave out what lies before it."""
        self.needs = lambda packet: packet >= number
        self._table, self.pictures = table, number
        if table.seeks and number > self._number:
            self._losses.start_anew()
            self._stream.codec_context.flush_buffers()
            with translated(_GOING.with_(number=number)):
                self._container.seek(table.order[number], stream=self._stream, backward=True)
            self._sought = True

    def report(self, what: str | Text) -> None:
        """Damage was found: fail, or note it and hide what comes until the next clean key frame."""
        said = what if isinstance(what, Text) else Text(what, what)
        if self._damaged == "fail":
            raise DamagedFootageError(damaged_at(self.pictures, said, may_hide=self.may_hide))
        self._note(said)
        self._hiding = True

    def _note(self, what: Text) -> None:
        self.damage.append(_PLACE.with_(index=self.pictures, what=what))

    def _opened(self, packets: Iterator[Any]) -> Iterator[Any]:
        """The packets, with the decoder open when the first one is known."""
        first = next(packets, None)
        if first is not None and first.is_discard and not self._losses.is_clean(first):
            # Cut without encoding anew, within an open group: some of what is not shown refers to pictures before the cut.
            self._lead = first.pts
            self._stream.codec_context.thread_type = "SLICE"
        self._open()
        yield from packets if first is None else itertools.chain([first], packets)

    def _open(self) -> None:
        context = self._stream.codec_context
        require_allowed(context.name)
        with translated(_OPENING.with_(name=context.name)):
            context.open(strict=False)
        if context.options:
            ignored = ", ".join(sorted(context.options))
            raise UnsupportedFootageError(
                f"this FFmpeg ignores its decoder options {ignored}; nothing is decoded with it"
            )

    def _demuxed(self) -> Iterator[Any]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except (av.error.FFmpegError, OSError) as cause:
                self._lost(cause)
                return
            if packet.is_corrupt:
                self.report(_CUT)
            if packet.size:
                self._count(packet)
            self._packets += bool(packet.size) and not packet.is_discard
            yield self._without_exif(packet)

    def _count(self, packet: Any) -> None:
        self._number += 1
        if self._table and self._sought:
            self._number, self._sought = self._table.packet(packet.pts), False
        if self._table:
            self._table.require(self._number, packet.pts)

    def _without_exif(self, packet: Any) -> Any:
        clean, rotation = without_exif(packet, self._codec)
        if self.exif_rotation is None:
            self.exif_rotation = rotation
        elif packet.size and rotation != self.exif_rotation:
            raise UnsupportedFootageError(_TURNS.with_(index=self.pictures))
        return clean

    def _lost(self, cause: BaseException) -> None:
        if not isinstance(cause, av.error.InvalidDataError):
            with translated(_READING.with_(number=self.pictures)):
                raise cause
        self.report(_UNREADABLE)

    def _needed(self, packet: Any) -> Iterator[Seen]:
        """What comes out of the decoder with that packet; all that is left, where it is not needed."""
        if not packet.size or self.needs(self._number):
            self._left_out = False
            yield from self._watched(packet)
            if self._stretch is None:
                yield from map(self._judged, self._decode(packet))
            else:
                self._stretch.add(packet)
            return
        self._packets -= 1
        if not self._left_out:
            self._left_out = True
            self._losses.start_anew()
            yield from map(self._judged, self._left(packet))

    def _watched(self, packet: Any) -> Iterator[Seen]:
        """Look whether a picture was lost before that packet; what is left before one with which all is well again."""
        if self._unsound and self._losses.is_clean(packet):
            yield from self._stretched() if self._stretch else map(self._judged, self._left(packet))
            self._unsound = False
        fault = self._losses.fault(packet)
        if fault and not self._unsound:
            what = fault if packet.pts is None else timed(_seconds(packet), fault)
            self._begin_stretch(packet, what)
            self._unsound = True

    def _begin_stretch(self, packet: Any, what: Text) -> None:
        if self._damaged == "hide" and packet.pts is not None and not self._losses.may_have_fields:
            self._stretch = stretch_of(self._left(packet), self._model)
        if self._stretch is None:
            self.report(what)
        self._lost_there = what

    def _stretched(self) -> Iterator[Seen]:
        """The pictures of a stretch that ends here."""
        stretch, self._stretch = self._stretch, None
        told = False
        for picture, unknown in stretch.pictures() if stretch else ():
            if unknown and not told:
                self._note(self._lost_there)
                told = True
            yield picture, unknown or self._must_hide(picture)

    def _left(self, packet: Any) -> list[av.VideoFrame]:
        """The pictures that the decoder still holds, after which it can begin with that packet."""
        last = self._decode(packet, flush=True)
        self._stream.codec_context.flush_buffers()
        return last

    def _decode(self, packet: Any, *, flush: bool = False) -> list[av.VideoFrame]:
        try:
            return list(self._stream.codec_context.decode(None) if flush else packet.decode())
        except av.error.EOFError:
            return []
        except av.error.InvalidDataError:
            if self._is_leading(packet):
                return []
            self.report(_UNDECODABLE.with_(seconds=_seconds(packet)))
        except av.error.FFmpegError:
            with translated(_DECODING.with_(seconds=_seconds(packet))):
                raise
        return []

    def _is_leading(self, packet: Any) -> bool:
        """Whether that packet is not shown, and comes before the key frame with which the footage begins on the screen."""
        return bool(self._lead is not None and packet.is_discard and packet.pts is not None and packet.pts < self._lead)

    def _must_hide(self, picture: av.VideoFrame) -> bool:
        if picture.is_corrupt:
            self.report(_INCOMPLETE)
        elif picture.key_frame:
            self._hiding = False
        return self._hiding

    def _judged(self, picture: av.VideoFrame) -> Seen:
        if self._damaged == "hide":
            self._model = picture
        return picture, self._must_hide(picture) or self._unsound

    def _account(self) -> None:
        if self.pictures == 0:
            raise DamagedFootageError("the footage holds no picture that can be decoded")
        if self.pictures < self._expected():
            self.report(_TOO_FEW.with_(packets=self._packets, pictures=self.pictures))

    def _expected(self) -> int:
        if self._codec not in _ONE_PICTURE_A_PACKET:
            return 1
        # A packet may hold one field only.
        return -(-self._packets // 2) if self._interlaced else self._packets


def _seconds(packet: Any) -> Text:
    at = packet.pts if packet.pts is not None else packet.dts
    return _THE_END if at is None else _SECONDS.with_(seconds=f"{float(at * Fraction(packet.time_base)):.3f}")


_THE_END, _SECONDS = Text("終わり", "the end"), Text("{seconds} 秒", "{seconds} s")
_PLACE = Text("コマ {index}、{what}", "frame {index}, {what}")
_CUT = Text("途中で切れた、又は壊れたと記されたパケット", "a packet that is cut or marked as corrupt")
_UNREADABLE = Text("ここから先、ファイルの構造を読めません", "where the container can no longer be read")
_UNDECODABLE = Text("復号できないパケット（{seconds}）", "a packet at {seconds} that cannot be decoded")
_INCOMPLETE = Text("一部が欠けた画面", "a picture with parts missing")
_TOO_FEW = Text(
    "{packets} 個のパケットから {pictures} コマしか得られません",
    "{packets} packets gave only {pictures} pictures",
)
_TURNS = Text(
    "映像の途中（コマ {index}）で画面の回転が変わります", "the rotation changes inside the stream, at frame {index}"
)
_GOING = Text("コマ {number} へ進むとき", "going to frame {number}")
_OPENING = Text("{name} の復号器を開くとき", "opening the {name} decoder")
_READING = Text("コマ {number} の後を読むとき", "reading after frame {number}")
_DECODING = Text("パケット（{seconds}）を復号するとき", "decoding a packet at {seconds}")
