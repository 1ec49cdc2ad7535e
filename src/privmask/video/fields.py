"""Marking pictures as interlaced: PyAV has no setter for it, a filter graph has one and moves no sample."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
import av.filter

from privmask.video.original import VideoInfo


class FieldMarker:
    """Sets the field flags of pictures as the original's stream has them; does nothing to progressive footage."""

    def __init__(self, info: VideoInfo) -> None:
        self._info = info
        self._graphs: dict[bool, tuple[Any, Any, Any]] = {}

    def marked(self, picture: av.VideoFrame, interlaced: bool) -> av.VideoFrame:
        """`picture` with its field flags set; the same samples, in the same memory."""
        if self._info.field_order == "progressive":
            return picture
        if interlaced not in self._graphs:
            self._graphs[interlaced] = self._graph(picture, interlaced)
        _, source, sink = self._graphs[interlaced]
        source.push(picture)
        marked = sink.pull()
        marked.pict_type = 0
        return marked  # type: ignore[no-any-return]  # PyAV's stubs leave `pull` untyped

    def _graph(self, picture: av.VideoFrame, interlaced: bool) -> tuple[Any, Any, Any]:
        mode = "prog" if not interlaced else "tff" if self._info.field_order == "tt" else "bff"
        graph = av.filter.Graph()
        time_base = Fraction(picture.time_base or 1)
        source = graph.add_buffer(
            width=picture.width, height=picture.height, format=picture.format, time_base=time_base
        )
        marker = graph.add("setfield", mode)
        sink = graph.add("buffersink")
        source.link_to(marker)
        marker.link_to(sink)
        graph.configure()
        return graph, source, sink
