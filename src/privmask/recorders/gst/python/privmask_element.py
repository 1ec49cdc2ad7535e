"""The GStreamer element `privmask`: hides the zones of a plan in raw pictures, in place.

gst-launch-1.0 … ! videoconvert ! privmask plan=zones.toml camera=gate ! x264enc ! …

An exception that leaves a virtual function of a Python element is printed and forgotten, and the buffer goes on as it came. So
`do_transform_ip` lets none out, whatever it is: it posts an error, which ends the pipeline, and answers ERROR for good.
"""

import sys
import traceback
from contextlib import suppress
from fractions import Fraction
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstBase", "1.0")
gi.require_version("GstVideo", "1.0")
from gi.repository import GLib, GObject, Gst, GstBase, GstVideo  # noqa: E402  # whose versions are chosen above

_CAPS = Gst.Caps.from_string(
    "video/x-raw, format=(string){ I420, NV12, YV12, GRAY8 }, width=(int)[ 1, 32768 ], height=(int)[ 1, 32768 ], "
    "interlace-mode=(string){ progressive, interleaved, mixed }"
)
_OK, _ERROR = Gst.FlowReturn.OK, Gst.FlowReturn.ERROR
_NO_TIME = Gst.CLOCK_TIME_NONE
_INTERLACED = int(GstVideo.VideoBufferFlags.INTERLACED)
_CORRUPTED = int(Gst.BufferFlags.CORRUPTED)
_RANGES: dict[int, Any] = {1: "full", 2: "limited"}  # GstVideoColorRange
_MATRICES: dict[int, Any] = {3: "bt709", 4: "bt601", 6: "bt2020"}  # GstVideoColorMatrix
_MOVING_METAS = (GstVideo.video_crop_meta_api_get_type(), GstVideo.video_affine_transformation_meta_api_get_type())


def _text(default: str, blurb: str) -> GObject.Property:
    return GObject.Property(type=str, default=default, nick=blurb, blurb=blurb)


class PrivmaskElement(GstBase.BaseTransform):  # type: ignore[misc]  # gi carries no types
    """Buffers with their zones hidden; none passes before a plan stands and is fitted to the pictures."""

    __gtype_name__ = "PrivmaskElement"
    __gstmetadata__ = (
        "Privacy masks",
        "Filter/Effect/Video",
        "Hides the zones of a privmask plan in raw pictures; any error ends the pipeline",
        "privmask",
    )
    __gsttemplates__ = (
        Gst.PadTemplate.new("sink", Gst.PadDirection.SINK, Gst.PadPresence.ALWAYS, _CAPS),
        Gst.PadTemplate.new("src", Gst.PadDirection.SRC, Gst.PadPresence.ALWAYS, _CAPS),
    )

    plan = _text("", "Plan file (TOML) with the zones to hide")
    camera = _text("", "Which camera's masks, where the plan holds several")
    zone = _text("", "Zones without a plan: corners in fractions, as 'x,y x,y x,y'; several are parted by ';'")
    recorded_at = GObject.Property(
        type=str, default="", nick="recorded-at",
        blurb="When the first picture was taken (2026-11-23T18:00+09:00), for masks with dates and hours",
    )  # fmt: skip
    damaged = _text(
        "fail", "What becomes of pictures that the decoder marks as damaged: fail, or hide (the whole picture)"
    )
    rotation = _text(
        "fail", "What a tag that turns the pictures means: fail, follow (it is to be done), ignore (it was done)"
    )

    def __init__(self) -> None:
        super().__init__()
        self.set_in_place(True)
        self.set_passthrough(False)
        self.set_qos_enabled(False)
        self._forget()
        self._settings: Any = None
        self._probe: Any = None

    def _forget(self) -> None:
        self._broken = True  # until a start has succeeded
        self._masker: Any = None
        self._info: Any = None
        self._zero: int | None = None
        self._turn: Any = 0
        self._begun, self._streams = False, 0

    def do_start(self) -> bool:
        """Read and check the plan and load the kernels; without a plan that stands the pipeline does not start."""
        self._forget()
        try:
            self._prepare()
            self._probe = self.sinkpad.add_probe(Gst.PadProbeType.EVENT_DOWNSTREAM, self._watched)
        except BaseException as error:  # as below
            self._tell(error)
            return False
        self._broken = False
        return True

    def do_stop(self) -> bool:
        """Forget the plan; the next start reads it again."""
        self._forget()
        if self._probe:
            self.sinkpad.remove_probe(self._probe)
        self._settings = self._probe = None
        return True

    def do_set_caps(self, incaps: Gst.Caps, outcaps: Gst.Caps) -> bool:
        """Fit the masks to pictures of these caps; also when they change under way.

        What does not fit is not told yet: tags that turn the pictures come after their caps. The first buffer asks again.
        """
        del outcaps  # the same: an in-place transform changes none
        self._masker, self._info = None, GstVideo.VideoInfo.new_from_caps(incaps)
        with suppress(Exception):
            self._fit()
        return True

    def do_propose_allocation(self, decide_query: Any, query: Gst.Query) -> bool:
        """Let those before use the memory and strides of those behind, but not leave cropping or turning to metadata."""
        del decide_query
        answered = bool(self.srcpad.peer_query(query))
        for each in _MOVING_METAS:
            found, index = query.find_allocation_meta(each)
            if found:
                query.remove_nth_allocation_meta(index)
        return answered

    def do_transform_ip(self, buffer: Gst.Buffer) -> Gst.FlowReturn:
        """Hide in this buffer. Nothing may be raised from here, not even by telling of an error: it would go on unmasked."""
        with suppress(BaseException):
            return self._answer(buffer)
        return _ERROR

    def _answer(self, buffer: Gst.Buffer) -> Gst.FlowReturn:
        if self._broken:
            return _ERROR
        try:
            self._hide(buffer)
        except BaseException as error:
            self._break(error)
            return _ERROR
        return _OK

    def _prepare(self) -> None:
        from privmask.recorders.gst.settings import read_settings

        words = (self.plan, self.camera, self.zone, self.recorded_at, self.damaged, self.rotation)
        self._settings = read_settings(*words)

    def _fit(self) -> None:
        from privmask.errors import UnsupportedFootageError
        from privmask.geometry import Size
        from privmask.recorders.gst.buffers import BufferMasker, Pictures

        info, self._masker = self._info, None
        if info.views > 1:
            raise UnsupportedFootageError(f"pictures of {info.views} views came; zones are drawn on one")
        pictures = Pictures(
            raw=info.finfo.name,
            size=Size(info.width, info.height),
            rotation=self._turn,
            sample_aspect=Fraction(info.par_n, info.par_d),
            range=_RANGES.get(int(info.colorimetry.range), "limited"),
            matrix=_MATRICES.get(int(info.colorimetry.matrix), "bt601"),
        )
        self._layout = tuple(info.stride), tuple(info.offset)[: info.finfo.n_planes]
        self._masker = BufferMasker(
            self._settings.plan, pictures, self._settings.recorded_at if self._streams < 2 else None
        )

    def _hide(self, buffer: Gst.Buffer) -> None:
        if self._masker is None:
            self._fit()
        shot = self._shot(buffer)
        if not self._begun:  # without a time of the first picture nobody knows the seconds of the others
            self._begun, self._zero = True, shot.pts
        mapped = buffer.map(Gst.MapFlags.READ | Gst.MapFlags.WRITE)
        try:
            if not mapped.data:
                raise BufferError("the buffer's memory cannot be written")
            self._masker.hide(mapped.data, shot, self._zero)
        finally:
            buffer.unmap(mapped)

    def _shot(self, buffer: Gst.Buffer) -> Any:
        """Where the buffer's planes lie and when it is shown; refuses what would move the picture under the zones."""
        from privmask.errors import DamagedFootageError, UnsupportedFootageError
        from privmask.recorders.gst.buffers import Shot

        flags, meta, info = int(buffer.get_flags()), GstVideo.buffer_get_video_meta(buffer), self._info
        if any(buffer.get_meta(each) for each in _MOVING_METAS):
            raise UnsupportedFootageError(
                "the pictures are to be cropped or turned by their metadata; do so before privmask"
            )
        if flags & _CORRUPTED and self._settings.damaged == "fail":
            raise DamagedFootageError(
                "a damaged picture came: private parts may have moved; damaged=hide hides such ones whole"
            )
        strides, offsets = self._layout
        if meta:
            if (meta.width, meta.height, meta.format) != (info.width, info.height, info.finfo.format):
                raise UnsupportedFootageError("a buffer's metadata tell of another picture than its caps")
            strides, offsets = tuple(meta.stride), tuple(meta.offset)[: meta.n_planes]
        return Shot(
            strides=strides,
            offsets=offsets,
            pts=None if buffer.pts == _NO_TIME else buffer.pts,
            duration=None if buffer.duration == _NO_TIME else buffer.duration,
            interlaced=_is_interlaced(info, flags),
            damaged=bool(flags & _CORRUPTED),
        )

    def _watched(self, _pad: Gst.Pad, probed: Gst.PadProbeInfo) -> Gst.PadProbeReturn:
        """Seconds begin anew with each stream; and how the pictures are to be turned stands in its tags."""
        try:
            event = probed.get_event()
            if event.type == Gst.EventType.STREAM_START:
                self._begun, self._turn, self._masker = False, 0, None
                self._streams += 1
            elif event.type == Gst.EventType.TAG:
                self._turn_to(event.parse_tag())
        except BaseException as error:  # as above
            self._break(error)
        return Gst.PadProbeReturn.OK

    def _turn_to(self, tags: Gst.TagList) -> None:
        said, tag = tags.get_string("image-orientation")
        if said and (turn := self._settings.turn(tag)) != self._turn:
            self._turn, self._masker = turn, None

    def _break(self, error: BaseException) -> None:
        self._broken = True
        self._masker = None
        self._tell(error)

    def _tell(self, error: BaseException) -> None:
        """Post what went wrong; whatever goes wrong with that is let go of, because the answer is an error all the same."""
        with suppress(BaseException):
            text, debug = _words(error)
            told = GLib.Error.new_literal(Gst.StreamError.quark(), text, int(Gst.StreamError.FAILED))
            self.post_message(Gst.Message.new_error(self, told, debug))


def _is_interlaced(info: Any, flags: int) -> bool:
    if info.interlace_mode == GstVideo.VideoInterlaceMode.MIXED:
        return bool(flags & _INTERLACED)
    return bool(info.interlace_mode == GstVideo.VideoInterlaceMode.INTERLEAVED)


def _words(error: BaseException) -> tuple[str, str]:
    """The message for people, and what helps whoever mends it: never a picture's content."""
    place = traceback.extract_tb(error.__traceback__)[-1:]
    debug = "".join(f"{type(error).__name__} at {each.filename}:{each.lineno}" for each in place)
    if isinstance(error, ImportError):
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        text = f'{error} (in GStreamer\'s Python {version}); in this shell run first: eval "$(privmask gst-env)"'
        return text, debug
    deliberate = hasattr(error, "exit_code")
    return (str(error) if deliberate else f"privmask failed, and nothing unmasked went on: {error!r}"), debug


__gstelementfactory__ = ("privmask", Gst.Rank.NONE, PrivmaskElement)
