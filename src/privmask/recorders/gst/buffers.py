"""Hiding in the bytes of a buffer, in place. Knows strides and offsets, and no GStreamer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from privmask.errors import PlanError, UnsupportedFootageError
from privmask.frame import ColorMatrix, ColorRange, Frame, Picture, Plane
from privmask.geometry import Rotation, Size
from privmask.masks import Cover, MaskPlan, fit_masks, hide
from privmask.masks.kernels import Bytes, join_pairs, split_pairs
from privmask.recorders.gst.layout import RAW_FORMATS, Layout, StoredPlane, place

NANOSECOND = Fraction(1, 10**9)
_WARMING = Size(320, 180)


@dataclass(frozen=True, slots=True)
class Pictures:
    """What the pictures of a stream have in common, from its caps; `rotation` from its tags."""

    raw: str
    size: Size
    rotation: Rotation = 0
    sample_aspect: Fraction = Fraction(1)
    range: ColorRange = "limited"
    matrix: ColorMatrix = "bt601"


@dataclass(frozen=True, slots=True)
class Shot:
    """One buffer's picture: where its planes lie, when it is shown (nanoseconds; None if nobody knows), and how it came."""

    strides: tuple[int, ...]
    offsets: tuple[int, ...]
    pts: int | None = None
    duration: int | None = None
    interlaced: bool = False
    damaged: bool = False


class BufferMasker:
    """The masks of a plan, fitted to the pictures of one stream, for buffers that nobody else reads.

    The seconds of the plan count from `zero`, the time of the first buffer; a picture before it, or without a time, is hidden
    under all masks. Raises PlanError where the plan does not fit the pictures, or has masks that would need a search.
    """

    def __init__(self, plan: MaskPlan, pictures: Pictures, recorded_at: datetime | None = None) -> None:
        refuse_searching(plan)
        if pictures.raw not in RAW_FORMATS:
            known = ", ".join(RAW_FORMATS)
            raise UnsupportedFootageError(f"{pictures.raw} pictures cannot be masked; put videoconvert before: {known}")
        self._raw = RAW_FORMATS[pictures.raw]
        self._size = pictures.size
        self._picture = Picture(
            pictures.size, self._raw.format, pictures.rotation, pictures.sample_aspect, pictures.range, pictures.matrix
        )
        self._masks = fit_masks(plan, self._picture, recorded_at, zero=Fraction(0))
        self._masks.always()  # laid out before the first picture waits for it
        self._scratch = [self._empty(component) for component in range(len(self._raw.format.kinds))]

    def hide(self, data: Any, shot: Shot, zero: int | None) -> None:
        """Hide in the writable bytes `data`, in place. What is no picture (padding of rows, of planes) is blanked."""
        flat: Bytes = np.frombuffer(data, np.uint8)
        layout = place(self._raw, self._size, shot.strides, shot.offsets, flat.size)
        samples = self._taken(flat, layout)
        frame = self._frame(samples, shot, zero)
        hide(frame, self._cover(frame, shot, zero))
        self._give_back(flat, layout)
        _blank(flat, layout)

    def _cover(self, frame: Frame, shot: Shot, zero: int | None) -> Cover:
        known = zero is not None and shot.pts is not None and shot.pts >= zero
        if known or shot.damaged:  # a damaged picture is hidden whole, whenever it was
            return self._masks.at(frame)
        return self._masks.always(interlaced=shot.interlaced)

    def _frame(self, samples: Sequence[Bytes], shot: Shot, zero: int | None) -> Frame:
        start = (shot.pts or 0) - (zero or 0)
        return Frame(
            index=1,  # the first has no meaning of its own: `zero` says when it was
            pts=start,
            end=None if shot.duration is None else start + shot.duration,
            time_base=NANOSECOND,
            size=self._size,
            format=self._raw.format,
            planes=tuple(
                Plane(each, self._picture.format.plane_size(i, self._size).width) for i, each in enumerate(samples)
            ),
            interlaced=shot.interlaced,
            hide_all=shot.damaged,
        )

    def _empty(self, component: int) -> Bytes:
        wanted = self._raw.format.plane_size(component, self._size)
        return np.zeros((wanted.height, wanted.width), np.uint8)

    def _taken(self, flat: Bytes, layout: Layout) -> list[Bytes]:
        """The components as planes: where they lie if that can be painted, else taken out of there."""
        samples = list(self._scratch)
        for plane in layout.planes:
            if len(plane.components) == 2:
                first, second = (samples[component] for component in plane.components)
                split_pairs(first, second, _rows(flat, plane))
            elif plane.is_whole:
                samples[plane.components[0]] = _rows(flat, plane)
            else:
                samples[plane.components[0]][:] = _seen(flat, plane)
        return samples

    def _give_back(self, flat: Bytes, layout: Layout) -> None:
        for plane in layout.planes:
            own = [self._scratch[component] for component in plane.components]
            if len(own) == 1 and not plane.is_whole:
                _seen(flat, plane)[:] = own[0]
            elif len(own) == 2 and plane.is_whole:
                join_pairs(_rows(flat, plane), *own)
            elif len(own) == 2:
                joined = _rows(flat, plane)
                join_pairs(joined, *own)
                _seen(flat, plane)[:] = joined


def refuse_searching(plan: MaskPlan) -> None:
    """Raise PlanError for masks that move: this element looks for nothing, and would leave them unhidden."""
    if plan.labels:
        labels = ", ".join(plan.labels)
        raise PlanError(
            f"dynamic: the plan hides {labels} wherever one is seen, but the GStreamer element searches no picture; use "
            "'privmask live' or 'privmask pipe', or a plan of zones only"
        )


def warm_up(plan: MaskPlan) -> None:
    """Load the kernels that this plan needs, on a small picture, so that the first real one is not late."""
    small = BufferMasker(replace(plan, frame=None), Pictures("NV12", _WARMING))
    data = np.zeros(_WARMING.width * _WARMING.height * 3 // 2, np.uint8)
    offsets = (0, _WARMING.width * _WARMING.height)
    small.hide(data, Shot((_WARMING.width, _WARMING.width), offsets), None)


def _rows(flat: Bytes, plane: StoredPlane) -> Bytes:
    """The plane with its padding, (rows, stride), where it lies; a copy, (rows, width), where the last row has no padding."""
    if not plane.is_whole:
        return np.ascontiguousarray(_seen(flat, plane))
    return flat[plane.offset : plane.offset + plane.stride * plane.rows].reshape(plane.rows, plane.stride)


def _seen(flat: Bytes, plane: StoredPlane) -> Bytes:
    """View of the plane's picture, (rows, width), whose last row need not have padding."""
    view: Bytes = as_strided(flat[plane.offset : plane.end], (plane.rows, plane.width), (plane.stride, 1))
    return view


def _blank(flat: Bytes, layout: Layout) -> None:
    """Decoders repeat the picture's edge in the padding, and a reader of whole buffers would see it."""
    for start, stop in layout.gaps:
        flat[start:stop] = 0
    for plane in layout.planes:
        if plane.stride > plane.width:
            rest = flat[plane.offset + plane.width : plane.end]
            as_strided(rest, (plane.rows - 1, plane.stride - plane.width), (plane.stride, 1))[:] = 0
