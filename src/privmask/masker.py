"""`FrameMasker`: the masks of a plan for people who have a loop of their own.

It hides in place and keeps no copy. Nothing else of privmask's promise comes with it: who writes the frames, who holds
the original and what else travels is up to the loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privmask.errors import UnsupportedFootageError
from privmask.frame import PIXEL_FORMATS, ColorMatrix, ColorRange, Frame, Picture, PixelFormat, Plane, Samples
from privmask.geometry import Rotation, Size, fraction
from privmask.masks import FittedMasks, MaskPlan, fit_masks, hide
from privmask.sighting import Sighting

Seconds = int | float | str | Fraction
_FULL_RANGE = {"yuvj420p": "yuv420p", "yuvj422p": "yuv422p", "yuvj444p": "yuv444p", "yuvj440p": "yuv440p"}
_CLOCK = Fraction(1, 10**9)


class FrameMasker:
    """The masks of `plan`, fitted once to pictures of one `size`, FFmpeg pixel `format` and `rotation`.

    `time` and `until` are the seconds at which a frame appears and the next one does. Left out, nobody knows the time,
    and every mask holds: a mask is lifted only on good grounds. The same goes for `valid` and `hours` without
    `recorded_at`, the wall-clock time of the clip's first frame. A plan's seconds count from that frame: `zero` is its
    time. Left out, the first frame that comes is taken for it, so say it in a loop that begins in the middle of a clip.

    Where the plan has dynamic masks, `sightings` say where their faces and plates are on this frame, in samples of the picture
    as displayed: `()` where somebody looked and found none. Left out, the frame is refused with a `PlanError`.

    Raises `UnsupportedFootageError` where nothing can be hidden safely, and `PlanError` where the plan does not fit the
    picture.
    """

    def __init__(
        self,
        plan: MaskPlan,
        size: Size | tuple[int, int],
        format: str = "yuv420p",
        rotation: Rotation = 0,
        *,
        range: ColorRange | None = None,
        matrix: ColorMatrix = "bt601",
        recorded_at: datetime | None = None,
        zero: Seconds | None = None,
    ) -> None:
        self.size = size if isinstance(size, Size) else Size(*size)
        self.name = format
        known = _known_format(_FULL_RANGE.get(format, format))
        full = known.is_rgb or format in _FULL_RANGE
        self._plan, self._recorded_at, self._index = plan, recorded_at, 0
        self._picture = Picture(
            self.size,
            known,
            rotation,
            range=range or ("full" if full else "limited"),
            matrix="rgb" if known.is_rgb else matrix,
        )
        self._zero = None if zero is None else fraction(zero)
        self._masks = fit_masks(plan, self._picture, recorded_at, zero=Fraction(0))
        self._bgr_masks: FittedMasks | None = None

    def apply_frame(
        self, frame: Any, *, until: Seconds | None = None, sightings: Sequence[Sighting] | None = None
    ) -> Any:
        """Hide in an `av.VideoFrame` in place and return it; its own pts and duration give the time unless `until` does.

        A duration is the container's guess: where the rate varies, say as `until` when the next frame appears.
        The frame is made writable first: a decoded frame may still be a reference picture of its decoder. Its side data stays.
        """
        if (frame.width, frame.height, frame.format.name) != (self.size.width, self.size.height, self.name):
            found = f"{frame.width}x{frame.height} {frame.format.name}"
            raise UnsupportedFootageError(
                f"a frame of {found} came to masks fitted for {self.size} {self.name}; make a new FrameMasker for it"
            )
        frame.make_writable()
        planes = [_view(plane, self._picture.format) for plane in frame.planes]
        start = None if frame.pts is None else frame.pts * fraction(frame.time_base)
        if until is None and start is not None and frame.duration:
            until = start + frame.duration * fraction(frame.time_base)
        self.apply_planes(planes, time=start, until=until, interlaced=frame.interlaced_frame, sightings=sightings)
        return frame

    def apply_planes(
        self,
        planes: Sequence[Samples],
        *,
        time: Seconds | None = None,
        until: Seconds | None = None,
        interlaced: bool = False,
        sightings: Sequence[Sighting] | None = None,
    ) -> None:
        """Hide in planes of this masker's format, in place.

        Each is C-contiguous (rows, at least the plane's width), uint8, or uint16 for more than 8 bits; columns past the
        width are never touched. Rows of `interlaced` pictures are hidden field by field, as their chroma is stored.
        """
        frame = self._frame(self._picture.format, planes, time, until, interlaced)
        self._hide(self._masks, frame, sightings, known=time is not None)

    def apply_bgr(
        self,
        picture: NDArray[np.uint8],
        *,
        time: Seconds | None = None,
        until: Seconds | None = None,
        sightings: Sequence[Sighting] | None = None,
    ) -> None:
        """Hide in an OpenCV picture, uint8 (rows, columns, 3), in place, whatever the masker's format is.

        Costs two passes over the picture more than planes do: they are split and put together again.
        """
        expected = (self.size.height, self.size.width, 3)
        if picture.shape != expected or picture.dtype != np.uint8:
            raise UnsupportedFootageError(
                f"a picture of {picture.shape} {picture.dtype} came, expected {expected} uint8"
            )
        gbr = PIXEL_FORMATS["gbrp"]
        if self._bgr_masks is None:
            turned = Picture(self.size, gbr, self._picture.rotation, range="full", matrix="rgb")
            self._bgr_masks = fit_masks(self._plan, turned, self._recorded_at, zero=Fraction(0))
        order = (1, 0, 2)  # G, B, R of a picture stored as B, G, R
        planes = [np.ascontiguousarray(picture[:, :, channel]) for channel in order]
        frame = self._frame(gbr, planes, time, until, False)
        self._hide(self._bgr_masks, frame, sightings, known=time is not None)
        for channel, plane in zip(order, planes, strict=True):
            picture[:, :, channel] = plane

    def _frame(
        self,
        layout: PixelFormat,
        planes: Sequence[Samples],
        time: Seconds | None,
        until: Seconds | None,
        interlaced: bool,
    ) -> Frame:
        if self._index == 0 and self._zero is None and time is not None:
            self._zero = fraction(time)
        if len(planes) != len(layout.kinds):
            raise UnsupportedFootageError(f"{len(planes)} planes came; {layout.name} has {len(layout.kinds)}")
        return Frame(
            index=self._index,
            pts=floor(self._since_zero(time) / _CLOCK),
            end=None if until is None else ceil(self._since_zero(until) / _CLOCK),
            time_base=_CLOCK,
            size=self.size,
            format=layout,
            planes=tuple(_plane(p, layout, i, self.size) for i, p in enumerate(planes)),
            interlaced=interlaced,
        )

    def _since_zero(self, seconds: Seconds | None) -> Fraction:
        return Fraction(0) if seconds is None else fraction(seconds) - (self._zero or 0)

    def _hide(self, masks: FittedMasks, frame: Frame, sightings: Sequence[Sighting] | None, *, known: bool) -> None:
        if known and self._zero is not None:
            cover = masks.at(frame, sightings)
        else:
            cover = masks.always(sightings, interlaced=frame.interlaced)
        hide(frame, cover)
        self._index += 1


def _known_format(name: str) -> PixelFormat:
    if name not in PIXEL_FORMATS:
        known = ", ".join(PIXEL_FORMATS)
        raise UnsupportedFootageError(f"pixel format {name} cannot be masked in place; bring frames to one of {known}")
    return PIXEL_FORMATS[name]


def _view(plane: Any, layout: PixelFormat) -> Samples:
    samples: Any = np.frombuffer(plane, layout.dtype).reshape(plane.height, -1)
    view: Samples = samples
    return view


def _plane(samples: Samples, layout: PixelFormat, index: int, size: Size) -> Plane:
    wanted = layout.plane_size(index, size)
    sound = samples.dtype == layout.dtype and samples.flags.c_contiguous and samples.flags.writeable
    if samples.ndim != 2 or not sound or samples.shape[0] != wanted.height or samples.shape[1] < wanted.width:
        raise UnsupportedFootageError(
            f"plane {index} is {samples.shape} {samples.dtype}; expected a writable, C-contiguous array of {wanted.height} rows"
            f" and at least {wanted.width} columns of {np.dtype(layout.dtype).name}"
        )
    return Plane(samples, wanted.width)
