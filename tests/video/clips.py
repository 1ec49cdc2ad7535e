"""The clip maker: small, deterministic clips of every kind that privmask must take, for the tests of all rooms.

`make_clip(tmp_path / "a.mp4", size=(96, 64), rotation=90, audio="aac")` writes a clip and returns its path. The container
follows from the suffix. Pictures are drawn by `draw` (smooth slopes and a moving bar); `private` may paint over them, which
is how two clips are made that differ only inside a mask.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import av
import av.filter
import numpy as np
from av.stream import Disposition
from numpy.typing import NDArray

os.environ.setdefault("SVT_LOG", "1")  # SVT-AV1 writes to standard error unless told not to

Painter: TypeAlias = Callable[[int, list[NDArray[Any]]], None]
"""Paints into the visible planes of frame number i: arrays (rows, width) of uint8, or uint16 above 8 bits."""

ENCODERS = {
    "h264": "libx264",
    "hevc": "libx265",
    "av1": "libsvtav1",
    "vp8": "libvpx",
    "vp9": "libvpx-vp9",
    "mpeg4": "mpeg4",
    "mpeg2video": "mpeg2video",
    "mpeg1video": "mpeg1video",
    "mjpeg": "mjpeg",
    "ffv1": "ffv1",
    "rawvideo": "rawvideo",
    "png": "png",
    "cinepak": "cinepak",
}
_MUXERS = {
    ".mp4": "mp4",
    ".mov": "mov",
    ".mkv": "matroska",
    ".webm": "webm",
    ".avi": "avi",
    ".ts": "mpegts",
    ".mpg": "mpeg",
    ".h264": "h264",
    ".264": "h264",
    ".h265": "hevc",
    ".y4m": "yuv4mpegpipe",
    ".jpg": "image2",
    ".png": "image2",
}
_QUIET = {
    "libx265": {"x265-params": "log-level=none:frame-threads=1:pools=1"},
    "libsvtav1": {"preset": "9", "svtav1-params": "lp=1"},
    "libx264": {"preset": "veryfast"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8", "b": "2000000"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "crf": "20"},
}
_ONE = 1 << 16
_TURNS = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


@dataclass(frozen=True)
class Clip:
    """What to write. Times are in units of `time_base`: `pts` lists them, else they follow from `rate` and `start`."""

    codec: str = "h264"
    size: tuple[int, int] = (64, 48)
    fmt: str = "yuv420p"
    frames: int = 12
    rate: Fraction = Fraction(25)
    time_base: Fraction = Fraction(1, 12800)
    start: int = 0
    pts: Sequence[int] | None = None
    rotation: int = 0
    matrix: Sequence[int] | None = None
    sar: Fraction = Fraction(1)
    interlaced: Literal["tff", "bff"] | None = None
    gop: int = 12
    b_frames: int = 2
    color: tuple[int, int, int, int] | None = None  # FFmpeg's numbers: range, primaries, transfer, matrix
    options: dict[str, str] = field(default_factory=dict)
    muxing: dict[str, str] = field(default_factory=dict)
    audio: str | None = None
    second_video: bool = False
    cover: bool = False
    subtitle: bool = False
    chapters: bool = False
    attachment: bytes | None = None
    tags: dict[str, str] = field(default_factory=dict)
    sei: str | None = None
    private: Painter | None = None

    @property
    def times(self) -> list[int]:
        """The pts of each frame."""
        if self.pts is not None:
            return list(self.pts)
        step = 1 / (self.rate * self.time_base)
        return [self.start + round(i * step) for i in range(self.frames)]


def make_clip(path: Path, **what: Any) -> Path:
    """Write the clip that `Clip(**what)` describes to `path`, whose suffix names the container."""
    clip = Clip(**what)
    options = {**_muxing(path), **clip.muxing}
    with av.open(f"file:{path}", "w", format=_MUXERS[path.suffix], options=options) as out:
        out.metadata.update(clip.tags)
        video = _video_stream(out, clip)
        beside = _beside(out, clip)
        if clip.chapters:
            out.set_chapters(
                [{"id": 1, "start": 0, "end": 100, "time_base": Fraction(1, 1000), "metadata": {"title": "one"}}]
            )
        if path.suffix == ".jpg":
            return _write_still(path, video, clip)
        _write_pictures(out, video, clip, beside)
    return path


def draw(index: int, width: int, height: int, fmt: str) -> av.VideoFrame:
    """Picture number `index`: slopes that differ from plane to plane, and a bright bar that moves."""
    frame = av.VideoFrame(width, height, fmt)
    for number, plane in enumerate(planes(frame)):
        rows, columns = np.indices(plane.shape)
        top = (1 << depth_of(fmt)) - 1
        slope = abs((columns * (number + 1) + rows * 2 + index * 3) % 320 - 160) + 40
        bar = (columns + 4 * index) % max(plane.shape[1], 16) < 6
        plane[:] = np.where(bar, 220, slope) * top // 255
    return frame


def planes(frame: av.VideoFrame) -> list[NDArray[Any]]:
    """The visible planes of a planar frame, as arrays that may be painted."""
    dtype: Any = np.uint8 if depth_of(frame.format.name) == 8 else np.uint16
    found: list[Any] = [np.frombuffer(cast(Any, p), dtype).reshape(p.height, -1)[:, : p.width] for p in frame.planes]
    return found


def depth_of(fmt: str) -> int:
    """Bits of a sample of FFmpeg's pixel format `fmt`."""
    return next((depth for depth in (10, 12) if fmt.endswith(f"{depth}le")), 8)


def picture(clip: Clip, index: int) -> av.VideoFrame:
    """Picture number `index` of a clip as it is given to the encoder."""
    planar = _PLANAR.get(clip.fmt, clip.fmt)
    frame = draw(index, *clip.size, planar)
    if clip.private is not None:
        clip.private(index, planes(frame))
    return frame if planar == clip.fmt else frame.reformat(format=clip.fmt, threads=1)


_PLANAR = {
    "nv12": "yuv420p",
    "nv21": "yuv420p",
    "yuyv422": "yuv422p",
    "uyvy422": "yuv422p",
    "p010le": "yuv420p10le",
    "rgb24": "gbrp",
    "bgr24": "gbrp",
    "bgr0": "gbrp",
    "rgba": "gbrap",
    "bgra": "gbrap",
    **{f"yuvj{s}p": f"yuv{s}p" for s in ("420", "422", "444", "440")},
}


def _muxing(path: Path) -> dict[str, str]:
    return {"movie_timescale": "90000"} if path.suffix in (".mp4", ".mov") else {}


def _video_stream(out: Any, clip: Clip, codec: str | None = None) -> Any:
    encoder = ENCODERS[codec or clip.codec]
    options = {**_QUIET.get(encoder, {}), **clip.options}
    if clip.interlaced:
        options["flags"] = "+ildct+ilme"
    stream = out.add_stream(encoder, rate=clip.rate, options=options)
    context = stream.codec_context
    context.width, context.height, context.pix_fmt = *clip.size, clip.fmt
    context.time_base = stream.time_base = _encoder_base(clip, encoder)
    context.sample_aspect_ratio = clip.sar
    context.thread_count = 1
    if encoder not in ("libsvtav1", "rawvideo", "mjpeg", "png", "cinepak", "ffv1"):
        context.gop_size, context.max_b_frames = (
            clip.gop,
            clip.b_frames if encoder not in ("libvpx", "libvpx-vp9") else 0,
        )
    if clip.color is not None:
        context.color_range, context.color_primaries, context.color_trc, context.colorspace = clip.color
    elif clip.fmt.startswith("yuvj") or encoder == "mjpeg":
        context.color_range = 2
    if clip.interlaced:
        context.field_order = 2 if clip.interlaced == "tff" else 3
    if clip.matrix or clip.rotation:
        stream.set_display_matrix(list(clip.matrix or _matrix(clip.rotation)))
    return stream


def _encoder_base(clip: Clip, encoder: str) -> Fraction:
    return (
        1 / clip.rate
        if encoder in ("mpeg4", "mpeg1video", "mpeg2video", "mjpeg", "rawvideo", "png")
        else clip.time_base
    )


def _matrix(rotation: int) -> list[int]:
    a, b, c, d = _TURNS[rotation]
    return [a * _ONE, b * _ONE, 0, c * _ONE, d * _ONE, 0, 0, 0, 1 << 30]


def _beside(out: Any, clip: Clip) -> list[tuple[Any, Any]]:
    """Everything beside the pictures, as (stream, what to write into it) in the order of the streams."""
    found: list[tuple[Any, Any]] = []
    if clip.audio:
        found.append((out.add_stream(clip.audio, rate=8000 if "pcm" in clip.audio else 48000), "audio"))
        found[-1][0].codec_context.layout = "mono"
    if clip.second_video:
        found.append((_video_stream(out, clip), "video"))
    if clip.cover and out.format.name == "matroska":
        out.add_attachment("cover.jpg", "image/jpeg", _cover_bytes())
    elif clip.cover:
        cover = out.add_stream("mjpeg", width=32, height=32, pix_fmt="yuvj420p")
        cover.disposition = Disposition.attached_pic
        found.append((cover, "cover"))
    if clip.subtitle:
        found.append((out.add_mux_stream("subrip" if out.format.name == "matroska" else "mov_text"), "subtitle"))
    if clip.attachment:
        out.add_attachment("notes.txt", "text/plain", clip.attachment)
    return found


def _write_pictures(out: Any, video: Any, clip: Clip, beside: list[tuple[Any, Any]]) -> None:
    extra = [item for item in beside if item[1] != "video"]
    for stream in [video, *(s for s, kind in beside if kind == "video")]:
        stream.codec_context.open()
    for stream, kind in extra:
        _WRITERS[kind](out, stream, clip)
    mark = _field_marker(clip)
    for stream in [video, *(s for s, kind in beside if kind == "video")]:
        base = stream.codec_context.time_base
        for index, pts in enumerate(clip.times):
            frame = mark(picture(clip, index))
            frame.pts, frame.time_base = round(pts * clip.time_base / base), base
            _mux(out, stream.encode(frame), clip.sei)
        _mux(out, stream.encode(None), clip.sei)


def _mux(out: Any, packets: list[Any], sei: str | None) -> None:
    for packet in packets:
        out.mux(packet if sei is None else _with_sei(packet, sei.encode()))


def _with_sei(packet: Any, text: bytes) -> Any:
    """The H.264 packet with an SEI message of unregistered user data before its picture."""
    body = bytes(range(16)) + text
    said = av.Packet(b"\x00\x00\x00\x01\x06\x05" + bytes([len(body)]) + body + b"\x80" + bytes(packet))
    said.pts, said.dts, said.duration, said.time_base = packet.pts, packet.dts, packet.duration, packet.time_base
    said.is_keyframe, said.stream = packet.is_keyframe, packet.stream
    return said


def _field_marker(clip: Clip) -> Callable[[av.VideoFrame], av.VideoFrame]:
    if not clip.interlaced:
        return lambda frame: frame
    mode = clip.interlaced

    def mark(frame: av.VideoFrame) -> av.VideoFrame:
        graph = av.filter.Graph()
        source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=clip.time_base)
        marker, sink = graph.add("setfield", mode), graph.add("buffersink")
        source.link_to(marker)
        marker.link_to(sink)
        graph.configure()
        source.push(frame)
        marked: Any = sink.pull()
        return cast(av.VideoFrame, marked)

    return mark


def _write_audio(out: Any, stream: Any, clip: Clip) -> None:
    rate = stream.codec_context.sample_rate
    size = 1024
    for number in range(max(1, round(float(clip.frames / clip.rate) * rate / size))):
        frame = av.AudioFrame(format=stream.codec_context.format.name, layout="mono", samples=size)
        for plane in frame.planes:
            plane.update(_tone(number, plane.buffer_size, "flt" in frame.format.name))
        frame.sample_rate, frame.pts, frame.time_base = rate, number * size, Fraction(1, rate)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def _tone(number: int, size: int, floats: bool) -> bytes:
    if floats:
        return bytes(np.sin(np.arange(size // 4, dtype=np.float32) / 9 + number).astype(np.float32))
    return bytes((number * 7 + i) % 64 for i in range(size))


def _write_cover(out: Any, stream: Any, _clip: Clip) -> None:
    out.mux([*stream.encode(_cover_picture()), *stream.encode(None)])


def _cover_picture() -> av.VideoFrame:
    frame = draw(5, 32, 32, "yuv420p").reformat(format="yuvj420p")
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    return frame


def _cover_bytes() -> bytes:
    encoder: Any = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 32, 32, "yuvj420p", Fraction(1, 25)
    return b"".join(bytes(packet) for packet in encoder.encode(_cover_picture()))


def _write_subtitle(out: Any, stream: Any, _clip: Clip) -> None:
    text = b"said in confidence"
    packet = av.Packet(text if out.format.name == "matroska" else len(text).to_bytes(2, "big") + text)
    packet.stream, packet.time_base = stream, Fraction(1, 1000)
    packet.pts = packet.dts = 0
    packet.duration = 300
    out.mux(packet)


_WRITERS: dict[str, Callable[[Any, Any, Clip], None]] = {
    "audio": _write_audio,
    "cover": _write_cover,
    "subtitle": _write_subtitle,
}


def _write_still(path: Path, video: Any, clip: Clip) -> Path:
    frame = picture(clip, 0)
    frame.pts, frame.time_base = 0, video.codec_context.time_base
    path.write_bytes(b"".join(bytes(p) for p in [*video.encode(frame), *video.encode(None)]))
    return path
