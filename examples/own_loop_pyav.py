"""Your own PyAV loop with privmask's masks in it: the frames are yours, and so is the promise.

python examples/own_loop_pyav.py CLIP PLAN OUT
"""

from __future__ import annotations

import sys
from pathlib import Path

import av

import privmask


def main(clip: Path, plan: Path, out: Path) -> None:
    """Decode `clip`, hide the zones of `plan` on every frame, encode to `out`."""
    with av.open(str(clip)) as source, av.open(str(out), "w") as sink:
        film = source.streams.video[0]
        layout = film.codec_context.pix_fmt or "yuv420p"
        masker = privmask.FrameMasker(privmask.load_plan(plan), (film.width, film.height), layout)
        stream = sink.add_stream("libx264", rate=film.average_rate)
        stream.width, stream.height, stream.pix_fmt = film.width, film.height, layout
        if film.time_base:
            stream.codec_context.time_base = film.time_base
        for frame in source.decode(film):
            masker.apply_frame(frame)
            frame.pict_type = 0
            sink.mux(stream.encode(frame))
        sink.mux(stream.encode(None))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
