"""Pictures whose size changes under way, and whose tags turn them. Runs under GStreamer's own Python; prints what is hidden.

gst_changes.py PLAN TIMED_PLAN
"""

from __future__ import annotations

import json
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstVideo", "1.0")
from gi.repository import Gst, GstApp, GstVideo  # noqa: E402  # whose versions are chosen above

assert GstApp


def caps(width: int, height: int) -> Gst.Caps:
    return Gst.Caps.from_string(f"video/x-raw,format=GRAY8,width={width},height={height},framerate=25/1")


class Line:
    """appsrc ! privmask ! appsink, playing."""

    def __init__(self, plan: str) -> None:
        self.pipeline = Gst.parse_launch("appsrc name=in format=time ! privmask name=mask ! appsink name=out sync=false")
        self.source, mask, self.sink = (self.pipeline.get_by_name(name) for name in ("in", "mask", "out"))
        mask.set_property("plan", plan)
        mask.set_property("rotation", "follow")
        self.pipeline.set_state(Gst.State.PLAYING)

    def through(self, buffer: Gst.Buffer, width: int, height: int) -> bytes:
        """The bytes of that buffer when it has been through the element."""
        self.source.emit("push-sample", Gst.Sample.new(buffer, caps(width, height), None, None))
        out = self.sink.emit("pull-sample").get_buffer()
        found: bytes = out.extract_dup(0, out.get_size())
        return found

    def tag(self, text: str) -> None:
        tags = Gst.TagList.new_from_string(f"taglist, image-orientation=(string){text}")
        self.source.get_static_pad("src").push_event(Gst.Event.new_tag(tags))


def grey(size: int) -> Gst.Buffer:
    return Gst.Buffer.new_wrapped(b"\x80" * size)


def main(plan: str, timed: str) -> None:
    Gst.init(None)
    said: dict[str, object] = {}
    line = Line(plan)
    for width, height in ((64, 48), (128, 96)):
        data = line.through(grey(width * height), width, height)
        said[f"{width}x{height}"] = _told(data, width, height, 0.4, 0.35, 0.9, 0.9)
    line.tag("rotate-180")
    turned = _told(line.through(grey(128 * 96), 128, 96), 128, 96, 0.6, 0.65, 0.1, 0.1)
    said["turned"] = "hidden where the viewer sees it" if turned == "hidden" else turned
    said["padded"] = _padded(Line(plan))
    said["seconds"] = _in_time(Line(timed), 5, 6.5, 7.5, None)
    said["unknown"] = _in_time(Line(timed), None, 5, 6.5, 7.5)
    print(json.dumps(said))


def _padded(line: Line) -> str:
    """A picture of 64x48 in rows of 80 bytes, 16 bytes from the start, as its metadata say."""
    buffer = grey(16 + 80 * 48)
    pixel, none = GstVideo.VideoFormat.GRAY8, GstVideo.VideoFrameFlags.NONE
    GstVideo.buffer_add_video_meta_full(buffer, none, pixel, 64, 48, 1, [16, 0, 0, 0], [80, 0, 0, 0])
    data = line.through(buffer, 64, 48)
    picture = b"".join(data[16 + 80 * row :][:64] for row in range(48))
    rest = data[:16] + b"".join(data[16 + 80 * row + 64 :][:16] for row in range(47))
    return _told(picture, 64, 48, 0.4, 0.35, 0.9, 0.9) + (", padding blank" if not any(rest) else ", padding shows")


def _in_time(line: Line, *times: float | None) -> list[str]:
    """Pictures of these seconds; the mask holds in the plan's second 1 to 2."""
    found = []
    for seconds in times:
        buffer = grey(64 * 48)
        buffer.duration = Gst.SECOND // 25
        buffer.pts = Gst.CLOCK_TIME_NONE if seconds is None else int(seconds * Gst.SECOND)
        told = _told(line.through(buffer, 64, 48), 64, 48, 0.4, 0.35, 0.9, 0.9)
        found.append("hidden" if told == "hidden" else "public")
    return found


def _told(data: bytes, width: int, height: int, x: float, y: float, public_x: float, public_y: float) -> str:
    inside, outside = (data[int(b * height) * width + int(a * width)] for a, b in ((x, y), (public_x, public_y)))
    return "hidden" if (inside, outside) == (0, 0x80) else f"inside {inside}, outside {outside}"


if __name__ == "__main__":
    main(*sys.argv[1:3])
