"""A stream as it flows: its pictures as frames, in sections of one shape each, as soon as they are there.

A file is known before its first frame is masked; of a stream nothing is known but what has come. So each frame carries what its
section is, and a frame whose pictures are shaped otherwise begins another section.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any, TypeAlias

import av

from privmask.errors import DamagedFootageError, StreamLostError, UnsupportedFootageError
from privmask.frame import Frame, Picture
from privmask.geometry import Size
from privmask.video.carriers import Carriers
from privmask.video.color import matrix_of, range_of, tags_of
from privmask.video.display import FieldOrder, field_order_of, rotation_of
from privmask.video.formats import Layout, copied, layout_of
from privmask.video.hdr import hdr_of
from privmask.video.opening import MAX_PIXELS, too_large
from privmask.video.original import VideoInfo
from privmask.video.streams import codec_name
from privmask.video.timeline import Timeline

GAP = Fraction(2)
"""Seconds between two pictures of a camera from which on they do not belong to one section."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When something came: `at` in seconds of a clock that never jumps, `wall` by the clock on the wall."""

    at: float
    wall: datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """One frame of a stream, with what its section is, and when its packet came (None: nobody looked).

    A piece of another section has another `info`, not an equal one.
    """

    info: VideoInfo
    frame: Frame
    moment: Moment | None


Came: TypeAlias = tuple[av.VideoFrame, Moment | None]


class Flow:
    """Turns decoded pictures into pieces.

    With `look_ahead` each frame waits for the next one, which says when it ends; masks that have times need that. With `live`
    a gap begins another section, and so does a clock that was set back; else that is damage.
    """

    def __init__(self, stream: Any, *, look_ahead: bool, live: bool, time_base: Fraction | None = None) -> None:
        self._stream, self._look_ahead, self._live = stream, look_ahead, live
        self._time_base = time_base or stream.time_base
        self._info: VideoInfo | None = None
        self._shape: tuple[object, ...] = ()
        self._index = 0
        self._carriers = Carriers()

    def pieces(self, pictures: Iterable[Came]) -> Iterator[Piece]:
        """The pieces, in the order of presentation. Raises UnsupportedFootageError for pictures that cannot be painted."""
        pieces = (self._piece(decoded, moment) for decoded, moment in pictures)
        return _ended(pieces) if self._look_ahead else pieces

    def _piece(self, decoded: av.VideoFrame, moment: Moment | None) -> Piece:
        shape = _shape_of(decoded)
        if self._info is None or not self._is_same(shape):
            self._begin(decoded, shape)
        pts = self._stamp(decoded, shape)
        assert self._info is not None
        carrier, planes = copied(decoded, self._layout, self._carriers)
        carrier.duration = decoded.duration or 0
        frame = Frame(
            index=self._index,
            pts=pts,
            end=None,
            time_base=self._info.time_base,
            size=self._info.picture.size,
            format=self._layout.format,
            planes=planes,
            interlaced=self._info.field_order != "progressive",
            carrier=carrier,
        )
        self._index += 1
        return Piece(self._info, frame, moment)

    def _is_same(self, shape: tuple[object, ...]) -> bool:
        """Whether a picture is shaped as its section is; interlaced sections take progressive pictures as well."""
        *ours, fields = self._shape
        *theirs, found = shape
        return ours == theirs and found in (fields, False)

    def _stamp(self, decoded: av.VideoFrame, shape: tuple[object, ...]) -> int:
        last = self._timeline.last
        try:
            pts = self._timeline.stamp(decoded)
        except DamagedFootageError:
            if not self._live or decoded.pts is None:
                raise
        else:
            if not self._live or last is None or (pts - last) * self._timeline.time_base < GAP:
                return pts
        self._begin(decoded, shape)
        return self._timeline.stamp(decoded)

    def _begin(self, decoded: av.VideoFrame, shape: tuple[object, ...]) -> None:
        keeps_time = self._info is not None and not self._live
        if not keeps_time:
            self._timeline = Timeline(self._time_base, self._stream.average_rate or None)
        self._shape, self._index = shape, 0
        self._layout = layout_of(decoded.format.name)
        self._info = _info_of(decoded, self._stream, self._timeline, self._layout)


def _ended(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Each piece when the next one is there, which is when it ends; of the last one before a break nobody knows."""
    held: Piece | None = None
    lost: StreamLostError | None = None
    try:
        for piece in pieces:
            if held is not None:
                same = held.info is piece.info
                yield replace(held, frame=replace(held.frame, end=piece.frame.pts)) if same else held
            held = piece
    except StreamLostError as error:
        lost = error
    if held is not None:
        yield held
    if lost is not None:
        raise lost


def check_size(stream: Any) -> None:
    """Raise UnsupportedFootageError for a stream that has no decoder, or whose pictures are too large by its header."""
    if not stream.codec_context:
        raise UnsupportedFootageError("the stream is coded in a way that this FFmpeg does not know")
    if stream.width * stream.height > MAX_PIXELS:
        raise UnsupportedFootageError(too_large(stream.width, stream.height))


def _shape_of(decoded: av.VideoFrame) -> tuple[object, ...]:
    """What all pictures of a section have in common. The turn is asked for in degrees (see `Source`)."""
    tags = tags_of(decoded, full=False)
    return decoded.width, decoded.height, decoded.format.name, decoded.rotation, tags, bool(decoded.interlaced_frame)


def _info_of(decoded: av.VideoFrame, stream: Any, timeline: Timeline, layout: Layout) -> VideoInfo:
    size, tags = Size(decoded.width, decoded.height), tags_of(decoded, layout.full)
    fields: FieldOrder = field_order_of(decoded) if decoded.interlaced_frame else "progressive"
    made = decoded.pts is None and decoded.dts is None
    rate = timeline.rate
    return VideoInfo(
        picture=Picture(
            size=size,
            format=layout.format,
            rotation=rotation_of(decoded),
            sample_aspect=Fraction(stream.sample_aspect_ratio or 1),
            range=range_of(tags, layout.format),
            matrix=matrix_of(tags, layout.format, size),
        ),
        time_base=1 / (rate or Fraction(25)) if made else timeline.time_base,
        container=stream.container.format.name,
        stream=stream.index,
        codec=codec_name(stream),
        codec_profile=str(stream.profile or ""),
        found_format=decoded.format.name,
        color=tags,
        hdr=hdr_of(decoded),
        field_order=fields,
        average_rate=rate,
        frames_from_header=None,
        duration_from_header=None,
        pts_made=made,
        is_still=False,
    )
