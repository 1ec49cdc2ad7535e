"""Footage in: an original, opened strictly, as a row of frames that may be painted."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import av.container

from privmask.errors import DamagedFootageError, UnsupportedFootageError
from privmask.frame import Frame, Picture
from privmask.geometry import Rotation, Size
from privmask.language import Text
from privmask.video.carriers import Carriers
from privmask.video.color import ColorTags, matrix_of, range_of, tags_of
from privmask.video.decoding import Damaged, Decoder
from privmask.video.display import FieldOrder, field_order_of, rotation_of
from privmask.video.formats import copied, layout_of, viewed
from privmask.video.hdr import HdrTags, hdr_of
from privmask.video.opening import MAX_PIXELS, is_still, open_container, too_large
from privmask.video.route import Route
from privmask.video.sharing import SharedFile
from privmask.video.streams import FoundStream, choose_stream, codec_name, end_of, find_streams
from privmask.video.structure import check_structure
from privmask.video.survey import Survey, survey
from privmask.video.timeline import in_avi_order, timeline_of
from privmask.video.timetable import Timetable
from privmask.video.walking import along, between, looking_ahead
from privmask.video.wording import COUNTED, HIDDEN_WHOLE, MIXED, NO_PICTURE, changes_inside
from privmask.workers import Producer


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read: which video stream (None: the only one), what to do about damage, decoder threads (0: half the cores).

    `fields` takes all pictures as interlaced in that order, where the first one is not (`LateFieldsError` says the order).
    """

    stream: int | None = None
    damaged: Damaged = "fail"
    threads: int = 0
    fields: FieldOrder | None = None


AS_FOUND = Reading()


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What the pictures of an original are. `..._from_header` is what the container claims; the rest was seen.

    `time_base` is the unit of every frame's pts, in seconds; `pts_made` says that the footage has no time stamps and they
    were counted from `average_rate`.
    """

    picture: Picture
    time_base: Fraction
    container: str
    stream: int
    codec: str
    codec_profile: str
    found_format: str
    color: ColorTags
    hdr: HdrTags
    field_order: FieldOrder
    average_rate: Fraction | None
    frames_from_header: int | None
    duration_from_header: Fraction | None
    pts_made: bool
    is_still: bool


class Source:
    """An open original. `info` and `found` are known from the start; `frames` may be walked once."""

    def __init__(self, file: SharedFile, container: av.container.InputContainer, stream: Any, reading: Reading) -> None:
        self.file = file
        self.found: tuple[FoundStream, ...] = find_streams(container)
        self._stream = stream
        self._fields = reading.fields
        self._container = container
        self._decoder = Decoder(container, stream, reading.damaged, reading.threads)
        missing = check_structure(file, container.format.name)
        if missing:
            self._decoder.report(missing)
        decoded = self._decoder.decoded()
        self._decoded = in_avi_order(decoded) if container.format.name == "avi" else decoded
        try:
            self._first = next(self._decoded)
        except StopIteration:
            raise DamagedFootageError(NO_PICTURE) from None
        self._timeline = timeline_of(stream)
        self._carriers = Carriers()
        self._layout = layout_of(self._first[0].format.name, jpeg=container.format.name == "jpeg_pipe")
        self.info = self._look(self._first[0])
        # Only the first picture is asked for its display matrix: side data and picture refer to each other in PyAV, so
        # that pictures which were asked pile up by the hundred. The turn in degrees costs nothing and is checked for each.
        self._turn = self._first[0].rotation
        self._producer: Producer[Frame] | None = None
        self._mixed = False
        self.to_paint = True
        """Whether frames may be painted. Where they are only looked at they are read-only, and nothing is copied for them."""
        self.ahead = 1
        """Frames that are decoded before they are asked for; with 0 one is while the one before is used."""
        self.late_fields: FieldOrder = "progressive"
        """The order of the fields of the first interlaced picture so far, in footage that began progressive."""

    @property
    def damage(self) -> tuple[Text, ...]:
        """Where damage was met and hidden; complete after the last frame."""
        return tuple(self._decoder.damage)

    @property
    def end_by_header(self) -> Fraction:
        """When the footage ends, in seconds of its clock; 0 where its container does not say."""
        return end_of(self._container)

    @property
    def notices(self) -> tuple[Text, ...]:
        """What a person should know about this original; complete after the last frame."""
        made = (COUNTED.with_(rate=self.info.average_rate or 25),) if self.info.pts_made else ()
        mixed = (MIXED,) if self._mixed else ()
        return (*made, *mixed, *(HIDDEN_WHOLE.with_(place=place) for place in self.damage))

    def frames(self, route: Route | None = None) -> Iterator[Frame]:
        """The frames in the order of presentation, decoded in a thread of its own; each is the receiver's to paint.

        Those that travel as they are by a `route` are not decoded.
        Raises DamagedFootageError or UnsupportedFootageError, with the place, where the footage cannot be hidden safely.
        """
        pictures = self._pictures()
        yield from self._walked(
            looking_ahead(pictures, self._frame)
            if route is None
            else along(route, pictures, self._decoder, self._frame, lambda index: self._passed(index, route))
        )

    def within(self, table: Timetable, start: int, stop: int) -> Iterator[Frame]:
        """The frames from number `start` up to `stop`, as `frames` gives them; others are not decoded if it can be helped.

        Raises what `frames` does, and DamagedFootageError where one of them is missing or the file is not that of the table.
        """
        yield from self._walked(between(table, start, stop, self._pictures(), self._decoder, self._frame))

    def survey(self) -> Survey:
        """The groups of pictures of this original, found without decoding; raises FootageError where it cannot be read."""
        return survey(self.file, self.info.stream)

    def undecoded(self, route: Route) -> Iterator[Frame]:
        """All frames as if all of them travelled: their numbers and times."""
        return (self._passed(index, route) for index in range(len(route.times)))

    def close(self) -> None:
        """Stop decoding."""
        if self._producer is not None:
            self._producer.close()

    def _walked(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        if self._producer is not None:
            raise RuntimeError("the frames of a source can be walked only once")
        self._producer = Producer(frames, "privmask-decode", self.ahead)
        yield from self._producer

    def _pictures(self) -> Iterator[tuple[av.VideoFrame, bool]]:
        """All of them, of which the first one was decoded already."""
        rest, self._decoded = self._decoded, iter(())
        return itertools.chain([self._first], rest)

    def _look(self, decoded: av.VideoFrame) -> VideoInfo:
        stream, size = self._stream, Size(decoded.width, decoded.height)
        tags = tags_of(decoded, self._layout.full)
        timeline = timeline_of(stream)
        timeline.stamp(decoded)
        return VideoInfo(
            picture=self._picture(decoded, size, tags),
            time_base=timeline.time_base,
            container=self._container.format.name,
            stream=stream.index,
            codec=codec_name(stream),
            codec_profile=str(stream.profile or ""),
            found_format=decoded.format.name,
            color=tags,
            hdr=hdr_of(decoded),
            field_order=self._fields or (field_order_of(decoded) if self._has_fields(decoded) else "progressive"),
            average_rate=timeline.rate,
            frames_from_header=stream.frames or None,
            duration_from_header=stream.duration * stream.time_base if stream.duration and stream.time_base else None,
            pts_made=timeline.made,
            is_still=is_still(self._container),
        )

    def _picture(self, decoded: av.VideoFrame, size: Size, tags: ColorTags) -> Picture:
        return Picture(
            size=size,
            format=self._layout.format,
            rotation=self._rotation(decoded),
            sample_aspect=Fraction(self._stream.sample_aspect_ratio or 1),
            range=range_of(tags, self._layout.format),
            matrix=matrix_of(tags, self._layout.format, size),
        )

    def _has_fields(self, decoded: av.VideoFrame) -> bool:
        """Whether the picture is interlaced; a PNG that comes in passes is called so too, and has no fields."""
        return bool(decoded.interlaced_frame) and not is_still(self._container)

    def _rotation(self, decoded: av.VideoFrame) -> Rotation:
        return rotation_of(decoded) or self._decoder.exif_rotation or 0

    def _passed(self, index: int, route: Route) -> Frame:
        picture, pts = self.info.picture, route.times[index]
        return Frame(
            index, pts, route.end(index), route.time_base, picture.size, picture.format, planes=(), passed=True
        )

    def _frame(self, index: int, decoded: av.VideoFrame, hide_all: bool) -> Frame:
        pts = self._timeline.stamp(decoded)
        self._check_same(index, pts, decoded)
        if self.info.field_order == self.late_fields == "progressive" and self._has_fields(decoded):
            self.late_fields = field_order_of(decoded)
        self._mixed |= self._has_fields(decoded) != (self.info.field_order != "progressive")
        carrier, planes = (copied if self.to_paint else viewed)(decoded, self._layout, self._carriers)
        if carrier is not None:
            carrier.duration = decoded.duration or 0
        return Frame(
            index=index,
            pts=pts,
            end=None,
            time_base=self.info.time_base,
            size=self.info.picture.size,
            format=self._layout.format,
            planes=planes,
            # A copy of mixed footage is interlaced throughout, so all of it is hidden field by field.
            interlaced=self.info.field_order != "progressive",
            hide_all=hide_all,
            carrier=carrier,
        )

    def _check_same(self, index: int, pts: int, decoded: av.VideoFrame) -> None:
        picture = self.info.picture
        changes = (
            (Text("大きさ", "size"), str(picture.size), f"{decoded.width}x{decoded.height}"),
            (Text("画素形式", "pixel format"), self._layout.found, decoded.format.name),
            (Text("回転", "rotation"), str(self._turn), str(decoded.rotation)),
            (
                Text("色の範囲", "colour range"),
                str(self.info.color.range),
                str(tags_of(decoded, self._layout.full).range),
            ),
        )
        for what, was, is_now in changes:
            if was != is_now:
                seconds = float(pts * self.info.time_base)
                raise UnsupportedFootageError(changes_inside(what, index, seconds, was, is_now))


@contextmanager
def open_video(file: io.RawIOBase, reading: Reading = AS_FOUND) -> Iterator[Source]:
    """Open the footage in `file` (binary, seekable; it stays the caller's to close) and decode its first picture.

    Raises DamagedFootageError for what is broken or no footage, UnsupportedFootageError for what cannot be hidden safely.
    """
    shared = SharedFile(file)
    container = open_container(shared)
    try:
        stream = choose_stream(container, reading.stream)
        _check_size(stream)
        source = Source(shared, container, stream, reading)
        try:
            yield source
        finally:
            source.close()
    finally:
        container.close()


def _check_size(stream: Any) -> None:
    if not stream.codec_context:
        raise UnsupportedFootageError("the footage is coded in a way that this FFmpeg does not know")
    width, height = stream.width, stream.height
    if width * height > MAX_PIXELS:
        raise UnsupportedFootageError(too_large(width, height))
