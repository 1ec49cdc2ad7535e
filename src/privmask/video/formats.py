"""Pixel formats: which of FFmpeg's layouts are brought, without loss, to which of ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import av
import numpy as np

from privmask.errors import UnsupportedFootageError
from privmask.frame import PIXEL_FORMATS, PixelFormat, Plane
from privmask.geometry import Size
from privmask.language import Text
from privmask.video.carriers import Carriers

_RENAMED = {
    "yuvj420p": "yuv420p",
    "yuvj422p": "yuv422p",
    "yuvj444p": "yuv444p",
    "yuvj440p": "yuv440p",
    "yuvj411p": "yuv411p",
}
"""FFmpeg's old names of full-range layouts: the same bytes."""

_REPACKED = {
    "nv12": "yuv420p",
    "nv21": "yuv420p",
    "nv16": "yuv422p",
    "nv24": "yuv444p",
    "yuyv422": "yuv422p",
    "uyvy422": "yuv422p",
    "p010le": "yuv420p10le",
    "rgb24": "gbrp",
    "bgr24": "gbrp",
    "rgb0": "gbrp",
    "bgr0": "gbrp",
    "0rgb": "gbrp",
    "0bgr": "gbrp",
    "rgba": "gbrap",
    "bgra": "gbrap",
    "argb": "gbrap",
    "abgr": "gbrap",
    "pal8": "gbrap",
}
"""Interleaved layouts whose samples are only moved; tests show for each that no sample changes."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How decoded pictures named `found` become planes of `format`; `full` when the name itself says full range.

    `repack`: the samples are interleaved and must be moved. `colorless`: the chroma planes are added, at their middle.
    """

    found: str
    format: PixelFormat
    full: bool = False
    repack: bool = False
    colorless: bool = False


def layout_of(found: str, *, jpeg: bool = False) -> Layout:
    """The way from FFmpeg's pixel format `found` to planes that can be painted; raises UnsupportedFootageError.

    A grey picture of a `jpeg` file gets colourless chroma planes, because FFmpeg's JPEG encoder has no grey.
    """
    if jpeg and found == "gray":
        return Layout(found, PIXEL_FORMATS["yuv420p"], full=True, colorless=True)
    if found in PIXEL_FORMATS:
        return Layout(found, PIXEL_FORMATS[found])
    if found in _RENAMED:
        return Layout(found, PIXEL_FORMATS[_RENAMED[found]], full=True)
    if found in _REPACKED:
        return Layout(found, PIXEL_FORMATS[_REPACKED[found]], repack=True)
    supported = ", ".join(sorted({*PIXEL_FORMATS, *_RENAMED, *_REPACKED}))
    raise UnsupportedFootageError(_UNKNOWN.with_(found=found, supported=supported))


def planes_of(carrier: av.VideoFrame, format: PixelFormat) -> tuple[Plane, ...]:
    """The padded planes of `carrier`, as views of its memory: (rows, stride) of the format's dtype, C-contiguous."""
    return tuple(_plane(plane, format) for plane in carrier.planes)


def _plane(plane: Any, format: PixelFormat) -> Plane:
    samples: Any = np.frombuffer(plane, format.dtype).reshape(plane.height, -1)
    return Plane(samples, plane.width)


def copied(decoded: av.VideoFrame, layout: Layout, carriers: Carriers) -> tuple[av.VideoFrame, tuple[Plane, ...]]:
    """One of the `carriers` with the samples of `decoded`, and its planes; nothing else of `decoded` comes along.

    The decoded object itself must never reach the encoder: it is a reference picture of the decoder, and its side data
    (captions, user data) and picture type would leak into the copy.
    """
    size = Size(decoded.width, decoded.height)
    # One thread: with several, swscale was seen to garble samples where its slices meet (when it packs; here it unpacks).
    packed = decoded.reformat(format=layout.format.name, threads=1) if layout.repack else decoded
    carrier = carriers.new(size, layout.format)
    planes = planes_of(carrier, layout.format)
    for plane in planes[1:] if layout.colorless else ():
        plane.samples.fill(1 << (layout.format.depth - 1))
    for plane, found in zip(planes, packed.planes, strict=not layout.colorless):
        np.copyto(plane.visible, _rows(found, layout.format)[:, : plane.width])
    return carrier, planes


def viewed(decoded: av.VideoFrame, layout: Layout, carriers: Carriers) -> tuple[None, tuple[Plane, ...]]:
    """The planes of `decoded` to be looked at only, where they lie; read-only, because it is a reference picture.

    They are those of a copy where the samples have to be moved.
    """
    if layout.repack or layout.colorless or any(plane.line_size < 0 for plane in decoded.planes):
        planes = copied(decoded, layout, carriers)[1]
    else:
        planes = planes_of(decoded, layout.format)
    for plane in planes:
        plane.samples.flags.writeable = False
    return None, planes


def _rows(plane: Any, format: PixelFormat) -> Any:
    """The rows of a decoded plane, top row first, whatever the sign of its line size."""
    stride = abs(plane.line_size) // np.dtype(format.dtype).itemsize
    samples = np.frombuffer(plane, format.dtype).reshape(plane.height, stride)
    return samples[::-1] if plane.line_size < 0 else samples


_UNKNOWN = Text(
    "この映像の画素形式 {found} では、privmask は何も隠せません。使えるのは {supported} です",
    "the pictures have the pixel format {found}, in which privmask cannot hide anything; supported are {supported}",
)
