"""Your own GStreamer loop with privmask's masks in it: pictures out of an appsink, hidden, and into an appsrc.

eval "$(privmask gst-env)" && /usr/bin/python3 examples/own_loop_gstreamer.py CLIP PLAN OUT.mp4
"""
import sys
from fractions import Fraction

import gi
import numpy as np

from privmask import FrameMasker, load_plan

[gi.require_version(name, "1.0") for name in ("Gst", "GstApp", "GstVideo")]
from gi.repository import Gst, GstApp, GstVideo  # noqa: E402, F401

READ = "filesrc location={} ! decodebin ! videoconvert ! video/x-raw,format=I420 ! appsink name=app sync=false"
WRITE = "appsrc name=app format=time ! x264enc ! h264parse ! mp4mux ! filesink location={}"


def main(clip: str, plan: str, out: str) -> None:
    Gst.init(None)
    pipelines, masker = [Gst.parse_launch(READ.format(clip)), Gst.parse_launch(WRITE.format(out))], None
    [each.set_state(Gst.State.PLAYING) for each in pipelines]
    source, sink = (each.get_by_name("app") for each in pipelines)
    while sample := source.emit("pull-sample"):
        info, buffer = GstVideo.VideoInfo.new_from_caps(sample.get_caps()), sample.get_buffer().copy_deep()
        masker = masker or FrameMasker(load_plan(plan), (info.width, info.height), "yuv420p")
        mapped, rows = buffer.map(Gst.MapFlags.READ | Gst.MapFlags.WRITE), (info.height, *[-(-info.height // 2)] * 2)
        places = zip(info.stride, info.offset, rows, strict=False)
        planes = (np.frombuffer(mapped.data, "u1", s * n, o).reshape(n, s) for s, o, n in places)
        masker.apply_planes([*planes], time=Fraction(buffer.pts, Gst.SECOND))
        buffer.unmap(mapped)
        sink.emit("push-sample", Gst.Sample.new(buffer, sample.get_caps(), None, None))
    sink.emit("end-of-stream")
    pipelines[1].get_bus().timed_pop_filtered(2**63, Gst.MessageType.EOS | Gst.MessageType.ERROR)
    [each.set_state(Gst.State.NULL) for each in pipelines]


if __name__ == "__main__":
    main(*sys.argv[1:4])
