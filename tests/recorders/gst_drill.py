"""Faults staged in the GStreamer element, one pipeline each. Runs under GStreamer's own Python; prints a line of JSON a fault.

Each pipeline gets six pictures of noise. A fault strikes at one of them, or at the start; what counts is what comes out: no
buffer in which the zone is not hidden, no buffer after the fault, and an error message of the element.

gst_drill.py PLAN
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstVideo", "1.0")
from gi.repository import Gst, GstApp, GstVideo  # noqa: E402  # whose versions are chosen above

assert GstApp
WIDTH, HEIGHT, PICTURES = 64, 48, 6
NOISE = bytes((7 * i * i + 13 * i) % 251 + 2 for i in range(WIDTH * HEIGHT * 3 // 2))
ZONE_ROW, ZONE = 24, slice(24 * WIDTH + 20, 24 * WIDTH + 44)  # the middle of the row lies in the zone of every plan given here

Fault = Callable[[ExitStack], dict[str, Any]]


class Boom(BaseException):
    """Nothing that anybody would think of catching."""


def at(call: int, error: Callable[[], BaseException], real: Callable[..., Any]) -> Callable[..., Any]:
    """`real`, until that call of it raises, and all later ones."""
    calls = iter(range(10**6))

    def staged(*words: Any, **more: Any) -> Any:
        if next(calls) >= call:
            raise error()
        return real(*words, **more)

    return staged


def raising(target: Any, name: str, call: int, error: Callable[[], BaseException]) -> Fault:
    """`target.name` raises at its nth call."""

    def stage(stack: ExitStack) -> dict[str, Any]:
        stack.enter_context(patch.object(target, name, at(call, error, getattr(target, name))))
        return {}

    return stage


def staged(**how: Any) -> Fault:
    """A fault of the pipeline's own: its properties, its tags, or a buffer that is spoilt."""
    return lambda _: how


def faults(element: Any) -> Iterator[tuple[str, Fault]]:
    from privmask.masks import fit, hiding, kernels, planfile
    from privmask.recorders.gst import buffers, settings

    errors = {"ValueError": ValueError, "MemoryError": MemoryError, "SystemExit": SystemExit, "Boom": Boom,
              "KeyboardInterrupt": KeyboardInterrupt, "RecursionError": RecursionError}  # fmt: skip
    for name, error in errors.items():
        for call in (0, 3):
            yield f"hide raises {name} at picture {call}", raising(buffers, "hide", call, error)
    stages = [
        (hiding, "paint"), (kernels, "fill_spans"), (fit.FittedMasks, "at"), (buffers, "place"), (buffers, "_rows"),
        (buffers, "_blank"), (buffers, "Frame"), (buffers, "Plane"), (buffers.BufferMasker, "hide"),
        (buffers.BufferMasker, "_cover"), (buffers.BufferMasker, "_give_back"), (buffers, "Shot"),
    ]  # fmt: skip
    for target, name in stages:
        for call in (0, 2):
            yield f"{name} raises at call {call}", raising(target, name, call, ValueError)
    for name in ("_hide", "_shot", "_is_interlaced"):
        target = element if hasattr(element, name) else sys.modules[element.__module__]
        yield f"the element's {name} raises", raising(target, name, 1, Boom)
    for target, name in ((planfile, "parse_plan"), (settings, "warm_up"), (buffers, "fit_masks"), (element, "_fit")):
        yield f"{name} raises", raising(target, name, 0, RuntimeError)
    yield "telling raises as well", both(raising(buffers, "hide", 2, ValueError), raising(element, "_tell", 0, Boom))
    yield "words cannot be found", both(raising(buffers, "hide", 2, Boom), words_fail(element))
    for name in ("plan", "camera", "damaged", "recorded_at", "zone", "rotation"):
        yield f"{name} is wrong", staged(properties={name: "/no/such"})
    yield "no plan", staged(properties={"plan": ""})
    for spoil in (short, upside_down, other_picture, past_the_end, corrupted, cropped):
        yield f"a buffer that is {spoil.__name__}", staged(spoil=spoil)
    yield "the pictures are mirrored", staged(tags="flip-rotate-0", properties={"rotation": "follow"})
    yield "the pictures are to be turned, and nobody says by whom", staged(tags="rotate-180")


def both(one: Fault, other: Fault) -> Fault:
    return lambda stack: {**one(stack), **other(stack)}


def words_fail(element: Any) -> Fault:
    return raising(sys.modules[element.__module__], "_words", 0, Boom)


# Buffers that tell lies.


def short(_: Gst.Buffer) -> Gst.Buffer:
    return Gst.Buffer.new_wrapped(NOISE[: WIDTH * HEIGHT])


def meta(buffer: Gst.Buffer, size: tuple[int, int], offsets: list[int], strides: list[int]) -> Gst.Buffer:
    pixel = GstVideo.VideoFormat.I420
    GstVideo.buffer_add_video_meta_full(buffer, GstVideo.VideoFrameFlags.NONE, pixel, *size, 3, offsets, strides)
    return buffer


def upside_down(buffer: Gst.Buffer) -> Gst.Buffer:
    luma = WIDTH * HEIGHT
    return meta(buffer, (WIDTH, HEIGHT), [luma - WIDTH, luma, luma * 5 // 4, 0], [-WIDTH, 32, 32, 0])


def other_picture(buffer: Gst.Buffer) -> Gst.Buffer:
    return meta(buffer, (32, 24), [0, 768, 960, 0], [32, 16, 16, 0])


def past_the_end(buffer: Gst.Buffer) -> Gst.Buffer:
    return meta(buffer, (WIDTH, HEIGHT), [0, WIDTH * HEIGHT, 10**6, 0], [WIDTH, 32, 32, 0])


def corrupted(buffer: Gst.Buffer) -> Gst.Buffer:
    buffer.set_flags(Gst.BufferFlags.CORRUPTED)
    return buffer


def cropped(buffer: Gst.Buffer) -> Gst.Buffer:
    buffer.add_meta(GstVideo.video_crop_meta_get_info(), None)
    return buffer


@contextmanager
def playing(pipeline: Gst.Pipeline) -> Iterator[None]:
    pipeline.set_state(Gst.State.PLAYING)
    try:
        yield
    finally:
        pipeline.set_state(Gst.State.NULL)


def run(plan: str, staged: dict[str, Any]) -> dict[str, Any]:
    """Six pictures through one pipeline: how many came out, in how many of these the zone shows, and what the element said."""
    caps = f"video/x-raw,format=I420,width={WIDTH},height={HEIGHT},framerate=25/1"
    pipeline = Gst.parse_launch(
        f'appsrc name=in format=time caps="{caps}" ! privmask name=mask ! '
        "appsink name=out sync=false wait-on-eos=false max-buffers=100"
    )
    source, mask, sink = (pipeline.get_by_name(name) for name in ("in", "mask", "out"))
    for name, value in {"plan": plan, **staged.get("properties", {})}.items():
        mask.set_property(name, value)
    out = []
    with playing(pipeline):
        if "tags" in staged:
            tags = Gst.TagList.new_from_string(f'taglist, image-orientation=(string){staged["tags"]}')
            source.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER, _tagging(tags))
        for number in range(PICTURES):
            buffer = Gst.Buffer.new_wrapped(NOISE)
            buffer.pts, buffer.duration = number * Gst.SECOND // 25, Gst.SECOND // 25
            if number == 3 and "spoil" in staged:
                buffer = staged["spoil"](buffer)
            source.emit("push-buffer", buffer)
        source.emit("end-of-stream")
        bus = pipeline.get_bus()
        told = bus.timed_pop_filtered(20 * Gst.SECOND, Gst.MessageType.ERROR | Gst.MessageType.EOS)
        while sample := sink.emit("try-pull-sample", 0):
            buffer = sample.get_buffer()
            out.append(buffer.extract_dup(0, buffer.get_size()))
    said = told.parse_error()[0].message if told and told.type == Gst.MessageType.ERROR else None
    source_of_error = told.src.get_name() if said else None
    shows = sum(each[ZONE] == NOISE[ZONE] or bool(set(each[ZONE]) - {16}) for each in out)
    return {"out": len(out), "unmasked": shows, "error": said, "by": source_of_error}


def _tagging(tags: Gst.TagList) -> Callable[..., Gst.PadProbeReturn]:
    def tagged(pad: Gst.Pad, _: Any) -> Gst.PadProbeReturn:
        pad.push_event(Gst.Event.new_tag(tags))
        return Gst.PadProbeReturn.REMOVE

    return tagged


def main(plan: str) -> None:
    Gst.init(None)
    element = type(Gst.ElementFactory.make("privmask"))
    print(json.dumps({"fault": None, **run(plan, {})}), flush=True)
    for name, fault in faults(element):
        with ExitStack() as stack:
            print(json.dumps({"fault": name, **run(plan, fault(stack))}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
