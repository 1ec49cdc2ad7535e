"""A picture's memory is used again, and only once nobody can see it any more."""

from __future__ import annotations

import gc
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from privmask.frame import PIXEL_FORMATS
from privmask.geometry import Size
from privmask.video.carriers import Carriers
from privmask.video.formats import planes_of

YUV = PIXEL_FORMATS["yuv420p"]
SIZE = Size(90, 64)


def address(carrier: av.VideoFrame) -> int:
    return int(planes_of(carrier, YUV)[0].samples.ctypes.data)


def test_memory_comes_back_once_its_picture_is_gone() -> None:
    carriers = Carriers()
    first = carriers.new(SIZE, YUV)
    where = address(first)
    del first
    assert address(carriers.new(SIZE, YUV)) == where


def test_a_view_of_one_plane_alone_keeps_it() -> None:
    carriers = Carriers()
    first = carriers.new(SIZE, YUV)
    view = planes_of(first, YUV)[2].visible[3:, 5:]
    view.fill(7)
    del first
    later = [carriers.new(SIZE, YUV) for _ in range(3)]
    for each in later:
        for plane in planes_of(each, YUV):
            plane.samples.fill(200)
    assert np.all(view == 7)


ENCODERS = {
    "libx264": ("h264", {"qp": "0"}),
    "libx265": ("hevc", {"x265-params": "lossless=1:log-level=none"}),
    "ffv1": ("ffv1", {}),
    "ffvhuff": ("ffvhuff", {}),  # with threads that hold a picture each
}


@pytest.mark.parametrize("encoder", ENCODERS)
def test_what_encoders_still_hold_is_not_given_out_again(encoder: str) -> None:
    carriers, (decoder, options) = Carriers(), ENCODERS[encoder]
    context = opened(encoder, options)
    packets = []
    for number in range(40):
        carrier = carriers.new(SIZE, YUV)
        for plane in planes_of(carrier, YUV):
            plane.samples.fill(number)
        carrier.pts = number
        packets += context.encode(carrier)
        del carrier
    packets += context.encode(None)
    shown = decoded(decoder, context.extradata, packets)
    assert [set(np.unique(picture)) for picture in shown] == [{number} for number in range(40)]


def opened(encoder: str, options: dict[str, str]) -> Any:
    context: Any = av.CodecContext.create(encoder, "w")
    context.width, context.height, context.pix_fmt = SIZE.width, SIZE.height, YUV.name
    context.time_base, context.thread_count, context.thread_type = Fraction(1, 25), 3, "AUTO"
    context.options = options
    context.open()
    return context


def decoded(decoder: str, header: bytes, packets: list[Any]) -> list[Any]:
    context: Any = av.CodecContext.create(decoder, "r")
    context.extradata, context.width, context.height = header, SIZE.width, SIZE.height
    pictures = [picture for packet in [*packets, None] for picture in context.decode(packet)]
    return [picture.to_ndarray() for picture in sorted(pictures, key=lambda picture: picture.pts)]


def test_no_more_memory_is_taken_than_pictures_are_held_at_once() -> None:
    carriers = Carriers()
    seen = set()
    held: list[av.VideoFrame] = []
    for _ in range(200):
        held.append(carriers.new(SIZE, YUV))
        seen.add(address(held[-1]))
        held = held[-5:]
    assert len(seen) <= 6


def test_memory_of_another_size_is_not_kept() -> None:
    carriers = Carriers()
    carriers.new(SIZE, YUV)
    larger = carriers.new(Size(180, 128), YUV)
    assert (larger.width, larger.height) == (180, 128)
    del larger
    again = carriers.new(SIZE, YUV)
    assert (again.width, again.height) == (90, 64)


@pytest.mark.parametrize("name", sorted(PIXEL_FORMATS))
@pytest.mark.parametrize("size", [Size(90, 64), Size(90, 66), Size(128, 4), Size(2, 4), Size(64, 62)], ids=str)
def test_whatever_the_shape_it_is_a_picture_of_that_shape(name: str, size: Size) -> None:
    format = PIXEL_FORMATS[name]
    carrier = Carriers().new(size, format)
    assert (carrier.width, carrier.height, carrier.format.name) == (size.width, size.height, name)
    assert carrier.pts is None
    planes = planes_of(carrier, format)
    assert len(planes) == len(format.kinds)
    for number, plane in enumerate(planes):
        wanted = format.plane_size(number, size)
        assert plane.visible.shape == (wanted.height, wanted.width)
        plane.samples.fill(number + 1)
    for number, plane in enumerate(planes):
        assert np.all(plane.samples == number + 1), "no plane lies in another"


def test_what_was_given_out_outlives_whoever_gave_it() -> None:
    carriers = Carriers()
    carrier = carriers.new(SIZE, YUV)
    planes_of(carrier, YUV)[0].samples.fill(9)
    del carriers
    gc.collect()
    assert np.all(planes_of(carrier, YUV)[0].visible == 9)
