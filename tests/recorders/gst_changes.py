"""Pictures whose size changes under way, and whose tags turn them. Runs under GStreamer's own Python; prints what is hidden.

gst_changes.py PLAN
"""

from __future__ import annotations

import json
import sys
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
from gi.repository import Gst, GstApp  # noqa: E402  # whose versions are chosen above

assert GstApp


def caps(width: int, height: int) -> Gst.Caps:
    return Gst.Caps.from_string(f"video/x-raw,format=GRAY8,width={width},height={height},framerate=25/1")


def pushed(source: Any, width: int, height: int) -> None:
    buffer = Gst.Buffer.new_wrapped(b"\x80" * (width * height))
    source.emit("push-sample", Gst.Sample.new(buffer, caps(width, height), None, None))


def pulled(sink: Any) -> bytes:
    sample = sink.emit("pull-sample")
    found: bytes = sample.get_buffer().extract_dup(0, sample.get_buffer().get_size())
    return found


def main(plan: str) -> None:
    Gst.init(None)
    pipeline = Gst.parse_launch("appsrc name=in format=time ! privmask name=mask ! appsink name=out sync=false")
    source, mask, sink = (pipeline.get_by_name(name) for name in ("in", "mask", "out"))
    mask.set_property("plan", plan)
    mask.set_property("rotation", "follow")
    pipeline.set_state(Gst.State.PLAYING)
    said = {}
    for width, height in ((64, 48), (128, 96)):
        pushed(source, width, height)
        said[f"{width}x{height}"] = _told(pulled(sink), width, height, 0.4, 0.35, 0.9, 0.9)
    tags = Gst.TagList.new_from_string("taglist, image-orientation=(string)rotate-180")
    source.get_static_pad("src").push_event(Gst.Event.new_tag(tags))
    pushed(source, 128, 96)
    turned = _told(pulled(sink), 128, 96, 0.6, 0.65, 0.1, 0.1)
    said["turned"] = "hidden where the viewer sees it" if turned == "hidden" else turned
    pipeline.set_state(Gst.State.NULL)
    print(json.dumps(said))


def _told(data: bytes, width: int, height: int, x: float, y: float, public_x: float, public_y: float) -> str:
    inside, outside = (data[int(b * height) * width + int(a * width)] for a, b in ((x, y), (public_x, public_y)))
    return "hidden" if (inside, outside) == (0, 0x80) else f"inside {inside}, outside {outside}"


if __name__ == "__main__":
    main(sys.argv[1])
